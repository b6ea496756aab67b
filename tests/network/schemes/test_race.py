"""Several at once: the budget, a half-day, a statement and a sheet hold on whichever database the tests run."""

from typing import Any

import pytest
from django.db import connection

from maillage.management.billing.models import Invoice
from maillage.management.passes.actions.ledger import PassRefused
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.models import Issue, Redemption, Scheme, Statement
from maillage.network.schemes.queries.guard import BUDGET, GUARDS
from maillage.network.schemes.queries.schemes import committed_cents
from tests.network.schemes.valley import BY, Valley, morning, valley
from tests.people import gather
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_scheme(now: Any) -> Valley:
    return valley(gather(now).place, now, budget="108", most_passes="50")


def test_eight_desks_share_the_last_of_a_budget(open_scheme: Valley):
    here = open_scheme

    def hand(number: int) -> str:
        try:
            here.hand(key=f"race-{number}")
        except SchemesRefused as refused:
            return str(refused)
        return "handed"

    told = together([lambda number=number: hand(number) for number in range(8)])
    assert told.count("handed") == 3
    assert {one for one in told if one != "handed"} == {
        "Le budget de ce dispositif est épuisé\u202f: voyez qui le finance\u202f: rien n’est remis."
    }
    assert committed_cents(here.scheme.pk) == 10_800


def test_a_half_day_is_spent_once_by_six_doors(open_scheme: Valley):
    here, issue = open_scheme, open_scheme.hand()

    def spend(number: int) -> str:
        try:
            here.spend(issue, morning(24), nonce=f"door-{number}")
        except PassRefused as refused:
            return refused.reason
        return "spent"

    told = together([lambda number=number: spend(number) for number in range(6)])
    assert told == ["half_used"] * 5 + ["spent"]
    assert Redemption.objects.count() == 1


def test_a_month_signed_by_four_at_once_is_one_invoice(open_scheme: Valley):
    here = open_scheme
    here.spend(here.hand(), morning(24))
    told = together([lambda: str(here.sign("2026-11", morning(1, 12)).pk) for _one in range(4)])
    assert len(set(told)) == 1
    assert (Statement.objects.count(), Invoice.objects.count()) == (1, 1)


def test_without_its_guard_the_budget_is_gone_past(open_scheme: Valley):
    """The negative control: rows written beside the actions go past the budget once the trigger is down."""
    here = open_scheme
    issue = here.hand()
    Scheme.objects.filter(pk=here.scheme.pk).update(budget_cents=3_600)
    (guard,) = (one for one in GUARDS if one.name == BUDGET)
    table = " ON schemes_issue" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {BUDGET}{table}")
    try:
        row = issue.of
        row.pk, row.code = None, "00000-00000"
        row.save()
        given = {"scheme": here.scheme, "of": row, "cents": 900, "key": "past"}
        Issue.objects.create(**given, issued_at=here.now, issued_by=BY)
        assert committed_cents(here.scheme.pk) == 4_500
    finally:
        with connection.cursor() as cursor:
            for statement in guard.postgres[-1:] if connection.vendor == "postgresql" else (guard.sqlite,):
                cursor.execute(statement)
