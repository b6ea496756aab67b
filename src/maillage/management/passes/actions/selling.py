"""Selling a formula: the pass and its invoice are one transaction, so that what is paid never lacks either."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from maillage.accounts.rules import HOST
from maillage.management.billing.actions.customers import customer_for
from maillage.management.billing.actions.door import enter, refuse
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.models import Invoice, Price
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.prices import price_for
from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.billing.rules.prices import FIXED, Tariff, allows
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.door import note, own_key
from maillage.management.passes.models import Formula, Pass, Subscription
from maillage.management.passes.queries.formulas import fee_class_of
from maillage.management.passes.rules.formulas import CARNET, SUBSCRIPTION, last_day, month_of
from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who takes a formula: a person, or an organisation of the place."""

    person: Person | None = None
    organisation: Organisation | None = None


@transaction.atomic
def sell(
    *,
    place: Place,
    formula_id: int,
    key: str,
    by: str,
    now: datetime,
    person_id: int | None = None,
    organisation_id: int | None = None,
    amount: str = "",
) -> Pass:
    """Sell a carnet: issue the pass and its invoice; `amount` is what somebody chose where the price is theirs to say.

    Raises `BillingRefused` or `PassRefused`; sent again under its key, it is the same carnet and the same invoice.
    """
    here = enter(place, by, HOST)
    buyer = _buyer(here, person_id, organisation_id)
    formula = _formula(here, formula_id, CARNET)
    today = today_at(here, now)
    own = own_key(here, "sell", key)
    line = _line(here, formula, buyer, amount, today, unit="each")
    sold = ledger.issue(
        kind=CARNET,
        units=formula.units,
        starts_on=today,
        ends_on=last_day(today, formula.months),
        key=own,
        by=by,
        now=now,
        place=here,
        formula=formula,
        person=buyer.person,
        organisation=buyer.organisation,
    )
    _invoice(here, buyer, line, key=own, by=by, now=now)
    return sold


@transaction.atomic
def subscribe(
    *,
    place: Place,
    formula_id: int,
    starts_on: date,
    by: str,
    now: datetime,
    person_id: int | None = None,
    organisation_id: int | None = None,
) -> Subscription:
    """Begin a subscription, and at once the months of it that have begun."""
    here = enter(place, by, HOST)
    buyer = _buyer(here, person_id, organisation_id)
    formula = _formula(here, formula_id, SUBSCRIPTION)
    today = today_at(here, now)
    if abs((starts_on - today).days) > 31:
        raise refuse("starts_on", _("ce premier jour est trop loin"), _("choisissez-en un à moins d’un mois"))
    who = {"place": here, "formula": formula, "person": buyer.person, "organisation": buyer.organisation}
    known = Subscription.objects.filter(**who, ends_on=None).order_by("pk").first()
    made = known or Subscription.objects.create(**who, starts_on=starts_on, created_at=now, created_by=by)
    if known is None:
        note("passes.subscribed", made, place=here, by=by, now=now, label=formula.name)
    elif made.starts_on != starts_on:
        raise refuse("formula", _("cet abonnement est déjà en cours"), _("arrêtez-le d’abord"))
    if starts_on <= today:
        begin_month(subscription=made, number=0, by=by, now=now)
    return made


@transaction.atomic
def end_subscription(*, place: Place, subscription_id: int, by: str, now: datetime) -> Subscription:
    """Let a subscription end with the month that it is in; no other begins."""
    here = enter(place, by, HOST)
    rows = Subscription.objects.select_for_update(of=("self",), no_key=True)
    found = rows.get(pk=subscription_id, place=here)
    return end_with_month(subscription=found, by=by, now=now)


@transaction.atomic
def end_with_month(*, subscription: Subscription, by: str, now: datetime) -> Subscription:
    """The same, for who was let in elsewhere."""
    found, here = subscription, subscription.place
    if found.ends_on is not None:
        return found
    today, number = today_at(here, now), 0
    while month_of(found.starts_on, number)[1] < today:
        number += 1
    found.ends_on = max(month_of(found.starts_on, number)[1], found.starts_on)
    found.save(update_fields=["ends_on"])
    note("passes.subscription_ended", found, place=here, by=by, now=now, ends_on=found.ends_on.isoformat())
    return found


@transaction.atomic
def begin_month(*, subscription: Subscription, number: int, by: str, now: datetime) -> Pass:
    """Issue the allowance of a month of a subscription, and its invoice, once; at the price of its first day."""
    place, formula = subscription.place, subscription.formula
    starts, ends = month_of(subscription.starts_on, number)
    buyer = Buyer(subscription.person, subscription.organisation)
    key = f"month:{subscription.pk}:{number}"
    allowance = ledger.issue(
        kind=SUBSCRIPTION,
        units=formula.units,
        starts_on=starts,
        ends_on=ends,
        key=key,
        by=by,
        now=now,
        place=place,
        formula=formula,
        person=buyer.person,
        organisation=buyer.organisation,
        source=f"subscription:{subscription.pk}",
    )
    if not Invoice.objects.filter(place=place, key=key).exists():
        line = _line(place, formula, buyer, "", starts, unit="month")
        _invoice(place, buyer, line, key=key, by=by, now=now)
    return allowance


def _formula(place: Place, formula_id: int, kind: str) -> Formula:
    found = Formula.objects.filter(pk=formula_id, place=place, kind=kind, archived_at__isnull=True).first()
    if found is None:
        raise refuse("formula", _("cette formule ne se vend pas"), _("choisissez-en une de la liste"))
    return found


def _buyer(place: Place, person_id: int | None, organisation_id: int | None) -> Buyer:
    here = {"place": place, "merged_into__isnull": True}
    person = Person.objects.filter(pk=person_id or 0, erased_at__isnull=True, **here).first()
    organisation = Organisation.objects.filter(pk=organisation_id or 0, **here).first()
    if (person is None) == (organisation is None):
        raise refuse("who", _("il manque à qui"), _("choisissez une personne ou une organisation du lieu"))
    return Buyer(person, organisation)


def _line(place: Place, formula: Formula, buyer: Buyer, amount: str, on: date, *, unit: str) -> DraftLine:
    fee_class = fee_class_of(buyer.person, on) if buyer.person else ""
    found = price_for(place, subject=f"formula:{formula.pk}", fee_class=fee_class, unit=unit, on=on)
    if found is None:
        raise refuse(
            "formula", _("cette formule n’a pas de prix ce jour-là"), _("ajoutez-le aux tarifs, puis recommencez")
        )
    cents = _chosen(found, amount)
    return DraftLine(formula.name, 1000, unit, cents, found.vat, f"formula:{formula.pk}")


def _chosen(price: Price, amount: str) -> int:
    if price.kind == FIXED or not amount.strip():
        return price.price_cents
    try:
        cents = read_amount(amount)
    except BadNumber as bad:
        raise refuse("amount", bad.problem, bad.mend) from bad
    if not allows(Tariff(price.kind, price.price_cents, price.low_cents, price.high_cents), cents):
        raise refuse("amount", _("ce montant sort des bornes du tarif"), _("écrivez-en un entre les deux"))
    return cents


def _invoice(place: Place, buyer: Buyer, line: DraftLine, *, key: str, by: str, now: datetime) -> Invoice:
    who = {
        "person_id": buyer.person.pk if buyer.person else None,
        "organisation_id": buyer.organisation.pk if buyer.organisation else None,
    }
    customer = customer_for(place=place, by=by, now=now, **who)
    return issue_at_once(place=place, customer_id=customer, lines=[line], key=key, by=by, now=now)
