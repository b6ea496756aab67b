"""Invoices as they were issued, drafts as they are, and what is still due: sums, never stored."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from maillage.management.billing.models import Allocation, Draft, Invoice
from maillage.management.billing.rules.credits import Left, left_of
from maillage.management.billing.rules.documents import CREDIT, DEPOSIT, Document, read
from maillage.places.models import Place

PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which invoices of a place to show; nothing asked shows all."""

    starts: date | None = None
    ends: date | None = None
    is_unpaid: bool = False
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of invoices, each with what is due, and how many there are."""

    items: tuple[Invoice, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Month:
    """What a month issued, less its credit notes, and what is due of all that was ever issued."""

    net_cents: int
    total_cents: int
    due_cents: int
    unpaid: int


def _sum(field: str) -> Coalesce:
    """What settles (`invoice`) or was drawn from (`credit`) a row, in cents."""
    rows = Allocation.objects.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(rows.annotate(sum=Sum("amount_cents")).values("sum"), output_field=BigIntegerField()), 0)


def with_due(rows: "QuerySet[Invoice]") -> "QuerySet[Any]":
    """Invoices with `settled`, and `left`: what an invoice owes, or what a credit note still holds."""
    settled = rows.annotate(settled=_sum("invoice") + _sum("credit"))
    return settled.annotate(left=F("total_cents") - F("settled"))


def dues_by_invoice(invoices: Collection[int]) -> dict[int, int]:
    """What each invoice still owes, in cents; below zero, what a credit note still holds. One query."""
    rows = with_due(Invoice.objects.filter(pk__in=invoices)).order_by("pk")
    return {pk: -left if kind == CREDIT else left for pk, kind, left in rows.values_list("pk", "kind", "left")}


def due_of(invoice_id: int) -> int:
    """What an invoice still owes, in cents; nothing of a credit note, or where there is none."""
    return max(0, dues_by_invoice([invoice_id]).get(invoice_id, 0))


def invoice_of(place: Place, invoice_id: int) -> Invoice | None:
    """An invoice of this place; None for another's."""
    rows = with_due(Invoice.objects.filter(place=place)).select_related("customer", "corrects")
    return rows.filter(pk=invoice_id).first()


def issued_under(place: Place, key: str) -> Invoice | None:
    """The invoice that was issued under a key; None where there is none."""
    return Invoice.objects.filter(place=place, key=key).first() if key else None


def of_draft(place: Place, draft_id: int) -> Invoice | None:
    """The invoice that a draft became."""
    return issued_under(place, draft_key(draft_id))


def draft_key(draft_id: int) -> str:
    """The key under which a draft is issued, once."""
    return f"draft:{draft_id}"


def document_of(invoice: Invoice) -> Document:
    """What was frozen when it was issued."""
    return read(invoice.canonical)


def credits_of(invoice: Invoice) -> list[Invoice]:
    """The credit notes of an invoice, the oldest first."""
    return list(Invoice.objects.filter(corrects=invoice).order_by("pk"))


def allocations_of(invoice: Invoice) -> list[Allocation]:
    """What settled an invoice, or what a credit note settled, in order."""
    rows = Allocation.objects.filter(Q(invoice=invoice) | Q(credit=invoice))
    return list(rows.select_related("payment", "credit", "invoice").order_by("at", "pk"))


def deposits_of(customer_id: int) -> list[Invoice]:
    """The deposits of an account that no invoice has deducted yet, the oldest first."""
    rows = Invoice.objects.filter(customer=customer_id, kind=DEPOSIT).order_by("pk")
    return [one for one in rows if not deducted(one)]


def deducted(deposit: Invoice) -> bool:
    """Whether a deposit is deducted by an issued invoice, whose credit notes did not take that back."""
    rows = Invoice.objects.filter(customer=deposit.customer_id, canonical__contains=f'"subject":"deposit:{deposit.pk}"')
    return any(_holds(one, deposit) for one in rows.exclude(kind=CREDIT))


def _holds(invoice: Invoice, deposit: Invoice) -> bool:
    return any(one.quantity_milli for one in left_in(invoice) if one.line.subject == f"deposit:{deposit.pk}")


def search(place: Place, asked: Asked, *, page: int = 1) -> Found:
    """The invoices of a place, the newest first, each with what is due of it."""
    rows = _asked(place, asked)
    total = rows.count()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    shown = rows.select_related("customer").order_by("-issued_on", "-pk")[(page - 1) * PAGE : page * PAGE]
    return Found(tuple(shown), total, page)


def every(place: Place, asked: Asked) -> Iterable[Any]:
    """The same, all of them, in the order in which they were issued."""
    return _asked(place, asked).select_related("customer").order_by("issued_on", "pk").iterator(chunk_size=500)


def _asked(place: Place, asked: Asked) -> "QuerySet[Any]":
    rows = with_due(Invoice.objects.filter(place=place))
    if asked.starts and asked.ends:
        rows = rows.filter(issued_on__gte=asked.starts, issued_on__lte=asked.ends)
    if asked.customer_id is not None:
        rows = rows.filter(customer=asked.customer_id)
    return rows.exclude(kind=CREDIT).filter(left__gt=0) if asked.is_unpaid else rows


def unpaid(place: Place, most: int = 20) -> list[Invoice]:
    """The invoices of a place that still owe something, those due first on top."""
    return list(_asked(place, Asked(is_unpaid=True)).select_related("customer").order_by("due_on", "pk")[:most])


def month(place: Place, starts: date, ends: date) -> Month:
    """What a place issued between two days, and what is due of everything."""
    rows = Invoice.objects.filter(place=place, issued_on__gte=starts, issued_on__lte=ends)
    nothing = Coalesce(Sum("net_cents"), 0), Coalesce(Sum("total_cents"), 0)
    sold = rows.exclude(kind=CREDIT).aggregate(net=nothing[0], total=nothing[1])
    back = rows.filter(kind=CREDIT).aggregate(net=nothing[0], total=nothing[1])
    owing = _asked(place, Asked(is_unpaid=True)).aggregate(due=Coalesce(Sum("left"), 0))
    count = _asked(place, Asked(is_unpaid=True)).count()
    return Month(sold["net"] - back["net"], sold["total"] - back["total"], owing["due"], count)


def drafts_of(place: Place) -> list[Draft]:
    """The drafts of a place, the newest first."""
    return list(Draft.objects.filter(place=place).select_related("customer", "corrects").order_by("-pk"))


def draft_of(place: Place, draft_id: int) -> Draft | None:
    """A draft of this place; None for another's."""
    return Draft.objects.filter(place=place).select_related("customer", "corrects").filter(pk=draft_id).first()


def left_in(invoice: Invoice) -> list[Left]:
    """What remains of each line of an invoice that a credit note may still correct."""
    return left_of(document_of(invoice), [document_of(one) for one in credits_of(invoice)])
