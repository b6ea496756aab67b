"""What a p-median still has to decide, as sorted lists; smaller once sites are proved in or out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.kernels import available
from maillage.analysis.kernels import median as loops
from maillage.analysis.kernels.median import Lists

Array = NDArray[Any]
COMPILE_FROM = 300_000


def sum_of(weights: Array, costs: Array) -> float:
    """Weight × cost, summed; BLAS would wake a thread for every core at each of thousands of products.

    >>> sum_of(np.array([2.0, 1.0]), np.array([3.0, 4.0]))
    10.0
    """
    return float((weights * costs).sum())


@dataclass(frozen=True, slots=True)
class Problem:
    """Choose `k` of `columns` for the demand `rows` that the choice can still change.

    `caps`: what a row costs when no chosen site is nearer. `constant`: weighted cost of everyone else. `lists` number
    sites and rows from 0, in the order of `columns` and `rows` (numbers in the whole matrix). `opened`: columns already
    decided. `compiled`: which form of the loops to run.
    """

    lists: Lists
    weights: Array
    caps: Array
    k: int
    columns: Array
    rows: Array
    opened: Array
    constant: float
    compiled: bool

    @property
    def small(self) -> bool:
        """Nothing is left to choose: every site opens, or none."""
        return self.k == 0 or self.columns.size <= self.k or not self.rows.size

    def cost(self, chosen: Array) -> float:
        """What everyone costs with some sites (places in `columns`) open."""
        costs = loops.serve.on(self.compiled)(self.lists, chosen, self.caps)
        return self.constant + sum_of(self.weights, costs)


def worth_compiling(entries: int) -> bool:
    """Tell whether a search over that many trips pays for loading the compiled loops."""
    return available() and entries >= COMPILE_FROM


def whole(minutes: sparse.csr_array, weights: Array, caps: Array, columns: Array, k: int, *, compiled: bool) -> Problem:
    """Take the problem from the checked data; demand without weight is left out."""
    local = np.full(minutes.shape[1], -1, np.int32)
    local[columns] = np.arange(columns.size, dtype=np.int32)
    data = minutes.data if minutes.data.dtype.kind == "f" else minutes.data.astype(np.float64)
    # A cap below every trip leaves the row without a list, so that its weight is never asked for.
    wanted = np.where(weights > 0, caps, -1.0)
    at, sites, costs = loops.select.on(compiled)(minutes.indptr.astype(np.int64), minutes.indices, data, local, wanted)
    loops.sort.on(compiled)(at, sites, costs)
    everyone = Problem(
        lists=Lists(at, sites, costs, at[:0], sites[:0], costs[:0]),
        weights=weights,
        caps=np.asarray(caps, dtype=np.float64),
        k=k,
        columns=columns,
        rows=np.arange(weights.size),
        opened=np.zeros(0, np.intp),
        constant=0.0,
        compiled=compiled,
    )
    return _without_idle_rows(everyone)


def restrict(problem: Problem, keep: Array, opened: Array) -> Problem:
    """Open some sites for good and close those outside the mask `keep`; the rest keeps its order."""
    lists, compiled = problem.lists, problem.compiled
    caps = loops.serve.on(compiled)(lists, opened, problem.caps)
    stay = keep.copy()
    stay[opened] = False
    local = np.full(keep.size, -1, np.int32)
    local[stay] = np.arange(int(stay.sum()), dtype=np.int32)
    at, sites, costs = loops.select.on(compiled)(lists.row_at, lists.row_site, lists.row_cost, local, caps)
    smaller = replace(
        problem,
        lists=Lists(at, sites, costs, at[:0], sites[:0], costs[:0]),
        caps=caps,
        k=problem.k - opened.size,
        columns=problem.columns[stay],
        opened=np.concatenate([problem.opened, problem.columns[opened]]),
    )
    return _without_idle_rows(smaller)


def _without_idle_rows(problem: Problem) -> Problem:
    """Leave out the rows that no site serves better than their cap, and list trips by columns."""
    at, sites, costs = problem.lists[:3]
    busy = np.diff(at) > 0
    idle = ~busy & (problem.weights > 0)
    starts = np.concatenate([at[:-1][busy], at[-1:]]).astype(np.int64)
    by_column = loops.transpose.on(problem.compiled)(starts, sites, costs, problem.columns.size)
    return replace(
        problem,
        lists=Lists(starts, sites, costs, *by_column),
        weights=problem.weights[busy],
        caps=problem.caps[busy],
        rows=problem.rows[busy],
        constant=problem.constant + sum_of(problem.weights[idle], problem.caps[idle]),
    )
