"""Travel times without a road network: the crow-fly model, its parameters in `crow_fly.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis.distance import great_circle_m


@dataclass(frozen=True, slots=True)
class CrowFly:
    """Great circle × detour at a speed set by the density of both ends, plus a fixed overhead.

    `speeds_kmh[0]` is the speed where density is unknown, `speeds_kmh[1..7]` by INSEE density level.
    """

    name: str
    dated: str
    detour: float
    overhead_min: float
    speeds_kmh: tuple[float, ...]

    def minutes(
        self, lat: float, lon: float, density: int, to_lat: ArrayLike, to_lon: ArrayLike, to_density: ArrayLike
    ) -> NDArray[np.float64]:
        """Compute minutes from one point to many; densities are 1 to 7, 0 for unknown.

        >>> crow_fly().minutes(46.99, 5.70, 6, [46.99], [5.70], [6]).tolist()
        [2.0]
        """
        speeds = np.asarray(self.speeds_kmh)
        kmh = (speeds[density] + speeds[np.asarray(to_density, dtype=np.intp)]) / 2
        km = great_circle_m(lat, lon, to_lat, to_lon) / 1000 * self.detour
        return self.overhead_min + km / kmh * 60

    def reach_m(self, minutes: float) -> float:
        """The longest great-circle distance that any trip of `minutes` can cover, in metres."""
        return max(0.0, minutes - self.overhead_min) / 60 * max(self.speeds_kmh) * 1000 / self.detour


@cache
def crow_fly() -> CrowFly:
    """Load the model's dated parameters."""
    facts = tomllib.loads((Path(__file__).parent / "crow_fly.toml").read_text(encoding="utf-8"))
    return CrowFly(
        name=facts["name"],
        dated=facts["dated"],
        detour=facts["detour"]["value"],
        overhead_min=facts["overhead_min"]["value"],
        speeds_kmh=(facts["speed_kmh"]["unknown"], *facts["speed_kmh"]["values"]),
    )
