"""Other modes and isochrones by Valhalla, on the same extract: for one place at a time, where Python has its wheel.

Not for matrices of a territory: about a millisecond a pair, where `RoadNetwork` takes a search for each place.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.distance import checked_points, great_circle_m
from maillage.analysis.travel import Points, TravelError
from maillage.diagnosis.road import kept
from maillage.diagnosis.road.errors import RoadError
from maillage.diagnosis.road.speeds import speeds

Mode = Literal["auto", "bicycle", "pedestrian"]
TOP_KMH: dict[Mode, float] = {"auto": 140.0, "bicycle": 60.0, "pedestrian": 10.0}
"""No trip is quicker: farther points are not asked for."""
LONGEST_MIN = 120
MOST_CONTOURS = 4
_AT_ONCE = 400
_BUILD_S = 3_600


@dataclass(frozen=True, slots=True)
class Contour:
    """What one reaches from a point in at most `minutes`: a GeoJSON geometry (Polygon or MultiPolygon), degrees."""

    minutes: float
    geometry: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Modes:
    """A Valhalla over the tiles of an extract."""

    actor: Any
    extract: str

    @classmethod
    def read(cls, path: Path | str, *, keep_in: Path) -> "Modes":
        """Open the tiles of an extract, built once and kept in `keep_in`.

        Raises `RoadError` (in French) when Valhalla is missing, or when it cannot read the extract.
        """
        valhalla, extract = library(), Path(path)
        if not extract.is_file():
            raise RoadError(
                _("l’extrait de routes «\u202f%(path)s\u202f» n’existe pas. Vérifiez MAILLAGE_ROADS.")
                % {"path": extract}
            )
        tiles = keep_in / f"{kept.fingerprint(extract)}.valhalla"
        if not tiles.is_dir():
            _build(valhalla, extract, tiles)
        name = extract.name.removesuffix(".pbf").removesuffix(".osm")
        return cls(valhalla.Actor(_configuration(valhalla, tiles)), name)

    def isochrones(
        self, lat: float, lon: float, minutes: Sequence[float] = (10, 20, 30), *, mode: Mode = "auto"
    ) -> tuple[Contour, ...]:
        """Draw what one reaches from a point in so many minutes, the longest first; empty without a road near.

        At most four contours, each above zero and at most 120 minutes (`TravelError`).
        """
        checked_points([lat], [lon], error=TravelError)
        limits = sorted({float(limit) for limit in minutes}, reverse=True)
        if not 1 <= len(limits) <= MOST_CONTOURS or not all(0 < limit <= LONGEST_MIN for limit in limits):
            msg = (
                f"Give one to {MOST_CONTOURS} contours, above 0 and at most {LONGEST_MIN} minutes, not {list(minutes)}."
            )
            raise TravelError(msg)
        if not self._on_road(np.array([lat]), np.array([lon]), mode)[0]:
            return ()
        drawn = self.actor.isochrone(
            {
                "locations": [_location(lat, lon)],
                "costing": mode,
                "contours": [{"time": limit} for limit in sorted(limits)],
                "polygons": True,
            }
        )
        found = {float(one["properties"]["contour"]): one["geometry"] for one in drawn["features"]}
        return tuple(Contour(limit, found[limit]) for limit in limits if limit in found)

    def by(self, mode: Mode) -> "ModeMinutes":
        """The travel model of one mode."""
        return ModeMinutes(self, mode)

    def _on_road(self, lat: NDArray[np.float64], lon: NDArray[np.float64], mode: Mode) -> NDArray[np.bool_]:
        found: list[bool] = []
        for first in range(0, lat.size, _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            places = [_location(*point) for point in zip(lat[some].tolist(), lon[some].tolist(), strict=True)]
            found += [bool(one["edges"]) for one in self.actor.locate({"locations": places, "costing": mode})]
        return np.array(found, dtype=bool)


@dataclass(frozen=True, slots=True)
class ModeMinutes:
    """Minutes by car, on a bicycle or on foot as Valhalla counts them: no time to leave or to park is added."""

    modes: Modes
    mode: Mode

    @property
    def name(self) -> str:
        return f"Valhalla, {self.mode} (OpenStreetMap\u202f: {self.modes.extract})"

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Compute minutes origins × destinations, CSR float32; a trip longer than `cutoff_min` is absent."""
        if not 0 < cutoff_min <= LONGEST_MIN:
            raise TravelError(f"cutoff_min must be above zero and at most {LONGEST_MIN} minutes, not {cutoff_min}.")
        lat, lon = checked_points(origins[0], origins[1], error=TravelError)
        to_lat, to_lon = checked_points(destinations[0], destinations[1], error=TravelError)
        here = self.modes._on_road(lat, lon, self.mode)
        there = self.modes._on_road(to_lat, to_lon, self.mode)
        rows: list[int] = []
        columns: list[int] = []
        told: list[float] = []
        for column in np.flatnonzero(there).tolist():
            metres = great_circle_m(lat, lon, to_lat[column], to_lon[column])
            near = np.flatnonzero(here & (metres <= TOP_KMH[self.mode] * 1000 / 60 * cutoff_min))
            for first in range(0, near.size, _AT_ONCE):
                some = near[first : first + _AT_ONCE]
                for row, seconds in zip(
                    some.tolist(), self._seconds(lat[some], lon[some], to_lat[column], to_lon[column]), strict=True
                ):
                    if seconds is not None and seconds / 60 <= cutoff_min:
                        rows.append(row)
                        columns.append(column)
                        told.append(seconds / 60)
        return sparse.csr_array((np.array(told, np.float32), (rows, columns)), shape=(lat.size, to_lat.size))

    def _seconds(self, lat: Any, lon: Any, to_lat: float, to_lon: float) -> list[float | None]:
        asked = {
            "sources": [_location(*point) for point in zip(lat.tolist(), lon.tolist(), strict=True)],
            "targets": [_location(float(to_lat), float(to_lon))],
            "costing": self.mode,
        }
        return [row[0]["time"] for row in self.modes.actor.matrix(asked)["sources_to_targets"]]


def library() -> ModuleType:
    """Valhalla, or how to install it."""
    try:
        return import_module("valhalla")
    except ImportError as missing:
        raise RoadError(
            _(
                "les autres modes et les isochrones demandent Valhalla, qui manque ici. Avec Python 3.12 ou plus, "
                'installez-le\u202f: pip install "maillage[routing]".'
            )
        ) from missing


def _location(lat: float, lon: float) -> dict[str, float]:
    return {"lat": lat, "lon": lon, "search_cutoff": speeds().farthest_m}


def _configuration(valhalla: ModuleType, tiles: Path) -> dict[str, Any]:
    """Its defaults, on these tiles, with room for a thousand places at once."""
    settings: dict[str, Any] = valhalla.get_config(tile_extract="", tile_dir=tiles)
    limits = settings["service_limits"]
    for mode in TOP_KMH:
        limits[mode] |= {"max_locations": 1_000, "max_matrix_location_pairs": 1_000_000, "max_matrix_distance": 1e6}
    return settings


def _build(valhalla: ModuleType, extract: Path, tiles: Path) -> None:
    """Build the tiles aside, then put them in their place: whole or not at all."""
    tiles.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tiles.parent, suffix=".part") as aside:
        laid, written = Path(aside) / "tiles", Path(aside) / "valhalla.json"
        laid.mkdir()
        written.write_text(json.dumps(_configuration(valhalla, laid)), encoding="utf-8")
        command = [str(_program(valhalla, Path(aside))), "-c", str(written), str(extract)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_S, check=False)
        if done.returncode or not any(laid.rglob("*.gph")):
            raise RoadError(
                _(
                    "Valhalla ne lit pas l’extrait «\u202f%(path)s\u202f». Téléchargez-le de nouveau, en entier, au "
                    "format "
                    ".osm.pbf."
                )
                % {"path": extract}
            )
        if not tiles.is_dir():
            laid.replace(tiles)


def _program(valhalla: ModuleType, aside: Path) -> Path:
    """Its builder of tiles; some installers leave it without the right to run."""
    program = Path(valhalla.PYVALHALLA_DIR) / "bin" / "valhalla_build_tiles"
    if os.access(program, os.X_OK):
        return program
    copied = aside / program.name
    shutil.copyfile(program, copied)
    copied.chmod(0o700)
    return copied
