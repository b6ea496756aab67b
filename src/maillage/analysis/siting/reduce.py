"""A covering instance made small without changing its best answer.

Demand already served is dropped, rows that the same sites reach are merged, and a site is dropped when another one
reaches all that it reaches. The steps are proved again on the raw data by `maillage.analysis.siting.certificate`.
"""

import sys
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.kernels import cover as loops

COMPILED_FROM = 3_000
"""Entries from which loading compiled loops is worth its half second; once loaded, they serve always."""


@dataclass(frozen=True)
class Instance:
    """What is left to decide: `reach` is rows × sites (bool), `weight` for each row, `column` the raw column of a site.

    `group` gives for each raw row that a candidate can newly serve its row here, -1 once no site left reaches it (and
    for rows that were never in play); `dominated` are pairs of raw columns (dropped, another that reaches as much).
    """

    reach: sparse.csr_array
    weight: NDArray[np.float64]
    column: NDArray[np.intp]
    group: NDArray[np.int32]
    dominated: NDArray[np.intp]

    @property
    def sites(self) -> int:
        return int(self.reach.shape[1])

    @property
    def compiled(self) -> bool:
        """Whether loops on this instance are better compiled."""
        return self.reach.nnz >= COMPILED_FROM or "numba" in sys.modules

    @cached_property
    def by_site(self) -> sparse.csc_array:
        return self.reach.tocsc()

    @property
    def arrays(self) -> tuple[NDArray[np.int32], ...]:
        """The arrays that every loop takes: by rows, by columns, weights."""
        sides = self.reach.indptr, self.reach.indices, self.by_site.indptr, self.by_site.indices
        return (*(side.astype(np.int32, copy=False) for side in sides), self.weight)

    def positions(self, columns: NDArray[np.intp]) -> NDArray[np.intp]:
        """The sites here of raw columns, ascending; those that were dropped are left out."""
        return np.flatnonzero(np.isin(self.column, columns))


def pairs_within(minutes: sparse.csr_array, limit: float) -> NDArray[np.bool_]:
    """Mark the entries of `minutes` that are within reach."""
    return np.asarray(minutes.data <= limit)


def any_by_row(marked: NDArray[np.bool_], starts: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell for each row of a CSR matrix whether one of its entries is marked.

    >>> any_by_row(np.array([False, True]), np.array([0, 0, 1, 2])).tolist()
    [False, False, True]
    """
    upto = np.flatnonzero(marked)
    return np.searchsorted(upto, starts[1:]) > np.searchsorted(upto, starts[:-1])


def instance(
    minutes: sparse.csr_array,
    weights: NDArray[np.float64],
    limit: float,
    fixed: NDArray[np.intp],
    candidates: NDArray[np.intp],
) -> Instance:
    """Build the smallest equivalent instance of maximal covering; `limit` is `within` in the type of `minutes`."""
    near = pairs_within(minutes, limit)
    there = np.zeros(minutes.shape[1], dtype=bool)
    there[fixed] = True
    wanted = weights > 0
    if fixed.size:
        wanted &= ~any_by_row(near & there[minutes.indices], minutes.indptr)
    may = np.zeros(minutes.shape[1], dtype=bool)
    may[candidates] = True
    near &= may[minutes.indices]
    near &= np.repeat(wanted, np.diff(minutes.indptr))
    at = np.flatnonzero(near)
    starts = np.searchsorted(at, minutes.indptr).astype(np.int32)
    place = np.full(minutes.shape[1], -1, dtype=np.int32)
    place[candidates] = np.arange(candidates.size, dtype=np.int32)
    cols = place[minutes.indices[at]]
    del near, at
    reach = sparse.csr_array(
        (np.ones(cols.size, dtype=np.bool_), cols, starts), shape=(minutes.shape[0], candidates.size)
    )
    raw = Instance(reach, weights, candidates, np.arange(minutes.shape[0], dtype=np.int32), np.zeros((0, 2), np.intp))
    return _without_dominated(_merged(raw))


def shrink(before: Instance, keep: NDArray[np.bool_]) -> Instance:
    """Keep only some sites, then merge rows and drop dominated sites again."""
    fewer = replace(before, reach=before.reach[:, np.flatnonzero(keep)], column=before.column[keep])
    return _without_dominated(_merged(fewer))


def rest(before: Instance, rows: NDArray[np.intp], sites: NDArray[np.intp]) -> Instance:
    """Keep only some rows and sites, as an instance of its own: its columns are sites of `before`, its groups rows."""
    part = sparse.csr_array(before.reach[rows][:, sites])
    alone = Instance(part, before.weight[rows], sites, np.arange(rows.size, dtype=np.int32), np.zeros((0, 2), np.intp))
    return _without_dominated(_merged(alone))


def _merged(before: Instance) -> Instance:
    """Drop rows that no site reaches, merge rows that the same sites reach; drop sites that reach nothing."""
    reach = before.reach
    sizes = np.diff(reach.indptr)
    rows = np.flatnonzero(sizes)
    if rows.size < sizes.size:
        reach = reach[rows]
    if rows.size:
        first, group_of_row = _groups(reach)
    else:
        first, group_of_row = np.zeros(0, np.intp), np.zeros(0, np.intp)
    weight = np.bincount(group_of_row, weights=before.weight[rows], minlength=first.size).astype(np.float64, copy=False)
    onward = np.full(sizes.size + 1, -1, dtype=np.int32)
    onward[rows] = group_of_row
    reach = reach[first]
    used = np.flatnonzero(np.bincount(reach.indices, minlength=reach.shape[1]))
    if used.size < reach.shape[1]:
        reach = reach[:, used]
    return replace(before, reach=reach, weight=weight, column=before.column[used], group=onward[before.group])


def _groups(reach: sparse.csr_array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Group equal rows (none is empty): the first row of each group, and the group of each row."""
    random = np.random.default_rng(0).integers(1 << 63, size=reach.shape[1], dtype=np.uint64)
    sizes = np.diff(reach.indptr)
    hashed = np.add.reduceat(random[reach.indices], reach.indptr[:-1]) + sizes.astype(np.uint64)
    order = np.argsort(hashed, kind="stable")
    same = np.zeros(order.size, dtype=bool)
    same[1:] = (hashed[order[1:]] == hashed[order[:-1]]) & (sizes[order[1:]] == sizes[order[:-1]])
    # A hash only proposes: rows are merged when their sites are equal, one by one.
    later, former = order[same], order[np.flatnonzero(same) - 1]
    here = loops.spans(reach.indptr[later], reach.indptr[later + 1])
    there = loops.spans(reach.indptr[former], reach.indptr[former + 1])
    differs = reach.indices[here] != reach.indices[there]
    if differs.any():
        which = np.repeat(np.arange(later.size), sizes[later])
        same[np.flatnonzero(same)[np.unique(which[differs])]] = False
    group = np.empty(order.size, dtype=np.intp)
    group[order] = np.cumsum(~same) - 1
    return order[~same], group


def _without_dominated(before: Instance) -> Instance:
    """Drop every site that reaches nothing more than another one."""
    if before.sites < 2:
        return before
    row_at, row_cols, col_at, col_rows, _ = before.arrays
    over = loops.dominators.on(before.compiled)(row_at, row_cols, col_at, col_rows)
    keep = over < 0
    if keep.all():
        return before
    pairs = np.column_stack([before.column[~keep], before.column[over[~keep]]])
    fewer = replace(
        before,
        reach=before.reach[:, np.flatnonzero(keep)],
        column=before.column[keep],
        dominated=np.concatenate([before.dominated, pairs]),
    )
    return _merged(fewer)
