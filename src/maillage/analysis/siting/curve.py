"""The k-curve of maximal covering: what the 1st, 2nd, … new place adds."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis.siting import certificate, checks, local, reduce
from maillage.analysis.siting.cover import answer, asked
from maillage.analysis.siting.result import Siting


@dataclass(frozen=True, slots=True)
class Curve:
    """What 1 to k new places serve.

    `already`: served by the fixed places alone; `order`: the sites of the nested (greedy) order, each the best one
    after those before it; `nested`: what fixed and the first 1, 2, … of them serve; `best`: for 1, 2, … places the best
    plan found, with its bound. Plans of `best` need not be nested: the best two may leave out the best one.
    """

    already: float
    order: NDArray[np.intp]
    nested: NDArray[np.float64]
    best: tuple[Siting, ...]

    @property
    def gains(self) -> NDArray[np.float64]:
        """What each place of the nested order adds; never more than the one before it."""
        return np.diff(self.nested, prepend=self.already)


def curve(
    minutes: Any,
    weights: ArrayLike,
    k: int,
    *,
    within: float,
    fixed: ArrayLike | None = None,
    candidates: ArrayLike | None = None,
    time_limit_s: float | None = None,
    gap: float = 0.0,
) -> Curve:
    """Compute the gain of the 1st, 2nd, … k-th new place: in nested order, and the best plan for each number.

    Arguments are those of `cover`; `time_limit_s` is for the whole curve, shared evenly among the numbers that are
    left. Coverage is submodular: nested gains never grow, and the nested plan of k serves at least 63 % (1 - 1/e) of
    what k new places can add (Nemhauser, Wolsey & Fisher 1978). Raises `SitingInputError` as `cover` does.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> reach = sparse.csr_array(np.array([[1.0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]]))
    >>> steps = curve(reach, [4, 3, 3, 4, 1], 2, within=5)
    >>> steps.order.tolist(), steps.gains.tolist(), [plan.objective for plan in steps.best]
    ([1, 0], [11.0, 3.0], [11.0, 14.0])
    """
    started = time.perf_counter()
    question = asked(minutes, weights, k, within=within, fixed=fixed, candidates=candidates)
    limit, wanted = checks.time_limit(time_limit_s), checks.wanted_gap(gap)
    already = certificate.objective(question, np.zeros(0, np.intp))
    order = nested_order(question)
    nested = np.array([certificate.objective(question, order[: i + 1]) for i in range(k)])
    plans: list[Siting] = []
    for places in range(1, k + 1):
        now = time.perf_counter()
        deadline = now + (started + limit - now) / (k + 1 - places)
        smaller = replace(question, k=places)
        plan = answer(smaller, started=now, deadline=deadline, gap=wanted, known=np.sort(order[:places]))
        plans.append(plan)
        if plan.stopped == "interrupted":
            break
    return Curve(already, order, nested, tuple(plans))


def nested_order(question: certificate.Question) -> NDArray[np.intp]:
    """Order candidates greedily: each time the one that adds most, the lowest column of several."""
    small = reduce.instance(question.minutes, question.weights, question.limit, question.fixed, question.candidates)
    found = np.zeros(0, dtype=np.intp)
    if small.sites:
        plan, won = local.greedy(small, min(question.k, small.sites))
        found = small.column[plan.sites[won > 0]]
    more = question.candidates[~np.isin(question.candidates, found)]
    return np.concatenate([found, more[: question.k - found.size]])
