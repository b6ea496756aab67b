"""Loops of the rational agent access model (RAAM): who goes where, when places fill up.

Trips are held by rows: `indices[indptr[i]:indptr[i + 1]]` are the sites that row i reaches, ascending, `travel` what
each trip costs in units of τ; `supply` is what a site offers times ρ: at a load of `supply` its congestion is 1. Sites
without supply have no trips.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import loop

Array = NDArray[Any]
COMPILE_FROM_TRIPS = 50_000
SETTLE_COMPILED_FROM_TRIPS = 2_000
CROWDED_CYCLES = 20


class Trips(NamedTuple):
    """An instance: trips by rows, people per row, supply × ρ per site."""

    indptr: Array
    indices: Array
    travel: Array
    demand: Array
    supply: Array


class Pace(NamedTuple):
    """How many rounds, and how large a share of a row's people may move in each."""

    cycles: int
    initial_step: float
    min_step: float
    half_life: float


def walk(trips: Trips, pace: Pace, *, compiled: bool | None = None) -> tuple[Array, Array, Array]:
    """Move whole people by simultaneous steps; people per trip, load per site, and the load before the last step."""
    if compiled is None:
        compiled = trips.travel.size >= COMPILE_FROM_TRIPS
    found: tuple[Array, Array, Array] = _walk.on(compiled)(trips, pace)
    return found


def settle(trips: Trips, tolerance: float, cycles: int, *, compiled: bool | None = None) -> tuple[Array, Array, int]:
    """Move people row after row until the mean regret is at most `tolerance`; people per trip, load, rounds done."""
    if compiled is None:
        compiled = trips.travel.size >= SETTLE_COMPILED_FROM_TRIPS
    found: tuple[Array, Array, int] = _settle.on(compiled)(trips, tolerance, cycles)
    return found


def _walk_numpy(trips: Trips, pace: Pace) -> tuple[Array, Array, Array]:
    sizes = np.diff(trips.indptr)
    rows = np.flatnonzero((sizes > 0) & (trips.demand > 0))
    active = np.repeat(np.isin(np.arange(sizes.size), rows), sizes)
    at = np.flatnonzero(active)
    site, travel, sizes = trips.indices[at], trips.travel[at], sizes[rows]
    starts, people = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp), trips.demand[rows]
    count, flow = trips.supply.size, np.zeros(len(at))
    whole = np.zeros(trips.travel.size)
    if not rows.size:
        return whole, np.zeros(count), np.zeros(count)
    flow[_first(travel, sizes, starts, np.minimum)] = people
    load = np.bincount(site, weights=flow, minlength=count)
    before = load
    for cycle in range(pace.cycles):
        before = load
        cost = _per_supply(load, trips.supply)[site] + travel
        low = _first(cost, sizes, starts, np.minimum)
        high = _first(np.where(flow > 0, cost, -np.inf), sizes, starts, np.maximum)
        moved = _wanted(trips, (site, travel, flow), load, (low, high))
        share = max(pace.initial_step * 0.5 ** (cycle / pace.half_life), pace.min_step)
        moved = np.trunc(np.minimum(moved, share * people))
        if cycle < CROWDED_CYCLES:
            crowd = _per_supply(np.bincount(site[low], weights=moved, minlength=count), trips.supply)
            moved = np.rint(moved / np.maximum(crowd, 1.0)[site[low]])
        flow[low] += moved
        flow[high] -= moved
        load = np.bincount(site, weights=flow, minlength=count)
    whole[at] = flow
    return whole, load, before


def _first(values: Array, sizes: Array, starts: Array, extreme: np.ufunc) -> Array:
    """Position of the first least (or greatest) value of each row."""
    best = np.repeat(extreme.reduceat(values, starts), sizes)
    found: Array = np.minimum.reduceat(np.where(values == best, np.arange(values.size), values.size), starts)
    return found


def _per_supply(load: Array, supply: Array) -> Array:
    return np.divide(load, supply, out=np.zeros(load.size), where=supply > 0)


def _wanted(trips: Trips, held: tuple[Array, Array, Array], load: Array, ends: tuple[Array, Array]) -> Array:
    """People to move so that both sites cost the same, at most those who are there."""
    (site, travel, flow), (low, high) = held, ends
    offer, other = trips.supply[site[low]], trips.supply[site[high]]
    both = flow[low] + flow[high]
    others_low, others_high = load[site[low]] - flow[low], load[site[high]] - flow[high]
    settled = ((offer * other) / (offer + other)) * (
        (travel[high] - travel[low]) + (both + others_high) / other - others_low / offer
    )
    return np.where(low == high, 0.0, np.minimum(settled - flow[low], flow[high]))


@loop()
def _start(trips):  # type: ignore[no-untyped-def]
    """Send everybody to the nearest site."""
    flow, load = np.zeros(trips.travel.size), np.zeros(trips.supply.size)
    for row in range(trips.demand.size):
        nearest = trips.indptr[row]
        if nearest == trips.indptr[row + 1] or trips.demand[row] <= 0:
            continue
        for p in range(nearest, trips.indptr[row + 1]):
            if trips.travel[p] < trips.travel[nearest]:
                nearest = p
        flow[nearest] = trips.demand[row]
        load[trips.indices[nearest]] += trips.demand[row]
    return flow, load


@loop()
def _want(trips, flow, load, low, high):  # type: ignore[no-untyped-def]
    """People to move from the trip `high` to the trip `low`, so that both cost the same."""
    site, other_site = trips.indices[low], trips.indices[high]
    offer, other = trips.supply[site], trips.supply[other_site]
    both = flow[low] + flow[high]
    others_low, others_high = load[site] - flow[low], load[other_site] - flow[high]
    settled = ((offer * other) / (offer + other)) * (
        (trips.travel[high] - trips.travel[low]) + (both + others_high) / other - others_low / offer
    )
    return min(settled - flow[low], flow[high])


@loop(_want)
def _look(trips, flow, load, congestion, share, lows, highs, moved, crowd):  # type: ignore[no-untyped-def]
    """Let each row find its cheapest site and its dearest one in use, and how many people to move."""
    crowd[:] = 0.0
    for row in range(trips.demand.size):
        moved[row] = 0.0
        low, high, least, most = -1, -1, np.inf, -np.inf
        if trips.demand[row] <= 0:
            continue
        for p in range(trips.indptr[row], trips.indptr[row + 1]):
            cost = congestion[trips.indices[p]] + trips.travel[p]
            if cost < least:
                low, least = p, cost
            if cost > most and flow[p] > 0:
                high, most = p, cost
        if low == high:
            continue
        lows[row], highs[row] = low, high
        moved[row] = np.trunc(min(_want(trips, flow, load, low, high), share * trips.demand[row]))
        crowd[trips.indices[low]] += moved[row]


@loop(_start, _look, in_numpy=_walk_numpy)
def _walk(trips, pace):  # type: ignore[no-untyped-def]
    flow, load = _start(trips)
    before, congestion, crowd = load.copy(), np.zeros(load.size), np.zeros(load.size)
    lows, highs = np.zeros(trips.demand.size, np.int64), np.zeros(trips.demand.size, np.int64)
    moved = np.zeros(trips.demand.size)
    for cycle in range(pace.cycles):
        before[:] = load
        for site in range(load.size):
            congestion[site] = load[site] / trips.supply[site] if trips.supply[site] > 0 else 0.0
        share = max(pace.initial_step * 0.5 ** (cycle / pace.half_life), pace.min_step)
        _look(trips, flow, load, congestion, share, lows, highs, moved, crowd)
        for row in range(moved.size):
            if moved[row] == 0.0:
                continue
            low, high = lows[row], highs[row]
            if cycle < CROWDED_CYCLES:
                site = trips.indices[low]
                moved[row] = np.rint(moved[row] / max(crowd[site] / trips.supply[site], 1.0))
            flow[low] += moved[row]
            flow[high] -= moved[row]
            load[trips.indices[low]] += moved[row]
            load[trips.indices[high]] -= moved[row]
    return flow, load, before


@loop()
def _even_out(trips, flow, load, row):  # type: ignore[no-untyped-def]
    """Move one row's people until its sites in use cost the same; what was wasted before, in person × cost."""
    wasted, first = 0.0, True
    for _ in range(50):
        low, high, least, most, spent = -1, -1, np.inf, -np.inf, 0.0
        for p in range(trips.indptr[row], trips.indptr[row + 1]):
            site = trips.indices[p]
            cost = load[site] / trips.supply[site] + trips.travel[p]
            if cost < least:
                low, least = p, cost
            if flow[p] > 0:
                spent += flow[p] * cost
                if cost > most:
                    high, most = p, cost
        if first:
            wasted, first = spent - trips.demand[row] * least, False
        if most - least <= 1e-12 * most:
            break
        site, other = trips.indices[low], trips.indices[high]
        amount = min(flow[high], (most - least) / (1 / trips.supply[site] + 1 / trips.supply[other]))
        flow[low] += amount
        flow[high] -= amount
        load[site] += amount
        load[other] -= amount
    return wasted


@loop()
def _regret(trips, flow, load):  # type: ignore[no-untyped-def]
    """What everybody together would gain by choosing again, each alone, in person × cost."""
    wasted = 0.0
    for row in range(trips.demand.size):
        least, spent, people = np.inf, 0.0, 0.0
        for p in range(trips.indptr[row], trips.indptr[row + 1]):
            cost = load[trips.indices[p]] / trips.supply[trips.indices[p]] + trips.travel[p]
            least = min(least, cost)
            spent += flow[p] * cost
            people += flow[p]
        if people > 0:
            wasted += spent - people * least
    return wasted


@loop(_start, _even_out, _regret)
def _settle(trips, tolerance, cycles):  # type: ignore[no-untyped-def]
    flow, load = _start(trips)
    people = 0.0
    for p in range(flow.size):
        people += flow[p]
    done = 0
    while done < cycles:
        done += 1
        wasted = 0.0
        for row in range(trips.demand.size):
            if trips.demand[row] > 0 and trips.indptr[row] < trips.indptr[row + 1]:
                wasted += _even_out(trips, flow, load, row)
        if wasted <= tolerance * people and _regret(trips, flow, load) <= tolerance * people:
            break
    return flow, load, done
