"""Lower bounds of a p-median by Lagrangian relaxation (Cornuejols, Fisher & Nemhauser 1977; Beasley 1993).

Every row offers a value for being served, in minutes. A site is worth the sum of weight × max(0, value − minutes); for
any values, the sum of weight × value less the k best worths is a lower bound. The search for good values is a
subgradient ascent: rows that nobody serves offer more, rows that several sites serve offer less.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import median as loops
from maillage.analysis.siting.median_problem import Problem, sum_of

Array = NDArray[Any]
PATIENCE = 8
SMALLEST_STEP = 1e-3
RENEWED_STEP = 0.1
REMEMBERED = 0.95
NOTICED = 1e-4
MARGIN = 1e-11  # the certificate adds up in another order, and must settle at least as much
KEPT_DIRECTION = 0.6


@dataclass(slots=True)
class Ascent:
    """Values being improved: the current ones and the best met, with their bound and worths.

    `upper`: the cost of a known solution, which sets the length of the steps; `ceiling`: only solutions below it are
    of interest, which settles sites; `step`: the share of that length taken,
    halved whenever the bound stops growing; `chosen_often`: how often each site was lately among the k best, 0 to 1.
    """

    problem: Problem
    values: Array
    upper: float
    ceiling: float
    step: float = 1.0
    bound: float = -np.inf
    best: Array = field(default_factory=lambda: np.zeros(0))
    worths: Array = field(default_factory=lambda: np.zeros(0))
    chosen_often: Array = field(default_factory=lambda: np.zeros(0))
    stuck: int = 0

    @property
    def stalled(self) -> bool:
        return self.step < SMALLEST_STEP

    def steps(self) -> Iterator[Array]:
        """Climb for as long as the caller asks, giving the k sites of greatest worth at each step."""
        problem, lists = self.problem, self.problem.lists
        scores, tally = loops.scores.on(problem.compiled), loops.tally.on(problem.compiled)
        lowest = lists.row_cost[lists.row_at[:-1]].astype(np.float64)
        direction = np.zeros_like(self.values)
        self.chosen_often = np.zeros(problem.columns.size)
        while not self.stalled:
            worths = scores(lists, problem.weights, self.values)
            chosen = np.argpartition(-worths, problem.k - 1)[: problem.k]
            bound = problem.constant + sum_of(problem.weights, self.values) - float(worths[chosen].sum())
            self._remember(bound, worths)
            self.chosen_often *= REMEMBERED
            self.chosen_often[chosen] += 1 - REMEMBERED
            yield chosen
            if self.stuck > PATIENCE:
                self.step, self.stuck, self.values = self.step / 2, 0, self.best
                direction = np.zeros_like(direction)
                continue
            direction = 1.0 - tally(lists, chosen, self.values) + KEPT_DIRECTION * direction
            length = sum_of(problem.weights, direction**2)
            if length == 0.0 or bound >= self.upper:
                self.step = 0.0
                break
            stride = self.step * (self.upper - bound) / length
            self.values = np.clip(self.values + stride * direction, lowest, problem.caps)

    def _remember(self, bound: float, worths: Array) -> None:
        self.stuck += 1
        if bound > self.bound:
            if bound > self.bound + NOTICED * (self.upper - self.bound):
                self.stuck = 0
            self.bound, self.best, self.worths = bound, self.values, worths

    def settled(self) -> tuple[Array, Array]:
        """The mask of sites that a better solution may open, and the sites that each better solution opens.

        Forcing a site in costs the k-th worth less its own; forcing a chosen one out, its own less the next worth.
        """
        k, worths, ceiling = self.problem.k, self.worths, self.ceiling * (1 + MARGIN)
        order = np.argsort(-worths, kind="stable")
        top, last, following = order[:k], worths[order[k - 1]], worths[order[k]]
        keep = self.bound + last - worths < ceiling
        keep[top] = True
        return keep, top[self.bound + worths[top] - following >= ceiling]

    def within(self, problem: Problem) -> "Ascent":
        """Go on in a smaller problem made from this one."""
        rows = np.searchsorted(self.problem.rows, problem.rows)
        values = np.minimum(self.best[rows], problem.caps)
        return Ascent(problem, values, self.upper, self.ceiling, step=max(self.step, RENEWED_STEP))
