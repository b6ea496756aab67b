"""The statement of the bank: read once, matched line by line by somebody, or set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from maillage.management.billing.actions.door import enter, note, refuse
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.formats import bank_csv, camt
from maillage.management.billing.models import BankLine, Customer, Invoice, Payment
from maillage.management.billing.queries.statements import proposals_of, recorded_apart
from maillage.management.billing.rules.bank import CERTAIN, Bad, NotAStatement, digests
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

LONGEST_REFERENCE = 120


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a file: lines that are new, those known already, money that went out, and rows that are wrong."""

    new: int
    known: int
    out: int
    bad: tuple[Bad, ...]


def read_statement(*, place: Place, raw: bytes, by: str, now: datetime) -> Read:
    """Read a file of the bank, CSV or CAMT.053; what was read before is left as it is."""
    try:
        told = camt.read(raw) if camt.is_xml(raw) else bank_csv.read(raw)
    except NotAStatement as wrong:
        raise refuse("file", wrong.problem, wrong.mend) from wrong
    return _kept(place, told.rows, tuple(told.bad), by=by, now=now)


@transaction.atomic
def _kept(place: Place, rows: Sequence[bank_csv.Row], bad: tuple[Bad, ...], *, by: str, now: datetime) -> Read:
    here = enter(place, by)
    found = list(zip(rows, digests(rows), strict=True))
    incoming = {digest: row for row, digest in found if row.amount_cents > 0}
    known = set(BankLine.objects.filter(place=here, digest__in=incoming).values_list("digest", flat=True))
    made = [
        BankLine(
            place=here,
            booked_on=row.booked_on,
            label=row.label,
            amount_cents=row.amount_cents,
            digest=digest,
            read_at=now,
            read_by=by,
        )
        for digest, row in incoming.items()
        if digest not in known
    ]
    BankLine.objects.bulk_create(made, batch_size=200)
    told = Read(len(made), len(known), len(found) - len(incoming), bad)
    note("billing.bank_read", here, place=here, by=by, now=now, new=told.new, known=told.known, bad=len(bad))
    return told


@transaction.atomic
def match(
    *, place: Place, line_id: int, customer_id: int, invoices: Sequence[int] | None, by: str, now: datetime
) -> Payment:
    """Say that a line of the bank is money of an account, for these invoices; said again, it is the same payment."""
    here = enter(place, by)
    line = _line(here, line_id)
    if line.payment is not None:
        if line.payment.customer_id == customer_id:
            return line.payment
        raise refuse("line", _("cette ligne est déjà rapprochée"), _("annulez d’abord son encaissement"))
    return _matched(here, line, customer_id, invoices, by=by, now=now)


@transaction.atomic
def link(*, place: Place, line_id: int, payment_id: int, by: str, now: datetime) -> Payment:
    """Say that a line of the bank is a payment written down already: nothing is written twice."""
    here = enter(place, by)
    line = _line(here, line_id)
    payment = Payment.objects.get(pk=payment_id, place=here)
    if line.payment_id == payment.pk:
        return payment
    if line.payment_id is not None or not recorded_apart(here).filter(pk=payment.pk).exists():
        raise refuse("line", _("cette ligne ou cet encaissement est déjà rapproché"), _("rechargez la page"))
    if payment.amount_cents != line.amount_cents:
        raise refuse("line", _("les montants diffèrent"), _("choisissez un autre encaissement"))
    _tied(here, line, payment, by=by, now=now)
    return payment


@transaction.atomic
def match_certain(*, place: Place, lines: Sequence[int], by: str, now: datetime) -> int:
    """Match at once the lines shown as certain that still are; says how many."""
    here = enter(place, by)
    done = 0
    for line in (
        BankLine.objects.select_for_update(of=("self",))
        .filter(place=here, pk__in=list(lines), payment__isnull=True, is_aside=False)
        .order_by("booked_on", "pk")
    ):
        found = proposals_of(here, [line])[line.pk]
        if not found or found[0].certainty != CERTAIN:
            continue
        sure = found[0]
        if sure.payment:
            _tied(here, line, Payment.objects.get(pk=sure.payment, place=here), by=by, now=now)
        else:
            _matched(here, line, sure.customer, sure.invoices, by=by, now=now)
        done += 1
    return done


@transaction.atomic
def set_aside(*, place: Place, line_id: int, is_aside: bool, by: str, now: datetime) -> None:
    """Put a line that is no customer's money aside, or take it up again."""
    here = enter(place, by)
    line = _line(here, line_id)
    if line.payment_id is not None or line.is_aside == is_aside:
        return
    line.is_aside = is_aside
    line.save(update_fields=["is_aside"])
    note("billing.bank_set_aside" if is_aside else "billing.bank_taken_up", line, place=here, by=by, now=now)


def _line(place: Place, line_id: int) -> BankLine:
    """A line of this place to write on."""
    rows = BankLine.objects.select_for_update(of=("self",), no_key=True).select_related("payment")
    return rows.get(pk=line_id, place=place)


def _matched(
    place: Place, line: BankLine, customer_id: int, invoices: Sequence[int] | None, *, by: str, now: datetime
) -> Payment:
    customer = Customer.objects.get(pk=customer_id, place=place)
    own = None if invoices is None else list(invoices)
    if own and Invoice.objects.filter(pk__in=own, customer=customer).count() != len(set(own)):
        raise refuse("line", _("ces factures sont d’un autre compte"), _("rechargez la page et choisissez de nouveau"))
    # One that was undone leaves its key behind: whoever matches the line again needs another.
    key = f"banque:{line.digest}"
    undone = Payment.objects.filter(place=place, key__startswith=key).count()
    payment = record_payment(
        place=place,
        customer_id=customer.pk,
        method="transfer",
        amount_cents=line.amount_cents,
        received_on=line.booked_on,
        reference=line.label[:LONGEST_REFERENCE],
        allocate=own,
        key=f"{key}:{undone}" if undone else key,
        by=by,
        now=now,
    )
    _tied(place, line, payment, by=by, now=now)
    return payment


def _tied(place: Place, line: BankLine, payment: Payment, *, by: str, now: datetime) -> None:
    line.payment, line.is_aside = payment, False
    line.save(update_fields=["payment", "is_aside"])
    note("billing.bank_matched", line, place=place, by=by, now=now, payment=payment.pk)
