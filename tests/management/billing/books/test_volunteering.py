"""Hours are valued once under their key, in two accounts that are equal; gifts and invoices never mix."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import allocate, record_payment, undo_payment
from maillage.management.billing.actions.receipts import issue_receipt
from maillage.management.billing.actions.volunteering import record_volunteering
from maillage.management.billing.models import Allocation, Entry, Payment, Receipt
from maillage.management.billing.queries.payments import kept_of
from maillage.management.billing.queries.receipts import given, years
from maillage.management.billing.queries.verify import verify
from maillage.management.billing.rules.receipts import Gift, canonical, read_canonical, refusal, starred
from tests.management.billing.till import HALF_DAY, Till

pytestmark = pytest.mark.django_db
RAW = {"purpose": "Un lieu pour tous", "signatory": "Nadine Roux, présidente"}
LIVES = {"street": "1 rue Haute", "postal_code": "39600", "city": "Arbois"}


def hours(till: Till, **more: object) -> int:
    told = {"hours_milli": 2_500, "rate_cents": 1_202, "on": till.now.date(), "label": "Accueil", "key": "poste:12"}
    return record_volunteering(**till.acts, **(told | more))  # type: ignore[arg-type]


def test_hours_are_written_once_under_their_key(open_till: Till) -> None:
    first = hours(open_till)
    open_till.now += timedelta(days=400)
    assert hours(open_till, on=date(2026, 11, 22)) == first
    assert [(one.account, one.debit_cents, one.credit_cents) for one in Entry.objects.order_by("position")] == [
        ("864", 3_005, 0),
        ("875", 0, 3_005),
    ]
    assert verify(open_till.place).faults == []


def test_another_value_under_the_same_key_is_refused(open_till: Till) -> None:
    hours(open_till)
    with pytest.raises(BillingRefused) as refused:
        hours(open_till, hours_milli=3_000)
    assert str(refused.value) == "Cette clé a déjà servi à d’autres heures\u202f: donnez-en une nouvelle."


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours_milli": 0},
        {"hours_milli": -1},
        {"rate_cents": 0},
        {"hours_milli": 10**12},
        {"hours_milli": 1, "rate_cents": 1},
    ],
)
def test_hours_that_are_worth_nothing_are_refused(open_till: Till, wrong: dict[str, int]) -> None:
    with pytest.raises(BillingRefused) as refused:
        hours(open_till, **wrong)
    assert str(refused.value) == "Ces heures ne valent rien, ou trop\u202f: vérifiez les heures et le taux."
    assert not Entry.objects.exists()


@pytest.fixture
def giving(till: Till) -> Till:
    """A place of general interest, to which Inès gave 50 €."""
    till.opens(is_general_interest="1")
    paid = {"method": "cheque", "amount_cents": 5_000, "received_on": till.now.date()}
    record_payment(**till.acts, customer_id=till.customer("Inès Bonnet", **LIVES), key="don", **paid)
    return till


def test_a_gift_is_numbered_written_and_no_longer_kept_for_anybody(giving: Till) -> None:
    payment = Payment.objects.get()
    assert kept_of(payment.customer_id) == 5_000
    receipt = issue_receipt(**giving.acts, payment_id=payment.pk, raw=RAW)
    again = issue_receipt(**giving.acts, payment_id=payment.pk, raw=RAW)
    assert (receipt.pk, str(receipt)) == (again.pk, "RD2026-00001")
    assert kept_of(payment.customer_id) == 0
    assert [(one.year, one.count, one.cents) for one in years(giving.place)] == [(2026, 1, 5_000)]
    told = given(receipt)
    assert (told.articles, told.form, told.mode, told.purpose) == (("200",), "by_hand", "cheque", "Un lieu pour tous")
    assert canonical(read_canonical(receipt.canonical)) == receipt.canonical
    assert Entry.objects.get(account="754").credit_cents == 5_000
    assert verify(giving.place).faults == []


def test_a_gift_with_its_receipt_settles_no_invoice_and_is_not_taken_back(giving: Till) -> None:
    payment = Payment.objects.get()
    issue_receipt(**giving.acts, payment_id=payment.pk, raw=RAW)
    invoice = giving.issued(HALF_DAY, customer=payment.customer_id)
    with pytest.raises(BillingRefused):
        allocate(**giving.acts, source_id=payment.pk, invoice_id=invoice.pk)
    with pytest.raises(BillingRefused):
        undo_payment(**giving.acts, payment_id=payment.pk)
    settled = {"invoice": invoice, "payment": payment, "amount_cents": 900, "at": giving.now, "by": "essai"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Allocation.objects.create(**settled)


def test_the_database_refuses_a_receipt_for_what_paid_an_invoice(giving: Till) -> None:
    payment = Payment.objects.get()
    invoice = giving.issued(HALF_DAY, customer=payment.customer_id)
    if not payment.allocations.exists():
        allocate(**giving.acts, source_id=payment.pk, invoice_id=invoice.pk)
    told = {"customer": payment.customer, "payment": payment, "series": "RD2026", "number": 1, "amount_cents": 5_000}
    signed = {"given_on": payment.received_on, "canonical": "{}", "digest": "0" * 64, "issued_at": giving.now}
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(place=giving.place, issued_by="essai", **told, **signed)


GIFT = {
    "amount_cents": 5_000,
    "settled_cents": 0,
    "is_undone": False,
    "donor_has_address": True,
    "is_general_interest": True,
    "has_number": True,
}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        (
            {"is_general_interest": False},
            "seller",
            "ce lieu ne s’est pas dit d’intérêt général, et lui seul peut donner un reçu fiscal",
        ),
        ({"has_number": False}, "seller", "un reçu porte le Siren ou le numéro RNA de l’association"),
        ({"amount_cents": -5_000}, "payment", "cet argent a été rendu ou annulé"),
        ({"is_undone": True}, "payment", "cet argent a été rendu ou annulé"),
        (
            {"settled_cents": 1},
            "payment",
            "cet argent a payé une facture : il a une contrepartie, ce n’est pas un don",
        ),
        ({"donor_has_address": False}, "customer", "un reçu porte l’adresse complète de qui donne"),
    ],
)
def test_what_is_no_gift_gets_no_receipt(changed: dict[str, object], field: str, said: str) -> None:
    refused = refusal(Gift(**(GIFT | changed)))  # type: ignore[arg-type]
    assert refused is not None
    assert (refused[0], refused[1].problem) == (field, said)


def test_a_true_gift_gets_one() -> None:
    assert refusal(Gift(**GIFT)) is None  # type: ignore[arg-type]
    assert starred(5_000) == "***50,00\u202f€***"


def test_a_gift_with_its_receipt_is_not_undone_with_the_money_of_something_else(giving: Till) -> None:
    payment = Payment.objects.get()
    issue_receipt(**giving.acts, payment_id=payment.pk, raw=RAW)
    ahead = {"method": "cheque", "amount_cents": 9_000, "received_on": giving.now.date()}
    record_payment(**giving.acts, customer_id=payment.customer_id, key="avance", **ahead)
    with pytest.raises(BillingRefused) as refused:
        undo_payment(**giving.acts, payment_id=payment.pk)
    assert str(refused.value) == ("Ce don a son reçu fiscal, qui reste\u202f: voyez avec qui tient les comptes.")
    assert kept_of(payment.customer_id) == 9_000
