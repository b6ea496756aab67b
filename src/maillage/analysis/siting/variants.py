"""Two variants of maximal covering: places that hold only so many people, and a floor of service for each group.

Both are small exact models given to HiGHS as they are: meant for a département or a région, not for France at once.
"""

import math
import time

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.siting import certificate, checks, highs
from maillage.analysis.siting.certificate import CertificateError, Question
from maillage.analysis.siting.checks import SitingInputError, SitingUnansweredError
from maillage.analysis.siting.result import Siting, Stop


def with_capacity(question: Question, capacity: ArrayLike, *, started: float, deadline: float, gap: float) -> Siting:
    """Choose k sites that serve most people when each open place, old or new, serves at most its capacity.

    Maximise sum of z_ij with sum_j z_ij <= w_i, sum_i z_ij <= c_j x_j, z_ij >= 0 for pairs within reach, sum_j x_j = k:
    people of one row may go to several places (capacitated maximal covering, Current & Storbeck 1988). `served_by` is
    the place that takes most of a row. Objective: recomputed from the flows. Bound: HiGHS's.
    """
    sites = question.minutes.shape[1]
    room = checks.capacity(capacity, sites)
    row, column = _pairs(question)
    program = _flows(question, room, row, column)
    outcome = highs.solve(program, seconds=deadline - time.perf_counter(), gap=gap)
    chosen = _chosen(question, outcome)
    flow = np.zeros(row.size) if outcome.values is None else np.maximum(0.0, outcome.values[question.candidates.size :])
    is_open = np.zeros(sites, dtype=bool)
    is_open[question.fixed] = is_open[chosen] = True
    flow[~is_open[column]] = 0.0
    objective = math.fsum(flow)
    _refuse_false_flows(question, room, row, column, flow)
    bound = _ceiling(question, outcome.bound, outcome)
    if bound < objective - 1e-6 * max(1.0, objective):
        raise CertificateError(f"HiGHS's bound {bound:.10g} is below the people served, {objective:.10g}.")
    order = np.lexsort((column, -flow, row))
    order = order[flow[order] > 1e-9]
    first = np.unique(row[order], return_index=True)[1]
    served_by = np.full(question.minutes.shape[0], -1, dtype=np.intp)
    served_by[row[order[first]]] = column[order[first]]
    name = f"maximal covering with capacities, k = {question.k}, within {float(question.limit):g}, bound by HiGHS"
    return _siting(chosen, objective, bound, served_by, started, name, outcome)


def with_floor(
    question: Question,
    groups: ArrayLike,
    floor_share: float,
    *,
    started: float,
    deadline: float,
    gap: float,
) -> Siting:
    """Choose k sites that serve most people while every group has at least a share of its people served.

    Maximal covering with sum of w_i y_i over a group >= floor_share × its weight, for each group (an equity floor, as
    in Marsh & Schilling 1994's maximin family). Objective and floors: recomputed from the raw data. Bound: HiGHS's.
    Raises `SitingInputError` where no choice of k sites meets the floor, `SitingUnansweredError` where the search ended
    before it found one.
    """
    weight = question.weights
    label = np.asarray(groups)
    if label.shape != weight.shape:
        raise SitingInputError(
            f"groups has the shape {label.shape}, but minutes has {weight.size} demand rows: one label for each row."
        )
    floor_share = checks.floor_share(floor_share)
    names, group = np.unique(label, return_inverse=True)
    total = np.bincount(group, weights=weight).astype(np.float64, copy=False)
    by_fixed = question.by_fixed
    row, column = _pairs(question, candidates_only=True)
    program = _floors(question, row, column, by_fixed, group, floor_share * total)
    outcome = highs.solve(program, seconds=deadline - time.perf_counter(), gap=gap)
    _refuse_without_plan(question, outcome, floor_share)
    chosen = _chosen(question, outcome)
    served = certificate.served(question, np.concatenate([question.fixed, chosen]))
    objective = math.fsum(weight[served])
    short = np.bincount(group, weights=weight * served) < floor_share * total - 1e-6 * np.maximum(1.0, total)
    if short.any():
        raise CertificateError(f"The plan does not meet the floor of group {names[np.argmax(short)]}.")
    bound = _ceiling(question, outcome.bound + math.fsum(weight[by_fixed]), outcome)
    if bound < objective - 1e-6 * max(1.0, objective):
        raise CertificateError(f"HiGHS's bound {bound:.10g} is below the people served, {objective:.10g}.")
    name = (
        f"maximal covering, at least {100 * floor_share:g} % of each of {names.size} groups, k = {question.k}, within "
        f"{float(question.limit):g}, bound by HiGHS"
    )
    nearest = certificate.nearest_open(question.minutes, np.concatenate([question.fixed, chosen]), question.limit)
    return _siting(chosen, objective, bound, nearest, started, name, outcome)


def _refuse_without_plan(question: Question, outcome: highs.Outcome, floor_share: float) -> None:
    if outcome.infeasible:
        raise SitingInputError(
            f"No choice of {question.k} sites serves {100 * floor_share:g} % of every group "
            f"within {float(question.limit):g}: lower floor_share, "
            "raise k or within, or leave out groups that nothing reaches."
        )
    if outcome.values is None:
        why = "The search was interrupted" if outcome.interrupted else "Time ran out"
        raise SitingUnansweredError(
            f"{why} before any choice of {question.k} sites that serves {100 * floor_share:g} % of every group was "
            "found, and it is not known whether there is one: give more time."
        )


def _ceiling(question: Question, bound: float, outcome: highs.Outcome) -> float:
    """What no plan exceeds: the solver's bound if it ended by itself with a solution, everybody otherwise."""
    everybody = math.fsum(question.weights)
    return everybody if outcome.interrupted or outcome.values is None else min(bound, everybody)


def _siting(
    sites: NDArray[np.intp],
    objective: float,
    bound: float,
    served_by: NDArray[np.intp],
    started: float,
    name: str,
    outcome: highs.Outcome,
) -> Siting:
    ceiling = max(bound, objective)
    ended = outcome.values is not None and not outcome.interrupted
    proved = ended and ceiling - objective <= 1e-6 * max(1.0, ceiling)
    stopped: Stop = (
        "proved" if proved else "interrupted" if outcome.interrupted else "gap" if outcome.optimal else "time"
    )
    seconds = time.perf_counter() - started
    return Siting(sites, objective, objective if proved else ceiling, served_by, seconds, name, stopped)


def _pairs(question: Question, *, candidates_only: bool = False) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of the pairs within reach, of sites that are or may be open."""
    minutes = question.minutes
    usable = np.zeros(minutes.shape[1], dtype=bool)
    usable[question.candidates] = True
    if not candidates_only:
        usable[question.fixed] = True
    at = np.flatnonzero((minutes.data <= question.limit) & usable[minutes.indices])
    row = np.searchsorted(minutes.indptr, at, side="right") - 1
    return row.astype(np.intp), minutes.indices[at].astype(np.intp)


def _chosen(question: Question, outcome: highs.Outcome) -> NDArray[np.intp]:
    """The k candidates that the solver opened, filled up with the lowest others."""
    n = question.candidates.size
    level = np.zeros(n) if outcome.values is None else outcome.values[:n]
    best = np.argsort(-np.round(level), kind="stable")[: question.k]
    return np.sort(question.candidates[best])


def _place(question: Question) -> NDArray[np.intp]:
    place = np.full(question.minutes.shape[1], -1, dtype=np.intp)
    place[question.candidates] = np.arange(question.candidates.size)
    return place


def _flows(
    question: Question, room: NDArray[np.float64], row: NDArray[np.intp], column: NDArray[np.intp]
) -> highs.Program:
    rows, sites = question.minutes.shape
    n, pairs = question.candidates.size, row.size
    leaving = sparse.csr_array((np.ones(pairs), (row, np.arange(pairs))), shape=(rows, pairs))
    arriving = sparse.csr_array((np.ones(pairs), (column, np.arange(pairs))), shape=(sites, pairs))
    place = _place(question)[question.candidates]
    opening = sparse.csr_array((-room[question.candidates], (question.candidates, place)), shape=(sites, n))
    fixed_room = np.zeros(sites)
    fixed_room[question.fixed] = room[question.fixed]
    blocks = [[None, leaving], [opening, arriving], [sparse.csr_array(np.ones((1, n))), None]]
    return highs.Program(
        cost=np.append(np.zeros(n), np.ones(pairs)),
        lower=np.zeros(n + pairs),
        upper=np.append(np.ones(n), question.weights[row]),
        matrix=sparse.csr_array(sparse.block_array(blocks, format="csr")),
        row_lower=np.full(rows + sites + 1, -math.inf),
        row_upper=np.concatenate([question.weights, fixed_room, [question.k]]),
        integer=np.arange(n + pairs) < n,
    )


def _floors(
    question: Question,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    by_fixed: NDArray[np.bool_],
    group: NDArray[np.intp],
    floor: NDArray[np.float64],
) -> highs.Program:
    rows, n = question.minutes.shape[0], question.candidates.size
    weight = np.where(by_fixed, 0.0, question.weights)
    reach = sparse.csr_array((np.ones(row.size), (row, _place(question)[column])), shape=(rows, n))
    belongs = sparse.csr_array((weight, (group, np.arange(rows))), shape=(floor.size, rows))
    blocks = [[-reach, sparse.eye_array(rows)], [None, belongs], [sparse.csr_array(np.ones((1, n))), None]]
    already = np.bincount(group, weights=np.where(by_fixed, question.weights, 0.0), minlength=floor.size)
    return highs.Program(
        cost=np.append(np.zeros(n), weight),
        lower=np.zeros(n + rows),
        upper=np.ones(n + rows),
        matrix=sparse.csr_array(sparse.block_array(blocks, format="csr")),
        row_lower=np.concatenate([np.full(rows, -math.inf), floor - already, [-math.inf]]),
        row_upper=np.concatenate([np.zeros(rows), np.full(floor.size, math.inf), [question.k]]),
        integer=np.arange(n + rows) < n,
    )


def _refuse_false_flows(
    question: Question,
    room: NDArray[np.float64],
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    flow: NDArray[np.float64],
) -> None:
    """Nobody is served twice, no place serves more than it holds."""
    left = np.bincount(row, weights=flow, minlength=question.weights.size) - question.weights
    over = np.bincount(column, weights=flow, minlength=room.size) - room
    if (left > 1e-6 * np.maximum(1.0, question.weights)).any() or (over > 1e-6 * np.maximum(1.0, room)).any():
        raise CertificateError("More people are served than live in a row, or than a place holds.")
