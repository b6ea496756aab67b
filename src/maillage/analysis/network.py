"""Shortest times on a graph of roads: the nearest source of every node in one search, and bounded searches."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.coverage import NO_SITE, Nearest
from maillage.analysis.kernels import network as kernels
from maillage.analysis.numbers import is_number, told

TICKS_PER_MINUTE = 600
"""Arcs are held in whole tenths of a second: a bucket queue wants integers, and sums of integers are exact."""


class NetworkError(ValueError):
    """A graph, nodes or a cutoff from which no time can be told."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Directed arcs, CSR: those that leave node u are `indices[indptr[u]:indptr[u + 1]]`, with `weights` in ticks.

    A tick is a tenth of a second. A weight is at least one tick: a road takes time.
    """

    indptr: NDArray[np.integer[Any]]
    indices: NDArray[np.integer[Any]]
    weights: NDArray[np.int32]

    def __post_init__(self) -> None:
        indptr, indices, weights = self.indptr, self.indices, self.weights
        if indptr.ndim != 1 or indptr.size < 1 or indptr[0] != 0 or (np.diff(indptr) < 0).any():
            raise NetworkError("indptr must start at 0 and never fall: where the arcs of each node begin.")
        if indices.shape != (indptr[-1],) or weights.shape != indices.shape:
            msg = f"{indptr[-1]} arcs are announced, {indices.size} ends and {weights.size} weights given."
            raise NetworkError(msg)
        if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < self.nodes:
            raise NetworkError(f"An arc ends at a node that is not one of the {self.nodes} (0 to {self.nodes - 1}).")
        if weights.size and int(weights.min()) < 1:
            raise NetworkError("An arc weighs less than one tick (a tenth of a second): a road takes time.")

    @property
    def nodes(self) -> int:
        return self.indptr.size - 1

    @property
    def arcs(self) -> int:
        return self.indices.size

    @classmethod
    def of(cls, nodes: int, tails: ArrayLike, heads: ArrayLike, minutes: ArrayLike) -> "Graph":
        """Build a graph from arcs tail → head that take so many minutes, rounded to a tick, at least one.

        Raises `NetworkError` for minutes that are negative or not finite, or more than 200,000 (139 days).

        >>> Graph.of(3, [0, 1], [1, 2], [1.0, 0.5]).weights.tolist()
        [600, 300]
        """
        start, end = np.asarray(tails, dtype=np.int64), np.asarray(heads, dtype=np.int64)
        took = np.asarray(minutes, dtype=np.float64)
        if not start.shape == end.shape == took.shape or start.ndim != 1:
            msg = f"tails, heads and minutes must be as many: {start.size}, {end.size} and {took.size} given."
            raise NetworkError(msg)
        if not ((took >= 0) & (took <= 200_000)).all():
            raise NetworkError("An arc takes a number of minutes that is negative, not finite or above 200,000.")
        for ends in (start, end):
            if ends.size and not 0 <= ends.min() <= ends.max() < nodes:
                raise NetworkError(f"An arc joins a node that is not one of the {nodes} (0 to {nodes - 1}).")
        ticks = np.maximum(np.rint(took * TICKS_PER_MINUTE), 1).astype(np.int32)
        order = np.argsort(start, kind="stable")  # SciPy would add up parallel arcs
        indptr = np.zeros(nodes + 1, np.int64)
        np.cumsum(np.bincount(start, minlength=nodes), out=indptr[1:])
        narrow = np.int32 if max(nodes, ticks.size) < 2**31 else np.int64
        return cls(indptr.astype(narrow), end[order].astype(narrow), ticks[order])

    def reversed(self) -> "Graph":
        """Turn every arc round: times to a node become times from it.

        >>> Graph.of(2, [0], [1], [1.0]).reversed().indptr.tolist()
        [0, 0, 1]
        """
        laid = sparse.csr_array((self.weights, self.indices, self.indptr), shape=(self.nodes, self.nodes)).tocsc()
        return Graph(laid.indptr, laid.indices, laid.data)

    def part(self, kept: NDArray[np.bool_]) -> "Graph":
        """Keep some nodes, numbered anew in the same order, and the arcs between them.

        >>> Graph.of(3, [0, 1], [1, 2], [1.0, 0.5]).part(np.array([False, True, True])).indices.tolist()
        [1]
        """
        laid = sparse.csr_array((self.weights, self.indices, self.indptr), shape=(self.nodes, self.nodes))
        inside = laid[kept][:, kept]
        return Graph(inside.indptr, inside.indices, inside.data)


def nearest(
    graph: Graph,
    sources: ArrayLike,
    *,
    cutoff_min: float | None = None,
    offsets_min: ArrayLike | None = None,
    compiled: bool | None = None,
) -> Nearest:
    """Find for every node the nearest source and the minutes from it, by one search from all sources at once.

    `minutes[v]` = the least of `offsets_min[s]` + time(sources[s] → v), infinite beyond `cutoff_min` and where no road
    leads; `site[v]` = the s of that least, the first among equals, -1 for none. For times *to* the sources give
    `graph.reversed()`. `compiled` forces the loop (True) or SciPy (False); both answer the same.

    Cost: one visit of each node and arc; two integers of 8 bytes a node. Source: R. B. Dial, Algorithm 360, CACM 12
    (1969). Raises `NetworkError` for a source that is not a node, an offset below zero, a cutoff that is NaN or below
    zero.

    >>> road = Graph.of(4, [0, 1, 2], [1, 2, 1], [5.0, 3.0, 3.0])
    >>> found = nearest(road, [0, 2])
    >>> found.minutes.tolist(), found.site.tolist()
    ([0.0, 3.0, 0.0, inf], [0, 1, 1, -1])
    """
    starts = _nodes(graph, sources, "source")
    offsets = np.zeros(starts.size, np.int64) if offsets_min is None else _offsets(offsets_min, starts.size)
    state = kernels.nearest(
        graph.indptr, graph.indices, graph.weights, starts, offsets, _limit(cutoff_min), compiled=compiled
    )
    reached = state != kernels.UNREACHED
    minutes = np.where(reached, (state >> 32) / TICKS_PER_MINUTE, np.inf)
    return Nearest(minutes, np.where(reached, state & 0xFFFFFFFF, NO_SITE).astype(np.intp, copy=False))


def minutes(
    graph: Graph, sources: ArrayLike, targets: ArrayLike, cutoff_min: float, *, compiled: bool | None = None
) -> sparse.csr_array:
    """Compute minutes sources × targets along the arcs, CSR float32; a trip longer than `cutoff_min` is absent.

    One bounded search from each node of the less numerous side (against the arcs from targets). A node reached from
    itself is an explicit zero. Raises `NetworkError` as `nearest`, and for a cutoff that is not given.

    >>> road = Graph.of(3, [0, 1], [1, 2], [5.0, 3.0])
    >>> minutes(road, [0, 2], [2, 1], 6).toarray().tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """
    rows, columns = _nodes(graph, sources, "source"), _nodes(graph, targets, "target")
    limit = _limit(cutoff_min)
    row_nodes, row_of = np.unique(rows, return_inverse=True)
    column_nodes, column_of = np.unique(columns, return_inverse=True)
    from_rows = row_nodes.size <= column_nodes.size
    starts, asked = (row_nodes, column_nodes) if from_rows else (column_nodes, row_nodes)
    side = graph if from_rows else graph.reversed()
    wanted = np.full(graph.nodes, -1, np.int64)
    wanted[asked] = np.arange(asked.size)
    start, met, ticks = kernels.catchments(
        side.indptr, side.indices, side.weights, starts, wanted, limit, compiled=compiled
    )
    row, column = (start, met) if from_rows else (met, start)
    between = sparse.csr_array((ticks.astype(np.float64) + 1, (row, column)), shape=(row_nodes.size, column_nodes.size))
    found = between[row_of][:, column_of].sorted_indices()
    told = ((found.data - 1) / TICKS_PER_MINUTE).astype(np.float32)
    return sparse.csr_array((told, found.indices, found.indptr), shape=(rows.size, columns.size))


def curve(x: ArrayLike, y: ArrayLike) -> NDArray[np.uint64]:
    """Rank points on a plane along Morton's curve: nodes numbered in this order have their neighbours near in memory.

    `x` and `y` are whole numbers from 0 to 2³² − 1.

    >>> curve([0, 1, 0, 1], [0, 0, 1, 1]).tolist()
    [0, 1, 2, 3]
    """
    return _spread(x) | (_spread(y) << np.uint64(1))


def _spread(given: ArrayLike) -> NDArray[np.uint64]:
    bits = np.asarray(given).astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def _nodes(graph: Graph, given: ArrayLike, what: str) -> NDArray[np.int64]:
    nodes = np.atleast_1d(np.asarray(given))
    if nodes.size == 0:
        return np.zeros(0, np.int64)
    if nodes.ndim != 1 or nodes.dtype.kind not in "iu":
        raise NetworkError(f"A {what} is the number of a node, a whole number: give a list of them.")
    if not 0 <= int(nodes.min()) <= int(nodes.max()) < graph.nodes:
        msg = f"A {what} is not a node of the graph: numbers go from 0 to {graph.nodes - 1}."
        raise NetworkError(msg)
    return nodes.astype(np.int64)


def _offsets(given: ArrayLike, count: int) -> NDArray[np.int64]:
    offsets = np.asarray(given, dtype=np.float64)
    if offsets.shape != (count,) or not ((offsets >= 0) & (offsets <= 200_000)).all():
        raise NetworkError("offsets_min must hold one number of minutes for each source, from 0 to 200,000.")
    return np.rint(offsets * TICKS_PER_MINUTE).astype(np.int64)


def _limit(cutoff_min: float | None) -> int:
    if cutoff_min is None or cutoff_min == np.inf:
        return kernels.LONGEST_TICKS
    if not (is_number(cutoff_min) and cutoff_min >= 0):
        raise NetworkError(f"cutoff_min must be a number of minutes, zero or more, not {told(cutoff_min)}.")
    return int(min(np.floor(cutoff_min * TICKS_PER_MINUTE + 1e-6), kernels.LONGEST_TICKS))
