"""Break-even of a small place: what its desks can earn, what it costs, and what no subsidy would leave.

Amounts are whole cents, a year long unless the name says month or day. A cost nobody knows is None, and then so is
everything that rests on it. Parameters are in `viability.toml`, each marked source or assumption.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

MONTHS = 12


class ViabilityError(ValueError):
    """An amount, a share or a number of desks with which nothing can be computed."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The values of `viability.toml`, and under `notes` where each comes from."""

    name: str
    dated: str
    desks: int
    desk_month_cents: int
    desk_day_cents: int
    open_days: int
    rent_month_cents: int
    half_time_post_year_cents: int
    full_time_post_year_cents: int
    energy_year_cents: int
    fibre_month_cents: int
    insurance_year_cents: int
    own_income_rate: float
    notes: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Costs:
    """What one year costs, line by line, in cents; None where nobody knows."""

    rent_cents: int | None = 0
    staff_cents: int | None = 0
    energy_cents: int | None = 0
    fibre_cents: int | None = 0
    insurance_cents: int | None = 0
    other_cents: int | None = 0

    def __post_init__(self) -> None:
        for line in fields(self):
            if (amount := getattr(self, line.name)) is not None:
                _amount(line.name, amount)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The lines nobody knows."""
        return tuple(line.name for line in fields(self) if getattr(self, line.name) is None)

    @property
    def total_cents(self) -> int | None:
        """Sum the lines; None as soon as one of them is unknown.

        >>> Costs(rent_cents=1_440_000, staff_cents=1_188_000).total_cents, Costs(energy_cents=None).total_cents
        (2628000, None)
        """
        amounts = [getattr(self, line.name) for line in fields(self)]
        return None if None in amounts else sum(amounts)


@dataclass(frozen=True, slots=True)
class Balance:
    """A year without any operating subsidy.

    `gap_cents` is the headline: own income − costs, negative when somebody must pay the difference. `own_income_rate`:
    own income over costs (the reference of 2019 is 0.5). Both are None when the costs are unknown.
    """

    own_income_cents: int
    cost_cents: int | None

    @property
    def gap_cents(self) -> int | None:
        return None if self.cost_cents is None else self.own_income_cents - self.cost_cents

    @property
    def own_income_rate(self) -> float | None:
        return own_income_rate(self.own_income_cents, self.cost_cents)


@cache
def parameters() -> Parameters:
    """Load the dated parameters.

    >>> parameters().desks, parameters().notes["open_days"][0]
    (9, 'assumption')
    """
    facts = tomllib.loads((Path(__file__).parent / "viability.toml").read_text(encoding="utf-8"))
    values = {key: fact["value"] for key, fact in facts.items() if isinstance(fact, dict)}
    notes = {key: (fact["kind"], fact["note"]) for key, fact in facts.items() if isinstance(fact, dict)}
    return Parameters(name=facts["name"], dated=facts["dated"], notes=notes, **values)


def income_by_month(desks: int, price_cents: int, *, occupancy: float = 1.0, months: int = MONTHS) -> int:
    """Compute a year's income of desks let by the month: desks × price × months × occupancy, in cents.

    Raises ViabilityError for a negative or infinite figure, or an occupancy outside 0 to 1. Nine desks at 110 €, all
    let, pay roughly one half-time post and nothing else:

    >>> income_by_month(9, 110_00)
    1188000
    """
    full = _count("desks", desks) * _amount("price_cents", price_cents) * _count("months", months)
    return round(full * _share("occupancy", occupancy))


def capacity_desk_days(desks: int, open_days: int) -> int:
    """Count the desk-days that a year can hold: desks × open days.

    >>> capacity_desk_days(9, 220)
    1980
    """
    return _count("desks", desks) * _count("open_days", open_days)


def income_by_day(desks: int, price_cents: int, *, open_days: int, occupancy: float = 1.0) -> int:
    """Compute a year's income of desks let by the day: desks × open days × price × occupancy, in cents.

    >>> [income_by_day(9, 12_00, open_days=220, occupancy=share) for share in (1.0, 0.5, 0.3)]
    [2376000, 1188000, 712800]
    """
    full = capacity_desk_days(desks, open_days) * _amount("price_cents", price_cents)
    return round(full * _share("occupancy", occupancy))


def income_of_demand(desks_per_day: float, price_cents: int, *, open_days: int, capacity: int) -> int:
    """Compute what a demand in desks per day earns in a year: min(demand, capacity) × open days × price, in cents.

    >>> income_of_demand(2.0, 12_00, open_days=220, capacity=9)
    528000
    """
    if not (math.isfinite(desks_per_day) and desks_per_day >= 0):
        raise ViabilityError(f"desks_per_day is {desks_per_day}: give the desks used on a day, zero or more.")
    used = min(desks_per_day, _count("capacity", capacity))
    return round(used * _count("open_days", open_days) * _amount("price_cents", price_cents))


def usual_costs(*, premises_lent: bool, posts: float, parameters: Parameters) -> Costs:
    """Gather the costs of a small place from the parameters; `posts` in full-time equivalents.

    >>> usual_costs(premises_lent=True, posts=0.5, parameters=parameters()).staff_cents
    1188000
    """
    if not (math.isfinite(posts) and posts >= 0):
        raise ViabilityError(f"posts is {posts}: give full-time equivalents, 0.5 for a half-time post.")
    halves = round(posts % 1 * 2 * parameters.half_time_post_year_cents)
    return Costs(
        rent_cents=0 if premises_lent else MONTHS * parameters.rent_month_cents,
        staff_cents=int(posts) * parameters.full_time_post_year_cents + halves,
        energy_cents=parameters.energy_year_cents,
        fibre_cents=MONTHS * parameters.fibre_month_cents,
        insurance_cents=parameters.insurance_year_cents,
    )


def desks_needed(cost_cents: int, *, income_per_desk_cents: int, capacity: int) -> int | None:
    """Find the fewest desks whose yearly income pays a yearly cost: ⌈cost ÷ income per desk⌉.

    None when even `capacity` desks do not pay it. Raises ViabilityError for a negative figure.

    >>> per_desk = income_by_month(1, 110_00)
    >>> desks_needed(11_880_00, income_per_desk_cents=per_desk, capacity=9)
    9
    >>> desks_needed(11_880_00 + 14_400_00, income_per_desk_cents=per_desk, capacity=9) is None
    True
    """
    cost, each = _amount("cost_cents", cost_cents), _amount("income_per_desk_cents", income_per_desk_cents)
    if cost == 0:
        return 0
    if each * _count("capacity", capacity) < cost:
        return None
    return -(-cost // each)


def own_income_rate(own_income_cents: int, cost_cents: int | None) -> float | None:
    """Compute own income ÷ costs; None when the costs are unknown or nothing.

    >>> own_income_rate(11_880_00, 23_760_00)
    0.5
    """
    own = _amount("own_income_cents", own_income_cents)
    if cost_cents is None or _amount("cost_cents", cost_cents) == 0:
        return None
    return own / cost_cents


def break_even_occupancy(cost_cents: int | None, *, full_income_cents: int) -> float | None:
    """Find the occupancy, 0 to 1, from which desks pay the costs: costs ÷ income when always full.

    None when the costs are unknown, or when no occupancy pays them.

    >>> break_even_occupancy(11_880_00, full_income_cents=23_760_00)
    0.5
    >>> break_even_occupancy(26_280_00, full_income_cents=23_760_00) is None
    True
    """
    full = _amount("full_income_cents", full_income_cents)
    if cost_cents is None or _amount("cost_cents", cost_cents) > full:
        return None
    return cost_cents / full if full else 0.0


def balance(income_cents: Mapping[str, int], costs: Costs) -> Balance:
    """Set a year's own income, by activity, against its costs, with subsidy at zero.

    Nine desks by the month at 110 €, all let, beside a rent of 1,200 € a month: a deficit at full occupancy.

    >>> balance({"desks": income_by_month(9, 110_00)}, Costs(rent_cents=12 * 1_200_00)).gap_cents
    -252000
    """
    return Balance(sum(_amount(name, amount) for name, amount in income_cents.items()), costs.total_cents)


def _amount(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ViabilityError(f"{name} is {value!r}: give whole cents, zero or more.")
    return value


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ViabilityError(f"{name} is {value!r}: give a whole number, zero or more.")
    return value


def _share(name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ViabilityError(f"{name} is {value}: give a share between 0 and 1, 0.8 for 80 %.")
    return value
