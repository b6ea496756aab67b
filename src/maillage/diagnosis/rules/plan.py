"""The order in which chosen sites are best opened, and how far from the best choice they may be."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse


def in_order(
    within: sparse.csr_array, people: NDArray[np.float64], chosen: Sequence[int], served: NDArray[np.bool_]
) -> tuple[tuple[int, int, int], ...]:
    """Order chosen columns so that each next one gains the most people: (column, gained, in all) for each.

    `within`: demand × sites, an entry for each trip within the threshold (an explicit zero is one); `served`: rows
    that an open place already serves. The gains never rise, and add up to what the whole choice gains.

    >>> within = sparse.csr_array(np.array([[1, 0], [1, 1], [0, 1]]))
    >>> in_order(within, np.array([10.0, 5.0, 20.0]), [0, 1], np.zeros(3, bool))
    ((1, 25, 25), (0, 10, 15))
    """
    columns = within.tocsc()
    rows = {column: columns.indices[columns.indptr[column] : columns.indptr[column + 1]] for column in chosen}
    done = served.copy()
    told = []
    while rows:
        gains = {column: float(people[at[~done[at]]].sum()) for column, at in rows.items()}
        best = min(gains, key=lambda column: (-gains[column], column))
        at = rows.pop(best)
        told.append((int(best), round(gains[best]), round(float(people[at].sum()))))
        done[at] = True
    return tuple(told)


def gap(gained: float, bound: float) -> float:
    """Compute how far what is gained may be from the best choice, as a share of the bound; 0 when proved.

    >>> gap(99, 100), gap(0, 0), gap(100, 100.0000001)
    (0.01, 0.0, 0.0)
    """
    if bound <= 0 or bound - gained < 0.5:
        return 0.0
    return (bound - gained) / bound
