"""Median and center proved again, in plain code, from the data as they were given.

Nothing here is shared with the search: no sorted list, no cap that a reduction computed, no kept sum. A proof is a tree
of `median_search.Step`: values offered by demand rows (Lagrangian multipliers). Each step is read again from the
unreduced matrix: its bound, which sites it settles, and both sides of each branch.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.siting.median_search import Step

Array = NDArray[Any]
BLOCK = 1_000_000
DIFFERENCE = 1e-9


class CertificateError(ArithmeticError):
    """What was found is not what the unreduced data say: a defect of Maillage, and no answer at all."""


@dataclass(frozen=True, slots=True)
class Given:
    """The data as given: trips, weights, open columns, and what a row costs without any open site (inf: unknown).

    `unreachable` is one number, or one for each row.
    """

    minutes: sparse.csr_array
    weights: Array
    fixed: Array
    unreachable: float | Array


def cost_per_row(given: Given, sites: Array) -> Array:
    """The minutes of each row to the nearest of its open sites.

    >>> trips = sparse.csr_array(np.array([[5.0, 9.0], [4.0, 2.0]]))
    >>> cost_per_row(Given(trips, np.ones(2), np.array([0]), np.inf), np.array([1]))
    array([5., 2.])
    """
    is_open = np.zeros(given.minutes.shape[1], dtype=bool)
    is_open[given.fixed] = True
    is_open[sites] = True
    costs = np.array(np.broadcast_to(given.unreachable, given.minutes.shape[0]), dtype=np.float64)
    if not is_open.any():
        return costs
    for rows, columns, trips in _blocks(given.minutes):
        served = is_open[columns]
        np.minimum.at(costs, rows[served], trips[served])
    return costs


def total(given: Given, costs: Array) -> float:
    """Weight × minutes, over the rows that weigh anything."""
    counted = given.weights > 0
    return float((given.weights[counted] * costs[counted]).sum())


def median_bound(given: Given, candidates: Array, k: int, proof: Step, upper: float) -> float:
    """Read a proof again: no choice of k candidates costs less than what this returns, which is `upper` at most."""
    lowest, waiting = upper, [(_beginning(given, candidates, k), proof, -np.inf)]
    while waiting:
        rest, step, above = waiting.pop()
        values = rest.caps.copy()
        values[step.rows] = np.minimum(step.values, rest.caps[step.rows])
        worths = rest.worths(values)
        bound = max(above, rest.bound(values, worths))
        if not step.then or rest.decided:
            lowest = min(lowest, bound)
        else:
            waiting += [(after, child, bound) for after, child in _onward(rest, step, worths, bound, upper)]
    return lowest


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left to choose: k of `columns`; `caps` is what a row costs already, by fixed and opened sites."""

    minutes: sparse.csr_array
    weights: Array
    caps: Array
    columns: Array
    k: int
    opened: frozenset[int]

    @property
    def decided(self) -> bool:
        return self.k == 0 or self.columns.size <= self.k

    def worths(self, values: Array) -> Array:
        """What each site saves: the sum over rows of weight × max(0, value − minutes)."""
        total = np.zeros(self.columns.size)
        for rows, columns, trips in _blocks(self.minutes):
            saved = np.maximum(values[rows] - trips, 0.0) * self.weights[rows]
            total += np.bincount(columns, saved, minlength=total.size)
        return total

    def bound(self, values: Array, worths: Array) -> float:
        """The value of the Lagrangian relaxation; the cost itself once everything is decided."""
        if self.k == 0:
            return float((self.weights * self.caps).sum())
        if self.decided:
            return float((self.weights * self._served(np.ones(self.columns.size, dtype=bool))).sum())
        return float((self.weights * values).sum()) - float(np.sort(worths)[-self.k :].sum())

    def after(self, keep: Array, opened: Array) -> "_Rest":
        """The same once `opened` are open and all outside `keep` closed (masks over the columns)."""
        stay = keep & ~opened
        return _Rest(
            minutes=self.minutes[:, np.flatnonzero(stay)],
            weights=self.weights,
            caps=self._served(opened),
            columns=self.columns[stay],
            k=self.k - int(opened.sum()),
            opened=self.opened | set(self.columns[opened].tolist()),
        )

    def _served(self, is_open: Array) -> Array:
        costs = self.caps.copy()
        for rows, columns, trips in _blocks(self.minutes):
            served = is_open[columns]
            np.minimum.at(costs, rows[served], trips[served])
        return costs


def _beginning(given: Given, candidates: Array, k: int) -> _Rest:
    everything = candidates.size == given.minutes.shape[1]
    trips = given.minutes if everything else given.minutes[:, candidates]
    caps = cost_per_row(given, np.zeros(0, np.intp))
    if np.isinf(caps).any():
        # Without a price for rows that nobody reaches, every choice reaches every row: its longest trip is the worst.
        longest = np.zeros(caps.size)
        for rows, _, minutes in _blocks(trips):
            np.maximum.at(longest, rows, minutes)
        caps = np.where(np.isinf(caps), longest, caps)
    caps = np.where(given.weights > 0, caps, 0.0)
    return _Rest(trips, given.weights, caps, candidates, k, frozenset())


def _onward(rest: _Rest, step: Step, worths: Array, bound: float, upper: float) -> list[tuple[_Rest, Step]]:
    nothing = np.zeros(rest.columns.size, dtype=bool)
    if step.branch < 0:
        descending = np.sort(worths)[::-1]
        last, following = descending[rest.k - 1], descending[rest.k]
        opened = (worths > following) & (bound + worths - following >= upper)
        keep = opened | (worths >= last) | (bound + last - worths < upper)
        return [(rest.after(keep, opened), step.then[0])]
    site = rest.columns == step.branch
    if site.any():
        return [(rest.after(~nothing, site), step.then[0]), (rest.after(~site, nothing), step.then[1])]
    # The site was settled meanwhile, by a better solution: only one side is left.
    return [(rest, step.then[0] if step.branch in rest.opened else step.then[1])]


def _blocks(minutes: sparse.csr_array) -> Iterator[tuple[Array, Array, Array]]:
    """Rows, columns and minutes of the entries, some rows at a time."""
    starts = minutes.indptr
    first = 0
    while first < minutes.shape[0]:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + BLOCK, side="right")) - 1)
        at = slice(starts[first], starts[last])
        rows = np.repeat(np.arange(first, last), np.diff(starts[first : last + 1]))
        yield rows, minutes.indices[at], minutes.data[at].astype(np.float64)
        first = last


def agree(name: str, claimed: float, read: float) -> None:
    """Refuse a claim that differs from what the data say, beyond the rounding of sums.

    >>> agree("cost", 12.0, 12.0)
    """
    if not math.isclose(claimed, read, rel_tol=DIFFERENCE):
        raise CertificateError(
            f"The search says that the {name} is {claimed!r}, and the unreduced data say {read!r}. The answer is "
            "withheld; please report this with the data that gave it."
        )


def at_least(name: str, claimed: float, read: float) -> None:
    """Refuse a lower bound above the one that its proof gives; a proof may give more than was claimed.

    >>> at_least("lower bound", 11.0, 12.0)
    """
    if not read >= claimed - DIFFERENCE * abs(claimed):
        agree(name, claimed, read)
