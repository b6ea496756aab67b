"""Where to open: the best sites of a territory beside the places that are open, with their proven gap."""

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.diagnosis.queries.area import Area, Nearest, area_of, nearest_with, nearest_without
from maillage.diagnosis.queries.asked import closed_of, opened_of, territory_of
from maillage.diagnosis.queries.journeys import FARTHEST_MIN, between, journeys, spread
from maillage.diagnosis.rules import asking
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.facts import Plan, Request, Site
from maillage.diagnosis.rules.plan import gap, in_order

COVERAGE, DISTANCE = OBJECTIVES = ("coverage", "distance")
LARGE = 5_000
LARGE_CUTOFF_MIN = 30
"""Past this many candidate communes, minutes beyond half an hour count as one: « too far »."""
TOO_FAR_MIN = 90
"""What an inhabitant counts for whom no place is within reach, in minutes."""
PAGE_SECONDS = 2.0


USUAL_SITES = 5


def best_sites(request: Request, *, objective: str = COVERAGE, time_limit_s: float | None = None) -> Plan:
    """Choose the best `request.sites` communes of a territory where to open, beside the places that serve today.

    Without a number (0): five, or as many as there are communes.
    """
    area = area_of(territory_of(request.territory), request.within_min)
    opened, closed = opened_of(area, request), closed_of(area, request)
    before = nearest_with(area, nearest_without(area, closed), opened, FARTHEST_MIN)
    k = request.sites or min(USUAL_SITES, max(1, len(area.sites)))
    return plan_of(area, before, k, objective=objective, time_limit_s=time_limit_s)


def plan_of(area: Area, before: Nearest, k: int, *, objective: str, time_limit_s: float | None) -> Plan:
    """Choose the best k sites, given the minutes to the places that are open."""
    if not len(area.sites):
        raise Refused("no-candidates", name=area.territory.name)
    asking.sites(k, candidates=len(area.sites))
    people = np.nan_to_num(area.where.population[area.sites])
    if objective == DISTANCE:
        return _nearest(area, before, k, people, time_limit_s)
    return _cover(area, before, k, people, time_limit_s)


def _inside(area: Area) -> sparse.csr_array:
    """Minutes within the threshold from the located communes of the territory to one another."""
    at = np.searchsorted(area.near, area.sites)
    found = np.flatnonzero(area.near[np.minimum(at, len(area.near) - 1)] == area.sites) if len(area.near) else at[:0]
    columns = np.arange(len(area.sites))
    return spread(area.minutes[at[found]], found, columns, (len(area.sites), len(area.sites)))


def _cover(area: Area, before: Nearest, k: int, people: NDArray[np.float64], limit: float | None) -> Plan:
    from maillage.analysis.siting import cover

    within, model = _inside(area), journeys().model.name
    served = before.minutes[area.sites] <= area.within_min
    already = float(people[served].sum())
    found = cover(
        _beside(within, before.minutes[area.sites]),
        people,
        k,
        within=area.within_min,
        fixed=np.array([within.shape[1]]),
        candidates=np.arange(within.shape[1]),
        time_limit_s=limit,
    )
    order = tuple(one for one in in_order(within, people, found.sites.tolist(), served) if one[1] > 0)
    gained, bound = found.objective - already, max(found.bound, found.objective) - already
    return Plan(
        objective=COVERAGE,
        sites=_sites(area, order),
        gained=round(gained),
        bound=int(np.floor(bound + 1e-6)),
        mean_now_min=None,
        mean_min=None,
        bound_min=None,
        gap=gap(gained, bound),
        stopped=found.stopped,
        seconds=found.seconds,
        model=model,
    )


def _nearest(area: Area, before: Nearest, k: int, people: NDArray[np.float64], limit: float | None) -> Plan:
    from maillage.analysis.siting import median

    cutoff = LARGE_CUTOFF_MIN if len(area.sites) > LARGE else FARTHEST_MIN
    trips = between(area.where, area.sites, area.sites, cutoff)
    now = before.minutes[area.sites]
    found = median(
        _beside(trips, now),
        people,
        k,
        fixed=np.array([trips.shape[1]]),
        candidates=np.arange(trips.shape[1]),
        time_limit_s=limit,
        unreachable_minutes=TOO_FAR_MIN,
    )
    total = float(people.sum()) or 1.0
    within = sparse.csr_array(_inside(area))
    order = in_order(within, people, found.sites.tolist(), now <= area.within_min)
    return Plan(
        objective=DISTANCE,
        sites=_sites(area, order),
        gained=sum(gained for _, gained, _ in order),
        bound=int(people[now > area.within_min].sum()),
        mean_now_min=float((people * np.where(np.isfinite(now), now, TOO_FAR_MIN)).sum()) / total,
        mean_min=found.objective / total,
        bound_min=found.bound / total,
        gap=found.gap,
        stopped=found.stopped,
        seconds=found.seconds,
        model=journeys().model.name,
    )


def _beside(trips: sparse.csr_array, now: NDArray[np.float64]) -> sparse.csr_array:
    """Add one last column: the nearest place that is open already, whichever it is."""
    known = np.isfinite(now)
    starts = np.concatenate([[0], np.cumsum(np.diff(trips.indptr) + known)])
    last = starts[1:][known] - 1
    own = np.ones(starts[-1], bool)
    own[last] = False
    data, indices = np.empty(starts[-1], np.float32), np.full(starts[-1], trips.shape[1], np.intp)
    data[own], indices[own], data[last] = trips.data, trips.indices, now[known]
    return sparse.csr_array((data, indices, starts), shape=(len(now), trips.shape[1] + 1))


def _sites(area: Area, order: tuple[tuple[int, int, int], ...]) -> tuple[Site, ...]:
    return tuple(
        Site(
            rank=rank,
            code=str(area.where.code[area.sites[column]]),
            name=str(area.where.name[area.sites[column]]),
            lat=float(area.where.lat[area.sites[column]]),
            lon=float(area.where.lon[area.sites[column]]),
            gained=gained,
            served=served,
        )
        for rank, (column, gained, served) in enumerate(order, 1)
    )
