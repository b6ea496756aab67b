"""Minutes between communes, and from communes to places: the matrices every figure of a diagnosis is drawn from.

Rows and columns are positions in the columns of the ground (every commune, by code) and in the supply (every
tiers-lieu, by slug). A commune or place without a point has an empty row or column: no trip is known.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.lands import UNKNOWN, lands
from maillage.analysis.travel import PARAMETERS, ByZone, Points, TravelModel
from maillage.diagnosis.queries.supply import Supply, supply
from maillage.diagnosis.queries.travel import travel_model
from maillage.places.queries.points import epoch
from maillage.territory.queries.arrays import Columns, columns
from maillage.territory.queries.ground import ground_edition
from maillage.territory.queries.stored import Stored, stored

FARTHEST_MIN = 60
"""How far every search looks: past an hour nobody goes to work in a tiers-lieu."""

Minutes = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Journeys:
    """Minutes from every commune to every tiers-lieu within an hour, and to the nearest one that serves today."""

    model: TravelModel
    to_places: sparse.csr_array
    nearest: Minutes
    site: Rows
    known: NDArray[np.bool_]


@lru_cache(maxsize=2)
def _kept(key: tuple[str, tuple[int, str] | None, str, bytes]) -> Journeys:
    model, shape = travel_model(), (len(columns().code), len(supply()))
    told = kept_for(model, "journeys", key[1:], __name__, lambda: _packed(_made(model, shape))).arrays
    trips = sparse.csr_array((told["minutes"], told["places"], told["starts"]), shape=shape)
    return Journeys(model, trips, told["nearest"], told["site"], told["known"])


def _packed(told: Journeys) -> Stored:
    trips = {"minutes": told.to_places.data, "places": told.to_places.indices, "starts": told.to_places.indptr}
    return Stored(trips | {"nearest": told.nearest, "site": told.site, "known": told.known})


def _made(model: TravelModel, shape: tuple[int, int]) -> Journeys:
    where, places = columns(), supply()
    located = np.flatnonzero(np.isfinite(places.lat))
    rows = np.flatnonzero(np.isfinite(where.lat))
    minutes = model.minutes(points(where, rows), place_points(where, places, located), FARTHEST_MIN)
    whole = spread(minutes, rows, located, shape)
    nearest, site = nearest_of(whole, places.serves)
    known = np.isfinite(where.lat)
    return Journeys(model, whole, np.where(known, nearest, np.nan), site, known)


def kept_for(model: TravelModel, name: str, key: Iterable[object], maker: str, make: Callable[[], Stored]) -> Stored:
    """What a module computes from minutes, kept on the disk; not by road: a network's name does not tell its roads."""
    if not isinstance(model, ByZone):
        return make()
    return stored(name, key, (maker, *_MAKERS, PARAMETERS), make)


_MAKERS = (__name__, "maillage.analysis.travel", "maillage.analysis.distance", "maillage.analysis.lands")


def journeys() -> Journeys:
    """The journeys of today: computed anew when the ground, the model or a place's point or state changes."""
    places = supply()
    mark = blake2b(places.lat.tobytes() + places.lon.tobytes() + places.serves.tobytes(), digest_size=12)
    mark.update(places.commune.tobytes())
    return _kept((epoch(), ground_edition(), travel_model().name, mark.digest()))


def points(where: Columns, rows: Rows) -> Points:
    """What a travel model asks of communes."""
    return where.lat[rows], where.lon[rows], where.density[rows], _lands(where)[rows]


def place_points(where: Columns, places: Supply, located: Rows) -> Points:
    """What a travel model asks of places: density and land are those of their commune, unknown without one."""
    at = where.rows(places.commune[located])
    found = at >= 0
    density = np.where(found, where.density[at], 0)
    land = np.where(found, _lands(where)[at], UNKNOWN)
    return places.lat[located], places.lon[located], density, land


def between(where: Columns, rows: Rows, sites: Rows, cutoff_min: float) -> sparse.csr_array:
    """Minutes from communes to communes, `rows` × `sites`; both must have a centre."""
    return journeys().model.minutes(points(where, rows), points(where, sites), cutoff_min)


def spread(minutes: sparse.csr_array, rows: Rows, sites: Rows, shape: tuple[int, int]) -> sparse.csr_array:
    """Set a matrix among all rows and columns; those that are not named stay empty. Both lists ascend."""
    counts = np.zeros(shape[0], np.intp)
    counts[rows] = np.diff(minutes.indptr)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_array((minutes.data, sites[minutes.indices], indptr), shape=shape)


def nearest_of(minutes: sparse.csr_array, allowed: NDArray[np.bool_]) -> tuple[Minutes, Rows]:
    """Find, for each row, the fewest minutes to an allowed column and which one (the first of equals); inf and -1."""
    rows = np.repeat(np.arange(minutes.shape[0]), np.diff(minutes.indptr))
    kept = allowed[minutes.indices]
    row, column, value = rows[kept], minutes.indices[kept], minutes.data[kept].astype(np.float64)
    nearest, site = np.full(minutes.shape[0], np.inf), np.full(minutes.shape[0], -1, np.intp)
    if len(row):
        starts = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        nearest[row[starts]] = np.minimum.reduceat(value, starts)
        best = np.flatnonzero(value == nearest[row])[::-1]  # of equals the first is written last
        site[row[best]] = column[best]
    return nearest, site


@lru_cache(maxsize=2)
def _lands(where: Columns) -> NDArray[np.intp]:
    return lands(where.code.tolist())
