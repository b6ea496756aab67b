"""How much of a service each place of living can really count on: floating catchments, gravity, rational agents.

Everywhere `minutes` is CSR demand × sites (absent = out of reach, an explicit zero is zero minutes), `supply` what each
site offers (desks, seats…), `demand` the people of each row, both known and zero or more; a decay is a function of
minutes (`maillage.analysis.decay`). Answers are per demand row. Which to use: `docs/algorithms/accessibility.md`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.analysis import sparse
from maillage.analysis.decay import Decay, DecayError, step
from maillage.analysis.numbers import is_number, is_whole, told
from maillage.analysis.travel import checked

Floats = NDArray[np.float64]


class AccessibilityError(ValueError):
    """Supply, demand or settings from which no accessibility can be told."""


@dataclass(frozen=True, slots=True)
class Raam:
    """What the rational agent access model answers.

    `cost`: per demand row, mean of travel ÷ τ + congestion of its people (a row without people: what the first one
    would meet; nothing in reach: infinite); `flow`: people from each row to each site; `load`: people per site;
    `congestion`: per site, load ÷ (ρ × supply), NaN without supply; `regret`: what a person would gain on average by
    choosing again, alone, in the unit of `cost`: zero at the equilibrium; `cycles`: rounds of choice.
    """

    cost: Floats
    flow: sparse.csr_array
    load: Floats
    congestion: Floats
    regret: float
    cycles: int


def two_sfca(minutes: Any, supply: ArrayLike, demand: ArrayLike, *, within: float) -> Floats:
    """Share each site among everybody within reach of it, then add up each row's shares (2SFCA).

    Rⱼ = Sⱼ ÷ Σ(i: tᵢⱼ ≤ within) Dᵢ, Aᵢ = Σ(j: tᵢⱼ ≤ within) Rⱼ: units of supply per person. Source: Luo & Wang 2003,
    Environment and Planning B 30. Errors and edge cases as `e2sfca`.

    >>> two_sfca([[5.0, 50.0], [10.0, 5.0]], [10, 6], [100, 20], within=30).round(3).tolist()
    [0.083, 0.383]
    """
    return e2sfca(minutes, supply, demand, within=within, decay=step({_checked_within(within): 1.0}))


def e2sfca(minutes: Any, supply: ArrayLike, demand: ArrayLike, *, within: float, decay: Decay) -> Floats:
    """Share each site among the people in reach, the nearer counting more, then add up each row's shares (E2SFCA).

    Rⱼ = Sⱼ ÷ Σᵢ Dᵢ w(tᵢⱼ), Aᵢ = Σⱼ Rⱼ w(tᵢⱼ), over trips of at most `within` minutes: units of supply per person, and
    Σᵢ Dᵢ Aᵢ is the supply of all sites that somebody can reach. Zero where nothing is in reach; NaN where nobody lives
    and a site is in reach of nobody. Source: Luo & Qi 2009, Health & Place 15. Raises `travel.TravelError`,
    `decay.DecayError` or `AccessibilityError` for minutes, weights, supply or demand that cannot be.

    >>> from maillage.analysis.decay import gaussian
    >>> e2sfca([[0.0], [20.0]], [10], [100, 100], within=30, decay=gaussian(20)).round(4).tolist()
    [0.0622, 0.0378]
    """
    weight = _weights(checked(minutes), within, decay)
    offered, people = _checked_sides(weight, supply, demand)
    return _shared(weight, offered, people)


def three_sfca(minutes: Any, supply: ArrayLike, demand: ArrayLike, *, within: float, decay: Decay) -> Floats:
    """Share as `e2sfca`, each row's people first sharing themselves among the sites in their reach (3SFCA).

    Gᵢⱼ = w(tᵢⱼ) ÷ Σₖ w(tᵢₖ), Rⱼ = Sⱼ ÷ Σᵢ Gᵢⱼ Dᵢ w(tᵢⱼ), Aᵢ = Σⱼ Gᵢⱼ Rⱼ w(tᵢⱼ): a site is not asked for by people who
    have others as near. Source: Wan, Zou & Sternberg 2012, International Journal of GIS 26. Errors and edge cases as
    `e2sfca`.

    >>> from maillage.analysis.decay import step
    >>> three_sfca([[5.0, 5.0], [50.0, 5.0]], [10, 10], [100, 50], within=30, decay=step({30: 1})).round(6).tolist()
    [0.15, 0.1]
    """
    weight = _weights(checked(minutes), within, decay)
    offered, people = _checked_sides(weight, supply, demand)
    total = weight.sum(axis=1)
    choice = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    chosen = np.repeat(choice, np.diff(weight.indptr)) * weight.data
    chosen *= weight.data
    return _shared(_like(weight, chosen), offered, people)


def gravity(minutes: Any, supply: ArrayLike, *, decay: Decay, within: float | None = None) -> Floats:
    """Add up the sites in reach, the nearer counting more, whoever else wants them (Hansen's potential).

    Aᵢ = Σⱼ Sⱼ w(tᵢⱼ), over trips of at most `within` minutes where it is given: units of supply. Source: Hansen 1959,
    Journal of the American Institute of Planners 25. Errors as `e2sfca`.

    >>> from maillage.analysis.decay import gravity as power
    >>> gravity([[10.0, 20.0]], [4, 8], decay=power(10, 2, least_min=1)).tolist()
    [6.0]
    """
    found = checked(minutes)
    weight = _weights(found, np.inf if within is None else within, decay)
    offered = _checked_amounts(supply, found.shape[1], "supply", "site")
    potential: Floats = weight @ offered
    return potential


def raam(
    minutes: Any,
    supply: ArrayLike,
    demand: ArrayLike,
    *,
    tau_min: float = 60.0,
    rho: float | None = None,
    tolerance: float = 1e-3,
    cycles: int = 1_000,
) -> Raam:
    """Let everybody choose between going far and waiting, until nobody gains by choosing again (RAAM).

    Cost of site j to a person of row i = tᵢⱼ ÷ τ + loadⱼ ÷ (ρ Sⱼ): `tau_min` is the travel that weighs as much as a
    site used at ρ people a unit of supply, by default the mean of all demand over all supply. The equilibrium (Wardrop)
    minimises the convex Σⱼ loadⱼ² ÷ (2 ρ Sⱼ) + Σ xᵢⱼ tᵢⱼ ÷ τ, so its loads and costs are unique. Row after row moves
    people from its dearest site in use to its cheapest one, by the amount that makes both equal, until the mean regret
    is at most `tolerance` or after `cycles` rounds: read `.regret`. Lower is better.

    Source: Saxon & Snow 2020, Annals of the American Association of Geographers 110. Their published procedure stops
    before the equilibrium: `raam_in_steps`. Raises `AccessibilityError` or `travel.TravelError` for what cannot be.

    >>> found = raam([[0.0, 30.0]], [10, 10], [100], tau_min=60)
    >>> found.load.round().tolist(), found.cost.round(2).tolist()
    ([62.0, 38.0], [1.25])
    """
    from maillage.analysis.kernels import access

    if not (is_number(tolerance) and 0 < tolerance < np.inf and is_whole(cycles) and cycles >= 1):
        msg = (
            "tolerance must be a finite number above zero and cycles a whole number, 1 or more, not "
            f"{told(tolerance)} and {told(cycles)}."
        )
        raise AccessibilityError(msg)
    trips = _trips(minutes, supply, demand, tau_min, rho)
    flow, load, done = access.settle(trips, tolerance, cycles)
    congestion = _congestion(load, trips.supply)
    return _answer(trips, flow, load, congestion, congestion, done)


def raam_in_steps(
    minutes: Any,
    supply: ArrayLike,
    demand: ArrayLike,
    *,
    tau_min: float = 60.0,
    rho: float | None = None,
    cycles: int = 150,
    initial_step: float = 0.2,
    min_step: float = 0.005,
    half_life: float = 50.0,
) -> Raam:
    """Run RAAM as it was published, and as the package `access` (PySAL) runs it: same figures, to the last digit.

    All start at the nearest site. In each of `cycles` rounds the rows look at one and the same load, and each moves
    whole people from its dearest site in use to its cheapest, at most a share `initial_step` of its people, halved
    every `half_life` rounds and never under `min_step`; in the first 20 rounds newcomers to a site are cut down to what
    it can serve at a congestion of 1. `.cost` is with the congestion before the last move, as `access` tells it. This
    is no equilibrium: read `.regret`, and compare `raam`. Demand must be whole people.

    >>> raam_in_steps([[0.0, 30.0]], [10, 10], [100], tau_min=60).load.tolist()
    [63.0, 37.0]
    """
    from maillage.analysis.kernels import access

    shares = all(is_number(share) and 0 < share <= 1 for share in (initial_step, min_step))
    if not (is_whole(cycles) and cycles >= 1 and shares and is_number(half_life) and 0 < half_life < np.inf):
        msg = (
            "Give cycles of 1 or more, shares of people above zero and at most 1, and a half-life above zero, not "
            f"cycles={told(cycles)}, initial_step={told(initial_step)}, min_step={told(min_step)}, "
            f"half_life={told(half_life)}."
        )
        raise AccessibilityError(msg)
    trips = _trips(minutes, supply, demand, tau_min, rho)
    if (trips.demand != np.trunc(trips.demand)).any():
        raise AccessibilityError("raam_in_steps moves whole people: give whole numbers of people, or use raam.")
    flow, load, before = access.walk(trips, access.Pace(cycles, initial_step, min_step, half_life))
    shown, now = (_congestion(one, trips.supply) for one in (before, load))
    return _answer(trips, flow, load, shown, now, cycles)


def _trips(minutes: Any, supply: ArrayLike, demand: ArrayLike, tau_min: float, rho: float | None) -> Any:
    from maillage.analysis.kernels import access

    found = checked(minutes)
    offered, people = _checked_sides(found, supply, demand)
    if not (is_number(tau_min) and 0 < tau_min < np.inf):
        raise AccessibilityError(f"tau_min must be a finite number of minutes above zero, not {told(tau_min)}.")
    if not offered.any():
        raise AccessibilityError("No site offers anything: RAAM needs a supply above zero somewhere.")
    rate = float(people.sum() / offered.sum()) if rho is None else rho
    if not (is_number(rate) and 0 < rate < np.inf):
        msg = f"rho must be a finite number of people a unit of supply above zero, not {told(rate)}."
        raise AccessibilityError(msg)
    kept = offered[found.indices] > 0
    before = np.concatenate([[0], np.cumsum(kept)])
    ordered = sparse.csr_array((found.data[kept], found.indices[kept], before[found.indptr]), shape=found.shape)
    ordered.sort_indices()
    travel = ordered.data.astype(np.float64) / tau_min
    return access.Trips(ordered.indptr.astype(np.int64), ordered.indices, travel, people, offered * rate)


def _congestion(load: Floats, capacity: Floats) -> Floats:
    return np.divide(load, capacity, out=np.full_like(load, np.nan), where=capacity > 0)


def _answer(trips: Any, flow: Floats, load: Floats, shown: Floats, now: Floats, cycles: int) -> Raam:
    """Costs with the congestion to show, and the regret with the congestion as it is."""
    count = trips.demand.size
    rows = np.repeat(np.arange(count), np.diff(trips.indptr))
    spent = np.bincount(rows, weights=(shown[trips.indices] + trips.travel) * flow, minlength=count)
    placed = np.bincount(rows, weights=flow, minlength=count)
    cost = now[trips.indices] + trips.travel
    cheapest = np.full(count, np.inf)
    some = np.flatnonzero(np.diff(trips.indptr))
    if some.size:
        cheapest[some] = np.minimum.reduceat(cost, trips.indptr[some])
    wasted = float(((cost - cheapest[rows]) * flow).sum())
    people = float(placed.sum())
    mean = np.divide(spent, placed, out=cheapest.copy(), where=placed > 0)
    going = sparse.csr_array((flow, trips.indices, trips.indptr), shape=(count, load.size))
    return Raam(mean, going, load, now, max(0.0, wasted / people) if people else 0.0, cycles)


def _shared(weight: sparse.csr_array, supply: Floats, demand: Floats) -> Floats:
    asked: Floats = weight.T @ demand
    bare = (asked == 0) & (supply > 0)
    access: Floats = weight @ np.divide(supply, asked, out=np.zeros_like(supply), where=asked > 0)
    if bare.any():
        access[(weight @ bare.astype(np.float64)) > 0] = np.nan
    return access


def _weights(minutes: sparse.csr_array, within: float, decay: Decay) -> sparse.csr_array:
    limit = _checked_within(within)
    if not callable(decay):
        msg = f"decay must be a function of minutes, such as decay.gaussian(15), not {decay!r}."
        raise DecayError(msg)
    weights = np.asarray(decay(minutes.data), dtype=np.float64)
    if weights.shape != minutes.data.shape:
        msg = f"A decay gives one weight per trip: for {minutes.nnz} trips it gave an array of shape {weights.shape}."
        raise DecayError(msg)
    if weights.size and not (weights.min() >= 0 and weights.max() < np.inf):
        at = int(np.argmin((weights >= 0) & (weights < np.inf)))
        msg = f"A decay gives weights of zero or more, finite: for {minutes.data[at]} minutes it gave {weights[at]}."
        raise DecayError(msg)
    if weights.size and minutes.data.max() > limit:
        weights = np.where(minutes.data <= limit, weights, 0.0)
    return _like(minutes, weights)


def _like(minutes: sparse.csr_array, data: Floats) -> sparse.csr_array:
    return sparse.csr_array((data, minutes.indices, minutes.indptr), shape=minutes.shape)


def _checked_within(within: float) -> float:
    if not (is_number(within) and within > 0):
        raise AccessibilityError(f"within must be a number of minutes above zero, not {told(within)}.")
    return float(within)


def _checked_sides(minutes: sparse.csr_array, supply: ArrayLike, demand: ArrayLike) -> tuple[Floats, Floats]:
    rows, sites = minutes.shape
    return _checked_amounts(supply, sites, "supply", "site"), _checked_amounts(demand, rows, "demand", "row")


def _checked_amounts(values: ArrayLike, size: int, what: str, of: str) -> Floats:
    try:
        amounts = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise AccessibilityError(f"The {what} must be numbers, one per {of}; minutes have {size}.") from None
    if amounts.shape != (size,):
        raise AccessibilityError(f"Give one {what} per {of}: minutes have {size}, {what} has shape {amounts.shape}.")
    fits = (amounts >= 0) & (amounts < np.inf)
    if not fits.all():
        at = int(np.argmin(fits))
        msg = f"The {what} of {of} {at} is {amounts[at]}: give zero or more; leave out what is not known."
        raise AccessibilityError(msg)
    return amounts
