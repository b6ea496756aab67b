"""Where a new place would stand best, and who would come to it."""

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse

EMPLOYED_PER_INHABITANT = 0.425
"""Employed residents per inhabitant where no census figure is known: 850 for 2,000 inhabitants (an assumption)."""

Numbers = NDArray[np.float64]


def employed_or_estimate(employed: Numbers, population: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Give the employed residents of each commune, estimated from its population where unknown, and where that is.

    >>> figures, estimated = employed_or_estimate(np.array([400.0, np.nan, np.nan]), np.array([1000.0, 2000.0, np.nan]))
    >>> figures.tolist(), estimated.tolist()
    ([400.0, 850.0, nan], [False, True, False])
    """
    estimated = np.isnan(employed) & np.isfinite(population)
    return np.where(estimated, population * EMPLOYED_PER_INHABITANT, employed), estimated


def reached(minutes: sparse.csr_array, people: Numbers, weights: Numbers) -> Numbers:
    """Add, for each column, the people of the rows that reach it, weighted trip by trip; unknown people count for none.

    `minutes` holds only the trips within the threshold, an explicit zero is a trip; `weights` has one value a trip.

    >>> minutes = sparse.csr_array((np.array([0.0, 9.0]), np.array([0, 1]), np.array([0, 2, 2])), shape=(2, 2))
    >>> reached(minutes, np.array([5.0, 7.0]), np.array([1.0, 0.2])).tolist()
    [5.0, 1.0]
    """
    rows = np.repeat(np.arange(minutes.shape[0]), np.diff(minutes.indptr))
    there = np.nan_to_num(people)[rows] * weights
    return np.bincount(minutes.indices, weights=there, minlength=minutes.shape[1]).astype(np.float64, copy=False)


def best_column(minutes: sparse.csr_array, people: Numbers, own: Numbers, weights: Numbers) -> int | None:
    """Find the column that most people reach; of equals the one with the most people of its own, then the first.

    None without a column that anybody reaches.

    >>> both = sparse.csr_array(np.array([[1.0, 0.0], [2.0, 3.0]]))
    >>> best_column(both, np.array([5.0, 1.0]), np.array([0.0, 9.0]), np.ones(3))
    0
    """
    if minutes.shape[1] == 0:
        return None
    total = reached(minutes, people, weights)
    order = np.lexsort((np.arange(len(total)), -np.nan_to_num(own), -total))
    return int(order[0]) if total[order[0]] > 0 else None
