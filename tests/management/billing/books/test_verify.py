"""What was issued is read again: nothing is wrong with what nobody touched, and what was touched is named."""

from datetime import date, timedelta

import pytest
from django.db import connection

from maillage.cli import doctor
from maillage.journal import guards
from maillage.management.billing.actions.closing import close
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import Closing, Entry, Invoice, Payment
from maillage.management.billing.queries.verify import verify, with_books
from maillage.management.billing.rules.faults import Fault
from maillage.places.models import Place
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


def test_the_last_closing_does_not_go_without_a_trace(books: Till) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_closing")
    assert verify(books.place).faults == [Fault("closing", "1 / 1", "gone")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps a moment as a moment")
@pytest.mark.parametrize("at", ["2026-11-22!09:30:00", "2026-11-22 09:30:00,000000", "20261122 093000"])
def test_a_moment_written_otherwise_is_not_what_was_written(books: Till, at: str) -> None:
    invoice = Invoice.objects.get(number=2)
    tamper("billing_invoice", "issued_at", at, f"id = {invoice.pk}")
    found = verify(books.place).faults
    assert [(one.name, one.column) for one in found] == [(str(invoice), "issued_at")]


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


def test_the_doctor_reads_every_book_again(books: Till) -> None:
    assert doctor.books() == doctor.Finding("comptes", "entiers (1 lieux, 10 lignes relues)")
    tamper("billing_entry", "debit_cents", 901, "position = 1")
    assert doctor.books() == doctor.Finding(
        "comptes",
        "1 lieux touchés, dont la-boutique-de-nadine "
        "(Ligne 1 du journal\u202f: «\u202fdébit\u202f» a changé, c’était 900.)",
        "gardez une copie de la base, comparez avec votre dernière sauvegarde (page Argent, Comptes, Vérifier)",
    )


def test_the_doctor_of_a_site_without_money_has_nothing_to_read(db: None) -> None:
    assert doctor.books() == doctor.Finding("comptes", "aucun")


def test_a_place_verifies_its_own_books_alone(books: Till) -> None:
    other = Place.objects.create(slug="ailleurs", name="Ailleurs", created_at=books.now, updated_at=books.now)
    assert [place.slug for place in with_books()] == [books.place.slug]
    assert verify(other).faults == []


@pytest.mark.parametrize("held", ["{", "[]", '{"total_cents": 1}', "é", "\u0000"])
def test_a_text_that_is_no_invoice_any_more_stops_nothing(books: Till, held: str) -> None:
    invoice = Invoice.objects.get(number=2)
    tamper("billing_invoice", "canonical", held.replace("\u0000", "x"), f"id = {invoice.pk}")
    assert verify(books.place).faults == [Fault("invoice", str(invoice), "canonical")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps no text that is not one")
def test_bytes_that_are_no_text_stop_nothing(books: Till) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_entry SET label = CAST(X'54FF' AS TEXT), \"on\" = 'x' WHERE position = 1")
    assert [(fault.name, fault.column) for fault in verify(books.place).faults][:1] == [("1", "content")]
