"""Whatever a room declares written once stays so for the ORM and for plain SQL, and the server asks for it."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from maillage.cli import doctor, serve
from maillage.journal import guards
from maillage.management.billing.models import Customer, Payment
from maillage.places.models import Place

pytestmark = pytest.mark.django_db
GONE = "billing_payment_stays_update"


@pytest.fixture
def payment(now: datetime) -> Payment:
    place = Place.objects.create(slug="la-maille", name="La Maille", created_at=now, updated_at=now)
    lila = Customer.objects.create(place=place, name="Lila", created_at=now, created_by="essai")
    return Payment.objects.create(
        place=place,
        customer=lila,
        method="cash",
        amount_cents=900,
        received_on=date(2026, 11, 22),
        key="un",
        recorded_at=now,
        recorded_by="essai",
    )


def drop() -> None:
    with connection.cursor() as cursor:
        on = " ON billing_payment" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {GONE}{on}")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_payment SET amount_cents = 1",
        "UPDATE billing_payment SET key = 'x'",
        "DELETE FROM billing_payment",
    ],
)
def test_no_sql_changes_what_is_written_once(payment: Payment, sql: str) -> None:
    with (
        pytest.raises(IntegrityError, match="billing_payment_stays_"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    payment.refresh_from_db()
    assert (payment.amount_cents, payment.key) == (900, "un")


def test_neither_does_the_orm(payment: Payment) -> None:
    for act in (
        lambda: Payment.objects.update(amount_cents=1),
        lambda: payment.delete(),
        lambda: Payment(pk=payment.pk, amount_cents=2).save(update_fields=["amount_cents"]),
    ):
        with pytest.raises(IntegrityError, match="billing_payment_stays_"), transaction.atomic():
            act()


def test_without_its_guard_it_would_change(payment: Payment) -> None:
    drop()
    assert Payment.objects.update(amount_cents=1) == 1


def test_lifted_for_fictional_places_they_stand_again_whatever_happens(payment: Payment) -> None:
    with guards.lifted():
        Payment.objects.all().delete()
    assert guards.missing() == []
    with pytest.raises(LookupError), guards.lifted():
        raise LookupError
    assert guards.missing() == []


def test_a_guard_that_is_gone_is_named_and_keeps_the_server_from_starting() -> None:
    assert guards.missing() == []
    drop()
    assert guards.missing() == [GONE]
    assert doctor.money_guards() == doctor.Finding(
        "écrits", f"la base laisserait changer ce qui est émis ({GONE})", "maillage migrate", broken=True
    )
    assert serve._guard() == (
        f"Des gardes manquent dans la base ({GONE})\u202f: ce qui est émis pourrait être changé. "
        "Rien n’est servi. Lancez «\u202fmaillage migrate\u202f», qui les remet."
    )
    guards.install()
    assert guards.missing() == []
    assert serve._guard() is None
    assert doctor.money_guards() == doctor.Finding("écrits", "la base refuse que ce qui est émis change")
