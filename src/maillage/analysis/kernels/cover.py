"""Loops of maximal covering.

An instance is held twice: by rows (`row_at`, `row_cols`: the sites that reach a demand row) and by columns (`col_at`,
`col_rows`: the rows that a site reaches), with a weight for each row. A plan is held as `times` (how many open sites
reach each row), `gain` (weight that each site would newly reach) and `top` (the largest gain of each block of 64
sites, -1 when it must be looked up again).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.kernels import loop

Array = NDArray[Any]
BLOCK = 64


def spans(starts: Array, ends: Array) -> Array:
    """All positions of several ranges, one after the other."""
    sizes = ends - starts
    shift = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return np.arange(int(sizes.sum())) + shift


def _open_numpy(
    site: int,
    row_at: Array,
    row_cols: Array,
    col_at: Array,
    col_rows: Array,
    weight: Array,
    times: Array,
    gain: Array,
    top: Array,
) -> float:
    rows = col_rows[col_at[site] : col_at[site + 1]]
    fresh = rows[times[rows] == 0]
    times[rows] += 1
    _shift(fresh, -1.0, row_at, row_cols, weight, gain, top)
    return float(weight[fresh].sum())


def _close_numpy(
    site: int,
    row_at: Array,
    row_cols: Array,
    col_at: Array,
    col_rows: Array,
    weight: Array,
    times: Array,
    gain: Array,
    top: Array,
) -> float:
    rows = col_rows[col_at[site] : col_at[site + 1]]
    times[rows] -= 1
    bare = rows[times[rows] == 0]
    _shift(bare, 1.0, row_at, row_cols, weight, gain, top)
    return float(weight[bare].sum())


def _shift(rows: Array, sign: float, row_at: Array, row_cols: Array, weight: Array, gain: Array, top: Array) -> None:
    cols = row_cols[spans(row_at[rows], row_at[rows + 1])]
    np.add.at(gain, cols, sign * np.repeat(weight[rows], row_at[rows + 1] - row_at[rows]))
    top[cols // BLOCK] = -1.0


@loop(in_numpy=_open_numpy)
def open_site(site, row_at, row_cols, col_at, col_rows, weight, times, gain, top):  # type: ignore[no-untyped-def]
    won = 0.0
    for p in range(col_at[site], col_at[site + 1]):
        row = col_rows[p]
        if times[row] == 0:
            w = weight[row]
            won += w
            for q in range(row_at[row], row_at[row + 1]):
                gain[row_cols[q]] -= w
                top[row_cols[q] // BLOCK] = -1.0
        times[row] += 1
    return won


@loop(in_numpy=_close_numpy)
def close_site(site, row_at, row_cols, col_at, col_rows, weight, times, gain, top):  # type: ignore[no-untyped-def]
    lost = 0.0
    for p in range(col_at[site], col_at[site + 1]):
        row = col_rows[p]
        times[row] -= 1
        if times[row] == 0:
            w = weight[row]
            lost += w
            for q in range(row_at[row], row_at[row + 1]):
                gain[row_cols[q]] += w
                top[row_cols[q] // BLOCK] = -1.0
    return lost


def _best_numpy(gain: Array, top: Array, shut: Array) -> int:
    open_to_choice = np.where(shut, -1.0, gain)
    return int(np.argmax(open_to_choice))


@loop(in_numpy=_best_numpy)
def best_site(gain, top, shut):  # type: ignore[no-untyped-def]
    """The site of largest gain that is not shut; the lowest of several."""
    best, block = -1.0, 0
    for b in range(top.size):
        if top[b] < 0.0:
            high = 0.0
            for site in range(b * BLOCK, min(gain.size, (b + 1) * BLOCK)):
                if not shut[site] and gain[site] > high:
                    high = gain[site]
            top[b] = high
        if top[b] > best:
            best, block = top[b], b
    for site in range(block * BLOCK, min(gain.size, (block + 1) * BLOCK)):
        if not shut[site] and gain[site] >= best:
            return site
    for site in range(gain.size):  # nothing is left to gain
        if not shut[site]:
            return site
    return 0


@loop(open_site, best_site)
def greedy(sites, won, row_at, row_cols, col_at, col_rows, weight, times, gain, top, shut):  # type: ignore[no-untyped-def]
    """Open the site of largest gain, again and again, until `sites` is full; `won` is what each one added."""
    for step in range(sites.size):
        site = best_site(gain, top, shut)
        shut[site] = True
        top[site // BLOCK] = -1.0
        sites[step] = site
        won[step] = open_site(site, row_at, row_cols, col_at, col_rows, weight, times, gain, top)


@loop()
def _neighbour(site, draw_row, draw_site, draw_far, row_at, row_cols, col_at, col_rows, slot_of):  # type: ignore[no-untyped-def]
    """An open site near a site: two random steps away, then the first open one that reaches the same row; or -1."""
    if col_at[site] == col_at[site + 1]:
        return -1
    row = col_rows[col_at[site] + int(draw_row * (col_at[site + 1] - col_at[site]))]
    other = row_cols[row_at[row] + int(draw_site * (row_at[row + 1] - row_at[row]))]
    row = col_rows[col_at[other] + int(draw_far * (col_at[other + 1] - col_at[other]))]
    for p in range(row_at[row], row_at[row + 1]):
        if slot_of[row_cols[p]] >= 0:
            return row_cols[p]
    return -1


@loop(open_site, close_site, best_site)
def _swap(slot, plan, slot_of, row_at, row_cols, col_at, col_rows, weight, times, gain, top, shut):  # type: ignore[no-untyped-def]
    """Give one place of the plan to the best site for it; the change in value."""
    old = plan[slot]
    shut[old] = False
    slot_of[old] = -1
    change = -close_site(old, row_at, row_cols, col_at, col_rows, weight, times, gain, top)
    top[old // BLOCK] = -1.0
    new = best_site(gain, top, shut)
    if gain[new] <= gain[old]:
        new = old
    change += open_site(new, row_at, row_cols, col_at, col_rows, weight, times, gain, top)
    shut[new] = True
    slot_of[new] = slot
    top[new // BLOCK] = -1.0
    plan[slot] = new
    return change


@loop(close_site)
def _take_out(out, count, sites, plan, slot_of, row_at, row_cols, col_at, col_rows, weight, times, gain, top, shut):  # type: ignore[no-untyped-def]
    """Close the sites of `count` places of the plan, told in `sites`; the change in value."""
    change = 0.0
    for i in range(count):
        site = plan[out[i]]
        sites[i] = site
        slot_of[site], shut[site], top[site // BLOCK] = -1, False, -1.0
        change -= close_site(site, row_at, row_cols, col_at, col_rows, weight, times, gain, top)
    return change


@loop(open_site)
def _put_in(slot, site, plan, slot_of, row_at, row_cols, col_at, col_rows, weight, times, gain, top, shut):  # type: ignore[no-untyped-def]
    """Open a site at a place of the plan; the change in value."""
    plan[slot] = site
    slot_of[site], shut[site], top[site // BLOCK] = slot, True, -1.0
    return open_site(site, row_at, row_cols, col_at, col_rows, weight, times, gain, top)


@loop(_neighbour)
def _ruined(draw, out, plan, slot_of, row_at, row_cols, col_at, col_rows):  # type: ignore[no-untyped-def]
    """Choose a place of the plan at random and a few of its open neighbours, told in `out`; how many."""
    out[0] = int(draw[1] * plan.size)
    first, count = plan[out[0]], 1
    for i in range(1, 1 + int(draw[0] * out.size)):
        near = _neighbour(
            first, draw[4 * i], draw[4 * i + 1], draw[4 * i + 2], row_at, row_cols, col_at, col_rows, slot_of
        )
        if near >= 0 and near != first:
            out[count] = slot_of[near]
            slot_of[near] = -1
            count += 1
    return count


@loop(best_site)
def _opened(first, alone, draw, row_at, row_cols, col_at, col_rows, gain, top, shut):  # type: ignore[no-untyped-def]
    """The best site, or, where several places are free, one at random near the first of them."""
    site = best_site(gain, top, shut)
    size = col_at[first + 1] - col_at[first]
    if not alone and size > 0:
        row = col_rows[col_at[first] + int(draw[2] * size)]
        near = row_cols[row_at[row] + int(draw[3] * (row_at[row + 1] - row_at[row]))]
        if not shut[near]:
            site = near
    return site


@loop(_swap)
def _settle(out, count, plan, slot_of, row_at, row_cols, col_at, col_rows, weight, times, gain, top, shut):  # type: ignore[no-untyped-def]
    """Let each of `count` places of the plan move while that helps; the change in value."""
    change, moved = 0.0, True
    while moved:
        moved = False
        for i in range(count):
            more = _swap(out[i], plan, slot_of, row_at, row_cols, col_at, col_rows, weight, times, gain, top, shut)
            change += more
            moved = moved or more > 1e-9
    return change


@loop(_ruined, _take_out, _opened, best_site, _put_in, _settle)
def improve(  # type: ignore[no-untyped-def]
    draws,
    heat,
    value,
    plan,
    best,
    best_value,
    slot_of,
    row_at,
    row_cols,
    col_at,
    col_rows,
    weight,
    times,
    gain,
    top,
    shut,
):
    """Ruin and recreate, one line of `draws` (random numbers in [0, 1)) for each attempt.

    Close a site and a few of its open neighbours, open one at random nearby and the best ones after it, let each of
    them move while that helps; keep the outcome when it is better, or worse by chance at `heat` (simulated annealing).
    The best plan met stays in `best`. Answers the last value and the best one.
    """
    reach = (row_at, row_cols, col_at, col_rows)
    state = (*reach, weight, times, gain, top, shut)
    most = draws.shape[1] // 4
    out, before, after = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    for attempt in range(draws.shape[0]):
        draw = draws[attempt]
        first = plan[int(draw[1] * plan.size)]
        count = _ruined(draw, out, plan, slot_of, *reach)
        change = _take_out(out, count, before, plan, slot_of, *state)
        for i in range(count):
            site = _opened(first, i > 0 or count == 1, draw, *reach, gain, top, shut)
            change += _put_in(out[i], site, plan, slot_of, *state)
        change += _settle(out, count, plan, slot_of, *state)
        if change < heat * np.log(1.0 - draw[draw.size - 1]) - 1e-9:
            _take_out(out, count, after, plan, slot_of, *state)
            for i in range(count):
                _put_in(out[i], before[i], plan, slot_of, *state)
            continue
        value += change
        if value > best_value + 1e-9:
            best_value = value
            best[:] = plan
    return value, best_value


def _dominators_numpy(row_at: Array, row_cols: Array, col_at: Array, col_rows: Array) -> Array:
    sites = col_at.size - 1
    reach = sparse.csr_array((np.ones(row_cols.size, np.int32), row_cols, row_at), shape=(row_at.size - 1, sites))
    common = (reach.T @ reach).tocoo()
    size = np.diff(col_at)
    site, other = common.row, common.col
    larger = (size[other] > size[site]) | ((size[other] == size[site]) & (other < site))
    within = larger & (common.data == size[site])
    site, other = site[within], other[within]
    order = np.lexsort((other, -size[other], site))
    first = np.ones(order.size, dtype=bool)
    first[1:] = site[order[1:]] != site[order[:-1]]
    over = np.full(sites, -1, dtype=np.int64)
    over[site[order[first]]] = other[order[first]]
    return over


@loop(in_numpy=_dominators_numpy)
def dominators(row_at, row_cols, col_at, col_rows):  # type: ignore[no-untyped-def]
    """For each site another one that reaches all its rows (more rows, or as many and a lower number), or -1.

    Of several the one that reaches most, then the lowest: no chain of dominators can close on itself.
    """
    sites = col_at.size - 1
    over = np.full(sites, -1, np.int64)
    seen = np.full(sites, -1, np.int64)
    stamp = 0
    for site in range(sites):
        first = col_rows[col_at[site]]
        for p in range(col_at[site], col_at[site + 1]):
            row = col_rows[p]
            if row_at[row + 1] - row_at[row] < row_at[first + 1] - row_at[first]:
                first = row
        size = col_at[site + 1] - col_at[site]
        rest = np.empty(row_at[first + 1] - row_at[first], np.int64)
        count = 0
        for p in range(row_at[first], row_at[first + 1]):
            other = row_cols[p]
            more = col_at[other + 1] - col_at[other] - size
            if more > 0 or (more == 0 and other < site):
                rest[count] = other
                count += 1
        for p in range(col_at[site], col_at[site + 1]):
            if count == 0:
                break
            row = col_rows[p]
            stamp += 1
            for q in range(row_at[row], row_at[row + 1]):
                seen[row_cols[q]] = stamp
            kept = 0
            for i in range(count):
                if seen[rest[i]] == stamp:
                    rest[kept] = rest[i]
                    kept += 1
            count = kept
        most = 0
        for i in range(count):
            reached = col_at[rest[i] + 1] - col_at[rest[i]]
            if reached > most:
                over[site], most = rest[i], reached
    return over
