"""Travel times: what every travel model answers, and the two that need no road network (crow-fly, a given matrix)."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.distance import EARTH_RADIUS_M, checked_points, great_circle_m
from maillage.analysis.lands import UNKNOWN, joined
from maillage.analysis.neighbours import finder
from maillage.analysis.numbers import is_number, told

Points = Sequence[ArrayLike]
"""`(lat, lon)` in degrees, then, where they are known, the INSEE density (1 to 7, 0 unknown) and the land
(`lands.lands(codes)`, -1 unknown) of each point: two to four arrays of one length."""

UNKNOWN_DENSITY = 0
PARAMETERS = Path(__file__).parent / "crow_fly.toml"
_CHUNK_PAIRS = 2_000_000
_ROWS_AT_ONCE = 4_096


class TravelError(ValueError):
    """Points, minutes or parameters from which no travel time can be told."""


@runtime_checkable
class TravelModel(Protocol):
    """Minutes between points, by whatever means; `name` goes beside every figure drawn from them."""

    @property
    def name(self) -> str: ...

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Compute minutes origins × destinations as CSR float32; a trip longer than `cutoff_min` is absent."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Points ready to be used: degrees, speed and land of each."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    kmh: NDArray[np.float64]
    land: NDArray[np.intp]

    def xyz(self) -> NDArray[np.float64]:
        """Unit vectors, n × 3."""
        phi, lam = np.radians(self.lat), np.radians(self.lon)
        return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    def take(self, rows: NDArray[np.intp]) -> "Ends":
        return Ends(self.lat[rows], self.lon[rows], self.kmh[rows], self.land[rows])


@dataclass(frozen=True, slots=True)
class CrowFly:
    """Great circle × detour at a speed set by the density of both ends, plus a fixed overhead.

    minutes = overhead_min + km × detour ÷ speed × 60, the speed being the mean of both ends'. `speed_kmh` is one
    number, or eight: where density is unknown, then by INSEE density level 1 to 7. Between two known lands that differ
    there is no trip.
    """

    speed_kmh: float | tuple[float, ...]
    detour: float
    overhead_min: float = 0.0
    name: str = "crow-fly"
    dated: str = ""

    def __post_init__(self) -> None:
        speeds = np.atleast_1d(np.asarray(self.speed_kmh, dtype=np.float64))
        if speeds.shape not in {(1,), (8,)}:
            msg = (
                f"speed_kmh holds {speeds.size} speeds: give one number, or eight (unknown density, then INSEE "
                "density 1 to 7)."
            )
            raise TravelError(msg)
        if not (np.isfinite(speeds).all() and (speeds > 0).all()):
            raise TravelError(f"speed_kmh must be finite and above zero, not {self.speed_kmh}.")
        if not 1 <= self.detour < np.inf:
            msg = f"detour is road distance over great-circle distance: at least 1 and finite, not {self.detour}."
            raise TravelError(msg)
        if not 0 <= self.overhead_min < np.inf:
            raise TravelError(f"overhead_min must be zero or more minutes, not {self.overhead_min}.")
        object.__setattr__(self, "speed_kmh", tuple(speeds.tolist()) if speeds.size == 8 else float(speeds[0]))

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Compute minutes origins × destinations, CSR float32; a trip longer than `cutoff_min` is absent.

        An explicit zero is zero minutes. A radius search in a k-d tree of unit vectors finds them: no dense matrix.
        Raises `TravelError` for points that cannot be (NaN, outside ±90 or ±180, swapped) or a cutoff that is not a
        finite number above zero.

        >>> found = CrowFly(speed_kmh=60, detour=1.0).minutes(([48.0, 48.0], [2.0, 2.1]), ([48.0], [2.0]), 10)
        >>> found.shape, found.data.round(1).tolist() == [0.0, np.float32(7.4)]
        ((2, 1), True)
        """
        if not (is_number(cutoff_min) and 0 < cutoff_min < np.inf):
            raise TravelError(f"cutoff_min must be a finite number of minutes above zero, not {told(cutoff_min)}.")
        return _within(self, self.ends(origins), self.ends(destinations), cutoff_min)

    def ends(self, points: Points) -> Ends:
        """Check points and give each its speed."""
        lat, lon, density, land = _read(points)
        if isinstance(self.speed_kmh, tuple):
            kmh = np.asarray(self.speed_kmh)[density]
        else:
            kmh = np.full(len(lat), self.speed_kmh)
        return Ends(lat, lon, kmh, land)

    def minutes_from(
        self, lat: float, lon: float, density: int, to_lat: ArrayLike, to_lon: ArrayLike, to_density: ArrayLike
    ) -> NDArray[np.float64]:
        """Compute minutes from one point to a few, all of them, whatever the distance; densities as in `minutes`.

        >>> crow_fly().minutes_from(46.99, 5.70, 6, [46.99], [5.70], [6]).tolist()
        [2.0]
        """
        speeds = np.broadcast_to(np.asarray(self.speed_kmh, dtype=np.float64), 8)
        kmh = (speeds[density] + speeds[np.asarray(to_density, dtype=np.intp)]) / 2
        return self.minutes_of(great_circle_m(lat, lon, to_lat, to_lon), kmh)

    def minutes_of(self, metres: NDArray[np.float64], kmh: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn great-circle metres into minutes at these speeds."""
        return self.overhead_min + metres / 1000 * self.detour / kmh * 60

    def reach_m(self, minutes: float, kmh: float | None = None) -> float:
        """The longest great-circle distance that a trip of `minutes` can cover, in metres; at the highest speed."""
        top = float(np.max(self.speed_kmh)) if kmh is None else kmh
        return max(0.0, minutes - self.overhead_min) / 60 * top * 1000 / self.detour

    def parts(self, origins: Points, destinations: Points) -> "Iterator[Part]":
        """Split the work among models: all of it is this one's."""
        here, there = self.ends(origins), self.ends(destinations)
        yield Part(self, here, there, np.arange(len(here.lat)), np.arange(len(there.lat)))


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the origins and of the destinations, and the crow-fly model that knows them."""

    model: CrowFly
    origins: Ends
    destinations: Ends
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ByZone:
    """Crow-fly over all of France: each point has the speeds of the zone it lies in, and no trip leaves a zone.

    A point farther than 1,000 km from every zone's centre is in none: no trip starts or ends there.
    """

    name: str
    dated: str
    models: tuple[CrowFly, ...]
    centres: tuple[tuple[float, float], ...] = field(repr=False)

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Compute minutes as `CrowFly.minutes`, each zone at its own speeds.

        >>> found = crow_fly_by_zone().minutes(([48.8, -21.1], [2.4, 55.3]), ([-21.0, 48.9], [55.3, 2.4]), 60)
        >>> found.indices.tolist(), found.data.round().tolist()
        ([1, 0], [21.0, 34.0])
        """
        if not (is_number(cutoff_min) and 0 < cutoff_min < np.inf):
            raise TravelError(f"cutoff_min must be a finite number of minutes above zero, not {told(cutoff_min)}.")
        shape = (len(np.atleast_1d(origins[0])), len(np.atleast_1d(destinations[0])))
        blocks = []
        for part in self.parts(origins, destinations):
            found = _within(part.model, part.origins, part.destinations, cutoff_min)
            inside = (found.data, part.columns[found.indices].astype(found.indices.dtype), found.indptr)
            blocks.append((part.rows, sparse.csr_array(inside, shape=(len(part.rows), shape[1]))))
        return _assemble(blocks, shape)

    def parts(self, origins: Points, destinations: Points) -> Iterator[Part]:
        """Split points by zone."""
        from_zone, to_zone = (
            self.zone_at(*checked_points(*points[:2], error=TravelError)) for points in (origins, destinations)
        )
        for zone, model in enumerate(self.models):
            rows, columns = np.flatnonzero(from_zone == zone), np.flatnonzero(to_zone == zone)
            if rows.size and columns.size:
                yield Part(
                    model,
                    model.ends([np.asarray(one)[rows] for one in origins]),
                    model.ends([np.asarray(one)[columns] for one in destinations]),
                    rows,
                    columns,
                )

    def zone_at(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.intp]:
        """Number the zone of each point, -1 for none."""
        away = np.stack([great_circle_m(lat, lon, *centre) for centre in self.centres])
        zone: NDArray[np.intp] = np.where(away.min(axis=0) <= 1_000_000, away.argmin(axis=0), -1)
        return zone


class Matrix:
    """Minutes that somebody else computed, for the same origins and destinations in the same order.

    `minutes` is sparse (absent = no trip) or dense (NaN or infinite = no trip).
    """

    def __init__(self, minutes: Any, *, name: str = "matrix", dated: str = "") -> None:
        self.name, self.dated = name, dated
        self._minutes = checked(minutes)

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Give the minutes up to `cutoff_min` (infinite allowed); points only tell how many rows and columns there are.

        >>> walk = Matrix([[0.0, 12.0], [float("nan"), 3.0]])
        >>> walk.minutes(([48.0, 48.1], [2.0, 2.0]), ([48.0, 48.1], [2.0, 2.0]), 10).nnz
        2
        """
        if not (is_number(cutoff_min) and cutoff_min > 0):
            raise TravelError(f"cutoff_min must be a number of minutes above zero, not {told(cutoff_min)}.")
        asked = (len(np.atleast_1d(origins[0])), len(np.atleast_1d(destinations[0])))
        if asked != self._minutes.shape:
            rows, columns = self._minutes.shape
            msg = (
                f"The matrix has {rows} rows and {columns} columns, but there are {asked[0]} origins and {asked[1]} "
                "destinations: give minutes for the same points, in the same order."
            )
            raise TravelError(msg)
        return keep(self._minutes, self._minutes.data <= float(cutoff_min))


def checked(minutes: Any) -> sparse.csr_array:
    """Read minutes demand × sites as CSR, refusing what cannot be a travel time.

    Sparse: absent = out of reach, an explicit zero is zero minutes; NaN, infinite and negative values are refused, and
    so is a pair given twice, which SciPy would add up. Dense: NaN and infinite = out of reach. CSR arrays are given
    back without a copy.

    >>> checked([[0.0, float("inf")]]).nnz
    1
    """
    if sparse.issparse(minutes):
        if _repeated(minutes):
            raise TravelError(
                "minutes gives the same demand row and site column twice: keep one time for each pair, the shortest."
            )
        found = minutes if isinstance(minutes, sparse.csr_array) else sparse.csr_array(minutes)
    else:
        dense = np.asarray(minutes, dtype=np.float64)
        if dense.ndim != 2:
            raise TravelError(f"Minutes must be a matrix demand × sites; this has {dense.ndim} dimension(s).")
        kept = ~np.isnan(dense) & (dense != np.inf)
        indptr = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
        found = sparse.csr_array((dense[kept].astype(np.float32), np.nonzero(kept)[1], indptr), shape=dense.shape)
    if found.ndim != 2:
        raise TravelError(f"Minutes must be a matrix demand × sites; this has {found.ndim} dimension(s).")
    if found.nnz and not (found.data.min() >= 0 and found.data.max() < np.inf):
        at = int(np.flatnonzero(~((found.data >= 0) & (found.data < np.inf)))[0])
        row = int(np.searchsorted(found.indptr, at, side="right") - 1)
        msg = (
            f"Minutes of row {row}, column {found.indices[at]} are {found.data[at]}: give a finite number, zero or "
            "more, and leave out the trips that do not exist."
        )
        raise TravelError(msg)
    return found


def _repeated(minutes: Any) -> bool:
    if minutes.ndim != 2 or minutes.format not in ("coo", "csr", "csc"):
        return False
    if minutes.format == "coo":
        pairs = minutes.row.astype(np.int64) * minutes.shape[1] + minutes.col
        return bool(np.unique(pairs).size < pairs.size)
    # Not asked of the matrix itself: it may remember an answer from before its entries were changed.
    own = sparse.csr_array if minutes.format == "csr" else sparse.csc_array
    fresh = own((minutes.data, minutes.indices, minutes.indptr), shape=minutes.shape)
    return not (fresh if fresh.has_sorted_indices else fresh.sorted_indices()).has_canonical_format


def keep(minutes: sparse.csr_array, kept: NDArray[np.bool_]) -> sparse.csr_array:
    """Keep some of the entries of a CSR matrix, explicit zeros included.

    >>> keep(checked([[0.0, 9.0]]), np.array([True, False])).nnz
    1
    """
    if kept.all():
        return minutes
    before = np.concatenate([[0], np.cumsum(kept)])
    parts = (minutes.data[kept], minutes.indices[kept], before[minutes.indptr])
    return sparse.csr_array(parts, shape=minutes.shape)


def _read(points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    if not 2 <= len(points) <= 4:
        raise TravelError(f"Points are two to four arrays (lat, lon, density, land), not {len(points)}.")
    lat, lon = checked_points(points[0], points[1], error=TravelError)
    density = _whole(points, 2, "density", UNKNOWN_DENSITY, len(lat))
    land = _whole(points, 3, "land", UNKNOWN, len(lat))
    if density.size and not 0 <= density.min() <= density.max() <= 7:
        raise TravelError(f"Densities are 1 to 7, 0 for unknown; here from {density.min()} to {density.max()}.")
    return lat, lon, density, land


def _whole(points: Points, at: int, what: str, unknown: int, size: int) -> NDArray[np.intp]:
    if len(points) <= at:
        return np.full(size, unknown, dtype=np.intp)
    values = np.asarray(points[at])
    if values.shape != (size,):
        raise TravelError(f"There are {size} points but {what} has the shape {values.shape}: give one value a point.")
    whole = values.astype(np.intp) if values.dtype.kind in "iub" or np.isfinite(values).all() else None
    if whole is None or (whole != values).any():
        raise TravelError(f"{what} must be whole numbers, {unknown} for unknown.")
    return whole


def _within(model: CrowFly, here: Ends, there: Ends, cutoff_min: float) -> sparse.csr_array:
    shape = (len(here.lat), len(there.lat))
    if not all(shape) or cutoff_min < model.overhead_min:
        return _assemble([], shape)
    nearby, at, top = finder(there.xyz(), len(here.lat)), here.xyz(), float(there.kmh.max())
    order = np.argsort(here.kmh, kind="stable")
    blocks, start, step = [], 0, _ROWS_AT_ONCE
    while start < len(order):
        rows = order[start : start + step]
        reach_m = model.reach_m(cutoff_min, (float(here.kmh[rows[-1]]) + top) / 2) * (1 + 1e-9) + 1e-3
        row, column, chord = nearby(at[rows], 2 * np.sin(min(reach_m / EARTH_RADIUS_M, np.pi) / 2))
        metres = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1))
        minutes = model.minutes_of(metres, (here.kmh[rows[row]] + there.kmh[column]) / 2)
        kept = (minutes <= cutoff_min) & joined(here.land[rows[row]], there.land[column])
        ends = row[kept].astype(np.int32), column[kept].astype(np.int32)
        block = sparse.csr_array((minutes[kept].astype(np.float32), ends), shape=(len(rows), shape[1]))
        block.sort_indices()
        blocks.append((rows, block))
        start += step
        step = int(np.clip(step * _CHUNK_PAIRS / max(len(minutes), 1), 64, _ROWS_AT_ONCE))
    return _assemble(blocks, shape)


def _assemble(blocks: Sequence[tuple[NDArray[np.intp], sparse.csr_array]], shape: tuple[int, int]) -> sparse.csr_array:
    """Put blocks of whole rows where these rows belong."""
    counts = np.zeros(shape[0], dtype=np.int64)
    for rows, block in blocks:
        counts[rows] = np.diff(block.indptr)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    narrow = np.int32 if indptr[-1] < np.iinfo(np.int32).max else np.int64
    indices, data = np.empty(indptr[-1], dtype=narrow), np.empty(indptr[-1], dtype=np.float32)
    for rows, block in blocks:
        to = np.repeat(indptr[rows] - block.indptr[:-1], np.diff(block.indptr)) + np.arange(block.nnz)
        indices[to], data[to] = block.indices, block.data
    return sparse.csr_array((data, indices, indptr.astype(narrow)), shape=shape)


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(PARAMETERS.read_text(encoding="utf-8"))


@cache
def crow_fly(zone: str = "metro") -> CrowFly:
    """Load the dated parameters of a zone: metro, antilles, guyane, reunion or mayotte.

    >>> crow_fly().name, crow_fly("mayotte").name, crow_fly("mayotte").detour
    ('vol d’oiseau corrigé', 'vol d’oiseau corrigé (Mayotte)', 1.5)
    """
    facts = _facts()
    if zone not in facts["zone"]:
        raise TravelError(f"No crow-fly speeds for the zone “{zone}”: give one of {', '.join(facts['zone'])}.")
    own = facts["zone"][zone]
    return CrowFly(
        speed_kmh=(own["speed_unknown_kmh"], *own["speed_kmh"]),
        detour=own["detour"],
        overhead_min=own["overhead_min"],
        name=f"{facts['name']} ({own['label']})" if own["label"] else facts["name"],
        dated=facts["dated"],
    )


def zone_of(code: str) -> str:
    """Name the zone of a commune by the first signs of its code.

    >>> zone_of("97411"), zone_of("2A004"), zone_of("97123")
    ('reunion', 'metro', 'antilles')
    """
    zones = _facts()["zone"]
    found = next((name for name, own in zones.items() if code[:3] in own["communes"]), None)
    if found is None and code.startswith(("97", "98")):
        raise TravelError(f"No crow-fly speeds for the commune {code}: crow_fly.toml has no zone {code[:3]}.")
    return found or "metro"


def crow_fly_at(lat: float, lon: float) -> CrowFly:
    """Load the model of the zone that a point lies in; the metropolitan one where it lies in none, even off the Earth.

    >>> crow_fly_at(-21.1, 55.3).name
    'vol d’oiseau corrigé (La Réunion)'
    """
    model = crow_fly_by_zone()
    return model.models[max(0, int(model.zone_at([lat], [lon])[0]))]


@cache
def crow_fly_by_zone() -> ByZone:
    """Load the model for all of France, overseas zones at their own speeds."""
    facts = _facts()
    return ByZone(
        name=facts["name"],
        dated=facts["dated"],
        models=tuple(crow_fly(zone) for zone in facts["zone"]),
        centres=tuple((own["centre"][0], own["centre"][1]) for own in facts["zone"].values()),
    )
