"""The p-center: k sites, so that whoever is farthest is as near as possible."""

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.siting import certificate_distance as certificate
from maillage.analysis.siting import checks, highs
from maillage.analysis.siting.certificate_distance import Given
from maillage.analysis.siting.highs import Program
from maillage.analysis.siting.median import answered, price_of_unreachable
from maillage.analysis.siting.median_problem import whole, worth_compiling
from maillage.analysis.siting.median_search import Search, Step, proven
from maillage.analysis.siting.result import Siting

Array = NDArray[Any]
NOBODY = 1e-3
QUICK_STEPS = 3
ENOUGH_FOR_QUICK_LOOKS = 0.01


def center(
    minutes: Any,
    k: int,
    *,
    weights: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
    candidates: ArrayLike | None = None,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    unreachable_minutes: ArrayLike | None = None,
) -> Siting:
    """Choose k new sites so that the longest trip is the shortest possible (p-center; Hakimi 1964, Minieka 1970).

    Minimises the greatest minutes from a demand row to its nearest open site, fixed or chosen, over the rows of
    positive weight (all of them without `weights`). The other arguments, and what is refused, are those of `median`.
    `objective` and `bound` are in minutes; `bound` is a lower one, read again from the unreduced data.

    Method: bisection over the distinct minutes; whether k sites bring everyone within a time is a covering question,
    asked to the search of `median` with a cost of 1 for each row left out, then to HiGHS. Where the last proof is one
    of multipliers it is read again; where HiGHS gave it, it was asked on the unreduced model, and `model` says so.

    >>> trips = sparse.csr_array(np.array([[1.0, 9.0, 9.0], [9.0, 2.0, 6.0], [9.0, 9.0, 4.0]]))
    >>> found = center(trips, 2)
    >>> found.sites.tolist(), found.objective, found.bound
    ([0, 2], 6.0, 6.0)
    """
    started = time.monotonic()
    trips = checks.travel(minutes)
    given = np.ones(trips.shape[0]) if weights is None else checks.weights(weights, trips.shape[0])
    there, may = checks.fixed_and_candidates(fixed, candidates, trips.shape[1])
    k = checks.count(k, may.size)
    limit, allowed = checks.time_limit(time_limit_s), checks.wanted_gap(gap)
    apart = price_of_unreachable(unreachable_minutes, trips, given, there, may, k)
    search = _Bisection(Given(trips, given, there, apart), may, k, started + 0.9 * limit)
    interrupted = False
    try:
        search.run(allowed)
    except KeyboardInterrupt:
        interrupted = True
    return _answer(search, allowed, interrupted=interrupted, started=started)


@dataclass(frozen=True, slots=True)
class _TooShort:
    """Proof that k sites do not bring everyone within `minutes`; without a step, HiGHS found the model infeasible."""

    minutes: float
    step: Step | None


class _Bisection:
    """The best sites so far, and the longest time proved too short."""

    def __init__(self, data: Given, candidates: Array, k: int, deadline: float) -> None:
        self.data, self.candidates, self.k, self.deadline = data, candidates, k, deadline
        self.compiled = worth_compiling(10 * data.minutes.nnz)
        self.nearest = _nearest(data, candidates)
        self.times = _distinct(data, candidates, float(self.nearest.max(initial=0.0)))
        self.sites = candidates[:k]
        self.objective = _worst(data, self.sites)
        self.proof: _TooShort | None = None

    @property
    def bound(self) -> float:
        """The least time not proved too short."""
        proved = -math.inf if self.proof is None else self.proof.minutes
        return float(self.times[np.searchsorted(self.times, proved, side="right")])

    def run(self, allowed: float) -> None:
        """Halve what is open until it is one time, or the gap or the time limit is reached: quick looks, then HiGHS.

        A look may end without an answer. Proofs are then sought below the shortest of such times, sites above the
        longest one.
        """
        for quick in (True, False):
            width = ENOUGH_FOR_QUICK_LOOKS if quick else 0.0
            unanswered: list[int] = []
            while self.objective - self.bound > allowed * self.objective and time.monotonic() < self.deadline:
                low = int(np.searchsorted(self.times, self.bound))
                high = int(np.searchsorted(self.times, self.objective))
                unanswered = [index for index in unanswered if low <= index < high]
                look = self._between(low, min(unanswered, default=high), width)
                if look is None and unanswered:
                    look = self._between(max(unanswered) + 1, high, width)
                if look is None:
                    break
                if self._within(float(self.times[look]), quick=quick) is None:
                    unanswered.append(look)

    def _between(self, low: int, high: int, width: float) -> int | None:
        """A time in the middle of `low` (may be the answer) and `high` (is too long, or not to be asked)."""
        if low >= high or self.times[high] - self.times[low] < width * self.times[high]:
            return None
        middle = (self.times[low] + self.times[high]) / 2
        return min(max(int(np.searchsorted(self.times, middle)), low), high - 1)

    def _within(self, minutes: float, *, quick: bool) -> bool | None:
        """Look for sites that bring everyone within a time, or for the proof that none do; None without either."""
        question = covering(self.data, self.candidates, minutes)
        search = Search(
            whole(*question, self.candidates, self.k, compiled=self.compiled),
            gap=0.0,
            deadline=self.deadline,
            goal=NOBODY,
        )
        try:
            search.run(QUICK_STEPS)
        finally:
            self._offer(search.columns)
        if search.reached:
            return True
        if proven(search.proof, NOBODY) >= NOBODY * (1 - 1e-6):
            self.proof = _TooShort(minutes, search.proof)
            return False
        return None if quick else self._solved(minutes, question[0], question[1] > 0)

    def _solved(self, minutes: float, free: sparse.csr_array, asked: Array) -> bool | None:
        """Ask HiGHS the same, on the whole model."""
        model = free[np.flatnonzero(asked)][:, self.candidates]
        model.data = np.ones(model.nnz)
        rows, sites = model.shape
        few = sparse.csr_array(np.ones((1, sites)))
        outcome = highs.solve(
            Program(
                cost=np.full(sites, -1.0),
                lower=np.zeros(sites),
                upper=np.ones(sites),
                matrix=sparse.csr_array(sparse.vstack([model, few])),
                row_lower=np.concatenate([np.ones(rows), [0.0]]),
                row_upper=np.concatenate([np.full(rows, np.inf), [float(self.k)]]),
                integer=np.ones(sites, dtype=bool),
            ),
            seconds=(self.deadline - time.monotonic()) / 2,
            slack=float(sites),
        )
        if outcome.interrupted:
            raise KeyboardInterrupt
        if outcome.values is not None:
            self._offer(self.candidates[outcome.values > 0.5])
            return True
        if outcome.infeasible:
            self.proof = _TooShort(minutes, None)
            return False
        return None

    def _offer(self, columns: Array) -> None:
        spare = np.setdiff1d(self.candidates, columns)
        sites = np.concatenate([columns, spare[: self.k - columns.size]])
        worst = _worst(self.data, sites)
        if worst < self.objective:
            self.sites, self.objective = sites, worst


def covering(data: Given, candidates: Array, minutes: float) -> tuple[sparse.csr_array, Array, Array]:
    """Who is left out when everyone must be within a time: trips that cost nothing, weights and caps of 1.

    A row that a fixed site, or the price of being out of reach, keeps within the time weighs nothing.
    """
    caps = certificate.cost_per_row(data, candidates[:0])
    asked = (data.weights > 0) & (caps > minutes)
    trips = data.minutes
    near = trips.data <= minutes
    at = np.concatenate([[0], np.cumsum(near)])[trips.indptr]
    free = sparse.csr_array((np.zeros(int(at[-1]), np.float32), trips.indices[near], at), shape=trips.shape)
    return free, asked.astype(np.float64), np.ones(asked.size)


def _nearest(data: Given, candidates: Array) -> Array:
    """Minutes of each counted row to its nearest site were all candidates open: no choice does better."""
    return certificate.cost_per_row(data, candidates)[data.weights > 0]


def _worst(data: Given, sites: Array) -> float:
    return float(certificate.cost_per_row(data, sites)[data.weights > 0].max(initial=0.0))


def _usable(data: Given, candidates: Array) -> Array:
    usable = np.zeros(data.minutes.shape[1], dtype=bool)
    usable[candidates] = True
    usable[data.fixed] = True
    return usable


def _distinct(data: Given, candidates: Array, lowest: float) -> Array:
    """The times that an answer can take, from the lowest possible one on, ascending."""
    own = np.unique(data.minutes.data[_usable(data, candidates)[data.minutes.indices] & (data.minutes.data >= lowest)])
    prices = np.ravel(data.unreachable)
    ends = np.append(prices[np.isfinite(prices) & (prices >= lowest)], lowest)
    return np.unique(np.concatenate([own.astype(np.float64), ends]))


def _answer(search: _Bisection, allowed: float, *, interrupted: bool, started: float) -> Siting:
    data, sites = search.data, np.sort(search.sites).astype(np.intp)
    objective = _worst(data, sites)
    certificate.agree("longest trip", search.objective, objective)
    bound = _proved_again(search)
    certificate.at_least("lower bound", search.bound, bound)
    by_solver = search.proof is not None and search.proof.step is None
    return answered(
        data,
        sites,
        objective,
        min(bound, objective),
        allowed=allowed,
        interrupted=interrupted,
        started=started,
        model="p-center, bisection with covering by Lagrangian relaxation and branching"
        + (", bound by HiGHS" if by_solver else ""),
    )


def _proved_again(search: _Bisection) -> float:
    """The least time that the proof leaves open, read from the data."""
    data, proof = search.data, search.proof
    if proof is None:
        return float(_nearest(data, search.candidates).max(initial=0.0))
    usable = _usable(data, search.candidates)
    longer = data.minutes.data[usable[data.minutes.indices] & (data.minutes.data > proof.minutes)]
    prices = np.ravel(data.unreachable)
    following = float(min(longer.min(initial=math.inf), prices[prices > proof.minutes].min(initial=math.inf)))
    if proof.step is None:
        return following
    free, asked, _ = covering(data, search.candidates, proof.minutes)
    left_out = certificate.median_bound(
        Given(free, asked, data.fixed[:0], 1.0), search.candidates, search.k, proof.step, NOBODY
    )
    return following if left_out >= NOBODY * (1 - 1e-6) else -math.inf
