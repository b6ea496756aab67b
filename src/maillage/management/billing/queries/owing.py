"""Whose account is not settled: nobody forgets them while one owes the other.

An account opened by hand, of nobody the place knows, is also that of whoever has its name or its address there.
"""

from datetime import date

from django.db.models import BigIntegerField, Exists, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from maillage.journal import legal
from maillage.management.billing.models import Customer, Invoice, Payment, Receipt
from maillage.management.people.rules.retention import months_later
from maillage.places.rules.sentences import sentence as _

ACCOUNTS_MONTHS = "accounts_months"
FORGOTTEN = r"^C\d{6,}$"
"""The name of an account whose customer is forgotten: its auxiliary account in the books."""
BY_HAND = Q(person__isnull=True, organisation__isnull=True)


def held() -> Q:
    """The persons whose account is not settled, as a condition on them."""
    alike = Q(name=OuterRef("name")) | (Q(email__iexact=OuterRef("email")) & ~Q(email=""))
    own = unsettled().filter(person=OuterRef("pk"))
    by_hand = unsettled().filter(BY_HAND, alike, place=OuterRef("place"))
    return Exists(own) | Exists(by_hand)


def reason() -> tuple[str, str]:
    """Why somebody is held, and what to do about it."""
    return (
        _("son compte n’est pas soldé\u202f: il reste de l’argent dû, ou gardé d’avance"),
        _("encaissez, remboursez ou faites un avoir, puis recommencez"),
    )


def unsettled() -> "QuerySet[Customer]":
    """The accounts where one owes the other something."""
    sold = _sum(Invoice.objects.exclude(kind="credit"), "total_cents")
    back = _sum(Invoice.objects.filter(kind="credit"), "total_cents")
    paid = _sum(Payment.objects.all(), "amount_cents")
    given = _sum(Receipt.objects.all(), "amount_cents")
    return Customer.objects.annotate(balance=sold - back - paid + given).exclude(balance=0)


def _sum(rows: "QuerySet[Model]", column: str) -> Coalesce:
    own = rows.filter(customer=OuterRef("pk")).order_by().values("customer").annotate(sum=Sum(column)).values("sum")
    return Coalesce(Subquery(own, output_field=BigIntegerField()), 0)


def accounts_also_of(persons: "QuerySet[Model]") -> "QuerySet[Customer]":
    """The accounts of some persons, those opened by hand under their address included."""
    of = persons.filter(place=OuterRef("place"), email__iexact=OuterRef("email")).exclude(email="")
    return Customer.objects.filter(Q(person__in=persons.values("pk")) | (BY_HAND & Exists(of)))


def past(on: date) -> "QuerySet[Customer]":
    """Accounts of nobody, or of who is forgotten, whose last piece is of a year that the law no longer wants kept."""
    kept = legal.parameter(ACCOUNTS_MONTHS, on)
    if kept is None or kept.value is None:
        return Customer.objects.none()
    cut = date(months_later(on, -kept.value).year, 1, 1)
    late = [
        Exists(rows.objects.filter(customer=OuterRef("pk"), **{f"{column}__gte": cut}))
        for rows, column in ((Invoice, "issued_on"), (Payment, "received_on"), (Receipt, "given_on"))
    ]
    rows = Customer.objects.exclude(pk__in=unsettled().values("pk")).filter(created_at__year__lt=cut.year)
    rows = rows.filter(organisation__isnull=True, siret="").filter(Q(person=None) | Q(person__erased_at__isnull=False))
    return rows.exclude(late[0] | late[1] | late[2]).exclude(name__regex=FORGOTTEN)
