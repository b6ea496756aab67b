"""What somebody has and what they could take, for the cheapest way to pay."""

from collections.abc import Sequence
from datetime import date

from maillage.management.billing.queries.prices import price_for
from maillage.management.passes.models import Formula
from maillage.management.passes.queries.formulas import Left, formulas
from maillage.management.passes.rules.checkout import Purse, Used
from maillage.management.passes.rules.formulas import CARNET, SUBSCRIPTION, rates_of
from maillage.places.models import Place

MOST_PURSES = 4


def priced(place: Place, used: Sequence[tuple[str, str, int]], *, fee_class: str, on: date) -> list[Used]:
    """What was used, each with the price of one piece on a day."""
    told = []
    for subject, unit, quantity in used:
        found = price_for(place, subject=subject, fee_class=fee_class, unit=unit, on=on)
        told.append(Used(subject, unit, quantity, found.price_cents if found else None))
    return told


def purses(place: Place, held: Sequence[Left], *, fee_class: str, on: date) -> list[Purse]:
    """One purse by formula: what is left of those held, and what one more costs; those held first."""
    known: dict[int, Formula] = {one.one.formula.pk: one.one.formula for one in held if one.one.formula}
    known |= {one.pk: one for one in formulas(place, kind=CARNET) if one.pk not in known}
    told = []
    for formula in list(known.values())[:MOST_PURSES]:
        left = sum(one.balance for one in held if one.one.formula_id == formula.pk)
        price = price_for(place, subject=f"formula:{formula.pk}", fee_class=fee_class, unit="each", on=on)
        sold = formula.kind == CARNET and formula.archived_at is None and price is not None
        told.append(
            Purse(
                formula.name,
                left,
                {(one.subject, one.unit): one.units for one in rates_of(formula.rates)},
                new_units=formula.units if sold else 0,
                new_cents=price.price_cents if sold and price else None,
                overage_cents=formula.overage_cents if formula.kind == SUBSCRIPTION and left >= 0 else None,
            )
        )
    return told
