"""A place signs a month: its statement, its lines, its invoice and the ledger are one transaction, or nothing is."""

from datetime import date, datetime

from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.customers import add_customer
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.models import Customer, Invoice
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on, terms_of
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.billing.rules.vat import treatment
from maillage.management.passes.actions import ledger
from maillage.network.schemes.actions.door import note, refuse, scheme_here
from maillage.network.schemes.models import Redemption, Scheme, Statement, StatementLine
from maillage.network.schemes.queries.statements import due_at, statement_of
from maillage.network.schemes.rules.statements import Due, Spent, bounds
from maillage.network.schemes.rules.taxes import net_of_total
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

STANDARD = "standard"


@transaction.atomic
def sign(*, place: Place, scheme_id: int, month: str, by: str, now: datetime) -> Statement:
    """Sign what a month owes and invoice it to who pays, once: signed again, it is the same statement.

    Raises `SchemesRefused`, and `BillingRefused` where the place cannot invoice yet.
    """
    scheme = scheme_here(scheme_id)
    here = Place.objects.select_related("commune__departement").get(pk=place.pk)
    let_in(RUN, here, by)
    known = statement_of(scheme, here, month)
    if known is not None:
        return known
    within = bounds(month)
    if within is None:
        raise refuse("month", _("ce mois est illisible"), _("choisissez-en un de la liste"))
    if today_at(here, now) <= within[1]:
        raise refuse("month", _("ce mois n’est pas fini"), _("signez-le à partir du 1er du mois suivant"))
    due = due_at(scheme, here, month)
    if not due.total_cents:
        raise refuse("month", _("rien n’est à payer pour ce mois"), _("il n’y a rien à signer"))
    invoice = _invoice(scheme, here, due, month, by=by, now=now)
    made = Statement.objects.create(
        scheme=scheme,
        place=here,
        month=month,
        halves_cents=due.halves_cents,
        rent_cents=due.rent_cents,
        total_cents=due.total_cents,
        invoice=invoice,
        signed_at=now,
        signed_by=by,
    )
    _line_up(made, due, by=by, now=now)
    note("schemes.signed", made, scheme=scheme, by=by, now=now, place=str(here.pk), cents=due.total_cents)
    return made


def _line_up(made: Statement, due: Due, *, by: str, now: datetime) -> None:
    """Put each half-day on the statement, and say in the ledger that it is paid."""
    rows = Redemption.objects.in_bulk([one.pk for one in due.lines])
    StatementLine.objects.bulk_create(
        [StatementLine(statement=made, redemption=rows[one.pk], cents=one.cents) for one in due.lines]
    )
    for one in due.lines:
        ledger.reimburse(
            movement_id=rows[one.pk].movement_id,
            subject=f"statement:{made.pk}",
            key=f"statement:{made.pk}:{one.pk}",
            by=by,
            now=now,
        )


def _invoice(scheme: Scheme, here: Place, due: Due, month: str, *, by: str, now: datetime) -> Invoice:
    within = bounds(month)
    assert within is not None
    rate = _rate(here, today_at(here, now))
    lines = [*_halves(scheme, due, month, rate), *_rent(due, month, rate)]
    made = issue_at_once(
        place=here,
        customer_id=_customer(scheme, here, by=by, now=now),
        lines=lines,
        key=f"scheme:{scheme.pk}:{here.pk}:{month}",
        by=by,
        now=now,
        delivered_from=min([within[0], *(one.day for one in due.lines)]),
        delivered_to=within[1],
        engagement=scheme.engagement,
        service_code=scheme.service_code,
    )
    if made.total_cents != due.total_cents:
        problem = _("avec la TVA de ce lieu, la facture ne tombe pas juste au centime")
        raise refuse("month", problem, _("voyez avec qui finance un prix qui tombe juste"))
    return made


def _halves(scheme: Scheme, due: Due, month: str, rate: int) -> list[DraftLine]:
    """One line for each price; what a pass costs its funder is all included."""
    by_price: dict[int, list[Spent]] = {}
    for one in due.lines:
        by_price.setdefault(one.cents, []).append(one)
    label = _("%(name)s, demi-journées de passes découverte, %(month)s", name=scheme.name[:60], month=month)
    told = []
    for cents, spent in sorted(by_price.items()):
        unit = net_of_total(cents, rate)
        if unit is not None and unit + -(-unit * rate // 10_000) == cents and not unit * rate % 10_000:
            told.append(DraftLine(label, len(spent) * 1000, "half_day", unit, subject=f"scheme:{scheme.pk}"))
        else:
            whole = net_of_total(cents * len(spent), rate)
            given = whole if whole is not None else cents * len(spent)
            told.append(DraftLine(label, 1000, "each", given, subject=f"scheme:{scheme.pk}"))
    return told


def _rent(due: Due, month: str, rate: int) -> list[DraftLine]:
    if not due.rent_cents:
        return []
    net = net_of_total(due.rent_cents, rate)
    label = _("Postes loués, utilisés ou non, %(month)s", month=month)
    return [DraftLine(label, 1000, "month", due.rent_cents if net is None else net)]


def _rate(here: Place, day: date) -> int:
    """The VAT that the place asks on what it sells; none where nobody has said who sells: invoicing refuses that."""
    seller = seller_on(here, day)
    if seller is None:
        return 0
    terms = terms_of(seller, here)
    return treatment(STANDARD, regime=terms.regime, on=day, departement=terms.departement).rate


def _customer(scheme: Scheme, here: Place, *, by: str, now: datetime) -> int:
    """The account of who pays at this place, opened at the first statement."""
    known = Customer.objects.filter(place=here, siret=scheme.siret, is_public=True).order_by("pk").first()
    if known is not None:
        return int(known.pk)
    raw = {name: getattr(scheme, name) for name in ("street", "postal_code", "city", "service_code", "engagement")}
    raw |= {"name": scheme.funder, "siret": scheme.siret, "is_public": "1"}
    return add_customer(place=here, raw=raw, by=by, now=now)
