"""Small covering questions drawn by Hypothesis, and their answers by trying everything."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class Small:
    """`near` says who is reached by whom within the reach; minutes hold more: entries beyond it too."""

    minutes: sparse.csr_array
    weights: NDArray[np.float64]
    within: float
    fixed: NDArray[np.intp]
    candidates: NDArray[np.intp]
    k: int

    @property
    def near(self) -> NDArray[np.bool_]:
        table = np.full(self.minutes.shape, np.inf)
        entries = self.minutes.tocoo()
        table[entries.row, entries.col] = entries.data
        return table <= self.within

    def worth(self, columns: object) -> float:
        return float(self.weights[self.near[:, list(columns)].any(axis=1)].sum())  # type: ignore[call-overload]

    def best(self, k: int | None = None) -> float:
        """What the best plan serves, all plans tried."""
        return max(self.worth([*self.fixed, *plan]) for plan in combinations(self.candidates, k or self.k))

    def fewest(self) -> int:
        """How few candidates serve every row that can be served, all plans tried."""
        wanted = (self.weights > 0) & ~self.near[:, self.fixed].any(axis=1) & self.near[:, self.candidates].any(axis=1)
        sizes = range(len(self.candidates) + 1)
        plans = (plan for size in sizes for plan in combinations(self.candidates, size))
        return next(len(plan) for plan in plans if self.near[wanted][:, list(plan)].any(axis=1).all())


@st.composite
def smalls(draw: st.DrawFn, *, whole: bool = True) -> Small:
    rows, sites = draw(st.integers(1, 12)), draw(st.integers(2, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    present = random.random((rows, sites)) < draw(st.sampled_from([0.2, 0.4, 0.8]))
    row, col = np.nonzero(present)
    data = random.integers(0, 10, row.size).astype(np.float32)
    minutes = sparse.csr_array(
        (data, col.astype(np.int32), np.append(0, np.cumsum(present.sum(1)))), shape=(rows, sites)
    )
    weights = random.integers(0, 20, rows).astype(float) if whole else random.random(rows) * 10
    order = random.permutation(sites)
    there = draw(st.integers(0, sites - 1))
    free = draw(st.integers(1, sites - there))
    fixed, candidates = np.sort(order[:there]), np.sort(order[there : there + free])
    return Small(minutes, weights, draw(st.integers(1, 8)), fixed, candidates, draw(st.integers(1, free)))


def town(rows: int = 300, sites: int = 120, *, seed: int = 7, reach: float = 0.12) -> sparse.csr_array:
    """Points of a unit square as demand rows, the first of them as sites; minutes are distances within `reach`."""
    at = np.random.default_rng(seed).random((rows, 2))
    away = np.hypot(*(at[:, np.newaxis] - at[np.newaxis, :sites]).transpose(2, 0, 1))
    row, col = np.nonzero(away <= reach)
    starts = np.append(0, np.cumsum((away <= reach).sum(1)))
    return sparse.csr_array((away[row, col], col.astype(np.int32), starts), shape=(rows, sites))
