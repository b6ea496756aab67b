"""Small instances whose best answer can be found by trying everything."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

FAR = 30.0


@dataclass(frozen=True)
class Instance:
    """Minutes as a table, inf where out of reach; whole numbers, so that sums are exact."""

    table: np.ndarray
    weights: np.ndarray
    fixed: list[int]
    candidates: list[int]
    k: int
    price: float | np.ndarray = FAR

    @property
    def minutes(self):
        return trips(self.table)

    def costs(self, sites):
        opened = [*self.fixed, *sites]
        return np.minimum(self.table[:, opened].min(axis=1, initial=np.inf), self.price)

    def every_choice(self):
        return combinations(self.candidates, self.k)

    def asked(self):
        return {"fixed": self.fixed, "candidates": self.candidates, "unreachable_minutes": self.price}


def trips(table):
    """CSR of a table, infinity left out and zeros kept."""
    rows, columns = np.nonzero(np.isfinite(table))
    starts = np.concatenate([[0], np.cumsum(np.isfinite(table).sum(axis=1))])
    return sparse.csr_array((table[rows, columns], columns, starts), shape=table.shape)


@st.composite
def instances(draw, *, most=7, kind=None):
    prices = st.integers(20, 40).map(float)
    rows, sites = draw(st.integers(1, most)), draw(st.integers(1, most))
    longest = draw(st.sampled_from([2, 20]))
    cell = st.one_of(st.integers(0, longest).map(float), st.just(np.inf))
    table = np.array(draw(st.lists(st.lists(cell, min_size=sites, max_size=sites), min_size=rows, max_size=rows)))
    weights = np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)), dtype=float)
    order = draw(st.permutations(range(sites)))
    there = draw(st.integers(0, sites - 1))
    may = draw(st.integers(1, sites - there))
    return Instance(
        table=table.astype(kind or draw(st.sampled_from([np.float32, np.float64]))),
        weights=weights,
        fixed=order[:there],
        candidates=sorted(order[there : there + may]),
        k=draw(st.integers(1, may)),
        price=draw(st.one_of(st.just(FAR), st.lists(prices, min_size=rows, max_size=rows).map(np.array))),
    )


def plane(seed, rows, *, reach=np.inf):
    """Points on a square of 100 × 100, sites at the same points; weights like those of communes."""
    draw = np.random.default_rng(seed)
    at = draw.uniform(0, 100, (rows, 2))
    table = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)).round(3)
    table[table > reach] = np.inf
    return table, np.round(draw.lognormal(5, 1, rows))
