"""Who is within a chord of whom, among points of the unit sphere."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW_PAIRS = 1_000_000
"""So few are looked at one by one, in less time than it takes to load the tree."""

Points = NDArray[np.float64]
Pairs = tuple[NDArray[Any], NDArray[Any], Points]


def finder(there: Points, asked: int) -> Callable[[Points, float], Pairs]:
    """Make a search among points (n × 3) for some that are `asked` in all: row, column and chord of each pair found.

    >>> row, column, chord = finder(np.eye(3), 1)(np.array([[1.0, 0.0, 0.0]]), 1.5)
    >>> column.tolist(), chord.round(3).tolist()
    ([0, 1, 2], [0.0, 1.414, 1.414])
    """
    if asked * len(there) <= FEW_PAIRS:
        return lambda here, longest: _every_pair(here, there, longest)
    from scipy.spatial import cKDTree

    tree = cKDTree(there)

    def in_tree(here: Points, longest: float) -> Pairs:
        found = cKDTree(here).sparse_distance_matrix(tree, longest, output_type="ndarray")
        return found["i"], found["j"], found["v"]

    return in_tree


def _every_pair(here: Points, there: Points, longest: float) -> Pairs:
    squares = np.zeros((len(here), len(there)))
    for axis in range(3):
        squares += np.square(here[:, axis, np.newaxis] - there[:, axis])
    row, column = np.nonzero(squares <= longest**2)
    return row, column, np.sqrt(squares[row, column])
