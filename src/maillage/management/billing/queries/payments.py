"""What is due, what is left of what came in, and the last movements of an account: sums, never stored."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from maillage.management.billing.models import Allocation, Customer, Invoice, Payment, Receipt
from maillage.management.billing.rules.payments import Due
from maillage.places.models import Place

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Left:
    """A payment or a credit note of which something is left."""

    of: Payment | Invoice
    cents: int

    @property
    def is_credit(self) -> bool:
        return isinstance(self.of, Invoice)


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody owes, and what the place keeps for them."""

    customer: Customer
    owed_cents: int
    kept_cents: int

    @property
    def balance_cents(self) -> int:
        """Above zero: to pay; below: in advance."""
        return self.owed_cents - self.kept_cents


@dataclass(frozen=True, slots=True)
class Debt:
    """An account with something to pay: how much, how many invoices, since when, and when it was last written to."""

    customer: Customer
    owed_cents: int
    invoices: int
    oldest_due_on: date


def asked(invoices: "QuerySet[Invoice]") -> "QuerySet[Any]":
    """Invoices (no credit notes) with `left_cents`, what of each is not settled."""
    settled = Coalesce(Sum("allocations__amount_cents"), 0)
    return invoices.exclude(kind="credit").annotate(left_cents=F("total_cents") - settled)


def dues_of(customer_id: int) -> list[Due]:
    """What an account has to pay, invoice by invoice."""
    rows = asked(Invoice.objects.filter(customer_id=customer_id)).filter(left_cents__gt=0).order_by("due_on", "pk")
    return [Due(row.pk, row.due_on, row.left_cents) for row in rows]


def cash_taken(invoices: Collection[int]) -> dict[int, int]:
    """What cash already settles of each of these invoices, in cents."""
    rows = Allocation.objects.filter(invoice__in=invoices, payment__method="cash").order_by()
    return dict(rows.values_list("invoice").annotate(sum=Sum("amount_cents")))


def lefts_of(customer_id: int) -> list[Left]:
    """The payments and credit notes of an account of which something is left, the oldest first."""
    given = Payment.objects.filter(
        customer_id=customer_id, amount_cents__gt=0, undone_by__isnull=True, undoes__isnull=True, receipt__isnull=True
    ).annotate(left_cents=F("amount_cents") - Coalesce(Sum("allocations__amount_cents"), 0))
    notes = Invoice.objects.filter(customer_id=customer_id, kind="credit").annotate(
        left_cents=F("total_cents") - Coalesce(Sum("settles__amount_cents"), 0)
    )
    rows: list[Left] = [Left(row, row.left_cents) for row in given.order_by("received_on", "pk") if row.left_cents > 0]
    return rows + [Left(row, row.left_cents) for row in notes.order_by("issued_on", "pk") if row.left_cents > 0]


def kept_of(customer_id: int) -> int:
    """What the place keeps for an account: all that came in and every credit note, less what settles and went back.

    A payment that got a receipt was a gift: nothing of it is kept for anybody.
    """
    paid = Payment.objects.filter(customer_id=customer_id).aggregate(sum=Sum("amount_cents"))["sum"] or 0
    credited = (
        Invoice.objects.filter(customer_id=customer_id, kind="credit").aggregate(sum=Sum("total_cents"))["sum"] or 0
    )
    settled = Allocation.objects.filter(invoice__customer_id=customer_id).aggregate(sum=Sum("amount_cents"))["sum"] or 0
    given = Receipt.objects.filter(customer_id=customer_id).aggregate(sum=Sum("amount_cents"))["sum"] or 0
    return int(paid + credited - settled - given)


def account_of(place: Place, customer_id: int) -> Account | None:
    """An account of this place, None for another's."""
    customer = Customer.objects.filter(place=place, pk=customer_id).first()
    return account(customer) if customer else None


def account(customer: Customer) -> Account:
    """What an account owes and what is kept for it."""
    return Account(customer, sum(due.left_cents for due in dues_of(customer.pk)), kept_of(customer.pk))


def balances(customer_ids: Iterable[int]) -> dict[int, int]:
    """The balance of each of these accounts, as `Account.balance_cents` says it; four queries for however many."""
    found = dict.fromkeys(customer_ids, 0)
    invoices, payments = Invoice.objects.filter(customer__in=found), Payment.objects.filter(customer__in=found)
    for sign, rows, column in (
        (1, invoices.exclude(kind="credit"), "total_cents"),
        (-1, invoices.filter(kind="credit"), "total_cents"),
        (-1, payments, "amount_cents"),
        (1, Receipt.objects.filter(customer__in=found), "amount_cents"),
    ):
        for whose, cents in rows.order_by().values_list("customer").annotate(sum=Sum(column)):
            found[whose] += sign * cents
    return found


def open_invoices(place: Place, customer_id: int) -> list[Invoice]:
    """What an account has to pay, the oldest first, each with `left_cents`."""
    rows = Invoice.objects.filter(place=place, customer_id=customer_id)
    return list(asked(rows).filter(left_cents__gt=0).order_by("due_on", "pk"))


def all_open(place: Place) -> list[Invoice]:
    """Every invoice of a place that waits for money, with `left_cents` and its account."""
    rows = asked(Invoice.objects.filter(place=place)).filter(left_cents__gt=0)
    return list(rows.select_related("customer__person", "customer__organisation").order_by("due_on", "pk"))


def debts(place: Place) -> list[Debt]:
    """Who has something to pay, the oldest first."""
    by_customer: dict[int, list[Invoice]] = {}
    for invoice in all_open(place):
        by_customer.setdefault(invoice.customer_id, []).append(invoice)
    return [
        Debt(rows[0].customer, sum(left_of(row) for row in rows), len(rows), rows[0].due_on)
        for rows in by_customer.values()
    ]


def left_of(invoice: Invoice) -> int:
    """What `asked` found left of an invoice."""
    return int(getattr(invoice, "left_cents", 0))


def last_payments(place: Place, customer_ids: Iterable[int] = ()) -> list[Payment]:
    """The last payments of a place, or of some accounts, the newest first."""
    rows = Payment.objects.filter(place=place)
    if ids := list(customer_ids):
        rows = rows.filter(customer_id__in=ids)
    return list(rows.select_related("customer", "undone_by", "undoes").order_by("-received_on", "-pk")[:MOST_SHOWN])


def payment_of(place: Place, payment_id: int) -> Payment | None:
    """A payment of this place."""
    rows = Payment.objects.filter(place=place, pk=payment_id).select_related("customer", "undone_by", "undoes")
    return rows.first()


def settled_by(payment: Payment) -> list[tuple[Invoice, int]]:
    """The invoices that a payment settles, and how much of each, what was taken back left out."""
    rows = payment.allocations.values("invoice").annotate(cents=Sum("amount_cents")).exclude(cents=0)
    found = {row["invoice"]: row["cents"] for row in rows}
    return [(invoice, found[invoice.pk]) for invoice in Invoice.objects.filter(pk__in=found).order_by("due_on", "pk")]


def customers_named(place: Place, ids: Sequence[int] | None = None) -> list[Customer]:
    """The accounts of a place by name."""
    rows = Customer.objects.filter(place=place)
    return list((rows if ids is None else rows.filter(pk__in=ids)).order_by("name", "pk"))


def cheques_at_hand(place: Place) -> list[Payment]:
    """The cheques that are on no slip yet; one that was undone is no more at hand."""
    rows = Payment.objects.filter(place=place, method="cheque", amount_cents__gt=0, on_slip__isnull=True)
    rows = rows.filter(undone_by__isnull=True, undoes__isnull=True)
    return list(rows.select_related("customer").order_by("received_on", "pk"))


def has_invoice(place: Place, invoice_id: int) -> bool:
    """Whether an invoice is of this place."""
    return Invoice.objects.filter(place=place, pk=invoice_id).exists()
