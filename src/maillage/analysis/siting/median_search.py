"""The search behind `median`: good solutions from above, a proof from below, both kept as they improve."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import interchange
from maillage.analysis.kernels import median as loops
from maillage.analysis.siting.ascent import Ascent
from maillage.analysis.siting.median_problem import Problem, restrict, sum_of

Array = NDArray[Any]
ROUNDING = 5e-10
LOOK_EVERY = 10
WORTH_SHRINKING, WORTH_COPYING, LONG_LISTS = 0.8, 0.3, 10_000_000  # two copies of long lists need memory
LEAST_GAIN = 1e-10
POOL_PER_SITE, LEAST_POOL = 5, 100
SHAKEN = 20
PATIENCE_WITH_SHAKING = 12


@dataclass(slots=True)
class Step:
    """One step of a proof: values offered by `rows` (the others offer their cap), and the bound that they give.

    `then` is empty at an end; one step: the same after sites were settled by these values; two: first with the column
    `branch` open, then with it closed.
    """

    rows: Array
    values: Array
    bound: float
    branch: int = -1
    then: list["Step"] = field(default_factory=list)


class Search:
    """The best solution and the proof so far; `run` may be interrupted at any time without losing either.

    `goal`: the search ends at a solution that costs less, or at the proof that there is none; without one it looks for
    the least cost.
    """

    def __init__(self, problem: Problem, *, gap: float, deadline: float, goal: float = np.inf) -> None:
        self.problem: Problem | None = problem  # until the search starts: the longest lists are not kept
        self.goal = goal
        self.allowed = max(gap, ROUNDING)
        self.deadline = deadline
        self.upper = np.inf
        self.columns = problem.columns[: problem.k]
        lists = problem.lists
        lowest = lists.row_cost[lists.row_at[:-1]].astype(np.float64)
        self.proof = Step(problem.rows, lowest, problem.constant + sum_of(problem.weights, lowest))
        self.timed_out = False
        self.steps = 0
        self._offer(problem, np.arange(min(problem.k, problem.columns.size)))

    @property
    def ceiling(self) -> float:
        """Only solutions that cost less are still of interest."""
        return min(self.upper, self.goal)

    @property
    def reached(self) -> bool:
        return self.upper < self.goal < np.inf

    def run(self, most_steps: float = np.inf) -> None:
        """Search until the gap is reached, or time or the number of steps is out."""
        waiting = [(self._start(), self.proof)]
        self.problem = None
        while waiting and not self._late() and self.steps < most_steps:
            self.steps += 1
            left = self._settle(waiting)
            if left is not None:
                waiting += self._branch(*left)

    def _start(self) -> Ascent:
        problem = self.problem
        assert problem is not None
        if problem.small:
            return Ascent(problem, problem.caps, self.upper, self.ceiling)
        chosen = loops.greedy.on(problem.compiled)(problem.lists, problem.weights, problem.caps, problem.k)
        service = self._improve(problem, chosen, np.arange(problem.columns.size))
        return Ascent(problem, (service.near_cost + service.next_cost) / 2, self.upper, self.ceiling)

    def _late(self) -> bool:
        self.timed_out = self.timed_out or time.monotonic() > self.deadline
        return self.timed_out or self.reached

    def _closed(self, bound: float) -> bool:
        return bound >= self.ceiling - self.allowed * abs(self.ceiling)

    def _offer(self, problem: Problem, chosen: Array) -> None:
        cost = problem.cost(chosen)
        if cost < self.upper:
            self.upper, self.columns = cost, np.concatenate([problem.opened, problem.columns[chosen]])

    def _improve(self, problem: Problem, chosen: Array, order: Array) -> loops.Service:
        """Swap sites of `order` in, until no single swap helps."""
        lists, weights, caps = problem.lists, problem.weights, problem.caps
        service = interchange.service(lists, weights, caps, chosen, compiled=problem.compiled)
        pass_once = interchange.interchange.on(problem.compiled)
        least = LEAST_GAIN * max(problem.cost(chosen), 1e-300)
        start = idle = 0
        while idle < order.size and not self._late():
            start, idle, _ = pass_once(lists, weights, caps, service, order, start, idle, least)
            self._offer(problem, service.sites)
        return service

    def _settle(self, waiting: list[tuple[Ascent, Step]]) -> tuple[Ascent, Step] | None:
        """Raise the bound and settle sites for as long as that goes on; what is left must be branched on."""
        ascent, step = waiting.pop()
        while True:
            problem = ascent.problem
            if problem.small:
                everything = np.arange(problem.columns.size if problem.k else 0)
                self._offer(problem, everything)
                step.bound = max(step.bound, problem.cost(everything))
                return None
            ascent.upper, ascent.ceiling = self.upper, self.ceiling
            self._climb(ascent)
            if ascent.bound > step.bound:
                step.rows, step.values, step.bound = problem.rows, ascent.best, ascent.bound
            if self._closed(step.bound) or self._late():
                return None
            keep, opened = ascent.settled()
            if ascent.stalled and self.steps == 1 and self._shaken(ascent, keep):
                ascent.ceiling = self.ceiling
                keep, opened = ascent.settled()
            if keep.all() and not opened.size:
                return ascent, step
            step.rows, step.values = problem.rows, ascent.best
            step.then = [Step(problem.rows, ascent.best, step.bound)]
            step = step.then[0]
            ascent = ascent.within(restrict(problem, keep, opened))

    def _climb(self, ascent: Ascent) -> None:
        """Climb until the bound stalls or closes the gap, or enough sites are settled to go on with fewer."""
        problem, share = ascent.problem, ascent.step
        few = WORTH_COPYING if problem.lists.row_site.size > LONG_LISTS else WORTH_SHRINKING
        for turn, chosen in enumerate(ascent.steps()):
            self._offer(problem, chosen)
            if ascent.step < share:
                share = ascent.step
                keep, _ = ascent.settled()
                self._improve(problem, np.argsort(-ascent.worths, kind="stable")[: problem.k], np.flatnonzero(keep))
            ascent.upper, ascent.ceiling = self.upper, self.ceiling
            if self._closed(ascent.bound) or self._late():
                return
            if turn % LOOK_EVERY == 0:
                keep, opened = ascent.settled()
                if keep.sum() - opened.size < few * keep.size:
                    return

    def _shaken(self, ascent: Ascent, keep: Array) -> bool:
        """Replace some sites of the best solution by others of great worth and improve again, while that helps."""
        problem, before, failures = ascent.problem, self.upper, 0
        order = np.argsort(-ascent.worths, kind="stable")
        pool = np.sort(order[keep[order]][: max(POOL_PER_SITE * problem.k, LEAST_POOL)])
        draw = np.random.default_rng(problem.columns.size)
        while failures < PATIENCE_WITH_SHAKING and not self._closed(ascent.bound) and not self._late():
            best, upper = np.flatnonzero(np.isin(problem.columns, self.columns)), self.upper
            if best.size != problem.k:  # the best solution uses a site settled otherwise since, at equal cost
                best = order[: problem.k]
            others = np.setdiff1d(pool, best)
            moved = min(others.size, best.size, max(2, problem.k // SHAKEN))
            if not moved:
                break
            best = best.copy()
            best[draw.choice(best.size, moved, replace=False)] = draw.choice(others, moved, replace=False)
            self._improve(problem, best, pool)
            failures = 0 if self.upper < upper else failures + 1
        return self.upper < before

    def _branch(self, ascent: Ascent, step: Step) -> list[tuple[Ascent, Step]]:
        """Open, or close, the site that the bound hesitates most about; the open side is tried first."""
        problem = ascent.problem
        site = int(np.abs(ascent.chosen_often - 0.5).argmin())
        step.branch = int(problem.columns[site])
        step.then = [Step(step.rows, step.values, step.bound) for _ in range(2)]
        everything = np.ones(problem.columns.size, dtype=bool)
        others = everything.copy()
        others[site] = False
        inside = ascent.within(restrict(problem, everything, np.array([site])))
        outside = ascent.within(restrict(problem, others, np.zeros(0, np.intp)))
        return [(outside, step.then[1]), (inside, step.then[0])]


def proven(step: Step, upper: float) -> float:
    """The bound that a proof claims, for a problem with a solution of cost `upper`."""
    lowest, waiting = upper, [(step, step.bound)]
    while waiting:
        here, above = waiting.pop()
        best = max(above, here.bound)
        if not here.then:
            lowest = min(lowest, best)
        waiting += [(child, best) for child in here.then]
    return lowest
