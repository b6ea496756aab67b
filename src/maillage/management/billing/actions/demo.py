"""The prices, invoices and payments of a fictional place, and taking them away with it."""

from datetime import date, datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from maillage.journal import actions as journal
from maillage.management.billing import models
from maillage.management.billing.actions.customers import add_customer
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.actions.pricing import add_list, add_price
from maillage.management.billing.actions.sellers import set_seller
from maillage.management.billing.models import Customer, PriceList, Seller
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.subjects import subjects
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.people.models import Person
from maillage.places.models import Place

SELLER = {
    "regime": "franchise",
    "legal_name": "La Maille, association fictive",
    "legal_form": "Association loi 1901",
    "street": "2 place de l’Ancienne-École",
    "postal_code": "39380",
    "city": "Chamblay",
    "email": "lamaille@example.org",
    "siret": "99900000300007",
    "iban": "FR1420041010050500013M02606",
    "payment_days": "30",
}
PRICES = (
    ("Bureau partagé", "Bureaux", "reduced", "half_day", "6"),
    ("Bureau partagé", "Bureaux", "", "half_day", "9"),
    ("Bureau partagé, au mois", "Bureaux", "", "month", "110"),
    ("Salle du four", "Salle du four", "", "hour", "12"),
    ("Salle du four, associations de la commune", "Salle du four", "body", "hour", "6"),
)
"""The words, the space, the fee class, the unit and the euros of the grid of Gorges and Clisson."""
CUSTOMERS = (
    {"name": "Lila", "street": "8 rue du Lavoir", "postal_code": "39380", "city": "Chamblay"},
    {"name": "Thomas", "street": "3 chemin des Vignes", "postal_code": "39600", "city": "Mouchard"},
    {
        "name": "Communauté de communes fictive",
        "street": "1 place de la Mairie",
        "postal_code": "39600",
        "city": "Mouchard",
        "siret": "20000000800017",
        "is_public": "1",
        "service_code": "COMPTA",
        "engagement": "2026-118",
    },
)
SALES = (
    (100, "Lila", "Bureau partagé, au mois", 1, "month", 11_000, "transfer", 11_000),
    (70, "Lila", "Bureau partagé, au mois", 1, "month", 11_000, "transfer", 11_000),
    (62, "Thomas", "Bureau partagé", 7, "half_day", 900, "cheque", 3_000),
    (40, "Lila", "Bureau partagé, au mois", 1, "month", 11_000, "transfer", 11_000),
    (20, "Communauté de communes fictive", "Salle du four", 6, "hour", 1_200, "", 0),
    (9, "Lila", "Bureau partagé, au mois", 1, "month", 11_000, "", 0),
)
"""Days ago, to whom, what, how many, the unit, its price, how it was paid and how much of it."""


@transaction.atomic
def furnish(*, place: Place, by: str, now: datetime) -> int:
    """Give a fictional place its prices, some invoices and what was paid of them; one that sells already keeps it all.

    Returns how many invoices were issued.
    """
    if not place.is_demo or Seller.objects.filter(place=place).exists():
        return 0
    first = today_at(place, now) - timedelta(days=120)
    set_seller(place=place, raw={**SELLER, "since": first.isoformat()}, by=by, now=now)
    _prices(place, first, by=by, now=now)
    persons = dict(Person.objects.filter(place=place).values_list("name", "pk"))
    accounts = {
        raw["name"]: add_customer(place=place, raw=raw, by=by, now=now, person_id=persons.get(raw["name"]))
        for raw in CUSTOMERS
    }
    for number, (days, who, label, quantity, unit, cents, method, paid) in enumerate(SALES):
        at = now - timedelta(days=days)
        line = DraftLine(label, quantity * 1000, unit, cents, "standard")
        issued = issue_at_once(
            place=place, customer_id=accounts[who], lines=[line], key=f"demo:{number}", by=by, now=at
        )
        if paid:
            record_payment(
                place=place,
                customer_id=accounts[who],
                method=method,
                amount_cents=paid,
                received_on=issued.issued_on,
                key=f"demo:{number}",
                by=by,
                now=at,
            )
    return len(SALES)


def _prices(place: Place, first: date, *, by: str, now: datetime) -> None:
    told = {"title": "Tarifs votés en assemblée générale", "voted_on": first.isoformat(), "since": first.isoformat()}
    made = add_list(place=place, raw=told, copies=None, by=by, now=now)
    spaces = {one.label: one.word for one in subjects(place)}
    for label, space, fee, unit, price in PRICES:
        raw = {"label": label, "subject": spaces.get(space, ""), "fee_class": fee, "unit": unit, "price": price}
        add_price(place=place, list_id=made, raw=raw, by=by, now=now)


@transaction.atomic
def clear_demo(*, by: str, now: datetime) -> int:
    """Delete the money of every fictional place, guards lifted by who asks; how many invoices it had."""
    fictional = Place.objects.filter(is_demo=True)
    customers = Customer.objects.filter(place__in=fictional)
    count = models.Invoice.objects.filter(place__in=fictional).count()
    models.Allocation.objects.filter(invoice__place__in=fictional).delete()
    models.SlipCheque.objects.filter(slip__place__in=fictional).delete()
    models.Mandate.objects.filter(customer__in=customers).delete()
    models.Price.objects.filter(price_list__place__in=fictional).delete()
    models.Invoice.objects.filter(place__in=fictional, corrects__isnull=False).delete()
    for model in _kept_by_place():
        model._base_manager.filter(place__in=fictional).delete()
    if count:
        journal.write(action="billing.demo_removed", by=by, now=now, detail={"invoices": count})
    return count


def _kept_by_place() -> list[type[Model]]:
    """Every table of this room that belongs to a place, what points at others first."""
    last = [models.Payment, models.Invoice, Customer, PriceList]
    every = [model for model in apps.get_app_config("billing").get_models() if hasattr(model, "place")]
    return [*(model for model in every if model not in last), *last]
