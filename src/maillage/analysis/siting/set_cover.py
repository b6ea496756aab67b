"""Set cover: the fewest new places so that everyone who can be reached is within reach."""

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis.siting import certificate, checks, highs, local, reduce
from maillage.analysis.siting.reduce import Instance
from maillage.analysis.siting.result import Siting, Stop
from maillage.analysis.siting.search import PROGRAM_ENTRIES, SEED


def set_cover(
    minutes: Any,
    *,
    within: float,
    fixed: ArrayLike | None = None,
    candidates: ArrayLike | None = None,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    weights: ArrayLike | None = None,
) -> Siting:
    """Choose the fewest candidates so that every demand row that can be served is served.

    Minimise sum_j x_j with sum of x_j over the sites j that reach row i >= 1 for every row that no fixed place serves
    and some candidate reaches (Toregas et al. 1971). `minutes`, `within`, `fixed`, `candidates`, `time_limit_s` and
    `gap` are those of `cover`; rows whose `weights` are 0 need not be served.

    Answers a `Siting`: `objective` counts the new places, `bound` is a number that no choice goes below. Rows that no
    fixed place and no candidate reaches are no error: they are the rows of positive weight where `served_by` is -1,
    and `model` counts them. `sites` is empty where the fixed places serve everyone. Raises `SitingInputError` for
    input that it cannot use.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> reach = sparse.csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [0, 0, 9]]))
    >>> plan = set_cover(reach, within=5)
    >>> plan.sites.tolist(), plan.bound, plan.served_by.tolist()
    ([1], 1.0, [1, 1, -1])
    """
    started = time.perf_counter()
    matrix = checks.travel(minutes)
    rows, columns = matrix.shape
    weight = np.ones(rows) if weights is None else checks.weights(weights, rows)
    there, may = checks.fixed_and_candidates(fixed, candidates, columns)
    wanted = (weight > 0).astype(np.float64)
    question = certificate.Question(matrix, wanted, may.size, checks.radius(within, matrix), there, may)
    small = reduce.instance(matrix, wanted, question.limit, there, may)
    found = _Fewest(small, started + checks.time_limit(time_limit_s), checks.wanted_gap(gap))
    stopped = found.run()
    sites = np.sort(small.column[found.sites])
    certificate.check_set_cover(question, sites, found.bound, small.dominated, found.proof, found.by_solver)
    served_by = certificate.nearest_open(matrix, np.concatenate([there, sites]), question.limit)
    return Siting(
        sites=sites,
        objective=float(sites.size),
        bound=float(found.bound),
        served_by=served_by,
        seconds=time.perf_counter() - started,
        model=_named(question, served_by, by_solver=bool(found.by_solver)),
        stopped=stopped,
    )


def _named(question: certificate.Question, served_by: NDArray[np.intp], *, by_solver: bool) -> str:
    lost = int(((served_by < 0) & (question.weights > 0)).sum())
    out = f", {lost} rows out of everyone's reach" if lost else ""
    return f"set cover within {float(question.limit):g}{out}{', bound by HiGHS' if by_solver else ''}"


class _Fewest:
    """The search: `sites` of the instance, `bound`, and `proof` (a price for each raw row)."""

    def __init__(self, instance: Instance, deadline: float, gap: float) -> None:
        self.instance, self.deadline, self.gap = instance, deadline, gap
        self.reach = instance.reach.astype(np.float64)
        self.sites: NDArray[np.intp] = np.arange(instance.sites)
        self.bound = 1 if instance.sites else 0
        self.proof = (instance.group >= 0).astype(np.float64)
        self.by_solver = 0
        self.random = np.random.default_rng(SEED)

    @property
    def done(self) -> bool:
        return self.sites.size - self.bound <= self.gap * self.sites.size

    def run(self) -> Stop:
        """Search until the gap is reached, time is over, or Ctrl-C."""
        try:
            self._ways()
        except KeyboardInterrupt:
            return "proved" if self.sites.size == self.bound else "interrupted"
        if self.sites.size == self.bound:
            return "proved"
        return "gap" if self.done or self._rest() > 0 else "time"

    def _rest(self) -> float:
        return self.deadline - time.perf_counter()

    def _ways(self) -> None:
        if not self.instance.sites:
            return
        self._greedy()
        self._price()
        small = self.instance.reach.nnz <= PROGRAM_ENTRIES
        if not self.done and small and self._rest() > 0:
            self._relax()
        tries = 0
        while not self.done and self._rest() > 0 and tries < 5:
            tries = 0 if self._with_one_less() else tries + 1
        if not self.done and small and self._rest() > 0:
            self._branch()

    def _greedy(self) -> None:
        """Open the site that serves most rows still to be served; then close those that are not needed."""
        flat = _equal_weights(self.instance)
        plan, won = local.greedy(flat, min(flat.sites, flat.weight.size))
        sites = plan.sites[won > 0]
        times = np.asarray(self.reach[:, sites].sum(axis=1)).ravel()
        for site in sites[::-1]:
            rows = self.instance.by_site[:, [site]].indices
            if (times[rows] > 1).all():
                times[rows] -= 1
                sites = sites[sites != site]
        self.sites = np.sort(sites)

    def _with_one_less(self) -> bool:
        """Try to serve everyone with one place less: maximal covering where every row weighs the same."""
        flat = _equal_weights(self.instance)
        fewer = self.random.permutation(self.sites)[1:]
        plan, _ = local.greedy(flat, fewer.size, given=fewer)
        for stage in range(20):
            if self._rest() <= 0:
                return False
            local.improve(plan, heat=1.5 * (1 - stage / 19), attempts=500, random=self.random)
            if plan.best_value >= flat.weight.size:
                self.sites = np.sort(plan.best)
                return True
        return False

    def _price(self) -> None:
        """Raise the Lagrangian bound by subgradient steps on prices of rows."""
        size = np.diff(self.instance.by_site.indptr)
        price = 1 / np.maximum.reduceat(size[self.instance.reach.indices], self.instance.reach.indptr[:-1])
        best, low, pace, stall, drift = price, -math.inf, 1.0, 0, np.zeros(price.size)
        while pace > 1e-3 and not self.done and self._rest() > 0:
            paid = self.reach.T @ price
            value = float(price.sum() + np.minimum(0.0, 1 - paid).sum())
            if value > low + 1e-5 * self.sites.size:
                best, low, stall = price, value, 0
            else:
                stall += 1
            if stall > 12:
                price, pace, stall, drift = best, pace / 2, 0, np.zeros(price.size)
                self._note(best)
                continue
            slope = 1 - self.reach @ (paid > 1).astype(np.float64)
            drift = 0.8 * drift + 0.2 * np.where((slope < 0) & (price <= 0), 0.0, slope)
            norm = float(drift @ drift)
            if norm <= 0:
                break
            price = np.maximum(0.0, price + pace * (self.sites.size - low) / norm * drift)
        self._note(best)

    def _note(self, price: NDArray[np.float64]) -> None:
        """Keep prices if they prove a higher bound: no fewer sites collect all that the rows offer."""
        bound = certificate.fewest(np.asarray(self.reach.T @ price), float(price.sum()))
        if bound > self.bound:
            counts = np.bincount(self.instance.group[self.instance.group >= 0], minlength=price.size)
            self.bound, self.proof = bound, np.append(price / np.maximum(counts, 1), 0.0)[self.instance.group]

    def _relax(self) -> None:
        outcome = highs.solve(self._program(), seconds=self._rest(), relaxed=True, interior=self.reach.nnz > 20_000)
        if outcome.interrupted:
            raise KeyboardInterrupt
        if outcome.duals.size:
            self._note(outcome.duals)

    def _branch(self) -> None:
        start = np.zeros(self.instance.sites)
        start[self.sites] = 1.0
        outcome = highs.solve(self._program(), seconds=self._rest(), start=start, gap=self.gap, slack=1 - 1e-4)
        if outcome.values is not None and outcome.values.round().sum() < self.sites.size:
            self.sites = np.flatnonzero(outcome.values > 0.5)
        if math.isfinite(outcome.bound):
            bound = min(math.ceil(-outcome.bound - 1e-5), self.sites.size)
            if bound > self.bound:
                self.bound = self.by_solver = bound
        if outcome.interrupted:
            raise KeyboardInterrupt

    def _program(self) -> highs.Program:
        rows, sites = self.reach.shape
        return highs.Program(
            cost=np.full(sites, -1.0),
            lower=np.zeros(sites),
            upper=np.ones(sites),
            matrix=self.reach,
            row_lower=np.ones(rows),
            row_upper=np.full(rows, math.inf),
            integer=np.ones(sites, dtype=bool),
        )


def _equal_weights(instance: Instance) -> Instance:
    return replace(instance, weight=np.ones(instance.weight.size))
