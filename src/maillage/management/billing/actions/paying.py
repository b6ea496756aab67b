"""Money comes in, goes back, settles invoices: each act holds the account it writes on, and is a row more."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions.books import write_payment
from maillage.management.billing.actions.door import BillingRefused, customer_here, enter, note, refuse
from maillage.management.billing.labels import euros
from maillage.management.billing.models import Allocation, BankLine, Customer, Invoice, Payment, Receipt
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.queries.payments import cash_taken, dues_of, kept_of
from maillage.management.billing.rules import cash
from maillage.management.billing.rules.payments import METHODS, Part, day_wrong, in_order, read_payment, spread
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def record_payment(
    *,
    place: Place,
    customer_id: int,
    method: str,
    amount_cents: int,
    received_on: date,
    key: str,
    by: str,
    now: datetime,
    reference: str = "",
    allocate: Sequence[int] | None = None,
    provider: str = "",
    provider_ref: str = "",
) -> Payment:
    """Write down money that came in, and settle invoices with it: those named, or the oldest first.

    What is more than is due stays in advance on the account. The same key again is the same payment; with other facts
    it raises `KeyReused`.
    """
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    facts = {
        "customer_id": customer.pk,
        "method": method,
        "amount_cents": amount_cents,
        "received_on": received_on,
        "reference": reference,
        "provider": provider,
        "provider_ref": provider_ref,
    }
    if known := _known(here, key, facts):
        return known
    if method not in METHODS or amount_cents <= 0:
        raise refuse("amount", _("un encaissement a un moyen et un montant"), _("écrivez les deux"))
    if wrong := day_wrong(received_on, today_at(here, now)):
        raise BillingRefused({"received_on": wrong})
    parts = spread(amount_cents, in_order(dues_of(customer.pk), allocate))
    if method == "cash":
        _within_the_law(customer, amount_cents, parts, received_on)
    payment = _written(here, customer, facts, key, by=by, now=now)
    _settle(parts, payment=payment, by=by, now=now)
    return payment


def record_typed(
    *,
    place: Place,
    customer_id: int,
    raw: Mapping[str, str],
    key: str,
    by: str,
    now: datetime,
    allocate: Sequence[int] | None = None,
) -> Payment:
    """Write down a payment that somebody typed; `BillingRefused` says all that is wrong with it at once."""
    read = read_payment(raw, today_at(place, now))
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    told = {"method": "method", "amount_cents": "amount_cents", "received_on": "received_on", "reference": "reference"}
    facts = {name: read.values[one] for name, one in told.items()}
    return record_payment(place=place, customer_id=customer_id, key=key, by=by, now=now, allocate=allocate, **facts)


@transaction.atomic
def undo_payment(*, place: Place, payment_id: int, by: str, now: datetime) -> Payment:
    """Take a payment back by another row, what it settled with it; done again, it is the same row.

    A line of the bank that it was is free again: somebody says whose money it really is.
    """
    here = enter(place, by)
    payment = Payment.objects.select_related("customer").get(pk=payment_id, place=here)
    customer = customer_here(here, payment.customer_id)
    if known := Payment.objects.filter(undoes=payment).first():
        return known
    if payment.amount_cents < 0:
        raise refuse("payment", _("cette ligne est déjà un retour"), _("notez un nouvel encaissement s’il le faut"))
    if Receipt.objects.filter(payment=payment).exists():
        raise refuse("payment", _("ce don a son reçu fiscal, qui reste"), _("voyez avec qui tient les comptes"))
    settled = payment.allocations.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    kept = kept_of(customer.pk)
    if kept + settled < payment.amount_cents:
        raise refuse(
            "payment",
            _(
                "%(cents)s de cet argent ont déjà servi ou été rendus",
                cents=euros(payment.amount_cents - kept - settled),
            ),
            _("annulez d’abord ce remboursement"),
        )
    for row in payment.allocations.values("invoice").annotate(cents=Sum("amount_cents")).exclude(cents=0):
        Allocation.objects.create(invoice_id=row["invoice"], payment=payment, amount_cents=-row["cents"], at=now, by=by)
    BankLine.objects.filter(payment=payment).update(payment=None)
    facts = {
        "customer_id": customer.pk,
        "method": payment.method,
        "amount_cents": -payment.amount_cents,
        "received_on": today_at(here, now),
        "reference": payment.reference,
        "undoes_id": payment.pk,
    }
    return _written(here, customer, facts, f"annule:{payment.pk}", by=by, now=now, act="billing.payment_undone")


@transaction.atomic
def refund(
    *, place: Place, customer_id: int, method: str, amount_cents: int, on: date, key: str, by: str, now: datetime
) -> Payment:
    """Give back what is kept for an account, and never more."""
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    facts = {"customer_id": customer.pk, "method": method, "amount_cents": -amount_cents, "received_on": on}
    if known := _known(here, key, facts):
        return known
    if wrong := day_wrong(on, today_at(here, now)):
        raise BillingRefused({"received_on": wrong})
    kept = kept_of(customer.pk)
    if not 0 < amount_cents <= kept:
        mend = _("rendez %(cents)s au plus", cents=euros(kept)) if kept > 0 else _("il n’y a rien à rendre")
        raise refuse("amount", _("ce compte a %(cents)s d’avance", cents=euros(max(kept, 0))), mend)
    return _written(here, customer, facts, key, by=by, now=now, act="billing.refunded")


def refund_typed(
    *, place: Place, customer_id: int, raw: Mapping[str, str], key: str, by: str, now: datetime
) -> Payment:
    """Give back what somebody typed."""
    read = read_payment(raw, today_at(place, now))
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    facts = {"method": read.values["method"], "amount_cents": read.values["amount_cents"]}
    on = read.values["received_on"]
    return refund(place=place, customer_id=customer_id, on=on, key=key, by=by, now=now, **facts)


@transaction.atomic
def allocate(*, place: Place, source_id: int, invoice_id: int, by: str, now: datetime, is_credit: bool = False) -> int:
    """Settle an invoice with what is left of a payment, or of a credit note; says how many cents went there."""
    here = enter(place, by)
    invoice = Invoice.objects.get(pk=invoice_id, place=here)
    customer_here(here, invoice.customer_id)
    if is_credit:
        credit = Invoice.objects.get(pk=source_id, place=here, kind="credit", customer_id=invoice.customer_id)
        return _settle_credit(credit, invoice, by=by, now=now)
    payment = Payment.objects.get(pk=source_id, place=here, customer_id=invoice.customer_id)
    if payment.amount_cents < 0 or Payment.objects.filter(undoes=payment).exists():
        raise refuse("payment", _("cet encaissement est annulé"), _("choisissez-en un autre"))
    settled = payment.allocations.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    cents = min(payment.amount_cents - settled, due_of(invoice.pk), kept_of(invoice.customer_id))
    if cents <= 0 or invoice.kind == "credit":
        raise refuse(
            "invoice", _("il n’y a rien à régler ainsi"), _("regardez ce qui reste dû et ce qui reste d’avance")
        )
    _settle([Part(invoice.pk, cents)], payment=payment, by=by, now=now)
    note("billing.allocated", payment, place=here, by=by, now=now, invoice=invoice.pk, cents=cents)
    return cents


def _settle_credit(credit: Invoice, invoice: Invoice, *, by: str, now: datetime) -> int:
    settled = credit.settles.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    cents = min(credit.total_cents - settled, due_of(invoice.pk), kept_of(credit.customer_id))
    if cents <= 0 or invoice.kind == "credit":
        raise refuse(
            "invoice", _("il n’y a rien à régler ainsi"), _("regardez ce qui reste dû et ce qui reste d’avance")
        )
    Allocation.objects.create(invoice=invoice, credit=credit, amount_cents=cents, at=now, by=by)
    note("billing.credit_settled", credit, place=credit.place, by=by, now=now, invoice=invoice.pk, cents=cents)
    return cents


def _within_the_law(customer: Customer, cents: int, parts: Sequence[Part], on: date) -> None:
    cap = cash.cap_of(customer.country, is_business=bool(customer.siret or customer.organisation_id), on=on)
    taken = cash_taken([part.invoice for part in parts])
    if cap is not None and cash.beyond(cap, cents=cents, parts=parts, taken=taken):
        raise BillingRefused({"amount": cash.refusal(euros(cap))})


def _known(place: Place, key: str, facts: Mapping[str, object]) -> Payment | None:
    if not key:
        raise refuse("payment", _("cet envoi n’a pas de clé"), _("rechargez la page et recommencez"))
    known = Payment.objects.filter(place=place, key=key).first()
    if known and any(getattr(known, name) != fact for name, fact in facts.items()):
        raise KeyReused
    return known


def _written(
    place: Place,
    customer: Customer,
    facts: Mapping[str, object],
    key: str,
    *,
    by: str,
    now: datetime,
    act: str = "billing.paid",
) -> Payment:
    told = dict(facts) | {"recorded_at": now, "recorded_by": by}
    payment = Payment(place=place, key=key, **told)
    payment.customer = customer
    payment.save(force_insert=True)
    write_payment(payment=payment, by=by, now=now)
    note(act, payment, place=place, by=by, now=now, cents=payment.amount_cents, method=payment.method)
    return payment


def _settle(parts: Sequence[Part], *, payment: Payment, by: str, now: datetime) -> None:
    for part in parts:
        Allocation.objects.create(invoice_id=part.invoice, payment=payment, amount_cents=part.cents, at=now, by=by)
