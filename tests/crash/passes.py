"""What writes the ledger of passes, each as one act: a pass issued, used, kept aside and taken, a carnet sold."""

from datetime import timedelta
from typing import Any

from maillage.management.billing.models import Price, PriceList, Seller
from maillage.management.passes.actions import ledger, selling
from maillage.management.passes.models import Formula, Movement, Pass
from maillage.management.people.models import Person
from maillage.places.models import Place
from tests.conftest import NOW
from tests.crash.bookings import BY, SLUG

TODAY = NOW.date()
ACTS: dict[str, Any] = {"by": BY, "now": NOW}
DATES: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=180)}


def furnish() -> None:
    """A seller, a formula with its price, somebody who buys, and a pass on which one unit is kept aside."""
    place, made = _place(), {"created_at": NOW, "created_by": BY}
    known = {"street": "1 rue du Four", "postal_code": "39380", "city": "Chamblay"}
    Seller.objects.get_or_create(
        place=place, since=TODAY, defaults={"regime": "outside", "legal_name": "La Maille", **known, **made}
    )
    given = {"place": place, "name": "Carnet", "kind": "carnet", "units": 10, "rates": {}}
    formula = Formula.objects.create(**given, **made)
    tariff, _new = PriceList.objects.get_or_create(place=place, since=TODAY, defaults={"title": "Tarifs", **made})
    line = {"label": "Carnet", "subject": f"formula:{formula.pk}", "unit": "each", "price_cents": 7000}
    Price.objects.create(price_list=tariff, **line)
    Person.objects.create(place=place, name="Odile", folded="odile", created_at=NOW)
    ledger.issue(**ACTS, **DATES, kind="carnet", units=4, place=place, key="crash:base")
    ledger.hold(**ACTS, pass_id=_pass(), place=place, day=TODAY, half="pm", key="crash:held")


def _place() -> Place:
    return Place.objects.select_related("commune__departement").get(slug=SLUG)


def _pass() -> int:
    return Pass.objects.get(movements__key="crash:base").pk


def issue_a_pass(_stage: Any, _ack: Any) -> Any:
    return ledger.issue(**ACTS, **DATES, kind="carnet", units=10, place=_place(), key="crash:issue").pk


def redeem_a_half_day(_stage: Any, _ack: Any) -> Any:
    return ledger.redeem(**ACTS, pass_id=_pass(), place=_place(), day=TODAY, half="am", key="crash:redeem").pk


def take_what_was_held(_stage: Any, _ack: Any) -> Any:
    held = Movement.objects.get(key="crash:held")
    return ledger.take_held(**ACTS, movement_id=held.pk, key="crash:take").pk


def sell_a_carnet(_stage: Any, _ack: Any) -> Any:
    place = _place()
    buyer = Person.objects.get(place=place, name="Odile", folded="odile")
    formula = Formula.objects.get(place=place, name="Carnet")
    return selling.sell(place=place, formula_id=formula.pk, person_id=buyer.pk, key="crash", **ACTS).pk


FLOWS = (issue_a_pass, redeem_a_half_day, take_what_was_held, sell_a_carnet)
