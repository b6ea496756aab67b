"""How near the nearest place is, and how many people that makes: bands, curve, openings and closures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.distance import EARTH_RADIUS_M
from maillage.analysis.lands import UNKNOWN
from maillage.analysis.numbers import is_number, told
from maillage.analysis.travel import ByZone, CrowFly, Ends, Part, Points, checked

NO_SITE = -1
BANDS_MIN = (10, 15, 20, 30)


class CoverageError(ValueError):
    """Minutes, weights or thresholds from which no coverage can be told."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Per demand row: `minutes` to the nearest place (infinite where nothing is in reach), `site` its column (-1)."""

    minutes: NDArray[np.float64]
    site: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Reach:
    """People by time: `within[i]` of them at most `bands_min[i]` away, of `total` people.

    `beyond` is everybody farther than the last band, those whom no place is in reach of included.
    """

    bands_min: tuple[float, ...]
    within: tuple[float, ...]
    total: float

    @property
    def beyond(self) -> float:
        return self.total - self.within[-1]

    @property
    def shares(self) -> tuple[float, ...]:
        """Each band over the total; NaN where nobody lives.

        >>> Reach((10, 20), (30.0, 60.0), 120.0).shares
        (0.25, 0.5)
        """
        return tuple(people / self.total if self.total else float("nan") for people in self.within)


@dataclass(frozen=True, slots=True)
class Curve:
    """Cumulative: `weights[i]` people have a place at most `minutes[i]` away; minutes ascend, each told once."""

    minutes: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """What an opening or a closure changes, per demand row and in people.

    `rows`: those that come within the threshold, or fall out of it; `people`: their weight; `before` and `after`:
    minutes to the nearest place, all rows; `minutes_people`: the sum of weight × minutes that change, over rows that
    have a place in reach before and after.
    """

    rows: NDArray[np.intp]
    people: float
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    minutes_people: float


def nearest(minutes: Any) -> Nearest:
    """Find each demand row's nearest place: least minutes, and the lowest column among equals.

    `minutes` is CSR demand × sites (absent = out of reach, an explicit zero is zero minutes) or dense (NaN and infinite
    = out of reach). Raises `travel.TravelError` for minutes that cannot be.

    >>> found = nearest([[9.0, 4.0], [float("inf"), float("inf")]])
    >>> found.minutes.tolist(), found.site.tolist()
    ([4.0, inf], [1, -1])
    """
    found = checked(minutes)
    count = found.shape[0]
    least, site = np.full(count, np.inf), np.full(count, NO_SITE, dtype=np.intp)
    sizes = np.diff(found.indptr)
    some = np.flatnonzero(sizes)
    if some.size:
        starts = found.indptr[some]
        lowest = np.minimum.reduceat(found.data, starts)
        winners = np.where(found.data == np.repeat(lowest, sizes[some]), found.indices, found.shape[1])
        least[some], site[some] = lowest, np.minimum.reduceat(winners, starts)
    return Nearest(least, site)


def nearest_crow_fly(
    model: CrowFly | ByZone, origins: Points, destinations: Points, cutoff_min: float = np.inf
) -> Nearest:
    """Find the same as `nearest(model.minutes(...))` without a matrix, with no cutoff unless one is given.

    Exact for speeds by density: among the destinations of one speed and one land the nearest is the quickest to reach,
    so one k-d tree query for each of these classes is enough.

    >>> nearest_crow_fly(CrowFly(60, 1.0), ([48.0], [2.0]), ([48.1, 48.0], [2.0, 2.0])).site.tolist()
    [1]
    """
    if not (is_number(cutoff_min) and cutoff_min > 0):
        raise CoverageError(f"cutoff_min must be a number of minutes above zero, not {told(cutoff_min)}.")
    count = len(np.atleast_1d(origins[0]))
    least, site = np.full(count, np.inf), np.full(count, NO_SITE, dtype=np.intp)
    for part in model.parts(origins, destinations):
        minutes, column = _nearest_of(part, cutoff_min)
        reached = column != NO_SITE
        least[part.rows] = minutes
        site[part.rows[reached]] = part.columns[column[reached]]
    return Nearest(least, site)


def within(minutes_to_nearest: ArrayLike, weights: ArrayLike, bands: Sequence[float] = BANDS_MIN) -> Reach:
    """Count the people at most so many minutes from their nearest place, band by band.

    `weights` are people (or jobs…) per demand row, known and zero or more; `bands` ascend. Minutes are infinite where
    nothing is in reach, never NaN: leave out the rows whose minutes are not known.

    >>> within([5.0, 12.0, float("inf")], [100, 50, 30]).within
    (100.0, 150.0, 150.0, 150.0)
    """
    least, people = _checked_rows(minutes_to_nearest, weights)
    given: list[Any] = list(bands) if np.ndim(bands) == 1 else [bands]
    limits = [float(band) for band in given if is_number(band) and 0 < band < np.inf]
    if not limits or len(limits) < len(given) or sorted(set(limits)) != limits:
        raise CoverageError(f"Bands must be minutes above zero, each longer than the one before, not {given}.")
    counted = tuple(float(people[_reached(least, band)].sum()) for band in limits)
    return Reach(tuple(limits), counted, float(people.sum()))


def curve(minutes_to_nearest: ArrayLike, weights: ArrayLike) -> Curve:
    """Draw the cumulative curve: how many people have a place at most so many minutes away.

    >>> found = curve([5.0, 12.0, 5.0, float("inf")], [100, 50, 1, 30])
    >>> found.minutes.tolist(), found.weights.tolist()
    ([5.0, 12.0], [101.0, 151.0])
    """
    least, people = _checked_rows(minutes_to_nearest, weights)
    reached = np.isfinite(least)
    steps, where = np.unique(least[reached], return_inverse=True)
    return Curve(steps, np.cumsum(np.bincount(where, weights=people[reached], minlength=steps.size)))


def newly_covered(
    minutes_to_nearest: ArrayLike, minutes_to_new: ArrayLike, weights: ArrayLike, *, within: float
) -> Change:
    """Tell what opening one place changes: who comes within `within` minutes.

    `minutes_to_new` is minutes from each demand row to the new place, infinite where it is out of reach.

    >>> newly_covered([25.0, 30.0], [12.0, float("inf")], [400, 100], within=20).people
    400.0
    """
    before, people = _checked_rows(minutes_to_nearest, weights)
    new, _ = _checked_rows(minutes_to_new, weights)
    return _change(before, np.minimum(before, new), people, within)


def lost(minutes: Any, closed: int | Sequence[int], weights: ArrayLike, *, within: float) -> Change:
    """Tell what closing places changes: who falls out of `within` minutes, everybody going to the next nearest.

    `minutes` is CSR demand × sites as in `nearest`, `closed` the columns that close.

    >>> lost([[5.0, 25.0], [9.0, 11.0]], 0, [400, 100], within=20).rows.tolist()
    [0]
    """
    found = checked(minutes)
    given = np.atleast_1d(np.asarray(closed))
    if given.size and (given.ndim != 1 or given.dtype.kind not in "iu"):
        msg = (
            f"closed must be column numbers, integers from 0 to {found.shape[1] - 1}, not {given.dtype} of shape "
            f"{given.shape}: for a mask give np.flatnonzero(mask)."
        )
        raise CoverageError(msg)
    columns = np.unique(given.astype(np.intp))
    if columns.size and not 0 <= columns[0] <= columns[-1] < found.shape[1]:
        msg = f"There are {found.shape[1]} places, columns 0 to {found.shape[1] - 1}: cannot close {columns.tolist()}."
        raise CoverageError(msg)
    before = nearest(found)
    _, people = _checked_rows(before.minutes, weights)
    rows = np.flatnonzero(np.isin(before.site, columns))
    after = before.minutes.copy()
    after[rows] = _without(found, rows, columns)
    return _change(before.minutes, after, people, within)


def _without(minutes: sparse.csr_array, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float64]:
    part = minutes[rows]
    closed = np.isin(part.indices, columns)
    part.data = np.where(closed, np.inf, part.data)
    least = np.full(len(rows), np.inf)
    some = np.flatnonzero(np.diff(part.indptr))
    if some.size:
        least[some] = np.minimum.reduceat(part.data, part.indptr[some])
    return least


def _change(
    before: NDArray[np.float64], after: NDArray[np.float64], people: NDArray[np.float64], within: float
) -> Change:
    if not (is_number(within) and 0 < within < np.inf):
        raise CoverageError(f"within must be a finite number of minutes above zero, not {told(within)}.")
    rows = np.flatnonzero(_reached(before, within) != _reached(after, within))
    both = np.isfinite(before) & np.isfinite(after)
    moved = float(((after[both] - before[both]) * people[both]).sum())
    return Change(rows, float(people[rows].sum()), before, after, moved)


def _reached(minutes: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    # Travel models answer float32, where 20.1 is a little more than the float64 20.1: both are read as float32, as
    # `siting` and `accessibility` read them.
    with np.errstate(over="ignore"):
        reached: NDArray[np.bool_] = np.isfinite(minutes) & (minutes.astype(np.float32) <= np.float32(limit))
    return reached


def _checked_rows(minutes: ArrayLike, weights: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    least, people = np.asarray(minutes, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if least.ndim != 1 or least.shape != people.shape:
        raise CoverageError(f"Give one weight per demand row: minutes are {least.shape}, weights {people.shape}.")
    if not (least >= 0).all():
        at = int(np.argmin(least >= 0))
        msg = f"Minutes of row {at} are {least[at]}: give zero or more, infinite where nothing is in reach."
        raise CoverageError(msg)
    fits = (people >= 0) & np.isfinite(people)
    if not fits.all():
        at = int(np.argmin(fits))
        msg = f"The weight of row {at} is {people[at]}: give zero or more; leave out rows whose weight is not known."
        raise CoverageError(msg)
    return least, people


def _nearest_of(part: Part, cutoff_min: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Minutes and column within one model: one query per speed and land of the destinations."""
    from scipy.spatial import cKDTree

    here, there, model = part.origins, part.destinations, part.model
    least, column = np.full(len(here.lat), np.inf), np.full(len(here.lat), NO_SITE, dtype=np.intp)
    at, targets = here.xyz(), there.xyz()
    for land, kmh in sorted(set(zip(there.land.tolist(), there.kmh.tolist(), strict=True))):
        members = np.flatnonzero((there.land == land) & (there.kmh == kmh))
        members = members[_first_of_each(targets[members])]
        rows = np.arange(len(at)) if land == UNKNOWN else np.flatnonzero((here.land == land) | (here.land == UNKNOWN))
        if not rows.size:
            continue
        minutes, found = _query(cKDTree(targets[members]), at[rows], here.take(rows), kmh, model)
        found = members[found]
        better = (minutes <= cutoff_min) & (
            (minutes < least[rows]) | ((minutes == least[rows]) & (found < column[rows]))
        )
        least[rows[better]], column[rows[better]] = minutes[better], found[better]
    return least, column


def _query(
    tree: Any, at: NDArray[np.float64], here: Ends, kmh: float, model: CrowFly
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    chord, found = tree.query(at)
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1))
    return model.minutes_of(metres, (here.kmh + kmh) / 2), found


def _first_of_each(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows of the first of each group of equal points, ascending."""
    _, first = np.unique(points, axis=0, return_index=True)
    return np.sort(first)
