"""Several hosts at once: a half-day of a carnet, its last unit and a month hold on whichever database the tests run."""

from typing import Any

import pytest
from django.db import connection

from maillage.management.billing.models import Invoice
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement
from maillage.management.passes.queries.guard import GUARDS, TWICE
from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.models import RoamingBill, RoamingVisit
from tests.network.schemes.jura import Jura, jura, morning
from tests.people import gather
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
AT = morning(24)


@pytest.fixture
def bureaux(now: Any) -> Jura:
    return jura(gather(now), now)


def told_by(here: Jura, carnet: Any, host: int, number: int) -> str:
    try:
        here.count(carnet, host, AT, nonce=f"race-{number}")
    except PassRefused as refused:
        return refused.reason
    return "counted"


def test_one_half_day_of_a_carnet_is_counted_by_one_of_two_hosts(bureaux: Jura):
    carnet = bureaux.carnet(0)
    doors = [lambda number=number: told_by(bureaux, carnet, 1 + number % 2, number) for number in range(6)]
    assert together(doors) == ["counted"] + ["half_used"] * 5
    assert (RoamingVisit.objects.count(), balance(carnet.pk)) == (1, 9)


def test_the_last_unit_is_taken_by_one_host(bureaux: Jura):
    carnet = bureaux.carnet(0, units=1, whose={"organisation": bureaux.body(0)})
    doors = [lambda number=number: told_by(bureaux, carnet, 1 + number % 2, number) for number in range(6)]
    assert together(doors) == ["counted"] + ["empty"] * 5
    assert (RoamingVisit.objects.count(), balance(carnet.pk)) == (1, 0)


def test_a_month_signed_by_four_at_once_is_one_invoice(bureaux: Jura):
    bureaux.count(bureaux.carnet(0), 1, AT)
    told = together([lambda: str(bureaux.sign(1, "2026-11", morning(1, 12))[0].pk) for _one in range(4)])
    assert len(set(told)) == 1
    assert (RoamingBill.objects.count(), Invoice.objects.count()) == (1, 1)


def test_without_its_guard_a_half_day_is_counted_twice(bureaux: Jura):
    """The negative control: rows written beside the actions count a half-day at two hosts once the trigger is down."""
    carnet = bureaux.carnet(0)
    first = bureaux.count(carnet, 1, AT)
    (guard,) = (one for one in GUARDS if one.name == TWICE)
    table = " ON passes_movement" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {TWICE}{table}")
    try:
        row = Movement.objects.get(pk=first.movement_id)
        row.pk, row.key, row.place = None, "beside", bureaux.places[2]
        row.save(force_insert=True)
        visit = RoamingVisit.objects.get(pk=first.pk)
        visit.pk, visit.movement, visit.host = None, row, bureaux.places[2]
        visit.save(force_insert=True)
        assert RoamingVisit.objects.filter(day=AT.date(), half="am", movement__of=carnet).count() == 2
    finally:
        with connection.cursor() as cursor:
            for statement in guard.postgres[-1:] if connection.vendor == "postgresql" else (guard.sqlite,):
                cursor.execute(statement)
