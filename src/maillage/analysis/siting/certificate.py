"""The certificate of a covering answer: its objective and its bound computed again, by other and plainer code.

Nothing here sees the reduced instance on which the search worked: only the minutes, weights, fixed places and
candidates as they were given, the chosen sites, and a proof (`CoverProof`). Recomputed from the raw rows:

- who is served by fixed and chosen sites together;
- each dropped site that another one dominates: it reaches no row in play that the other does not;
- each Lagrangian bound, from its multipliers; what a plan with each ruled-out site could serve at most;
- hence the bound of every plan, for these multipliers.

Not recomputed: a bound that comes from the branch-and-bound tree of the integer solver (`by_solver`). It is accepted
only below the recomputed Lagrangian bound and not below the recomputed objective, and only for the sites that the
recomputed steps leave; the model named in the answer then says "bound by HiGHS".
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse

CHUNK = 4_000_000


class CertificateError(RuntimeError):
    """An answer and its recomputation differ: a fault of the program, never of the input."""


@dataclass(frozen=True)
class Round:
    """Sites ruled out together (raw columns), and the multipliers that rule them out (shares of raw weights)."""

    share: NDArray[np.float64]
    ruled_out: NDArray[np.intp]


@dataclass(frozen=True)
class CoverProof:
    """What proves a bound: see the module's docstring. `last` are the multipliers of the final bound."""

    dominated: NDArray[np.intp]
    rounds: tuple[Round, ...]
    last: NDArray[np.float64]
    by_solver: float
    integral: bool


@dataclass(frozen=True)
class Question:
    """A maximal covering question as it was asked; `limit` is `within` in the number type of `minutes`."""

    minutes: sparse.csr_array
    weights: NDArray[np.float64]
    k: int
    limit: float
    fixed: NDArray[np.intp]
    candidates: NDArray[np.intp]

    @cached_property
    def by_fixed(self) -> NDArray[np.bool_]:
        """Which raw rows the places already open serve."""
        return served(self, self.fixed)


def served(question: Question, columns: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell for each raw row whether one of some columns is within reach."""
    minutes = question.minutes
    is_open = np.zeros(minutes.shape[1], dtype=bool)
    is_open[columns] = True
    answer = np.zeros(minutes.shape[0], dtype=bool)
    for first, last in _chunks(minutes.indptr):
        part = slice(minutes.indptr[first], minutes.indptr[last])
        hit = np.flatnonzero(is_open[minutes.indices[part]] & (minutes.data[part] <= question.limit))
        answer[np.searchsorted(minutes.indptr, hit + part.start, side="right") - 1] = True
    return answer


def objective(question: Question, sites: NDArray[np.intp]) -> float:
    """Compute what fixed and chosen sites serve together, in the unit of the weights."""
    return math.fsum(question.weights[question.by_fixed | served(question, sites)])


def bound(question: Question, proof: CoverProof) -> float:
    """Compute the bound that a proof proves, whatever plan is chosen; refuses a proof with a false step."""
    by_fixed = question.by_fixed
    reach = _in_play(question, ~by_fixed & (question.weights > 0))
    rest = np.where(by_fixed, 0.0, question.weights)
    base = math.fsum(question.weights[by_fixed])
    allowed = np.zeros(reach.shape[1], dtype=bool)
    allowed[question.candidates] = True
    _refuse_false_dominance(reach, proof.dominated)
    allowed[proof.dominated[:, 0]] = False
    highest = 0.0
    for step in proof.rounds:
        scores, total, edge = _lagrangian(reach, rest, step.share, allowed, question.k)
        with_each = total - np.maximum(edge - scores[step.ruled_out], 0.0)
        highest = max(highest, _whole(float(with_each.max(initial=0.0)), proof.integral))
        allowed[step.ruled_out] = False
    _, total, _ = _lagrangian(reach, rest, proof.last, allowed, question.k)
    final = _whole(total, proof.integral)
    if proof.by_solver < final:
        final = proof.by_solver
    return base + max(highest, final)


def check_cover(question: Question, sites: NDArray[np.intp], claimed: float, ceiling: float, proof: CoverProof) -> None:
    """Refuse an answer whose objective or bound is not what the raw data give.

    Raises `CertificateError` where the sites are not `k` candidates, where the objective differs, where the bound is
    lower than the proof proves, or lower than the objective.
    """
    if sites.size != question.k or np.unique(sites).size != sites.size or not np.isin(sites, question.candidates).all():
        raise CertificateError(f"The plan does not hold {question.k} different candidates: {sites.tolist()}.")
    again = objective(question, sites)
    room = 1e-9 * max(1.0, again)
    if abs(again - claimed) > room:
        raise CertificateError(f"The plan serves {again:.10g} on the raw data, not {claimed:.10g} as was found.")
    if ceiling < again - room:
        raise CertificateError(f"The bound {ceiling:.10g} is below what the plan serves, {again:.10g}.")
    proven = bound(question, proof)
    if ceiling < proven - 1e-9 * max(1.0, proven):
        raise CertificateError(f"The bound {ceiling:.10g} is not proved: the multipliers prove only {proven:.10g}.")


def nearest_open(minutes: sparse.csr_array, columns: NDArray[np.intp], limit: float) -> NDArray[np.intp]:
    """Find for each row the open column of least minutes within reach, the lowest of several; -1 for none.

    >>> nearest_open(sparse.csr_array(np.array([[3.0, 2.0], [9.0, 0.0]])), np.array([0, 1]), 5).tolist()
    [1, -1]
    """
    is_open = np.zeros(minutes.shape[1], dtype=bool)
    is_open[columns] = True
    nearest = np.full(minutes.shape[0], -1, dtype=np.intp)
    for first, last in _chunks(minutes.indptr):
        part = slice(minutes.indptr[first], minutes.indptr[last])
        row = np.repeat(np.arange(first, last), np.diff(minutes.indptr[first : last + 1]))
        near = np.flatnonzero(is_open[minutes.indices[part]] & (minutes.data[part] <= limit))
        if not near.size:
            continue
        row, took, column = row[near], minutes.data[part][near], minutes.indices[part][near]
        starts = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
        least = np.repeat(np.minimum.reduceat(took, starts), np.diff(np.append(starts, row.size)))
        best = np.flatnonzero(took == least)[::-1]  # backwards: of several, the lowest column is written last
        nearest[row[best]] = column[best]
    return nearest


def fewest(scores: NDArray[np.float64], offered: float) -> int:
    """Count the sites without which a price on every row cannot be collected: a bound of set cover.

    Sites that serve every row collect at least all that the rows offer; no k sites collect more than the k largest
    scores. With dual prices of the linear relaxation this is the rounded-up LP bound.

    >>> fewest(np.array([1.0, 1.0, 0.5]), 1.2)
    2
    """
    most = np.cumsum(np.sort(scores)[::-1])
    return int(np.searchsorted(most, offered * (1 - 1e-9))) + (1 if offered > 0 else 0)


def check_set_cover(
    question: Question,
    sites: NDArray[np.intp],
    bound: int,
    dominated: NDArray[np.intp],
    prices: NDArray[np.float64],
    by_solver: int,
) -> None:
    """Refuse a set cover that leaves a reachable row out, or whose bound its prices do not prove.

    Raises `CertificateError`. `prices` has one number for each raw row; a bound `by_solver` comes from the integer
    solver's tree and is only compared with the number of sites.
    """
    by_fixed = question.by_fixed
    wanted = (question.weights > 0) & ~by_fixed
    missed = wanted & served(question, question.candidates) & ~served(question, sites)
    if missed.any():
        raise CertificateError(
            f"{int(missed.sum())} rows that a candidate reaches are not served (first: row {int(np.argmax(missed))})."
        )
    if np.unique(sites).size != sites.size or not np.isin(sites, question.candidates).all():
        raise CertificateError(f"The plan does not hold different candidates: {sites.tolist()}.")
    if (prices < 0).any():
        raise CertificateError("A price of a row is negative.")
    reach = _in_play(question, wanted)
    _refuse_false_dominance(reach, dominated)
    allowed = np.zeros(reach.shape[1], dtype=bool)
    allowed[question.candidates] = True
    allowed[dominated[:, 0]] = False
    offered = np.where(np.diff(reach.indptr) > 0, prices, 0.0)
    open_to_us = reach[:, np.flatnonzero(allowed)]
    offered = np.where(np.diff(open_to_us.indptr) > 0, offered, 0.0)
    proven = max(fewest(np.asarray(open_to_us.T @ offered, dtype=np.float64), math.fsum(offered)), by_solver)
    if bound > proven:
        raise CertificateError(f"The bound {bound} is not proved: the prices prove only {proven}.")
    if bound > sites.size:
        raise CertificateError(f"The bound {bound} is above the plan's {sites.size} sites.")


def _chunks(indptr: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Ranges of rows with about `CHUNK` entries each: no array as long as the whole matrix is made."""
    edges = np.searchsorted(indptr, np.arange(0, int(indptr[-1]) + CHUNK, CHUNK))
    ends = np.unique(np.append(edges[edges < len(indptr)], [0, len(indptr) - 1]))
    return list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))


def _in_play(question: Question, wanted: NDArray[np.bool_]) -> sparse.csr_array:
    """The rows still to be served × all columns, entries within reach only; other rows are empty."""
    minutes = question.minutes
    indices, counts = [], []
    for first, last in _chunks(minutes.indptr):
        part = slice(minutes.indptr[first], minutes.indptr[last])
        row = np.repeat(np.arange(first, last), np.diff(minutes.indptr[first : last + 1]))
        keep = wanted[row] & (minutes.data[part] <= question.limit)
        indices.append(minutes.indices[part][keep])
        counts.append(np.bincount(row[keep] - first, minlength=last - first))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    cols = np.concatenate(indices)
    return sparse.csr_array(
        (np.ones(cols.size, np.int8), cols, starts.astype(minutes.indptr.dtype)), shape=minutes.shape
    )


def _refuse_false_dominance(reach: sparse.csr_array, pairs: NDArray[np.intp]) -> None:
    """Each first column must reach only rows that the second reaches; and no circle may drop all of a group."""
    if not len(pairs):
        return
    by_column = reach.tocsc()
    less, more = by_column[:, pairs[:, 0]], by_column[:, pairs[:, 1]]
    size, other = np.diff(less.indptr), np.diff(more.indptr)
    common = np.asarray(less.multiply(more).sum(axis=0, dtype=np.int64)).ravel()
    backward = (other == size) & (pairs[:, 1] >= pairs[:, 0])
    wrong = np.flatnonzero((common != size) | backward)
    if wrong.size:
        site, over = pairs[wrong[0]]
        raise CertificateError(f"Site {site} was dropped for site {over}, which does not reach all that it reaches.")


def _lagrangian(
    reach: sparse.csr_array, rest: NDArray[np.float64], share: NDArray[np.float64], allowed: NDArray[np.bool_], k: int
) -> tuple[NDArray[np.float64], float, float]:
    """Scores of columns, the Lagrangian bound over the allowed ones, and the k-th score."""
    if not ((share >= 0) & (share <= 1)).all():
        raise CertificateError("A multiplier is not between 0 and the weight of its row.")
    worth = share * rest
    scores = np.asarray(reach.T @ worth, dtype=np.float64)
    best = np.sort(scores[allowed])[::-1][:k]
    edge = float(best[-1]) if best.size == k else 0.0
    return scores, math.fsum(rest - worth) + math.fsum(best), edge


def _whole(value: float, integral: bool) -> float:
    return math.floor(value + 1e-5) if integral else value
