"""The p-median: k sites, least total travel."""

import math
import time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.siting import certificate_distance as certificate
from maillage.analysis.siting import checks
from maillage.analysis.siting.certificate_distance import Given
from maillage.analysis.siting.checks import SitingInputError
from maillage.analysis.siting.median_problem import whole, worth_compiling
from maillage.analysis.siting.median_search import ROUNDING, Search, proven
from maillage.analysis.siting.result import Siting, Stop

Array = NDArray[Any]
ENTRIES_PROVED_PER_SECOND = 1.5e7


def median(
    minutes: Any,
    weights: ArrayLike,
    k: int,
    *,
    fixed: ArrayLike | None = None,
    candidates: ArrayLike | None = None,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    unreachable_minutes: ArrayLike | None = None,
) -> Siting:
    """Choose k new sites so that everyone together travels least (p-median; Hakimi 1964, ReVelle & Swain 1970).

    Minimises the sum over demand rows of weight × minutes to the nearest open site, fixed or chosen. `minutes`: sparse,
    demand × sites; an absent entry is out of reach, an explicit zero is zero minutes. `weights`: one for each row.
    `unreachable_minutes`: what a row costs when no open site reaches it, one number or one for each row, at least its
    longest trip; needed wherever k sites could leave a row without any. Lists may be cut: with the first trip left out
    as that price, the bound also holds for the whole lists. `objective` and `bound` are in weight × minutes; `bound`
    is a lower one, read again from the unreduced data. `gap`: the search stops at that share; 0.0 asks for a proof. At
    the time limit, or at Ctrl-C, the best solution so far is the answer, with its gap.

    Method: greedy, eager interchange (Schubert & Rousseeuw 2021), Lagrangian relaxation on sorted lists (Cornuejols,
    Fisher & Nemhauser 1977; Beasley 1993), sites settled by their reduced cost, branching on those left. Raises
    SitingInputError for data that cannot be used.

    >>> trips = sparse.csr_array(np.array([[1.0, 9.0, 9.0], [9.0, 2.0, 9.0], [9.0, 9.0, 4.0]]))
    >>> found = median(trips, [10, 10, 1], 2)
    >>> found.sites.tolist(), found.objective, found.gap
    ([0, 1], 39.0, 0.0)
    """
    started = time.monotonic()
    trips = checks.travel(minutes)
    given = checks.weights(weights, trips.shape[0])
    there, may = checks.fixed_and_candidates(fixed, candidates, trips.shape[1])
    k = checks.count(k, may.size)
    limit, allowed = checks.time_limit(time_limit_s), checks.wanted_gap(gap)
    apart = price_of_unreachable(unreachable_minutes, trips, given, there, may, k)
    data = Given(trips, given, there, apart)
    search = Search(
        whole(trips, given, _caps(data, may), may, k, compiled=worth_compiling(trips.nnz)),
        gap=allowed,
        deadline=started + limit - _time_to_prove(trips, limit),
    )
    interrupted = False
    try:
        search.run()
    except KeyboardInterrupt:
        interrupted = True
    return _answer(data, may, k, search, allowed, interrupted=interrupted, started=started)


def price_of_unreachable(
    given: ArrayLike | None, trips: sparse.csr_array, weights: Array, fixed: Array, candidates: Array, k: int
) -> float | Array:
    """Check what a row costs that no open site reaches; infinite where that cannot happen and nothing was given."""
    if given is not None:
        return _price(given, trips)
    is_fixed, may = np.zeros(trips.shape[1], dtype=bool), np.zeros(trips.shape[1], dtype=bool)
    is_fixed[fixed], may[candidates] = True, True
    served, choice = _per_row(trips, is_fixed) > 0, _per_row(trips, may)
    apart = np.flatnonzero((weights > 0) & ~served & (choice + k <= candidates.size))
    if apart.size:
        row = int(apart[0])
        raise SitingInputError(
            f"Row {row} is reached by no fixed site and by {int(choice[row])} of {candidates.size} candidates, so a "
            f"choice of {k} may leave it without any site ({apart.size} such rows): give unreachable_minutes, what a "
            "row costs then, at least the longest trip."
        )
    return math.inf


def _price(given: ArrayLike, trips: sparse.csr_array) -> float | Array:
    prices = np.asarray(given, dtype=np.float64)
    if prices.shape not in ((), (trips.shape[0],)):
        raise SitingInputError(
            f"unreachable_minutes has the shape {prices.shape}: give one number, or one for each of the "
            f"{trips.shape[0]} demand rows."
        )
    longest = np.asarray(trips.max(axis=1).todense(), dtype=np.float64).ravel()
    low = ~(np.isfinite(prices) & (prices >= longest))
    if low.any():
        row = int(np.argmax(low))
        raise SitingInputError(
            f"unreachable_minutes is {np.broadcast_to(prices, longest.shape)[row]:g} for row {row}, whose longest trip "
            f"in minutes takes {longest[row]:g}: a row that no open site reaches must cost at least as much as its "
            "longest trip, and a finite number."
        )
    return float(prices) if prices.ndim == 0 else prices


def _per_row(trips: sparse.csr_array, wanted: Array) -> Array:
    """How many of the wanted columns reach each row."""
    hits = np.concatenate([[0], np.cumsum(wanted[trips.indices], dtype=np.int64)])
    return np.diff(hits[trips.indptr])


def _caps(data: Given, candidates: Array) -> Array:
    """What a row costs before anything is chosen: its nearest fixed site, else the price of being out of reach."""
    caps = certificate.cost_per_row(data, candidates[:0])
    alone = np.isinf(caps)
    if alone.any():
        longest = np.asarray(data.minutes.max(axis=1).todense()).ravel()
        caps[alone] = longest[alone]
    return caps


def _time_to_prove(trips: sparse.csr_array, limit: float) -> float:
    return 0.0 if math.isinf(limit) else min(0.5 * limit, trips.nnz / ENTRIES_PROVED_PER_SECOND)


def _answer(
    data: Given, candidates: Array, k: int, search: Search, allowed: float, *, interrupted: bool, started: float
) -> Siting:
    """Fill up to k sites, and read cost and bound again from the data."""
    spare = np.setdiff1d(candidates, search.columns)
    sites = np.sort(np.concatenate([search.columns, spare[: k - search.columns.size]])).astype(np.intp)
    objective = certificate.total(data, certificate.cost_per_row(data, sites))
    certificate.agree("cost", search.upper, objective)
    bound = certificate.median_bound(data, candidates, k, search.proof, objective)
    certificate.at_least("lower bound", proven(search.proof, search.upper), bound)
    if objective - bound <= 2 * ROUNDING * objective:
        bound = objective
    return answered(
        data,
        sites,
        objective,
        bound,
        allowed=allowed,
        interrupted=interrupted,
        started=started,
        model="p-median, Lagrangian relaxation and branching",
    )


def answered(
    data: Given,
    sites: NDArray[np.intp],
    objective: float,
    bound: float,
    *,
    allowed: float,
    interrupted: bool,
    started: float,
    model: str,
) -> Siting:
    """Say who is served by which site, and why the search ended."""
    stopped: Stop = "proved" if bound == objective else "interrupted" if interrupted else "time"
    if stopped == "time" and objective - bound <= allowed * objective:
        stopped = "gap"
    return Siting(
        sites=sites,
        objective=objective,
        bound=bound,
        served_by=_serving(data.minutes, np.concatenate([data.fixed, sites])),
        seconds=time.monotonic() - started,
        model=model,
        stopped=stopped,
    )


def _serving(trips: sparse.csr_array, opened: Array) -> Array:
    """The open column nearest to each row, the lowest of several; -1 where none reaches it."""
    is_open = np.zeros(trips.shape[1], dtype=bool)
    is_open[opened] = True
    kept = np.flatnonzero(is_open[trips.indices])
    rows = np.searchsorted(trips.indptr, kept, side="right") - 1
    columns = trips.indices[kept]
    order = np.lexsort((columns, trips.data[kept], rows))
    served = np.full(trips.shape[0], -1, np.intp)
    first, at = np.unique(rows[order], return_index=True)
    served[first] = columns[order][at]
    return served
