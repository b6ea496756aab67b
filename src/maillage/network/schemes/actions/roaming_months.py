"""A host signs a month and invoices each home what its carnets used there; each home accepts what it owes.

Each invoice is whole: what two places owe one another is set off when they pay, never on an invoice (decision 0027).
"""

from datetime import datetime

from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.customers import add_customer
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.models import Customer, Invoice
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on, terms_of
from maillage.management.billing.rules.vat import treatment
from maillage.management.passes.actions import ledger
from maillage.network.schemes.actions.door import refuse
from maillage.network.schemes.actions.roaming import enter, note
from maillage.network.schemes.models import Roaming, RoamingBill, RoamingLine, RoamingPlace, RoamingVisit
from maillage.network.schemes.queries.roaming_months import is_over, unsigned
from maillage.network.schemes.rules.roaming_months import written
from maillage.network.schemes.rules.statements import bounds
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

STANDARD = "standard"


@transaction.atomic
def sign(*, place: Place, agreement_id: int, month: str, by: str, now: datetime) -> list[RoamingBill]:
    """Sign what a month was at this host and invoice each home, once; the bills of the month, those signed before too.

    Raises `SchemesRefused`, and `BillingRefused` where the place cannot invoice yet.
    """
    here = enter(place, by, RUN)
    mine = RoamingPlace.objects.select_related("agreement").get(place=here, agreement=agreement_id)
    if bounds(month) is None:
        raise refuse("month", _("ce mois est illisible"), _("choisissez-en un de la liste"))
    if not is_over(month, today_at(here, now)):
        raise refuse("month", _("ce mois n’est pas fini"), _("signez-le à partir du 1er du mois suivant"))
    agreement = mine.agreement
    visits = list(unsigned(agreement, month, host=here).select_related("home").order_by("day", "pk"))
    by_home: dict[Place, list[RoamingVisit]] = {}
    for one in visits:
        by_home.setdefault(one.home, []).append(one)
    for home, used in by_home.items():
        _bill(agreement, here, home, month, used, by=by, now=now)
    return list(RoamingBill.objects.filter(agreement=agreement, month=month, host=here).order_by("pk"))


def _bill(
    agreement: Roaming, here: Place, home: Place, month: str, used: list[RoamingVisit], *, by: str, now: datetime
) -> RoamingBill:
    invoice = _invoice(agreement, here, home, month, len(used), by=by, now=now)
    made = RoamingBill.objects.create(
        agreement=agreement,
        month=month,
        host=here,
        home=home,
        halves=len(used),
        price_cents=agreement.price_cents,
        total_cents=invoice.total_cents,
        invoice=invoice,
        signed_at=now,
        signed_by=by,
    )
    RoamingLine.objects.bulk_create([RoamingLine(bill=made, visit=one) for one in used])
    for one in used:
        ledger.reimburse(
            movement_id=one.movement_id,
            subject=f"roamingbill:{made.pk}",
            key=f"roamingbill:{made.pk}:{one.pk}",
            by=by,
            now=now,
        )
    note("schemes.roaming_signed", made, place=here, by=by, now=now, cents=made.total_cents)
    return made


@transaction.atomic
def accept(*, place: Place, bill_id: int, by: str, now: datetime) -> RoamingBill:
    """Say that one owes what a host signed; said again, it was said once."""
    here = enter(place, by, RUN)
    rows = RoamingBill.objects.select_for_update(of=("self",), no_key=True)
    found = rows.get(pk=bill_id, home=here)
    if found.accepted_at is None:
        found.accepted_at, found.accepted_by = now, by
        found.save(update_fields=["accepted_at", "accepted_by"])
        note("schemes.roaming_accepted", found, place=here, by=by, now=now, cents=found.total_cents)
    return found


def _invoice(
    agreement: Roaming, here: Place, home: Place, month: str, halves: int, *, by: str, now: datetime
) -> Invoice:
    within = bounds(month)
    assert within is not None
    label = _("%(name)s, demi-journées de carnets de votre lieu, %(month)s", name=agreement.name[:60], month=month)
    rate = _rate(here, now)
    line = written(str(label), halves, agreement.price_cents, rate, f"roaming:{agreement.pk}")
    return issue_at_once(
        place=here,
        customer_id=_customer(here, home, by=by, now=now),
        lines=[line],
        key=f"roaming:{agreement.pk}:{home.pk}:{month}",
        by=by,
        now=now,
        delivered_from=within[0],
        delivered_to=within[1],
    )


def _rate(here: Place, now: datetime) -> int:
    """The VAT that the host asks on what it sells; none where nobody has said who sells: invoicing refuses that."""
    day = today_at(here, now)
    seller = seller_on(here, day)
    if seller is None:
        return 0
    terms = terms_of(seller, here)
    return treatment(STANDARD, regime=terms.regime, on=day, departement=terms.departement).rate


def _customer(here: Place, home: Place, *, by: str, now: datetime) -> int:
    """The account of a home at its host, under the name by which it invoices; opened at the first bill."""
    before = RoamingBill.objects.filter(host=here, home=home).order_by("-pk").values("invoice__customer_id")[:1]
    known = Customer.objects.filter(pk__in=before).first()
    buyer = seller_on(home, today_at(home, now))
    if buyer is None:
        problem = _("%(name)s n’a pas encore dit qui facture", name=home.name[:60])
        raise refuse("month", problem, _("demandez à ce lieu de remplir «\u202fQui facture\u202f»"))
    if known is not None and known.siret == buyer.siret and known.name == buyer.legal_name:
        return int(known.pk)
    found = Customer.objects.filter(place=here, siret=buyer.siret).order_by("pk").first() if buyer.siret else None
    if found is not None:
        return int(found.pk)
    raw = {name: getattr(buyer, name) for name in ("street", "postal_code", "city", "siret", "vat_number", "email")}
    return add_customer(place=here, raw={"name": buyer.legal_name, **raw}, by=by, now=now)
