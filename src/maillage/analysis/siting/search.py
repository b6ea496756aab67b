"""How the best plan and its bound are looked for: short ways first, then the same steps on fewer and fewer sites."""

import math
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.siting import highs, lagrangian, local
from maillage.analysis.siting.certificate import CoverProof, Round
from maillage.analysis.siting.lagrangian import Dual
from maillage.analysis.siting.polish import exchange
from maillage.analysis.siting.program import compact
from maillage.analysis.siting.reduce import Instance, shrink
from maillage.analysis.siting.result import Stop

SEED = 20261122
STEPS = 50
PROGRAM_ROWS = 60_000
"""Beyond so many rows and entries no program is given to HiGHS: it would not end."""
PROGRAM_ENTRIES = 1_500_000
WHOLE = 300_000
"""So few entries need no core for their linear relaxation."""
SMALL = 8_000
"""So few entries are given to the solver as they are; up to five times as many, for a second."""
ATTEMPTS, STRIDE = 300_000, 500
"""Ruins of one annealing, and so many between two looks at the clock."""
CORE, DUG = 20, (3, 1, 8)
"""Sites for each one to choose: in the linear relaxation, and where better plans are looked for at length."""


class OutOfTime(Exception):
    """The time limit was reached."""


@dataclass
class Search:
    """One search under way. `columns` is the best plan in raw columns, worth `value` beside what fixed sites serve.

    `ceiling` bounds every plan; `integral` says that all weights are whole numbers, so that bounds round down.
    """

    instance: Instance
    k: int
    deadline: float
    gap: float
    integral: bool
    spare: NDArray[np.intp]
    known: NDArray[np.intp] | None = None
    first: Instance = field(init=False)
    columns: NDArray[np.intp] = field(init=False)
    value: float = 0.0
    ceiling: float = math.inf
    left: float = 0.0
    rounds: list[Round] = field(default_factory=list)
    last: NDArray[np.float64] = field(init=False)
    by_solver: float = math.inf
    dual: Dual = field(init=False)
    likely: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    def __post_init__(self) -> None:
        self.columns = self.spare[: self.k]
        self.first = self.instance
        self.ceiling = float(self.instance.weight.sum())
        self.last = np.where(self.instance.group < 0, 1.0, 0.0)

    def proof(self) -> CoverProof:
        """Everything that the certificate needs to prove `ceiling` again from the raw data."""
        return CoverProof(self.instance.dominated, tuple(self.rounds), self.last, self.by_solver, self.integral)

    def run(self) -> Stop:
        """Search until the gap is reached, time is over, or Ctrl-C."""
        try:
            self._ways()
        except OutOfTime:
            return "proved" if self.proved else "time"
        except KeyboardInterrupt:
            return "proved" if self.proved else "interrupted"
        return "proved" if self.proved else "gap"

    @property
    def proved(self) -> bool:
        return self.ceiling <= self.value * (1 + 1e-12)

    @property
    def done(self) -> bool:
        return self.proved or self.ceiling - self.value <= self.gap * self.ceiling

    def _ways(self) -> None:
        if self.instance.sites <= self.k:
            self._note_plan(self.instance.column)
            return
        plan, _ = local.greedy(self.instance, self.k)
        self._note_plan(self.instance.column[plan.best])
        if self.known is not None:
            self._note_plan(self.known)
        self._watch()
        self._descend(plan)
        if not self.done and self.instance.sites:
            self._relax()
        if not self.done and self.instance.reach.nnz <= 5 * SMALL:
            self._branch(seconds=1.0)
            self._polish(self.instance)
        if not self.done and self.instance.reach.nnz <= SMALL:
            self._branch()
        for size in DUG:
            if not self.done and self.instance.sites > 2 * size * self.k:
                self._dig(size)
        if not self.done and self._fits():
            self._branch()
        tries = 0
        while not self.done and tries < (math.inf if math.isfinite(self.deadline) else 5):
            self._dig(DUG[-1])
            tries += 1

    def _watch(self) -> None:
        if time.perf_counter() >= self.deadline:
            raise OutOfTime

    def _rest(self) -> float:
        return self.deadline - time.perf_counter()

    def _fits(self) -> bool:
        return self.instance.weight.size <= PROGRAM_ROWS and self.instance.reach.nnz <= PROGRAM_ENTRIES

    def _note_plan(self, columns: NDArray[np.intp]) -> None:
        """Keep a plan if it is the best one; what it lacks is filled up greedily, then with any candidates."""
        sites = self.first.positions(columns)
        if sites.size < min(self.k, self.first.sites):
            sites = local.greedy(self.first, min(self.k, self.first.sites), given=sites)[0].best
        value = local.worth(self.first, sites)
        if value > self.value:
            chosen = self.first.column[sites]
            more = self.spare[~np.isin(self.spare, chosen)][: self.k - chosen.size]
            self.columns, self.value = np.sort(np.concatenate([chosen, more])), value

    def _note_plan_of(self, plan: local.Plan) -> None:
        if plan.best_value > self.value:
            self._note_plan(plan.instance.column[plan.best])

    def _whole(self, bound: float) -> float:
        return math.floor(bound + 1e-5) if self.integral else bound

    def _note_bound(self, dual: Dual) -> None:
        """Keep multipliers if no bound was lower."""
        ceiling = max(self._whole(dual.bound), self.left)
        if ceiling < self.ceiling:
            self.ceiling, self.last, self.by_solver = ceiling, self._raw(dual), math.inf

    def _raw(self, dual: Dual) -> NDArray[np.float64]:
        """Multipliers of raw rows, as shares of their weights: 1 where no site is left."""
        share = np.append(dual.multiplier / self.instance.weight, 1.0)
        return np.asarray(share[self.instance.group], dtype=np.float64)

    def _descend(self, plan: local.Plan) -> None:
        """Lower the bound, drop sites that it rules out, look for better plans among the rest: in turn."""
        random = self.random
        descent = lagrangian.begin(self.instance, self.k, lagrangian.start(self.instance, plan.best))
        while not self.done and not descent.over and (self.instance is self.first or self.instance.reach.nnz > SMALL):
            lagrangian.descend(self.instance, self.k, descent, target=self.value, steps=STEPS)
            self.dual = dual = lagrangian.dual(self.instance, descent.lowest, self.k)
            self._note_bound(dual)
            self._note_plan(self.instance.column[dual.chosen])
            self._watch()
            if self.done:
                return
            local.improve(plan, heat=0.0, attempts=_attempts(self.instance), random=random)
            self._note_plan_of(plan)
            near, _ = local.greedy(self.instance, self.k, given=dual.chosen)
            local.improve(near, heat=0.0, attempts=1 + _attempts(self.instance) // 8, random=random)
            self._note_plan_of(near)
            self._watch()
            if not self.done and self._drop(dual, least=0.15):
                if self.instance.sites <= self.k:
                    self._close_all()
                    return
                multiplier = self._carry(self.rounds[-1].share)
                self.dual = lagrangian.dual(self.instance, multiplier, self.k)
                descent = lagrangian.begin(self.instance, self.k, multiplier, pace=max(descent.pace, 0.1))
                plan = self._plan()

    def _plan(self) -> local.Plan:
        """The best plan as far as its sites are still here, filled up greedily."""
        plan, _ = local.greedy(self.instance, self.k, given=self.instance.positions(self.columns))
        self._note_plan_of(plan)
        return plan

    def _drop(self, dual: Dual, *, least: float) -> bool:
        """Drop sites that no better plan opens, when they are at least this share of all."""
        best_with = dual.best_with()
        enough = self.value * (1 + self.gap / 2)
        hopeless = best_with + 1e-5 < self.value + 1 if self.integral else best_with <= self.value
        hopeless |= best_with <= enough
        if hopeless.sum() < max(1, least * hopeless.size):
            return False
        highest = self._whole(float(best_with[hopeless].max()))
        self.left = max(self.left, highest)
        self.rounds.append(Round(self._raw(dual), self.instance.column[hopeless]))
        self.instance = shrink(self.instance, ~hopeless)
        if self.instance.sites == 0:
            self.ceiling = self.left
        return True

    def _carry(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multipliers of this instance from shares of raw rows: each of its rows is merged from several."""
        group = self.instance.group
        inside = group >= 0
        counts = np.bincount(group[inside], minlength=self.instance.weight.size)
        total = np.bincount(group[inside], weights=raw[inside], minlength=self.instance.weight.size)
        return np.clip(total / np.maximum(counts, 1), 0.0, 1.0) * self.instance.weight

    def _close_all(self) -> None:
        """Open everything that is left: no better plan exists than this one and those met."""
        self._note_plan(self.instance.column)
        dual = lagrangian.dual(self.instance, np.zeros(self.instance.weight.size), self.k)
        self._note_bound(dual)

    def _core(self, sites: int, dual: Dual) -> Instance:
        """The part of the instance that matters: its sites of highest scores, and those of the best plan."""
        keep = np.zeros(self.instance.sites, dtype=bool)
        keep[np.argsort(-dual.scores, kind="stable")[:sites]] = True
        keep[self.instance.positions(np.concatenate([self.columns, self.likely]))] = True
        return self.instance if keep.all() else shrink(self.instance, keep)

    def _relax(self) -> None:
        """Solve the linear relaxation of the core, give its duals to the Lagrangian bound of the whole, and again."""
        for _ in range(3):
            before, whole = self.ceiling, self.instance
            core = whole if whole.reach.nnz <= WHOLE else self._core(CORE * self.k, self.dual)
            program, scale = compact(core, self.k)
            outcome = highs.solve(program, seconds=self._rest(), relaxed=True, interior=core.reach.nnz > 20_000)
            if outcome.interrupted:
                raise KeyboardInterrupt
            if outcome.values is not None:
                shares = outcome.values[: core.sites]
                self.likely = core.column[shares > 0.01]
                self._round(core, shares)
            if outcome.duals.size and not self.done:
                self._use_duals(core, outcome.duals * scale)
            self._watch()
            if self.done or core is whole or self.instance.sites <= self.k or self.ceiling > before * (1 - 1e-4):
                return

    def _round(self, core: Instance, shares: NDArray[np.float64]) -> None:
        """Make a plan of a linear solution: the sites that it opens rather than not, then the best ones."""
        likely = np.argsort(-shares, kind="stable")[: min(self.k, int(np.sum(shares > 0.5)))]
        plan, _ = local.greedy(core, min(self.k, core.sites), given=np.sort(likely))
        local.improve(plan, heat=0.0, attempts=_attempts(core), random=self.random)
        self._note_plan_of(plan)

    def _use_duals(self, core: Instance, duals: NDArray[np.float64]) -> None:
        """Start a short descent from the duals of a program on the core."""
        rows = np.flatnonzero(np.diff(core.reach.indptr) > 1)
        share = np.ones(core.weight.size + 1)
        share[rows] = np.clip(duals[: rows.size] / core.weight[rows], 0.0, 1.0)
        descent = lagrangian.begin(self.instance, self.k, self._carry(share[core.group]), pace=0.1)
        while not descent.over:
            lagrangian.descend(self.instance, self.k, descent, target=self.value, steps=STEPS, patience=30)
            self._watch()
        self.dual = lagrangian.dual(self.instance, descent.lowest, self.k)
        self._note_bound(self.dual)
        self._note_plan(self.instance.column[self.dual.chosen])
        if not self.done and self._drop(self.dual, least=0.0):
            if self.instance.sites <= self.k:
                self._close_all()
            else:
                self.dual = lagrangian.dual(self.instance, self._carry(self.rounds[-1].share), self.k)

    def _dig(self, size: int) -> None:
        """Look for a better plan at length among `size` sites for each one to choose: annealing, integer program."""
        core = self._core(size * self.k, self.dual)
        for _ in range(2):
            if not self.done:
                self._anneal(core)
                self._polish(core)
        if not self.done:
            self._mip(core, max(2.0, 0.4 * self._rest()) if math.isfinite(self.deadline) else 20.0 * size)
        self._watch()
        if not self.done and self._drop(self.dual, least=0.01):
            if self.instance.sites <= self.k:
                self._close_all()
            else:
                self.dual = lagrangian.dual(self.instance, self._carry(self.rounds[-1].share), self.k)
                self._relax()

    def _anneal(self, core: Instance) -> None:
        """Simulated annealing by ruin and recreate: at most a fifth of the time left."""
        plan, _ = local.greedy(core, min(self.k, core.sites), given=core.positions(self.columns))
        begun, seconds, hot = time.perf_counter(), 0.2 * self._rest(), 0.1 * max(self.value, 1.0) / self.k
        cooled, tried = 0.0, 0
        while cooled < 1.0:
            local.improve(plan, heat=hot * (1 - cooled) ** 2, attempts=STRIDE, random=self.random)
            self._note_plan_of(plan)
            self._watch()
            if self.done:
                return
            tried += STRIDE
            cooled = max((time.perf_counter() - begun) / seconds, tried / ATTEMPTS)

    def _polish(self, core: Instance) -> None:
        """Exchange sites exactly, here and there, until that has failed everywhere for a while."""
        plan = core.positions(self.columns)
        failed, until = 0, time.perf_counter() + 0.5 * self._rest()
        while not self.done and plan.size == self.k and failed < self.k and time.perf_counter() < until:
            new = exchange(core, plan, self.random, seconds=self._rest(), integral=self.integral)
            self._watch()
            failed = 0 if local.worth(core, new) > local.worth(core, plan) * (1 + 1e-12) else failed + 1
            plan = new
            self._note_plan(core.column[plan])

    def _mip(self, core: Instance, seconds: float) -> float:
        """Give a core to HiGHS as an integer program; what no plan of its sites exceeds."""
        program, scale = compact(core, self.k)
        here = core.positions(self.columns)
        start = None
        if here.size == self.k:
            start = np.zeros(program.cost.size)
            start[here] = 1.0
            rows = np.flatnonzero(np.diff(core.reach.indptr) > 1)
            start[core.sites :] = np.asarray(core.reach[rows][:, here].sum(axis=1)).ravel() > 0
        slack = (1 - 1e-4) / scale if self.integral else 0.0
        outcome = highs.solve(program, seconds=min(seconds, self._rest()), start=start, gap=self.gap, slack=slack)
        if outcome.values is not None:
            open_here = np.flatnonzero(outcome.values[: core.sites] > 0.5)
            self._note_plan(core.column[open_here[: self.k]])
        if outcome.interrupted:
            raise KeyboardInterrupt
        return self._whole(outcome.bound * scale) if math.isfinite(outcome.bound) else math.inf

    def _branch(self, seconds: float = math.inf) -> None:
        """Give all that is left to HiGHS as an integer program, for some seconds at most."""
        bound = max(self._mip(self.instance, seconds), self.value)
        if max(bound, self.left) < self.ceiling:
            self.ceiling, self.by_solver = max(bound, self.left), bound
        self._watch()


def _attempts(instance: Instance) -> int:
    """As many ruins as cost about what `STEPS` steps of descent cost."""
    rows, sites = instance.reach.shape
    return int(min(4000, max(20, STEPS * rows * sites / (20 * max(1, instance.reach.nnz)))))
