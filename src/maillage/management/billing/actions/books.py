"""What is written in the books: balanced lines at the end of a place's chain, in the transaction of what they tell."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from maillage.management.billing.actions.door import refuse
from maillage.management.billing.models import Entry, Invoice, Payment, Series, Slip, SlipCheque
from maillage.management.billing.queries.books import closed_until
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.pieces import slip_cheques, slip_piece, slip_values
from maillage.management.billing.rules import accounts, chain, documents
from maillage.management.billing.rules.accounts import Posting
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

LONGEST_LABEL = 200


def write_sale(*, invoice: Invoice, by: str, now: datetime) -> None:
    """Write an invoice in the books, in the transaction that issues it; a free one writes nothing."""
    document = documents.read(invoice.canonical)
    postings = accounts.of_sale(document, auxiliary=auxiliary_of(invoice.customer_id))
    append(
        place=invoice.place,
        journal=chain.SALES,
        on=invoice.issued_on,
        piece=str(invoice),
        piece_on=invoice.issued_on,
        label=document.buyer.name,
        postings=postings,
        by=by,
        now=now,
        seal=chain.sealed(values_of(invoice, chain.INVOICE)),
    )


def write_payment(*, payment: Payment, by: str, now: datetime) -> None:
    """Write a payment in the books, in the transaction that records it.

    One that comes in after its day was closed is written today; its own day stays beside it.
    """
    name = payment.customer.name
    postings = accounts.of_payment(
        payment.method,
        payment.amount_cents,
        auxiliary=auxiliary_of(payment.customer_id),
        name=name,
        is_banked=_is_of_the_bank(payment),
    )
    append(
        place=payment.place,
        journal=chain.CASH if payment.method == "cash" else chain.BANK,
        on=open_day(payment.place, payment.received_on, now),
        piece=f"E{payment.pk}",
        piece_on=payment.received_on,
        label=name,
        postings=postings,
        by=by,
        now=now,
        seal=chain.sealed(values_of(payment, chain.PAYMENT)),
    )


def write_slip(*, slip: Slip, cents: int, by: str, now: datetime) -> None:
    """Write a slip in the books, in the transaction that says that the bank has credited it."""
    on = slip.banked_on or slip.made_on
    append(
        place=slip.place,
        journal=chain.BANK,
        on=open_day(slip.place, on, now),
        piece=slip_piece(slip.number),
        piece_on=on,
        label=f"Remise de chèques {slip.number}",
        postings=accounts.of_slip(cents),
        by=by,
        now=now,
        seal=chain.sealed(slip_values(values_of(slip, chain.SLIP), slip_cheques(slip))),
    )


def _is_of_the_bank(payment: Payment) -> bool:
    """Whether a cheque that goes back leaves the bank: one that it had, or one that the place wrote itself."""
    if payment.amount_cents > 0:
        return False
    if payment.undoes_id is None:
        return True
    return SlipCheque.objects.filter(payment=payment.undoes_id, slip__banked_at__isnull=False).exists()


@transaction.atomic
def append(
    *,
    place: Place,
    journal: str,
    on: date,
    piece: str,
    piece_on: date,
    label: str,
    postings: Sequence[Posting],
    by: str,
    now: datetime,
    seal: str = "",
) -> int:
    """Add one writing at the end of the chain, and give its number; one without lines is not written (0)."""
    if not postings:
        return 0
    if not accounts.is_balanced(postings):
        raise refuse(
            "books", _("la pièce %(piece)s a des débits et des crédits différents", piece=piece), _("signalez-la")
        )
    series = turn(place)
    _in_open_period(place, on)
    entries = _chained(
        postings,
        Entry.objects.filter(place=place).order_by("-position").first(),
        {
            "place_id": place.pk,
            "journal": journal,
            "on": on,
            "piece": piece,
            "piece_on": piece_on,
            "label": label[:LONGEST_LABEL],
            "written_at": now,
            "written_by": by,
            "seal": seal,
        },
    )
    Entry.objects.bulk_create(entries)
    series.last_number, series.last_on = entries[-1].position, on
    series.save(update_fields=["last_number", "last_on"])
    return entries[-1].writing


def _in_open_period(place: Place, on: date) -> None:
    closed = closed_until(place)
    if closed is not None and on <= closed:
        raise refuse(
            "books",
            _(
                "les comptes sont clos jusqu’au %(until)s, et cette pièce est du %(on)s",
                until=_day(closed),
                on=_day(on),
            ),
            _("datez-la d’un jour qui n’est pas clos"),
        )


def _chained(postings: Sequence[Posting], last: Entry | None, shared: Mapping[str, Any]) -> list[Entry]:
    position, before, writing = (last.position, last.digest, last.writing + 1) if last else (0, "", 1)
    entries = []
    for rank, posting in enumerate(postings, start=1):
        entry = Entry(
            position=position + rank,
            writing=writing,
            account=posting.account,
            account_label=accounts.label_of(posting.account),
            auxiliary=posting.auxiliary,
            auxiliary_label=posting.auxiliary_label[:LONGEST_LABEL],
            debit_cents=posting.debit_cents,
            credit_cents=posting.credit_cents,
            before=before,
            **shared,
        )
        before = entry.digest = chain.linked(values_of(entry, chain.ENTRY), before)
        entries.append(entry)
    return entries


def values_of(row: models.Model, columns: Sequence[str]) -> dict[str, Any]:
    """The columns of a row, as its digest reads them."""
    return {name: getattr(row, name) for name in columns}


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def turn(place: Place) -> Series:
    """Take one's turn at the books of a place: who writes or closes holds this row until its commit."""
    Series.objects.get_or_create(place=place, name=chain.SERIES)
    return Series.objects.select_for_update(no_key=True).get(place=place, name=chain.SERIES)


def open_day(place: Place, on: date, now: datetime) -> date:
    """The day under which something of `on` is written: its own, or today where its own is closed."""
    closed = closed_until(place)
    return on if closed is None or on > closed else today_at(place, now)


def auxiliary_of(customer_id: int) -> str:
    """The auxiliary account of a customer."""
    return f"C{customer_id:06}"
