"""Territories like this one, and what became of the places there."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import likeness
from maillage.diagnosis.queries.area import Area, nearest_now
from maillage.diagnosis.queries.journeys import journeys, kept_for, points
from maillage.diagnosis.queries.supply import Supply
from maillage.diagnosis.rules.facts import Case, Peer
from maillage.territory.queries.arrays import Columns
from maillage.territory.queries.ground import ground_edition
from maillage.territory.queries.stored import Stored
from maillage.territory.queries.zonings import Zoning, zoning

CITY = 50_000
CITY_CUTOFF_MIN = likeness.MOST_CITY_MIN
MOST_PEERS, MOST_CASES = 8, 8
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Likes:
    """What makes the territories of one kind comparable, in the order of `zoning.codes`; NaN where unknown."""

    zoning: Zoning
    population: Numbers
    density: Numbers
    city_min: Numbers


def likes(where: Columns, kind: str) -> Likes:
    """The profile of every territory of a kind."""
    return _likes(where, zoning(kind), journeys().model.name)


@lru_cache(maxsize=12)
def _likes(where: Columns, told: Zoning, model: str) -> Likes:
    population = told.total(where.population)
    weights = np.where((where.density > 0) & np.isfinite(where.population), where.population, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        density = told.total(weights * where.density) / told.total(weights)
        city = told.total(weights * minutes_to_city(where)) / told.total(weights)
    return Likes(told, population, density, city)


@lru_cache(maxsize=2)
def minutes_to_city(where: Columns) -> Numbers:
    """Minutes from each commune to the nearest one of 50,000 inhabitants; two hours beyond, NaN without a centre."""
    key, make = (ground_edition(), CITY), lambda: Stored({"minutes": _to_city(where)})
    return kept_for(journeys().model, "cities", key, __name__, make).arrays["minutes"]


def _to_city(where: Columns) -> Numbers:
    known = np.flatnonzero(np.isfinite(where.lat))
    cities = known[np.nan_to_num(where.population[known]) >= CITY]
    found = np.full(len(where), np.nan)
    found[known] = CITY_CUTOFF_MIN
    if len(cities):
        trips = journeys().model.minutes(points(where, cities), points(where, known), CITY_CUTOFF_MIN)
        best = np.full(len(known), CITY_CUTOFF_MIN)
        np.minimum.at(best, trips.indices, trips.data)
        found[known] = best
    return found


def most_alike(area: Area) -> tuple[NDArray[np.intp], Numbers]:
    """The other territories of the same kind, the most alike first, and how far each is from being alike."""
    nobody = np.zeros(0, np.intp), np.zeros(0)
    if area.territory.kind == "france":
        return nobody
    told = likes(area.where, area.territory.kind)
    own = np.flatnonzero(told.zoning.codes == area.territory.code)
    if not len(own) or len(told.population) < 2:
        return nobody
    traits = likeness.Traits(told.population, told.density, told.city_min)
    found = likeness.most_alike(traits, int(own[0]), len(traits), among=np.isfinite(told.population))
    distance = np.full(len(traits), np.nan)
    distance[found.rows] = found.distance
    return found.rows, distance


def peers(area: Area, order: NDArray[np.intp], distance: Numbers) -> tuple[Peer, ...]:
    """The territories most like this one, with their places and the share of their people within the threshold."""
    if not len(order):
        return ()
    told = likes(area.where, area.territory.kind)
    is_open, is_closed = (_counts(area, told, area.places.status == status) for status in ("open", "closed"))
    within = np.where(np.isnan(nearest_now().minutes), np.nan, nearest_now().minutes <= area.within_min)
    served = told.zoning.total(within * area.where.population)
    located = told.zoning.total(np.where(np.isnan(within), np.nan, area.where.population))
    return tuple(
        Peer(
            reference=f"{told.zoning.kind}-{told.zoning.codes[at]}",
            name=told.zoning.names[at],
            population=int(told.population[at]),
            places_open=int(is_open[at]),
            places_closed=int(is_closed[at]),
            share_within=float(served[at] / located[at]) if located[at] > 0 else None,
            distance=round(float(distance[at]), 3),
        )
        for at in order[:MOST_PEERS]
    )


def _counts(area: Area, told: Likes, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    at = area.where.rows(area.places.commune[chosen])
    of = told.zoning.of[at[at >= 0]]
    return np.bincount(of[of >= 0], minlength=len(told.zoning.codes))


def cases(area: Area, order: NDArray[np.intp]) -> tuple[Case, ...]:
    """Places of the peers of which something is known beyond their name: at most eight, the closed ones first.

    Known: when it opened or closed, why, its prices, its size, or that a person confirmed it.
    """
    if not len(order):
        return ()
    told = likes(area.where, area.territory.kind)
    at = area.where.rows(area.places.commune)
    of = np.where(at >= 0, told.zoning.of[at], -1)
    rank = np.full(len(told.zoning.codes) + 1, len(order) + 1)
    rank[order[:MOST_PEERS]] = np.arange(len(order[:MOST_PEERS]))
    rows = np.flatnonzero((of >= 0) & (rank[of] < MOST_PEERS) & ~area.places.is_demo)
    rows = rows[_is_told(area.places, rows)]
    rows = rows[np.lexsort((_unsaid(area.places, rows), rank[of[rows]]))]
    ended = np.array([area.places.status[row] == "closed" for row in rows], bool)
    chosen = [*rows[ended], *rows[~ended]][:MOST_CASES]
    return tuple(_case(area, told, int(of[row]), int(row)) for row in chosen)


def _is_told(places: Supply, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether anything is known of a place that may teach something."""
    said = ("opened_on", "closed_on", "closed_cause", "prices")
    told = [
        any(places.told[row][name] for name in said)
        or bool(places.confirmed[row])
        or not np.isnan(places.capacity[row])
        for row in rows
    ]
    return np.array(told, bool)


def _unsaid(places: Supply, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """How much is not told of a place: among places of equally alike territories, those that tell more come first."""
    told = [
        (not places.told[row]["prices"]) + (not places.told[row]["opened_on"]) + bool(np.isnan(places.capacity[row]))
        for row in rows
    ]
    return np.array(told, np.intp)


def _case(area: Area, told: Likes, of: int, row: int) -> Case:
    places, said = area.places, area.places.told[row]
    size, population = places.capacity[row], told.population[of]
    return Case(
        slug=places.slug[row],
        name=places.name[row],
        commune_name=places.commune_name[row],
        population=None if np.isnan(population) else int(population),
        status=places.status[row],
        opened_on=said["opened_on"],
        closed_on=said["closed_on"],
        closed_cause=said["closed_cause"],
        desks=None if np.isnan(size) else int(size),
        prices=said["prices"],
        source=said["source"],
    )
