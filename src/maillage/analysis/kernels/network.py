"""Shortest times on a road graph by a bucket queue (Dial 1969), beside SciPy's Dijkstra.

A node's state is one integer: ticks × 2³² + rank of its source. The least integer is the shortest time and, among equal
times, the first source: the answer does not depend on the order of the search. An arc weighs at least one tick, so that
what is taken from the current bucket is final. A bucket is a chain of blocks of 16 numbers in one pool: a link to the
block below, then 15 nodes. Nodes are taken by batches, so that the waits for memory overlap.

`counts` holds: blocks used, first free block, nodes waiting, nodes touched.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import loop

Array = NDArray[Any]

UNREACHED = np.int64(2**63 - 1)
LONGEST_TICKS = 2**31 - 2
COMPILE_FROM_NODES = 100_000
_BATCH = 256
_WIDEST = 2**24
_SCIPY_CELLS = 20_000_000


def nearest(
    indptr: Array,
    indices: Array,
    weights: Array,
    starts: Array,
    offsets: Array,
    limit: int,
    *,
    compiled: bool | None = None,
) -> Array:
    """Search from all `starts` at once, each with its offset in ticks; the state of every node."""
    width = _width(weights, offsets, limit)
    if compiled is None:
        compiled = indptr.size > COMPILE_FROM_NODES
    state = np.empty(indptr.size - 1, np.int64)  # by NumPy, which asks for large pages
    state.fill(UNREACHED)
    run = _nearest.on(compiled and width <= _WIDEST)
    found: Array = run(state, indptr, indices, weights, starts, offsets, limit, width)
    return found


def catchments(
    indptr: Array,
    indices: Array,
    weights: Array,
    starts: Array,
    wanted: Array,
    limit: int,
    *,
    compiled: bool | None = None,
) -> tuple[Array, Array, Array]:
    """Search from each start up to `limit`; for each pair met: number of the start, `wanted` of the node, ticks.

    `wanted` numbers the nodes asked for, -1 for all others.
    """
    width = _width(weights, np.zeros(1, np.int64), limit)
    if compiled is None:
        compiled = indptr.size * starts.size > COMPILE_FROM_NODES
    run = _catchments.on(compiled and width <= _WIDEST)
    found: tuple[Array, Array, Array] = run(indptr, indices, weights, starts, wanted, limit, width)
    return found


def _width(weights: Array, offsets: Array, limit: int) -> int:
    widest = max(int(weights.max(initial=1)), int(offsets.max(initial=0)))
    return min(widest, limit) + 2


def _nearest_scipy(
    state: Array, indptr: Array, indices: Array, weights: Array, starts: Array, offsets: Array, limit: int, width: int
) -> Array:
    """One more node reaches every start; times are scaled so that the rank of the start fits below one tick."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    scale, top = starts.size + 1, state.size
    ranked = offsets * float(scale) + np.arange(1, scale)
    graph = csr_array(
        (
            np.concatenate([weights * float(scale), ranked]),
            np.concatenate([indices, starts.astype(indices.dtype)]),
            np.append(indptr, indptr[-1] + starts.size),
        ),
        shape=(top + 1, top + 1),
    )
    found = dijkstra(graph, indices=top, limit=float(limit) * scale + scale - 0.5)[:top]
    reached = np.flatnonzero(np.isfinite(found))
    whole = found[reached].astype(np.int64)
    state[reached] = (whole // scale << 32) | (whole % scale - 1)
    return state


def _catchments_scipy(
    indptr: Array, indices: Array, weights: Array, starts: Array, wanted: Array, limit: int, width: int
) -> tuple[Array, Array, Array]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph = csr_array((weights.astype(np.float64), indices, indptr), shape=(wanted.size, wanted.size))
    asked = np.flatnonzero(wanted >= 0)
    at_once = max(1, _SCIPY_CELLS // max(1, wanted.size))
    found: list[tuple[Array, ...]] = []
    for first in range(0, starts.size, at_once):
        ticks = dijkstra(graph, indices=starts[first : first + at_once], limit=limit + 0.5)[:, asked]
        row, column = np.nonzero(np.isfinite(ticks))
        found.append((row + first, wanted[asked[column]], ticks[row, column].astype(np.int64)))
    none = np.zeros(0, np.int64)
    starts_met, wanted_met, ticks_met = (np.concatenate(part) for part in zip((none,) * 3, *found, strict=True))
    return starts_met, wanted_met, ticks_met


@loop()
def _push(pool, top, counts, slot, node):  # type: ignore[no-untyped-def]
    at = top[slot] + 1
    if at == 1 or at & 15 == 0:
        block = counts[1]
        if block > 0:
            counts[1] = pool[block * 16]
        else:
            block = counts[0]
            counts[0] = block + 1
            if counts[0] * 16 > pool.size:
                wider = np.empty(2 * pool.size, np.int32)
                wider[: pool.size] = pool
                pool = wider
        pool[block * 16] = top[slot]
        at = block * 16 + 1
    pool[at] = node
    top[slot] = at
    counts[2] += 1
    return pool


@loop()
def _take(pool, counts, at, state, now, indptr, nodes, values):  # type: ignore[no-untyped-def]
    """Take up to a batch of nodes whose time is now; where the bucket goes on, how many nodes, how many arcs."""
    taken, arcs = 0, 0
    while at > 0 and taken < nodes.size:
        node = np.uint32(pool[at])
        at -= 1
        if at & 15 == 0:
            below = pool[at]
            pool[at] = counts[1]
            counts[1] = at >> 4
            at = np.int64(below)
        counts[2] -= 1
        value = state[node]
        if value >> 32 == now:
            nodes[taken] = node
            values[taken] = value
            arcs += indptr[node + np.uint32(1)] - indptr[node]
            taken += 1
    return at, taken, arcs


@loop()
def _spread(indptr, indices, weights, nodes, values, taken, ends, reach):  # type: ignore[no-untyped-def]
    """Lay the arcs that leave a batch one after the other: the end of each, and its state by this arc."""
    count = 0
    for i in range(taken):
        node, value = nodes[i], values[i]
        for arc in range(np.uint64(indptr[node]), np.uint64(indptr[node + np.uint32(1)])):
            ends[count] = indices[arc]
            reach[count] = value + (np.int64(weights[arc]) << 32)
            count += 1
    return count


@loop(_push)
def _settle(state, touched, counts, pool, top, ends, reach, count, now, slot, limit):  # type: ignore[no-untyped-def]
    for i in range(count):
        node, value = ends[i], reach[i]
        before = state[node]
        ticks = value >> 32
        if value >= before or ticks > limit:
            continue
        state[node] = value
        if ticks == before >> 32:
            continue
        if before == UNREACHED and touched.size > 0:
            touched[counts[3]] = node
            counts[3] += 1
        there = slot + ticks - now
        if there >= top.size:
            there -= top.size
        pool = _push(pool, top, counts, there, node)
    return pool


@loop(_push, _take, _spread, _settle)
def _search(state, touched, counts, pool, top, indptr, indices, weights, starts, offsets, limit):  # type: ignore[no-untyped-def]
    nodes, values = np.empty(_BATCH, np.uint32), np.empty(_BATCH, np.int64)
    ends, reach = np.empty(4 * _BATCH, np.uint32), np.empty(4 * _BATCH, np.int64)
    for rank in range(starts.size):
        ends[0] = starts[rank]
        reach[0] = (np.int64(offsets[rank]) << 32) | np.int64(rank)
        pool = _settle(state, touched, counts, pool, top, ends, reach, 1, np.int64(0), np.int64(0), limit)
    now, slot = np.int64(0), np.int64(0)
    while counts[2] > 0:
        at = top[slot]
        top[slot] = 0
        while at > 0:
            at, taken, arcs = _take(pool, counts, at, state, now, indptr, nodes, values)
            if arcs > ends.size:
                ends, reach = np.empty(2 * arcs, np.uint32), np.empty(2 * arcs, np.int64)
            count = _spread(indptr, indices, weights, nodes, values, taken, ends, reach)
            pool = _settle(state, touched, counts, pool, top, ends, reach, count, now, slot, limit)
        now += 1
        slot += 1
        if slot == top.size:
            slot = np.int64(0)
    return pool


@loop(_search, in_numpy=_nearest_scipy)
def _nearest(state, indptr, indices, weights, starts, offsets, limit, width):  # type: ignore[no-untyped-def]
    counts = np.zeros(4, np.int64)
    counts[0] = 1
    pool, top, untold = np.empty(1 << 16, np.int32), np.zeros(width, np.int64), np.empty(0, np.uint32)
    _search(state, untold, counts, pool, top, indptr, indices, weights, starts, offsets, limit)
    return state


@loop(_search, in_numpy=_catchments_scipy)
def _catchments(indptr, indices, weights, starts, wanted, limit, width):  # type: ignore[no-untyped-def]
    counts = np.zeros(4, np.int64)
    counts[0] = 1
    pool, top, touched = np.empty(1 << 16, np.int32), np.zeros(width, np.int64), np.empty(wanted.size, np.uint32)
    state, none = np.full(wanted.size, UNREACHED, np.int64), np.zeros(1, np.int64)
    met, found = 0, np.empty((3, 4096), np.int64)
    for number in range(starts.size):
        pool = _search(
            state, touched, counts, pool, top, indptr, indices, weights, starts[number : number + 1], none, limit
        )
        if met + counts[3] > found.shape[1]:
            wider = np.empty((3, 2 * (met + counts[3])), np.int64)
            wider[:, :met] = found[:, :met]
            found = wider
        for i in range(counts[3]):
            node = touched[i]
            if wanted[node] >= 0:
                found[0, met], found[1, met], found[2, met] = number, wanted[node], state[node] >> 32
                met += 1
            state[node] = UNREACHED
        counts[3] = 0
    return found[0, :met].copy(), found[1, :met].copy(), found[2, :met].copy()
