"""What siting functions refuse, in words: shared by cover, set cover, median and center."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse


class SitingInputError(ValueError):
    """Something given to a siting function cannot be used; the message says what, why and what to do."""


class SitingUnansweredError(ValueError):
    """A search ended, by the clock or by Ctrl-C, before it found anything: nothing is wrong with the input."""


def travel(minutes: Any) -> sparse.csr_array:
    """Check travel times and give them as CSR with sorted columns, explicit zeros kept; the input is not changed.

    Shape demand × sites; an absent entry is out of reach, an explicit zero is zero minutes. Nothing is copied when
    the input is CSR with sorted columns already.

    >>> import numpy as np
    >>> travel(sparse.csr_array((np.array([0.0, 7.5]), np.array([0, 1]), np.array([0, 2])), shape=(1, 2))).nnz
    2
    """
    if not sparse.issparse(minutes):
        raise SitingInputError(
            f"minutes must be a SciPy sparse matrix, demand × sites, not {type(minutes).__name__}: in a dense array a "
            "zero could mean both zero minutes and out of reach. Build it with scipy.sparse.csr_array((values, "
            "columns, starts))."
        )
    if minutes.ndim != 2 or 0 in minutes.shape:
        raise SitingInputError(
            f"minutes has the shape {minutes.shape}: at least one demand row and one site column are needed."
        )
    if minutes.dtype.kind not in "iuf":
        raise SitingInputError(f"minutes holds {minutes.dtype} values: numbers of minutes are needed, such as float32.")
    matrix = _sorted(minutes)
    if matrix.nnz:
        low, high = matrix.data.min(), matrix.data.max()
        if not (math.isfinite(low) and math.isfinite(high)):
            raise SitingInputError(
                "minutes holds NaN or infinite values: leave out the entries that are out of reach or unknown instead."
            )
        if low < 0:
            raise SitingInputError(f"minutes holds a negative time ({low:g}): a trip cannot take less than 0 minutes.")
    return matrix


def _sorted(minutes: Any) -> sparse.csr_array:
    # A CSC or COO matrix would add up repeated entries while it is converted, so they are refused before.
    if minutes.format not in ("csr", "csc"):
        coo = minutes.tocoo()
        cells = np.ravel_multi_index((coo.row.astype(np.int64), coo.col.astype(np.int64)), coo.shape)
        repeated = len(np.unique(cells)) < len(cells)
        matrix = sparse.csr_array(coo)
    else:
        own = sparse.csr_array if minutes.format == "csr" else sparse.csc_array
        matrix = own((minutes.data, minutes.indices, minutes.indptr), shape=minutes.shape)
        if not matrix.has_sorted_indices:
            matrix = matrix.sorted_indices()
        repeated = not matrix.has_canonical_format
        matrix = matrix.tocsr()
    if repeated:
        raise SitingInputError(
            "minutes gives the same demand row and site column twice: keep one time for each pair, the shortest."
        )
    return matrix


def weights(given: ArrayLike, rows: int, *, name: str = "weights", what: str = "demand rows") -> NDArray[np.float64]:
    """Check one weight for each demand row: finite, not negative.

    >>> weights([3, 0], 2)
    array([3., 0.])
    """
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise SitingInputError(f"{name} must be numbers, one for each of the {rows} {what}.") from None
    if array.shape != (rows,):
        raise SitingInputError(
            f"{name} has the shape {array.shape}, but minutes has {rows} {what}: one number for each is needed."
        )
    if not np.isfinite(array).all():
        raise SitingInputError(
            f"{name} holds NaN or infinite values (first at row {int(np.argmin(np.isfinite(array)))}): decide what an "
            "unknown weight is worth, 0 to leave the row out."
        )
    if (array < 0).any():
        raise SitingInputError(
            f"{name} holds a negative value (first at row {int(np.argmax(array < 0))}): weights count people or jobs, "
            "0 at least."
        )
    return np.ascontiguousarray(array)


def capacity(given: ArrayLike, sites: int) -> NDArray[np.float64]:
    """Check how many people each site holds: one number for all, or one for each column.

    >>> capacity(30, 2), capacity([30, 12], 2)
    (array([30., 30.]), array([30., 12.]))
    """
    if isinstance(given, list | tuple | np.ndarray) and np.shape(given):
        return weights(given, sites, name="capacity", what="site columns")
    one = given.item() if isinstance(given, np.ndarray) else given
    return weights(np.full(sites, _number(one, "capacity")), sites, name="capacity", what="site columns")


def floor_share(share: Any) -> float:
    """Check the least share of each group that is to be served: from 0 to 1.

    >>> floor_share(0.5)
    0.5
    """
    least = _number(share, "floor_share")
    if not 0 <= least <= 1:
        raise SitingInputError(f"floor_share is {least:g}: give a share from 0 to 1 of each group's weight.")
    return least


def columns(given: ArrayLike, sites: int, *, name: str) -> NDArray[np.intp]:
    """Check column numbers of sites: integers from 0 to `sites` - 1, none twice; answered ascending.

    >>> columns([4, 1], 5, name="fixed")
    array([1, 4])
    """
    array = np.asarray(given)
    if array.size == 0:
        return np.zeros(0, dtype=np.intp)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise SitingInputError(
            f"{name} must be a list of column numbers, integers from 0 to {sites - 1}, not {array.dtype} of shape "
            f"{array.shape}."
        )
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= sites:
        raise SitingInputError(
            f"{name} names column {low if low < 0 else high}, but minutes has {sites} site columns, numbered from 0 to "
            f"{sites - 1}."
        )
    ascending = np.sort(array).astype(np.intp)
    twice = ascending[1:][ascending[1:] == ascending[:-1]]
    if twice.size:
        raise SitingInputError(f"{name} names column {int(twice[0])} twice: each site once.")
    return ascending


def fixed_and_candidates(
    fixed: ArrayLike | None, candidates: ArrayLike | None, sites: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Check the columns already open and those that may open: ascending, apart; by default all but the fixed ones.

    >>> fixed_and_candidates([1], None, 3)
    (array([1]), array([0, 2]))
    """
    there = columns([] if fixed is None else fixed, sites, name="fixed")
    if candidates is None:
        free = np.ones(sites, dtype=bool)
        free[there] = False
        return there, np.flatnonzero(free)
    may = columns(candidates, sites, name="candidates")
    both = np.intersect1d(there, may, assume_unique=True)
    if both.size:
        raise SitingInputError(
            f"column {int(both[0])} is in fixed and in candidates: a place that is open already cannot be chosen; "
            "take it out of one of the two."
        )
    return there, may


def count(k: Any, available: int) -> int:
    """Check how many sites to choose: from 1 to the number of candidates.

    >>> count(2, 5)
    2
    """
    if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer):
        raise SitingInputError(f"k must be a whole number of sites, not {k!r}.")
    if k < 1:
        raise SitingInputError(f"k is {k}: ask for at least 1 new site.")
    if k > available:
        raise SitingInputError(
            f"k is {k}, but there are only {available} candidate sites: ask for fewer, or give more."
        )
    return int(k)


def radius(within: Any, minutes: sparse.csr_array) -> Any:
    """Check the reach, and give it in the number type of `minutes`, so that every comparison means the same.

    >>> radius(15, sparse.csr_array((1, 1), dtype=np.float32))
    np.float32(15.0)
    """
    limit = _number(within, "within")
    if not (math.isfinite(limit) and limit > 0):
        raise SitingInputError(f"within is {limit:g}: give a reach above 0, in the unit of minutes.")
    return minutes.dtype.type(limit) if minutes.dtype.kind == "f" else np.float64(limit)


def time_limit(seconds: Any) -> float:
    """Check the time limit: seconds above 0; None is no limit.

    >>> time_limit(None), time_limit(2)
    (inf, 2.0)
    """
    if seconds is None:
        return math.inf
    limit = _number(seconds, "time_limit_s")
    if math.isnan(limit) or limit <= 0:
        raise SitingInputError(f"time_limit_s is {limit:g}: give seconds above 0, or None for no limit.")
    return limit


def wanted_gap(gap: Any) -> float:
    """Check the gap at which the search may stop: a share, 0 for a proof and below 1.

    >>> wanted_gap(0.01)
    0.01
    """
    share = _number(gap, "gap")
    if not 0 <= share < 1:
        raise SitingInputError(f"gap is {share:g}: give a share from 0 (a proof) to below 1, such as 0.001 for 0.1 %.")
    return share


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise SitingInputError(f"{name} must be a number, not {value!r}.")
    return float(value)
