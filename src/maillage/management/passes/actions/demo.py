"""The carnets and subscriptions of a fictional place, and taking them away with it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from maillage.journal import actions as journal
from maillage.management.billing.actions.pricing import add_price
from maillage.management.billing.models import PriceList
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.subjects import subjects
from maillage.management.passes.actions.formulas import add_formula
from maillage.management.passes.actions.selling import sell, subscribe
from maillage.management.passes.actions.using import use
from maillage.management.passes.models import Formula, Movement, Pass, Subscription
from maillage.management.people.models import Person
from maillage.places.models import Place

CARNET, SUBSCRIPTION = "Carnet de 10 demi-journées", "Abonnement bureau, 40 demi-journées"
FORMULAS = (
    ({"name": CARNET, "kind": "carnet", "units": "10", "months": "6", "is_roaming": "1"}, "each", "70"),
    ({"name": SUBSCRIPTION, "kind": "subscription", "units": "40", "overage": "4"}, "month", "110"),
)
RATES = (("Bureaux", "half_day", "1"), ("Salle du four", "hour", "2"))
SOLD_DAYS_AGO = 8
USED = (("Thomas", 7, "am"), ("Thomas", 5, "pm"), ("Thomas", 2, "am"), ("Lila", 6, "am"), ("Lila", 6, "pm"))
"""Who used what they have, how many days ago, which half of the day."""


@transaction.atomic
def furnish(*, place: Place, by: str, now: datetime) -> int:
    """Let a fictional place sell a carnet and a subscription, each used some; one that has formulas keeps them.

    Returns how many were sold. Without prices or without these people, nothing is sold.
    """
    prices = PriceList.objects.filter(place=place).order_by("since").last()
    people = dict(Person.objects.filter(place=place, name__in=("Thomas", "Lila")).values_list("name", "pk"))
    if not place.is_demo or prices is None or len(people) < 2 or Formula.objects.filter(place=place).exists():
        return 0
    made = _formulas(place, prices.pk, by=by, now=now)
    then = now - timedelta(days=SOLD_DAYS_AGO)
    first = today_at(place, then)
    act: dict[str, Any] = {"place": place, "by": by, "now": then}
    carnet = sell(formula_id=made[CARNET], key="demo", person_id=people["Thomas"], **act)
    subscribe(formula_id=made[SUBSCRIPTION], starts_on=first, person_id=people["Lila"], **act)
    allowance = Pass.objects.get(place=place, person=people["Lila"])
    desks = _spaces(place)["Bureaux"]
    for number, (who, days, half) in enumerate(USED):
        found = carnet if who == "Thomas" else allowance
        at = now - timedelta(days=days)
        given: dict[str, Any] = {"place": place, "subject": desks, "quantity": 1, "half": half, "by": by, "now": at}
        use(pass_id=found.pk, day=today_at(place, at), key=f"demo:{number}", **given)
    return 2


def _spaces(place: Place) -> dict[str, str]:
    return {one.label: one.word for one in subjects(place, kind="space")}


def _formulas(place: Place, prices: int, *, by: str, now: datetime) -> dict[str, int]:
    spaces, made = _spaces(place), {}
    rates = {f"units-{spaces[name]}": units for name, _unit, units in RATES if name in spaces}
    rates |= {f"unit-{spaces[name]}": unit for name, unit, _units in RATES if name in spaces}
    for raw, unit, euros in FORMULAS:
        name = raw["name"]
        made[name] = add_formula(place=place, raw={**raw, **rates}, by=by, now=now)
        line = {"label": name, "subject": f"formula:{made[name]}", "fee_class": "", "unit": unit, "price": euros}
        add_price(place=place, list_id=prices, raw=line, by=by, now=now)
    return made


@transaction.atomic
def clear_demo(*, by: str, now: datetime) -> int:
    """Delete what every fictional place sold by the carnet or by the month, guards lifted by who asks; how many."""
    fictional = Place.objects.filter(is_demo=True)
    moved = Movement.objects.filter(Q(of__place__in=fictional) | Q(place__in=fictional))
    moved.filter(undoes__isnull=False).delete()
    moved.delete()
    count, _each = Pass.objects.filter(place__in=fictional).delete()
    Subscription.objects.filter(place__in=fictional).delete()
    Formula.objects.filter(place__in=fictional).delete()
    if count:
        journal.write(action="passes.demo_removed", by=by, now=now, detail={"passes": count})
    return count
