"""Loops of the p-median: sorted neighbour lists, greedy, interchange, and one step of the Lagrangian relaxation.

Demand rows and sites are held twice in `Lists`: by rows, nearest site first, and by columns, rows ascending. Only trips
shorter than the row's cap are held; the cap is what a row costs when no chosen site is nearer.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import loop

Array = NDArray[Any]


class Lists(NamedTuple):
    """Trips by rows (`row_at`: where each row starts) and by columns (`col_at`)."""

    row_at: Array
    row_site: Array
    row_cost: Array
    col_at: Array
    col_row: Array
    col_cost: Array


class Service(NamedTuple):
    """Open sites and whom they serve: `sites[slot]` is open, `slot[site]` its slot or -1.

    Per row the slot and cost of the nearest open site and of the next one (-1 and the cap where there is none);
    `loss[slot]` is what everyone together would lose if that site closed.
    """

    sites: Array
    slot: Array
    near_slot: Array
    near_cost: Array
    next_slot: Array
    next_cost: Array
    loss: Array


def spans(starts: Array, ends: Array) -> Array:
    """All positions of several ranges, one after the other."""
    sizes = ends - starts
    shift = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return np.arange(int(sizes.sum())) + shift


def _row_numbers(row_at: Array) -> Array:
    return np.repeat(np.arange(row_at.size - 1, dtype=np.int32), np.diff(row_at))


def _select_numpy(row_at: Array, row_site: Array, row_cost: Array, local: Array, caps: Array) -> tuple[Array, ...]:
    rows = _row_numbers(row_at)
    kept = (local[row_site] >= 0) & (row_cost < caps[rows])
    at = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=caps.size))])
    return at, local[row_site[kept]], row_cost[kept]


@loop(in_numpy=_select_numpy)
def select(row_at, row_site, row_cost, local, caps):  # type: ignore[no-untyped-def]
    """Keep the trips shorter than their row's cap, to sites with a number in `local`, under that number."""
    at = np.zeros(caps.size + 1, np.int64)
    for i in range(caps.size):
        kept = 0
        for p in range(row_at[i], row_at[i + 1]):
            if local[row_site[p]] >= 0 and row_cost[p] < caps[i]:
                kept += 1
        at[i + 1] = at[i] + kept
    sites = np.empty(at[-1], np.int32)
    costs = np.empty(at[-1], row_cost.dtype)
    for i in range(caps.size):
        q = at[i]
        for p in range(row_at[i], row_at[i + 1]):
            if local[row_site[p]] >= 0 and row_cost[p] < caps[i]:
                sites[q], costs[q] = local[row_site[p]], row_cost[p]
                q += 1
    return at, sites, costs


def _sort_numpy(row_at: Array, row_site: Array, row_cost: Array) -> None:
    order = np.lexsort((row_cost, _row_numbers(row_at)))
    row_site[:], row_cost[:] = row_site[order], row_cost[order]


@loop()
def _insertion_sort(site, cost, first, end):  # type: ignore[no-untyped-def]
    for q in range(first + 1, end):
        s, c, p = site[q], cost[q], q
        while p > first and cost[p - 1] > c:
            site[p], cost[p] = site[p - 1], cost[p - 1]
            p -= 1
        site[p], cost[p] = s, c


@loop(_insertion_sort)
def _merge_sort(site, cost, first, end, other_site, other_cost):  # type: ignore[no-untyped-def]
    """Stable sort by cost of the places from `first` to `end`; the other two arrays are room to work."""
    length = 16
    for run in range(first, end, length):
        _insertion_sort(site, cost, run, min(run + length, end))
    while length < end - first:
        for run in range(first, end, 2 * length):
            p, q = run, min(run + length, end)
            middle, last = q, min(run + 2 * length, end)
            for to in range(run, last):
                if p < middle and (q >= last or cost[p] <= cost[q]):
                    other_site[to], other_cost[to] = site[p], cost[p]
                    p += 1
                else:
                    other_site[to], other_cost[to] = site[q], cost[q]
                    q += 1
        site[first:end], cost[first:end] = other_site[first:end], other_cost[first:end]
        length *= 2


@loop(_insertion_sort, _merge_sort)
def _bucket_sort(site, cost, at, other_site, other_cost):  # type: ignore[no-untyped-def]
    """Stable sort by cost: into equal intervals of cost first, then inside each. `at` has room for their starts."""
    size = cost.size
    low, high = cost.min(), cost.max()
    buckets = size // 4 + 1
    scale = (buckets - 1) / (high - low) if high - low > 1e-300 else 0.0
    at[: buckets + 1] = 0
    for p in range(size):
        at[int((cost[p] - low) * scale) + 1] += 1
    for b in range(buckets):
        at[b + 1] += at[b]
    for p in range(size):
        b = int((cost[p] - low) * scale)
        other_site[at[b]], other_cost[at[b]] = site[p], cost[p]
        at[b] += 1
    site[:], cost[:] = other_site[:size], other_cost[:size]
    first = 0
    for b in range(buckets):
        if at[b] - first <= 24:
            _insertion_sort(site, cost, first, at[b])
        else:
            _merge_sort(site, cost, first, at[b], other_site, other_cost)
        first = at[b]


@loop(_bucket_sort, in_numpy=_sort_numpy)
def sort(row_at, row_site, row_cost):  # type: ignore[no-untyped-def]
    """Put the nearest site of each row first, in place; equals stay in their order."""
    longest = 0
    for i in range(row_at.size - 1):
        longest = max(longest, row_at[i + 1] - row_at[i])
    site, cost, at = (
        np.empty(longest, row_site.dtype),
        np.empty(longest, row_cost.dtype),
        np.empty(longest + 2, np.int64),
    )
    for i in range(row_at.size - 1):
        a, b = row_at[i], row_at[i + 1]
        if b > a:
            _bucket_sort(row_site[a:b], row_cost[a:b], at, site, cost)


def _transpose_numpy(row_at: Array, row_site: Array, row_cost: Array, sites: int) -> tuple[Array, ...]:
    order = np.argsort(row_site, kind="stable")
    at = np.concatenate([[0], np.cumsum(np.bincount(row_site, minlength=sites))])
    return at, _row_numbers(row_at)[order], row_cost[order]


@loop(in_numpy=_transpose_numpy)
def transpose(row_at, row_site, row_cost, sites):  # type: ignore[no-untyped-def]
    """The same trips by columns, rows ascending."""
    at = np.zeros(sites + 1, np.int64)
    for site in row_site:
        at[site + 1] += 1
    for site in range(sites):
        at[site + 1] += at[site]
    following = at[:-1].copy()
    rows = np.empty(row_site.size, np.int32)
    costs = np.empty(row_site.size, row_cost.dtype)
    for i in range(row_at.size - 1):
        for p in range(row_at[i], row_at[i + 1]):
            q = following[row_site[p]]
            following[row_site[p]] += 1
            rows[q], costs[q] = i, row_cost[p]
    return at, rows, costs


def _scores_numpy(lists: Lists, weights: Array, values: Array) -> Array:
    rows = _row_numbers(lists.row_at)
    saved = values[rows] - lists.row_cost
    worth = saved > 0
    worths = weights[rows[worth]] * saved[worth]
    return np.bincount(lists.row_site[worth], worths, minlength=lists.col_at.size - 1).astype(np.float64)


@loop(in_numpy=_scores_numpy)
def scores(lists, weights, values):  # type: ignore[no-untyped-def]
    """What each site saves when a row would pay its value for service: the sum of weight × max(0, value − cost)."""
    total = np.zeros(lists.col_at.size - 1)
    for i in range(weights.size):
        value, weight = values[i], weights[i]
        for p in range(lists.row_at[i], lists.row_at[i + 1]):
            saved = value - lists.row_cost[p]
            if saved <= 0:
                break
            total[lists.row_site[p]] += weight * saved
    return total


def _tally_numpy(lists: Lists, chosen: Array, values: Array) -> Array:
    at = spans(lists.col_at[chosen], lists.col_at[chosen + 1])
    rows = lists.col_row[at]
    return np.bincount(rows[lists.col_cost[at] < values[rows]], minlength=values.size)


@loop(in_numpy=_tally_numpy)
def tally(lists, chosen, values):  # type: ignore[no-untyped-def]
    """How many chosen sites each row would pay for."""
    times = np.zeros(values.size, np.int64)
    for site in chosen:
        for p in range(lists.col_at[site], lists.col_at[site + 1]):
            if lists.col_cost[p] < values[lists.col_row[p]]:
                times[lists.col_row[p]] += 1
    return times


def _serve_numpy(lists: Lists, chosen: Array, caps: Array) -> Array:
    at = spans(lists.col_at[chosen], lists.col_at[chosen + 1])
    costs = caps.copy()
    np.minimum.at(costs, lists.col_row[at], lists.col_cost[at])
    return costs


@loop(in_numpy=_serve_numpy)
def serve(lists, chosen, caps):  # type: ignore[no-untyped-def]
    """What each row costs when only the chosen sites are open."""
    costs = caps.copy()
    for site in chosen:
        for p in range(lists.col_at[site], lists.col_at[site + 1]):
            if lists.col_cost[p] < costs[lists.col_row[p]]:
                costs[lists.col_row[p]] = lists.col_cost[p]
    return costs


def _greedy_numpy(lists: Lists, weights: Array, caps: Array, k: int) -> Array:
    costs, chosen = caps.copy(), np.zeros(k, np.int64)
    rows = np.repeat(np.arange(lists.col_at.size - 1), np.diff(lists.col_at))
    shut = np.zeros(lists.col_at.size - 1, bool)
    for step in range(k):
        saved = np.maximum(costs[lists.col_row] - lists.col_cost, 0.0) * weights[lists.col_row]
        gains = np.bincount(rows, saved, minlength=shut.size)
        gains[shut] = -1.0
        chosen[step] = site = int(gains.argmax())
        shut[site] = True
        at = slice(lists.col_at[site], lists.col_at[site + 1])
        costs[lists.col_row[at]] = np.minimum(costs[lists.col_row[at]], lists.col_cost[at])
    return chosen


@loop(scores, in_numpy=_greedy_numpy)
def greedy(lists, weights, caps, k):  # type: ignore[no-untyped-def]
    """Open k sites, each the one that saves most; when rows get cheaper, what other sites save is corrected."""
    costs, chosen = caps.copy(), np.zeros(k, np.int64)
    gains, shut = scores(lists, weights, caps), np.zeros(lists.col_at.size - 1, np.bool_)
    for step in range(k):
        best = -1.0
        for site in range(gains.size):
            if gains[site] > best and not shut[site]:
                chosen[step], best = site, gains[site]
        shut[chosen[step]] = True
        for p in range(lists.col_at[chosen[step]], lists.col_at[chosen[step] + 1]):
            row, cost = lists.col_row[p], lists.col_cost[p]
            before, weight = costs[row], weights[row]
            if cost >= before:
                continue
            costs[row] = cost
            for q in range(lists.row_at[row], lists.row_at[row + 1]):
                if lists.row_cost[q] >= before:
                    break
                gains[lists.row_site[q]] -= weight * (before - max(cost, lists.row_cost[q]))
    return chosen
