"""Maximal covering: k new sites that serve as many people as possible within a reach."""

import math
import time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis.siting import certificate, checks, reduce
from maillage.analysis.siting.result import Siting
from maillage.analysis.siting.search import Search
from maillage.analysis.siting.variants import with_capacity, with_floor


def cover(
    minutes: Any,
    weights: ArrayLike,
    k: int,
    *,
    within: float,
    fixed: ArrayLike | None = None,
    candidates: ArrayLike | None = None,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    capacity: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    floor_share: float | None = None,
) -> Siting:
    """Choose the `k` candidates that, with the places already open, put most weight within reach.

    Maximise sum_i w_i y_i with y_i <= sum of x_j over the sites j that reach row i, sum_j x_j = k, x and y 0 or 1
    (Church & ReVelle 1974). `minutes` is sparse, demand × sites (absent: out of reach; an explicit zero is zero); a
    site reaches a row when its entry is at most `within`, in the same unit. `weights` counts people, one number for
    each row. `fixed` columns are open already, `candidates` may be chosen (default: all others). The search ends when
    `gap` is proved (0: an optimal plan), after `time_limit_s` seconds, or at Ctrl-C, with the best plan found.

    Answers a `Siting`: `objective` is the weight that fixed and chosen sites serve together, `bound` what no plan
    exceeds, `served_by` the open column of least minutes for each row (the lowest of several), -1 where none reaches
    it. Objective and bound are computed again from the raw data (`certificate`). Without a time limit the search ends
    all the same where an instance is too large for a proof. Raises `SitingInputError` for input that it cannot use.

    Two exact variants for smaller territories (`variants`), one at a time: with `capacity`, people per site (a number
    or one for each column), nobody counts beyond what the open places hold; with `groups` (a label for each row) and
    `floor_share`, at least that share of each group's weight is served. There the bound is the integer solver's.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> minutes = sparse.csr_array(np.array([[1.0, 9, 0], [0, 2, 0], [0, 8, 3]]))
    >>> plan = cover(minutes, [10, 20, 30], 1, within=8)
    >>> plan.sites.tolist(), plan.objective, plan.gap, plan.served_by.tolist()
    ([1], 50.0, 0.0, [-1, 1, 1])
    """
    started = time.perf_counter()
    question = asked(minutes, weights, k, within=within, fixed=fixed, candidates=candidates)
    deadline, share = started + checks.time_limit(time_limit_s), checks.wanted_gap(gap)
    if (groups is None) != (floor_share is None):
        raise checks.SitingInputError("groups and floor_share go together: give both, or neither.")
    if groups is not None and floor_share is not None:
        if capacity is not None:
            raise checks.SitingInputError("capacity and groups cannot be combined: leave out one of the two.")
        return with_floor(question, groups, floor_share, started=started, deadline=deadline, gap=share)
    if capacity is not None:
        return with_capacity(question, capacity, started=started, deadline=deadline, gap=share)
    return answer(question, started=started, deadline=deadline, gap=share)


def asked(
    minutes: Any, weights: ArrayLike, k: int, *, within: float, fixed: ArrayLike | None, candidates: ArrayLike | None
) -> certificate.Question:
    """Check what was asked, and put it in the forms that the search and the certificate take."""
    matrix = checks.travel(minutes)
    weight = checks.weights(weights, matrix.shape[0])
    there, may = checks.fixed_and_candidates(fixed, candidates, matrix.shape[1])
    return certificate.Question(matrix, weight, checks.count(k, may.size), checks.radius(within, matrix), there, may)


def answer(
    question: certificate.Question,
    *,
    started: float,
    deadline: float,
    gap: float,
    known: NDArray[np.intp] | None = None,
) -> Siting:
    """Search, certify, and tell who is served by which site; `known` is a plan to start from."""
    small = reduce.instance(question.minutes, question.weights, question.limit, question.fixed, question.candidates)
    integral = bool((question.weights == np.floor(question.weights)).all()) and question.weights.sum() < 2**52
    search = Search(small, question.k, deadline, gap, integral, question.candidates, known)
    stopped = search.run()
    base = math.fsum(question.weights[question.by_fixed])
    objective, ceiling = base + search.value, base + max(search.ceiling, search.value)
    certificate.check_cover(question, search.columns, objective, ceiling, search.proof())
    return Siting(
        sites=search.columns,
        objective=objective,
        bound=ceiling,
        served_by=certificate.nearest_open(
            question.minutes, np.concatenate([question.fixed, search.columns]), question.limit
        ),
        seconds=time.perf_counter() - started,
        model=f"maximal covering, k = {question.k}, within {float(question.limit):g}"
        + (", bound by HiGHS" if math.isfinite(search.by_solver) else ""),
        stopped=stopped,
    )
