"""Receipts for gifts, as they are shown: those given, and what may still get one."""

from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from maillage.management.billing.models import Payment, Receipt
from maillage.management.billing.rules import receipts
from maillage.places.models import Place

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Year:
    """What the yearly declaration asks: how many receipts were given in a year, and what they come to."""

    year: int
    count: int
    cents: int


def receipts_of(place: Place) -> "QuerySet[Receipt]":
    """The receipts of a place, the newest first."""
    return Receipt.objects.filter(place=place).select_related("customer").order_by("-pk")


def receipt_of(place: Place, receipt_id: int) -> Receipt | None:
    """A receipt of this place, None for another's."""
    return Receipt.objects.filter(place=place, pk=receipt_id).select_related("customer").first()


def given(receipt: Receipt) -> receipts.Given:
    """What a receipt tells, as it was frozen."""
    return receipts.read_canonical(receipt.canonical)


def years(place: Place) -> list[Year]:
    """The sums of each year in which gifts were made, the newest first."""
    rows = list(Receipt.objects.filter(place=place).values_list("given_on", "amount_cents"))
    told = sorted({day.year for day, _cents in rows}, reverse=True)
    return [Year(year, *receipts.yearly(rows, year)) for year in told]


def maybe_gifts(place: Place) -> list[Payment]:
    """The payments of which nothing settled anything, that nobody took back, without a receipt; the newest first."""
    rows = Payment.objects.filter(
        place=place, amount_cents__gt=0, undone_by__isnull=True, undoes__isnull=True, receipt__isnull=True
    ).annotate(settled=Coalesce(Sum("allocations__amount_cents"), 0))
    return list(rows.filter(settled=0).select_related("customer").order_by("-received_on", "-pk")[:MOST_SHOWN])


def payment_of(place: Place, payment_id: int) -> Payment | None:
    """A payment of this place, None for another's."""
    return Payment.objects.filter(place=place, pk=payment_id).select_related("customer").first()


def last_words(place: Place) -> dict[str, str]:
    """What the last receipt said of the association and of who signs: it seldom changes."""
    last = receipts_of(place).first()
    if last is None:
        return dict.fromkeys(receipts.ASKED, "")
    held = given(last)
    return {"purpose": held.purpose, "signatory": held.signatory}
