"""Whoever takes card payments for a place: links to pay, hints that a payment was made, and payments read again.

A webhook is only a hint: it is kept in a line, and the provider is asked by a task. What the provider tells wins.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from maillage.journal import actions as journal
from maillage.management.billing.actions.door import customer_here, enter, note, refuse
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import Customer, Hint, Invoice, Payment
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.queries.own import invoices_of
from maillage.management.billing.sources import helloasso
from maillage.management.billing.sources.ports import (
    PAID,
    PENDING,
    Order,
    PaymentProvider,
    ProviderSilent,
    ProviderUnknown,
    Told,
)
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

WAITING, DONE, STRAY, LOST = "waiting", "paid", "stray", "lost"
MOST_WAITING = 200
"""Hints of one place that wait: beyond, somebody is making them up, and they are dropped."""
ASKED_FOR = timedelta(days=7)
ROUND_MOST = 20
LONGEST_REFERENCE = 120

_given: dict[tuple[str, str], PaymentProvider] = {}


def provide(slug: str, provider: PaymentProvider) -> None:
    """Let a place be paid through a provider, beside those of the environment."""
    _given[(slug, provider.name)] = provider


def provider_of(slug: str, name: str) -> PaymentProvider | None:
    """The provider of a place by its name; its secrets are in the environment and nowhere in the database."""
    if (slug, name) in _given:
        return _given[(slug, name)]
    if name != "helloasso" or settings.OFFLINE:
        return None
    return helloasso.of_setting(settings.HELLOASSO).get(slug)


def providers_of(slug: str) -> list[str]:
    """The names of the providers that a place has."""
    own = [name for place, name in _given if place == slug]
    return own + (["helloasso"] if provider_of(slug, "helloasso") and "helloasso" not in own else [])


def make_link(*, place: Place, invoice_id: int, provider: str, back_url: str, by: str, now: datetime) -> str:
    """A link where what is left of an invoice is paid; nothing is settled until the provider tells that it was."""
    with transaction.atomic():
        here = enter(place, by)
        invoice = Invoice.objects.select_related("place").get(pk=invoice_id, place=here)
    return _link(invoice, provider, back_url, by=by, now=now)


def make_own_link(*, account_id: int, invoice_id: int, provider: str, back_url: str, by: str, now: datetime) -> str:
    """The same, asked for by whoever the invoice is for; another's is not there."""
    invoice = invoices_of(account_id).get(pk=invoice_id)
    return _link(invoice, provider, back_url, by=by, now=now)


def _link(invoice: Invoice, provider: str, back_url: str, *, by: str, now: datetime) -> str:
    here, cents = invoice.place, due_of(invoice.pk)
    asked = provider_of(here.slug, provider)
    if asked is None or cents <= 0:
        raise refuse("invoice", _("il n’y a rien à payer par ce moyen"), _("regardez ce qui reste dû"))
    metadata = {"place": str(here.pk), "customer": str(invoice.customer_id), "invoice": str(invoice.pk)}
    try:
        link = asked.create_link(Order(cents, f"{here.name}, {invoice}"[:250], back_url, metadata))
    except (ProviderSilent, ProviderUnknown) as silent:
        problem = _("le prestataire ne répond pas")
        raise refuse("provider", problem, _("réessayez dans un moment, ou proposez un virement")) from silent
    with transaction.atomic():
        journal.lock_order()
        note("billing.link_made", invoice, place=here, by=by, now=now, provider=provider, cents=cents)
    return link.url


@transaction.atomic
def hint(*, place: Place, provider: str, body: Mapping[str, object], now: datetime) -> bool:
    """Keep what a webhook hints at, once per payment; whether there is something to ask. Nothing else is believed."""
    asked = provider_of(place.slug, provider)
    reference, pretended = asked.hinted(body) if asked else ("", None)
    if not reference or len(reference) > LONGEST_REFERENCE:
        return False
    known = Hint.objects.filter(place=place, provider=provider, reference=reference)
    if known.update(times=F("times") + 1):
        return True
    if Hint.objects.filter(place=place, outcome__startswith=WAITING).count() >= MOST_WAITING:
        return False
    outcome = WAITING if type(pretended) is not int else f"{WAITING}:{pretended}"[:20]
    Hint.objects.get_or_create(
        place=place, provider=provider, reference=reference, defaults={"outcome": outcome, "seen_at": now}
    )
    return True


def read_hints(*, by: str, now: datetime) -> int:
    """Ask the providers about the hints that wait, those of last week given up; says how many payments that made."""
    Hint.objects.filter(outcome__startswith=WAITING, seen_at__lt=now - ASKED_FOR).update(outcome=LOST)
    waiting = (
        Hint.objects.filter(outcome__startswith=WAITING).select_related("place").order_by("times", "seen_at", "pk")
    )
    silent: set[tuple[str, str]] = set()
    done = 0
    for one in waiting[:ROUND_MOST]:
        whose = (one.place.slug, one.provider)
        if whose in silent:
            continue
        try:
            done += _read(one, by=by, now=now)
        except ProviderSilent:
            silent.add(whose)
            Hint.objects.filter(pk=one.pk).update(times=F("times") + 1)
    return done


def _read(one: Hint, *, by: str, now: datetime) -> int:
    asked = provider_of(one.place.slug, one.provider)
    if asked is None:
        return 0
    try:
        told = asked.read_payment(one.reference)
    except ProviderUnknown:
        one.delete()
        return 0
    if told.state == PENDING:
        Hint.objects.filter(pk=one.pk).update(times=F("times") + 1)
        return 0
    if told.state != PAID:
        one.delete()
        return 0
    return _believed(one, asked, told, by=by, now=now)


@transaction.atomic
def _believed(one: Hint, asked: PaymentProvider, told: Told, *, by: str, now: datetime) -> int:
    """Write the payment that the provider tells, once, whatever the hint pretended; without an account, it waits."""
    here = enter(one.place, by)
    customer = _customer(here, told)
    pretended = one.outcome.partition(":")[2]
    if customer is None:
        Hint.objects.filter(pk=one.pk).update(outcome=STRAY)
        return 0
    payment = _recorded(here, customer, asked, told, by=by, now=now)
    if pretended and int(pretended) != told.amount_cents:
        facts = {"said_cents": int(pretended), "cents": told.amount_cents}
        note("billing.hint_differs", payment, place=here, by=by, now=now, **facts)
    Hint.objects.filter(pk=one.pk).update(outcome=DONE)
    return 1


def claim(*, place: Place, hint_id: int, customer_id: int, by: str, now: datetime) -> Payment:
    """Say whose a stray payment is: it is read of the provider once more, and written down."""
    one = Hint.objects.select_related("place").get(pk=hint_id, place=place, outcome=STRAY)
    asked = provider_of(place.slug, one.provider)
    try:
        told = asked.read_payment(one.reference) if asked else None
    except (ProviderSilent, ProviderUnknown) as silent:
        raise refuse("provider", _("le prestataire ne répond pas"), _("réessayez dans un moment")) from silent
    if asked is None or told is None or told.state != PAID:
        raise refuse("provider", _("le prestataire ne confirme pas ce paiement"), _("demandez-lui ce qu’il en est"))
    with transaction.atomic():
        here = enter(place, by)
        payment = _recorded(here, customer_here(here, customer_id), asked, told, by=by, now=now)
        Hint.objects.filter(pk=one.pk).update(outcome=DONE)
    return payment


def _customer(place: Place, told: Told) -> Customer | None:
    number = told.metadata.get("customer", "")
    if told.metadata.get("place") != str(place.pk) or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Customer.objects.filter(place=place, pk=int(number)).first()


def _recorded(
    place: Place, customer: Customer, asked: PaymentProvider, told: Told, *, by: str, now: datetime
) -> Payment:
    known = Payment.objects.filter(place=place, provider=asked.name, provider_ref=told.reference).first()
    if known is not None:
        return known
    number = told.metadata.get("invoice", "")
    chosen = [int(number)] if number.isascii() and number.isdigit() and len(number) < 19 else None
    today = today_at(place, now)
    return record_payment(
        place=place,
        customer_id=customer.pk,
        method=asked.method,
        amount_cents=told.amount_cents,
        received_on=min(told.paid_on or today, today),
        reference=told.reference,
        allocate=chosen,
        provider=asked.name,
        provider_ref=told.reference,
        key=f"{asked.name}:{told.reference}"[:120],
        by=by,
        now=now,
    )
