"""What one account owes and is owed, at every place that invoiced it as somebody."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from maillage.management.billing.models import Customer, Invoice, Seller
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.payments import asked, kept_of
from maillage.management.billing.queries.sellers import seller_on
from maillage.places.models import Place


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open at one place, each invoice with `left_cents`; what the place keeps in advance; who it sells as."""

    place: Place
    invoices: tuple[Invoice, ...]
    kept_cents: int
    seller: Seller | None


def invoices_of(account_id: int) -> "QuerySet[Invoice]":
    """The invoices of the persons that an account is; an organisation's are nobody's own."""
    rows = Invoice.objects.filter(customer__person__account=account_id, customer__person__erased_at__isnull=True)
    return rows.select_related("place__commune__departement", "customer")


def owed_of(account_id: int, *, now: datetime) -> list[Owed]:
    """What an account owes, place by place; a place that never invoiced it is not told."""
    customers = Customer.objects.filter(person__account=account_id, person__erased_at__isnull=True)
    left: dict[object, list[Invoice]] = {}
    for invoice in asked(invoices_of(account_id)).filter(left_cents__gt=0).order_by("due_on", "pk"):
        left.setdefault(invoice.place_id, []).append(invoice)
    kept: dict[object, int] = {}
    places: dict[object, Place] = {}
    for one in customers.select_related("place__commune__departement").order_by("place__name", "pk"):
        places[one.place_id] = one.place
        kept[one.place_id] = kept.get(one.place_id, 0) + max(kept_of(one.pk), 0)
    return [
        Owed(place, tuple(left.get(pk, ())), kept[pk], seller_on(place, today_at(place, now)))
        for pk, place in places.items()
    ]
