"""Receipts for gifts: numbered without gaps, frozen, and written in the books as gifts."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from maillage.management.billing.actions.books import append, auxiliary_of, open_day
from maillage.management.billing.actions.door import BillingRefused, customer_here, enter, note, refuse
from maillage.management.billing.models import Customer, Payment, Receipt, Seller, Series
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.rules import accounts, chain, receipts
from maillage.management.billing.rules.accounts import Posting
from maillage.management.billing.rules.documents import digest_of
from maillage.management.billing.rules.receipts import Gift, Given
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def issue_receipt(*, place: Place, payment_id: int, raw: Mapping[str, str], by: str, now: datetime) -> Receipt:
    """Give a receipt for a payment that was a gift; asked twice, it is the same one. Raises `BillingRefused`."""
    here = enter(place, by)
    payment = Payment.objects.select_related("customer").get(pk=payment_id, place=here)
    customer = customer_here(here, payment.customer_id)
    known = Receipt.objects.filter(payment=payment).first()
    if known is not None:
        return known
    seller = seller_on(here, today_at(here, now))
    if seller is None:
        raise refuse(
            "seller", _("ce lieu n’a pas encore dit qui facture"), _("remplissez d’abord «\u202fQui facture\u202f»")
        )
    refused = receipts.refusal(_gift(payment, customer, seller))
    if refused:
        raise BillingRefused(dict([refused]))
    values, wrongs = receipts.read(raw)
    if wrongs:
        raise BillingRefused(wrongs)
    return _issued(here, payment, customer, seller, values, by=by, now=now)


def _gift(payment: Payment, customer: Customer, seller: Seller) -> Gift:
    settled = payment.allocations.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    return Gift(
        amount_cents=payment.amount_cents,
        settled_cents=settled,
        is_undone=Payment.objects.filter(undoes=payment).exists(),
        donor_has_address=bool(customer.street and customer.postal_code and customer.city),
        is_general_interest=seller.is_general_interest,
        has_number=bool(seller.siret or seller.rna),
    )


def _issued(
    place: Place,
    payment: Payment,
    customer: Customer,
    seller: Seller,
    values: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> Receipt:
    series = _series(place, today_at(place, now))
    given = _given(payment, customer, seller, series, values, by=by, now=now)
    text = receipts.canonical(given)
    receipt = Receipt.objects.create(
        place=place,
        customer=customer,
        payment=payment,
        series=series.name,
        number=series.last_number,
        amount_cents=payment.amount_cents,
        given_on=payment.received_on,
        canonical=text,
        digest=digest_of(text),
        issued_at=now,
        issued_by=by,
    )
    _write(receipt, payment, customer, by=by, now=now)
    note("billing.receipt_issued", receipt, place=place, by=by, now=now)
    return receipt


def _series(place: Place, today: date) -> Series:
    """The series of the year, moved on by one and held until the commit."""
    name = f"{receipts.SERIES}{today.year}"
    Series.objects.get_or_create(place=place, name=name)
    series = Series.objects.select_for_update(no_key=True).get(place=place, name=name)
    series.last_number, series.last_on = series.last_number + 1, today
    series.save(update_fields=["last_number", "last_on"])
    return series


def _given(
    payment: Payment,
    customer: Customer,
    seller: Seller,
    series: Series,
    values: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> Given:
    return Given(
        number=f"{series.name}-{series.last_number:05}",
        place_id=str(payment.place_id),
        customer_id=customer.pk,
        payment_id=payment.pk,
        series=series.name,
        order=series.last_number,
        beneficiary=seller.legal_name,
        beneficiary_address=f"{seller.street}, {seller.postal_code} {seller.city}",
        siren=seller.siret[:9],
        rna=seller.rna,
        purpose=values["purpose"],
        donor=customer.name,
        donor_address=f"{customer.street}, {customer.postal_code} {customer.city}",
        donor_siren=customer.siret[:9],
        amount_cents=payment.amount_cents,
        given_on=payment.received_on.isoformat(),
        form=receipts.BY_HAND,
        nature="money",
        mode=receipts.MODES.get(payment.method, "transfer"),
        articles=receipts.COMPANIES if customer.organisation_id else receipts.PERSONS,
        signatory=values["signatory"],
        issued_at=receipts.moment(now),
        issued_by=by,
    )


def _write(receipt: Receipt, payment: Payment, customer: Customer, *, by: str, now: datetime) -> None:
    append(
        place=receipt.place,
        journal=chain.OTHER,
        on=open_day(receipt.place, payment.received_on, now),
        piece=str(receipt),
        piece_on=today_at(receipt.place, now),
        label=customer.name,
        postings=(
            Posting(accounts.CUSTOMERS, payment.amount_cents, auxiliary_of(customer.pk), customer.name),
            Posting(accounts.GIFTS, -payment.amount_cents),
        ),
        by=by,
        now=now,
        seal=receipt.digest,
    )
