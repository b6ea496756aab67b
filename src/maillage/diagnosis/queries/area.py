"""The communes of a territory, and all those from which people may come to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.diagnosis.queries.journeys import Minutes, Rows, between, journeys, nearest_of
from maillage.diagnosis.queries.supply import Supply, supply
from maillage.diagnosis.rules.catchment import employed_or_estimate
from maillage.territory.queries.arrays import Columns, columns
from maillage.territory.queries.find import Territory
from maillage.territory.queries.zonings import members

FASTEST_KM_PER_MIN = 2.0
"""No travel model goes faster in a straight line: what lies farther is not even looked at."""


@dataclass(frozen=True, slots=True)
class Area:
    """A territory and its surroundings, as rows of `where`.

    `rows`: its communes; `sites`: those of them that have a centre, and so may hold a place; `near`: communes, inside
    or not, within the threshold of one of the sites; `minutes`: near × sites, within the threshold; `people` and
    `guessed`: employed residents of every commune of `where`, and whether that was estimated from the population.
    """

    territory: Territory
    where: Columns
    places: Supply
    rows: Rows
    sites: Rows
    near: Rows
    minutes: sparse.csr_array
    people: NDArray[np.float64]
    guessed: NDArray[np.bool_]
    within_min: int

    def column_of(self, code: str) -> int | None:
        """The column of a commune among the sites, None when it is not one."""
        found = np.flatnonzero(self.where.code[self.sites] == code)
        return int(found[0]) if len(found) else None


def area_of(territory: Territory, within_min: int) -> Area:
    """Gather a territory and its surroundings."""
    where = columns()
    rows = np.flatnonzero(members(territory, where))
    sites = rows[np.isfinite(where.lat[rows])]
    around = _around(where, sites, within_min)
    minutes = between(where, around, sites, within_min)
    reaching = np.diff(minutes.indptr) > 0
    people, guessed = employed_or_estimate(where.employed, where.population)
    near, kept = around[reaching], minutes[reaching]
    return Area(territory, where, supply(), rows, sites, near, kept, people, guessed, within_min)


def _around(where: Columns, sites: Rows, minutes: float) -> Rows:
    """The communes with a centre in the box around the sites: a superset of those within reach."""
    if not len(sites):
        return np.zeros(0, np.intp)
    lat, lon = where.lat[sites], where.lon[sites]
    up = minutes * FASTEST_KM_PER_MIN / 111
    across = up / max(np.cos(np.radians(min(np.abs(lat).max() + up, 89))), 0.1)
    inside = (where.lat >= lat.min() - up) & (where.lat <= lat.max() + up)
    inside &= (where.lon >= lon.min() - across) & (where.lon <= lon.max() + across)
    return np.flatnonzero(inside)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Minutes from every commune of the ground to the nearest open place, and which: a row of the supply, -1 for none.

    A site of -2 or less is a commune that is opened: `-2 - i` for the i-th.
    """

    minutes: Minutes
    site: Rows


def nearest_now() -> Nearest:
    """As things are."""
    kept = journeys()
    return Nearest(kept.nearest, kept.site)


def nearest_without(area: Area, closed: Rows) -> Nearest:
    """Were these places of the supply closed: only the rows they served are looked at again."""
    now = nearest_now()
    if not len(closed):
        return now
    allowed = area.places.serves.copy()
    allowed[closed] = False
    lost = np.flatnonzero(np.isin(now.site, closed))
    minutes, site = nearest_of(journeys().to_places[lost], allowed)
    found = Nearest(now.minutes.copy(), now.site.copy())
    found.minutes[lost], found.site[lost] = minutes, site
    return found


def nearest_with(area: Area, before: Nearest, opened: Rows, cutoff_min: float) -> Nearest:
    """Were these communes to open a place, at their centre."""
    if not len(opened):
        return before
    rows = np.flatnonzero(np.isfinite(area.where.lat))
    minutes, site = nearest_of(between(area.where, rows, opened, cutoff_min), np.ones(len(opened), bool))
    nearer = minutes < before.minutes[rows]
    found = Nearest(before.minutes.copy(), before.site.copy())
    found.minutes[rows[nearer]], found.site[rows[nearer]] = minutes[nearer], -2 - site[nearer]
    return found
