"""The accounts of a place that owe and pay, and what each still owes."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from maillage.management.billing.models import Customer, Invoice
from maillage.management.billing.queries.invoices import dues_by_invoice
from maillage.management.billing.rules.documents import Party
from maillage.places.models import Place

PAGE = 50
LONGEST_SEARCH = 200
MOST_CHOSEN = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One page of accounts, with what each owes, in cents."""

    items: tuple[tuple[Customer, int], ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def search(place: Place, text: str = "", *, page: int = 1) -> Found:
    """The accounts of a place by name, e-mail or Siret."""
    rows = Customer.objects.filter(place=place)
    for word in text[:LONGEST_SEARCH].split():
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(siret__startswith=word))
    total = rows.count()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    shown = list(rows.order_by("name", "pk")[(page - 1) * PAGE : page * PAGE])
    owed = owed_by([one.pk for one in shown])
    return Found(tuple((one, owed.get(one.pk, 0)) for one in shown), total, page)


def owed_by(customers: Collection[int]) -> dict[int, int]:
    """What each of these accounts owes on its invoices, less what its credit notes still hold, in cents."""
    rows = list(Invoice.objects.filter(customer__in=customers).order_by("pk").values_list("pk", "customer_id"))
    due = dues_by_invoice([pk for pk, _ in rows])
    owed: dict[int, int] = {}
    for pk, customer in rows:
        owed[customer] = owed.get(customer, 0) + due[pk]
    return owed


def customer_of(place: Place, customer_id: int) -> Customer | None:
    """An account of this place; None for another's."""
    rows = Customer.objects.filter(place=place).select_related("person", "organisation")
    return rows.filter(pk=customer_id).first()


def to_choose(place: Place) -> list[Customer]:
    """The accounts of a place to choose from, by name; the first five hundred."""
    return list(Customer.objects.filter(place=place).order_by("name", "pk")[:MOST_CHOSEN])


def of_party(place: Place, *, person_id: int | None = None, organisation_id: int | None = None) -> Customer | None:
    """The account of a person or an organisation here, the first one opened."""
    return accounts_of(place, person_id=person_id, organisation_id=organisation_id).first()


def accounts_of(
    place: Place, *, person_id: int | None = None, organisation_id: int | None = None
) -> "QuerySet[Customer]":
    """The accounts of a person or an organisation here, the oldest first; none of nobody."""
    rows = Customer.objects.filter(place=place).order_by("pk")
    if person_id is not None:
        return rows.filter(person=person_id)
    return rows.filter(organisation=organisation_id) if organisation_id is not None else rows.none()


def party_of(customer: Customer) -> Party:
    """The buyer as invoices name it."""
    return Party(
        name=customer.name,
        street=customer.street,
        postal_code=customer.postal_code,
        city=customer.city,
        country=customer.country,
        siret=customer.siret,
        vat_number=customer.vat_number,
        email=customer.email,
    )
