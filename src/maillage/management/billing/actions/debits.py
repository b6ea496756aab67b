"""Direct debits: mandates, files for the bank, and what the bank paid of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions.door import BillingRefused, customer_here, enter, note, refuse
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import Debit, DebitRun, Invoice, Mandate
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.payments import left_of
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.queries.statements import to_debit
from maillage.management.billing.rules.sepa import (
    Creditor,
    Draw,
    SepaRefused,
    collect_wrong,
    pain_008,
    read_mandate,
)
from maillage.management.people.rules.entries import read_day
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

MOST_DEBITS = 1_000


@transaction.atomic
def sign_mandate(*, place: Place, customer_id: int, raw: Mapping[str, str], by: str, now: datetime) -> Mandate:
    """Write down a mandate that somebody signed; the one before of that account ends."""
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    today = today_at(here, now)
    count = Mandate.objects.filter(customer=customer).count()
    read = read_mandate(raw, today=today, reference=f"M{customer.pk:06}-{count + 1}")
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    if Mandate.objects.filter(customer=customer, reference=read.values["reference"]).exists():
        same = Mandate.objects.get(customer=customer, reference=read.values["reference"])
        if same.iban == read.values["iban"] and same.ended_on is None:
            return same
        raise refuse("mandate_reference", _("cette référence a déjà servi"), _("choisissez-en une autre, ou aucune"))
    Mandate.objects.filter(customer=customer, ended_on__isnull=True).update(ended_on=today)
    mandate = Mandate.objects.create(customer=customer, created_at=now, created_by=by, **read.values)
    note("billing.mandate_signed", mandate, place=here, by=by, now=now)
    return mandate


@transaction.atomic
def end_mandate(*, place: Place, mandate_id: int, by: str, now: datetime) -> None:
    """Withdraw a mandate: nothing is drawn under it any more."""
    here = enter(place, by)
    mandate = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate_id, customer__place=here)
    if mandate.ended_on is None:
        mandate.ended_on = today_at(here, now)
        mandate.save(update_fields=["ended_on"])
        note("billing.mandate_ended", mandate, place=here, by=by, now=now)


@transaction.atomic
def make_run(*, place: Place, invoices: Sequence[int], collect_on: str, key: str, by: str, now: datetime) -> DebitRun:
    """Build the file of debits of some open invoices, once per key; the same invoices never wait in two files."""
    here = enter(place, by)
    chosen = sorted(set(invoices))
    day = read_day(collect_on)
    if day is None:
        raise refuse("collect_on", _("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    known = DebitRun.objects.filter(place=here, key=key).first() if key else None
    if known:
        if sorted(known.debits.values_list("invoice", flat=True)) != chosen or known.collect_on != day:
            raise KeyReused
        return known
    today = today_at(here, now)
    if late := collect_wrong(day, today):
        raise BillingRefused({"collect_on": late})
    may = {invoice.pk: (invoice, mandate) for invoice, mandate in to_debit(here)}
    if not chosen or len(chosen) > MOST_DEBITS or any(number not in may for number in chosen):
        problem = _("une de ces factures ne peut pas être prélevée, ou aucune n’est choisie")
        raise refuse("invoices", problem, _("rechargez la page et choisissez de nouveau"))
    last = DebitRun.objects.filter(place=here).aggregate(last=Max("number"))["last"] or 0
    seller = seller_on(here, today)
    creditor = (
        Creditor(seller.legal_name, seller.iban, seller.bic, seller.creditor) if seller else Creditor("", "", "", "")
    )
    draws = [_draw(*may[number]) for number in chosen]
    message = f"MAILLAGE-{here.pk.hex[:12]}-{last + 1}"
    try:
        xml = pain_008(creditor, draws, collect_on=day, message=message, now=now)
    except SepaRefused as wrong:
        raise refuse("invoices", wrong.problem, wrong.mend) from wrong
    run = DebitRun.objects.create(
        place=here, number=last + 1, key=key, collect_on=day, xml=xml, made_at=now, made_by=by
    )
    Debit.objects.bulk_create(
        Debit(run=run, invoice=may[number][0], mandate=may[number][1], amount_cents=left_of(may[number][0]))
        for number in chosen
    )
    note("billing.debit_made", run, place=here, by=by, now=now, debits=len(chosen))
    return run


@transaction.atomic
def collect_run(*, place: Place, run_id: int, unpaid: Sequence[int], by: str, now: datetime) -> int:
    """Say that the bank has paid a file, but for the debits that it refused; says how many payments that made."""
    here = enter(place, by)
    run = DebitRun.objects.select_for_update(of=("self",)).get(pk=run_id, place=here)
    if run.ended_at is not None:
        return run.debits.filter(payment__isnull=False).count()
    today = today_at(here, now)
    if today < run.collect_on:
        raise refuse("run", _("le jour du prélèvement n’est pas encore venu"), _("revenez ce jour-là"))
    done = 0
    for debit in run.debits.select_related("invoice", "mandate").exclude(pk__in=list(unpaid)).order_by("pk"):
        debit.payment = record_payment(
            place=here,
            customer_id=debit.invoice.customer_id,
            method="debit",
            amount_cents=debit.amount_cents,
            received_on=run.collect_on,
            reference=debit.mandate.reference,
            allocate=[debit.invoice_id],
            key=f"prelevement:{debit.pk}",
            by=by,
            now=now,
        )
        debit.save(update_fields=["payment"])
        done += 1
    _ended(here, run, done, by=by, now=now)
    return done


@transaction.atomic
def drop_run(*, place: Place, run_id: int, by: str, now: datetime) -> None:
    """Give up a file that was not sent to the bank: its invoices may be drawn again."""
    here = enter(place, by)
    run = DebitRun.objects.select_for_update(of=("self",)).get(pk=run_id, place=here)
    if run.ended_at is None:
        _ended(here, run, 0, by=by, now=now)


def _ended(place: Place, run: DebitRun, done: int, *, by: str, now: datetime) -> None:
    run.ended_at, run.ended_by = now, by
    run.save(update_fields=["ended_at", "ended_by"])
    note("billing.debit_ended", run, place=place, by=by, now=now, paid=done)


def _draw(invoice: Invoice, mandate: Mandate) -> Draw:
    return Draw(
        holder=mandate.holder,
        iban=mandate.iban,
        bic=mandate.bic,
        mandate=mandate.reference,
        signed_on=mandate.signed_on,
        amount_cents=left_of(invoice),
        label=f"Facture {invoice}",
        end_to_end=str(invoice)[:35],
    )
