"""What was issued is read again: nothing is wrong with what nobody touched, and what was touched is named."""

from datetime import date, timedelta

import pytest
from django.db import connection

from maillage.journal import guards
from maillage.management.billing.actions.closing import close
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import Closing, Entry, Invoice, Payment
from maillage.management.billing.queries.verify import verify
from maillage.management.billing.rules.faults import Fault
from tests.management.billing.till import HALF_DAY, Till

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(open_till: Till) -> Till:
    """Three invoices, of which two are paid, and last month closed."""
    customer = open_till.customer()
    first = open_till.issued(HALF_DAY, customer=customer)
    open_till.issued(HALF_DAY, HALF_DAY, customer=customer)
    open_till.issued(HALF_DAY, customer=customer)
    for number, method in enumerate(("cash", "transfer")):
        record_payment(
            **open_till.acts,
            customer_id=customer,
            method=method,
            amount_cents=900,
            received_on=first.issued_on,
            key=f"p{number}",
        )
    later = open_till.now + timedelta(days=40)
    close(place=open_till.place, period="month", on=first.issued_on, by=open_till.by, now=later)
    return open_till


def tamper(table: str, column: str, value: object, where: str) -> None:
    """Write behind the guards, as whoever owns the tables may."""
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE {where}', [value])


def test_nothing_is_wrong_with_what_nobody_touched(books: Till) -> None:
    checked = verify(books.place)
    assert checked.faults == []
    assert (checked.entries, checked.invoices, checked.payments, checked.closings) == (10, 3, 2, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("journal", "OD"),
        ("writing", 9),
        ("on", "2026-01-02"),
        ("account", "7061"),
        ("account_label", "Clients"),
        ("auxiliary", "C999999"),
        ("auxiliary_label", "Thomas Petut"),
        ("piece", "F2026-00008"),
        ("piece_on", "2026-01-02"),
        ("label", "Thomas Petut"),
        ("debit_cents", 901),
        ("written_at", "2026-01-02 10:00:00"),
        ("written_by", "compte:9:operator"),
        ("seal", "0" * 64),
        ("digest", "0" * 64),
        ("before", "0" * 64),
    ],
)
def test_a_changed_line_is_named_with_its_column(books: Till, column: str, value: object) -> None:
    tamper("billing_entry", column, value, "position = 3")
    found = verify(books.place).faults
    assert (found[0].table, found[0].name, found[0].column) == ("entry", "3", column)
    assert {fault.table for fault in found} <= {"entry", "closing"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("customer_id", None),
        ("kind", "deposit"),
        ("issued_on", "2026-01-02"),
        ("due_on", "2026-01-02"),
        ("digest", "0" * 64),
        ("canonical", "{}"),
        ("key", "autre"),
        ("issued_at", "2026-01-02 10:00:00"),
        ("issued_by", "compte:9:operator"),
    ],
)
def test_a_changed_invoice_is_named_with_its_column(books: Till, column: str, value: object) -> None:
    invoice = Invoice.objects.get(number=2)
    tamper("billing_invoice", column, books.town() if value is None else value, f"id = {invoice.pk}")
    found = [(fault.table, fault.name, fault.column) for fault in verify(books.place).faults]
    assert found[0] == ("invoice", str(invoice), column)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("method", "card"),
        ("amount_cents", 901),
        ("received_on", "2026-01-02"),
        ("reference", "x"),
        ("provider", "x"),
        ("recorded_at", "2026-01-02 10:00:00"),
        ("recorded_by", "compte:9:operator"),
    ],
)
def test_a_changed_payment_is_named_with_its_column(books: Till, column: str, value: object) -> None:
    payment = Payment.objects.order_by("pk").first()
    assert payment
    tamper("billing_payment", column, value, f"id = {payment.pk}")
    found = [(fault.table, fault.name, fault.column) for fault in verify(books.place).faults]
    assert found == [("payment", f"E{payment.pk}", column)]


def test_a_closing_that_was_changed_is_named(books: Till) -> None:
    closing = Closing.objects.get()
    tamper("billing_closing", "last_position", 3, f"id = {closing.pk}")
    name = f"{closing.starts_on} – {closing.ends_on}"
    assert verify(books.place).faults == [Fault("closing", name, "last_position", "10")]


def test_rows_that_are_gone_are_named(books: Till) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_entry WHERE position IN (9, 10)")
        cursor.execute("DELETE FROM billing_invoice WHERE number = 3")
    names = {(fault.table, fault.name, fault.column) for fault in verify(books.place).faults}
    assert {
        ("entry", "9", "gone"),
        ("invoice", "F2026-00003", "gone"),
        ("entry", "F2026-00003", "lacks_piece"),
    } <= names


def test_a_line_between_two_that_is_gone_is_named(books: Till) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_entry WHERE position IN (3, 4)")
    names = [(fault.table, fault.name, fault.column) for fault in verify(books.place).faults]
    assert ("entry", "3", "gone") in names


def test_an_invoice_that_never_reached_the_books_is_named(books: Till) -> None:
    last = Entry.objects.order_by("-position").first()
    assert last
    invoice = Invoice.objects.get(number=3)
    copied = {name: getattr(invoice, name) for name in ("place_id", "customer_id", "kind", "series", "canonical")}
    days = {"issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 1), "issued_at": books.now, "issued_by": books.by}
    sums = {"net_cents": 900, "vat_cents": 0, "total_cents": 900}
    Invoice.objects.create(**copied, **days, **sums, number=5, digest=invoice.digest)
    names = {(fault.name, fault.column) for fault in verify(books.place).faults if fault.table == "invoice"}
    assert {("F2026-00004", "gone"), ("F2026-00005", "dates"), ("F2026-00005", "number")} <= names
