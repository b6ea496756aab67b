"""Money that comes in: what it settles, what stays in advance, what goes back; whatever the order, the sums hold."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.accounts.rules import signature
from maillage.journal import guards
from maillage.journal.actions import KeyReused
from maillage.journal.models import AuditEvent
from maillage.management.billing.actions import paying
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import allocate, record_payment, record_typed, refund, undo_payment
from maillage.management.billing.models import Allocation, Entry, Invoice, Payment
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.queries.payments import (
    account_of,
    balances,
    debts,
    kept_of,
    lefts_of,
    open_invoices,
)
from maillage.management.billing.rules.payments import Due, read_payment, spread
from tests.management.billing.till import HALF_DAY, MONTH, Till
from tests.people import People
from tests.together import together

DAY = date(2026, 11, 20)


def paid(till: Till, customer: int, cents: int, key: str = "un", **more: Any) -> Payment:
    facts = {"method": "cash", "received_on": DAY} | more
    return record_payment(**till.acts, customer_id=customer, amount_cents=cents, key=key, **facts)


def refused(act: Any, **given: Any) -> str:
    with pytest.raises(BillingRefused) as told:
        act(**given)
    return str(told.value)


def test_a_payment_settles_the_oldest_first_and_the_rest_is_in_advance(open_till: Till):
    thomas = open_till.customer()
    first, second = (open_till.issued(HALF_DAY, customer=thomas) for _ in range(2))
    payment = paid(open_till, thomas, 1200)
    assert (due_of(first.pk), due_of(second.pk)) == (0, 600)
    assert [(debt.owed_cents, debt.invoices) for debt in debts(open_till.place)] == [(600, 1)]
    paid(open_till, thomas, 1000, key="deux")
    account = account_of(open_till.place, thomas)
    assert account is not None
    assert (account.owed_cents, account.kept_cents, account.balance_cents) == (0, 400, -400)
    assert debts(open_till.place) == []
    event = AuditEvent.objects.filter(action="billing.paid").earliest("pk")
    assert (event.subject, event.by, event.is_public) == (f"payment:{payment.pk}", open_till.by, False)
    assert event.detail == {"place": str(open_till.place.pk), "cents": 1200, "method": "cash"}
    assert Entry.objects.filter(piece=f"E{payment.pk}").aggregate(
        debit=Sum("debit_cents"), credit=Sum("credit_cents")
    ) == {"debit": 1200, "credit": 1200}


def test_the_invoices_chosen_are_settled_and_no_other(open_till: Till):
    thomas = open_till.customer()
    first, second = (open_till.issued(HALF_DAY, customer=thomas) for _ in range(2))
    paid(open_till, thomas, 1200, allocate=[second.pk])
    assert (due_of(first.pk), due_of(second.pk), kept_of(thomas)) == (900, 0, 300)
    (left,) = lefts_of(thomas)
    assert (left.cents, left.is_credit) == (300, False)
    assert allocate(**open_till.acts, source_id=left.of.pk, invoice_id=first.pk) == 300
    assert (due_of(first.pk), kept_of(thomas), lefts_of(thomas)) == (600, 0, [])
    again = {"source_id": left.of.pk, "invoice_id": first.pk}
    assert refused(allocate, **open_till.acts, **again) == (
        "Il n’y a rien à régler ainsi\u202f: regardez ce qui reste dû et ce qui reste d’avance."
    )


def test_the_same_form_twice_is_one_payment_and_another_under_its_key_is_refused(open_till: Till):
    thomas = open_till.customer()
    one = paid(open_till, thomas, 900)
    assert paid(open_till, thomas, 900).pk == one.pk
    with pytest.raises(KeyReused):
        paid(open_till, thomas, 901)
    assert Payment.objects.count() == 1


def test_a_payment_is_undone_by_another_row_once(open_till: Till):
    thomas = open_till.customer()
    invoice = open_till.issued(HALF_DAY, customer=thomas)
    payment = paid(open_till, thomas, 1000)
    back = undo_payment(**open_till.acts, payment_id=payment.pk)
    assert undo_payment(**open_till.acts, payment_id=payment.pk).pk == back.pk
    assert (back.amount_cents, back.undoes_id, back.method) == (-1000, payment.pk, "cash")
    assert (due_of(invoice.pk), kept_of(thomas), lefts_of(thomas)) == (900, 0, [])
    assert list(Allocation.objects.order_by("pk").values_list("amount_cents", flat=True)) == [900, -900]
    assert refused(undo_payment, **open_till.acts, payment_id=back.pk) == (
        "Cette ligne est déjà un retour\u202f: notez un nouvel encaissement s’il le faut."
    )
    assert refused(allocate, **open_till.acts, source_id=payment.pk, invoice_id=invoice.pk) == (
        "Cet encaissement est annulé\u202f: choisissez-en un autre."
    )


def test_what_was_given_back_cannot_be_undone_nor_given_back_again(open_till: Till):
    thomas = open_till.customer()
    payment = paid(open_till, thomas, 1000)
    acts = {"customer_id": thomas, "method": "transfer", "on": DAY}
    refund(**open_till.acts, **acts, amount_cents=600, key="rendu")
    assert kept_of(thomas) == 400
    assert refused(refund, **open_till.acts, **acts, amount_cents=401, key="encore") == (
        "Ce compte a 4,00\u202f€ d’avance\u202f: rendez 4,00\u202f€ au plus."
    )
    assert refused(undo_payment, **open_till.acts, payment_id=payment.pk) == (
        "6,00\u202f€ de cet argent ont déjà servi ou été rendus\u202f: annulez d’abord ce remboursement."
    )
    invoice = open_till.issued(MONTH, customer=thomas)
    assert allocate(**open_till.acts, source_id=payment.pk, invoice_id=invoice.pk) == 400


def test_an_invoice_of_another_place_is_settled_by_nobody_here(open_till: Till, people: People):
    there = Till(people.other, signature(people.lila.user.pk, "facilitator"), open_till.now).opens()
    hers = there.issued(HALF_DAY)
    thomas = open_till.customer()
    payment = paid(open_till, thomas, 900, allocate=[hers.pk])
    assert (due_of(hers.pk), kept_of(thomas)) == (900, 900)
    with pytest.raises(Invoice.DoesNotExist):
        allocate(**open_till.acts, source_id=payment.pk, invoice_id=hers.pk)
    with pytest.raises(PermissionDenied):
        paid(Till(open_till.place, there.by, open_till.now), thomas, 1, key="x")


BAD = {
    "-5": "Un montant n’est pas négatif\u202f: écrivez-le sans signe.",
    "12,345": "Un montant s’arrête aux centimes\u202f: écrivez deux chiffres après la virgule, comme 12,50.",
    "²": "Ce montant est illisible\u202f: écrivez-le en euros, comme 12,50.",
    "0": "Un encaissement n’est pas zéro\u202f: écrivez ce qui est arrivé, comme 12,50.",
    "": "Il manque un montant\u202f: écrivez-le en euros, comme 12,50.",
    "1\x002": "Ce montant contient un signe invisible\u202f: tapez-le de nouveau.",
    "1\u202e2": "Ce montant contient un signe invisible\u202f: tapez-le de nouveau.",
    "9" * 10_000: "Ce montant est illisible\u202f: écrivez-le en euros, comme 12,50.",
}


@pytest.mark.parametrize("typed", BAD, ids=lambda typed: repr(typed)[:12])
def test_an_amount_that_cannot_be_is_told_and_nothing_is_written(open_till: Till, typed: str):
    raw = {"amount": typed, "method": "cash", "received_on": "2026-11-20"}
    assert refused(record_typed, **open_till.acts, customer_id=open_till.customer(), raw=raw, key="a") == BAD[typed]
    assert not Payment.objects.exists()


def test_everything_wrong_is_told_at_once(open_till: Till):
    raw = {"amount": "x", "method": "or", "received_on": "2026-11-25", "reference": "a" * 121}
    read = read_payment(raw, date(2026, 11, 22))
    assert {name: str(wrong.problem) for name, wrong in read.wrongs.items()} == {
        "amount": "ce montant est illisible",
        "method": "ce moyen de paiement n’existe pas",
        "received_on": "ce jour n’est pas encore venu",
        "reference": "dépasse 120 caractères",
    }


@given(st.integers(1, 10_000), st.lists(st.integers(0, 3_000), max_size=8))
def test_an_amount_is_spread_over_what_is_due_and_nothing_more(cents: int, lefts: list[int]):
    parts = spread(cents, [Due(number, DAY, left) for number, left in enumerate(lefts)])
    assert all(0 < part.cents <= lefts[part.invoice] for part in parts)
    assert sum(part.cents for part in parts) == min(cents, sum(lefts))


STEPS = st.lists(
    st.tuples(st.sampled_from(["pay", "invoice", "undo", "refund", "settle", "credit"]), st.integers(1, 2_500)),
    max_size=12,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_to_an_account_its_sums_hold(till_of: Any, steps: list[tuple[str, int]]):
    till, customer = till_of()
    for number, (step, cents) in enumerate(steps):
        with suppress(BillingRefused):
            happens(till, customer, step, cents, f"{customer}-{number}")
        holds(customer)


def happens(till: Till, customer: int, step: str, cents: int, key: str) -> None:
    payments = list(Payment.objects.filter(customer=customer).order_by("pk"))
    if step == "pay":
        paid(till, customer, cents, key=key)
    elif step == "invoice":
        till.issued(HALF_DAY, customer=customer)
    elif step == "undo" and payments:
        undo_payment(**till.acts, payment_id=payments[cents % len(payments)].pk)
    elif step == "refund":
        refund(**till.acts, customer_id=customer, method="cash", amount_cents=cents, on=DAY, key=key)
    elif step in ("settle", "credit") and (due := open_invoices(till.place, customer)):
        for left in lefts_of(customer):
            allocate(**till.acts, source_id=left.of.pk, invoice_id=due[0].pk, is_credit=left.is_credit)


def holds(customer: int) -> None:
    invoiced = 0
    for invoice in Invoice.objects.filter(customer=customer):
        settled = invoice.allocations.aggregate(sum=Sum("amount_cents"))["sum"] or 0
        assert 0 <= settled <= invoice.total_cents
        invoiced += invoice.total_cents
    for payment in Payment.objects.filter(customer=customer, amount_cents__gt=0):
        assert 0 <= (payment.allocations.aggregate(sum=Sum("amount_cents"))["sum"] or 0) <= payment.amount_cents
    given = Payment.objects.filter(customer=customer).aggregate(sum=Sum("amount_cents"))["sum"] or 0
    owed = sum(due_of(one.pk) for one in Invoice.objects.filter(customer=customer))
    assert kept_of(customer) >= 0
    assert owed - kept_of(customer) == invoiced - given == balances([customer])[customer]


@pytest.fixture
def till_of(open_till: Till) -> Any:
    """A new account at the same till, for each example."""
    return lambda: (open_till, open_till.customer())


@pytest.fixture
def unguarded() -> Iterator[Any]:
    """Take the guard of allocations off; it stands again afterwards."""

    def drop() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER billing_allocation_fits ON billing_allocation")

    yield drop
    guards.install()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("is_held", "is_guarded"), [(True, True), (False, True), (False, False)], ids=["held", "guarded", "let go"]
)
def test_two_tills_at_once_settle_an_invoice_once(
    open_till: Till, monkeypatch: Any, unguarded: Any, is_held: bool, is_guarded: bool
):
    """Without the account's lock nor the database's guard, the same harness sees an invoice settled twice."""
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite one writer at a time has the file")
    thomas = open_till.customer()
    invoice = open_till.issued(MONTH, customer=thomas)
    if not is_held:
        let_go(monkeypatch)
    if not is_guarded:
        unguarded()

    def one(number: int) -> Any:
        def act() -> str:
            with suppress(IntegrityError):
                return str(paid(open_till, thomas, 11_000, key=f"k{number}").amount_cents)
            return "refused"

        return act

    for turn in range(5):
        together([one(10 * turn + number) for number in range(4)])
    settled = invoice.allocations.aggregate(sum=Sum("amount_cents"))["sum"]
    assert (settled == 11_000) is (is_held or is_guarded)
    if is_held:
        assert kept_of(thomas) == 19 * 11_000


def let_go(monkeypatch: Any) -> None:
    """Nobody waits for anybody between reading what is due and settling it."""
    from maillage.management.billing.models import Customer

    real = paying.dues_of

    def slow(customer_id: int) -> Any:
        import time

        found = real(customer_id)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(paying, "enter", lambda place, by: place)
    monkeypatch.setattr(paying, "customer_here", lambda place, number: Customer.objects.get(pk=number))
    monkeypatch.setattr(paying, "write_payment", lambda **_told: None)
    monkeypatch.setattr(paying, "note", lambda *_a, **_told: None)
    monkeypatch.setattr(paying, "dues_of", slow)


def test_old_money_is_looked_at_twice(open_till: Till):
    thomas = open_till.customer()
    assert refused(paid, till=open_till, customer=thomas, cents=900, received_on=DAY - timedelta(days=4_000)) == (
        "Ce jour remonte à plus de dix ans\u202f: vérifiez l’année."
    )


@pytest.mark.parametrize("beyond", ["the invoice", "the payment"])
def test_no_sql_settles_an_invoice_beyond_its_total_nor_uses_a_payment_twice(open_till: Till, beyond: str):
    thomas = open_till.customer()
    first, second = (open_till.issued(HALF_DAY, customer=thomas) for _ in range(2))
    settled = {"payment": paid(open_till, thomas, 600), "at": open_till.now, "by": "essai"}
    more = {"the invoice": (first, 901), "the payment": (second, 1)}[beyond]
    with pytest.raises(IntegrityError, match="billing_allocation_fits"), transaction.atomic():
        Allocation.objects.create(invoice=more[0], amount_cents=more[1], **settled)
    assert (due_of(first.pk), due_of(second.pk)) == (300, 900)
