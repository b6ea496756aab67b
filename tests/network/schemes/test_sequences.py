"""Any sequence of hands, doors, losses and signatures: nothing below zero, past the budget, or paid twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement
from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.actions import issuing, redeeming
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.models import Issue, Redemption, Statement, StatementLine
from maillage.network.schemes.queries.schemes import committed_cents, standing_redemptions
from maillage.network.schemes.rules.statements import Spent, due, months
from tests.network.schemes.valley import BY, Valley, morning, valley

MONTHS = ["2026-11", "2026-12", "2027-01"]
STEP = st.tuples(
    st.sampled_from(["hand", "spend", "spend", "spend", "undo", "lose", "revoke", "sign", "offline"]),
    st.integers(0, 5),
    st.integers(0, 80),
)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=14))
def test_any_sequence_keeps_its_promises(people: Any, now: Any, steps: list[tuple[str, int, int]]):
    with transaction.atomic():
        here = valley(people.place, now, budget="150", most_passes="9")
        for rank, (act, which, days) in enumerate(steps):
            try:
                with transaction.atomic():
                    _step(here, act, which, morning(22) + timedelta(hours=12 * days), rank)
            except (SchemesRefused, PassRefused):
                pass
            _holds(here)
        transaction.set_rollback(True)


def _step(here: Valley, act: str, which: int, at: Any, rank: int) -> None:
    issues = list(Issue.objects.filter(scheme=here.scheme).select_related("of").order_by("pk"))
    if act == "hand" or not issues:
        here.hand(key=f"s{rank}")
        return
    issue = issues[which % len(issues)]
    if act == "spend":
        here.spend(issue, at, nonce=f"s{rank}")
    elif act == "offline":
        counted = [redeeming.Counted(f"o{rank}-{twin}", issue.of.code, at) for twin in (1, 2)]
        redeeming.settle(place=here.place, counted=counted, tablet_now=at, by=BY, now=at)
    elif act == "undo":
        spent = list(Redemption.objects.order_by("pk"))
        if spent:
            redeeming.undo(place=here.place, redemption_id=spent[which % len(spent)].pk, by=BY, now=at)
    elif act in ("lose", "revoke"):
        do = issuing.replace_lost if act == "lose" else issuing.revoke
        do(scheme_id=here.scheme.pk, code=issue.of.code, by=BY, now=at)
    elif act == "sign":
        here.sign(MONTHS[which % 3], at + timedelta(days=40))


def _holds(here: Valley) -> None:
    for issue in Issue.objects.filter(scheme=here.scheme):
        summed = Movement.objects.filter(of=issue.of_id).aggregate(left=Sum("amount"))["left"]
        assert balance(issue.of_id) == summed >= 0
    spent = sum(standing_redemptions(scheme=here.scheme).values_list("price_cents", flat=True))
    assert spent <= committed_cents(here.scheme.pk) <= here.scheme.budget_cents
    lines = list(StatementLine.objects.values_list("redemption_id", flat=True))
    assert len(lines) == len(set(lines))
    assert set(lines) <= set(standing_redemptions(scheme=here.scheme).values_list("pk", flat=True))
    for statement in Statement.objects.all():
        told = sum(statement.lines.values_list("cents", flat=True))
        assert statement.halves_cents == told
        assert statement.total_cents == statement.invoice.total_cents


DAY = st.dates(min_value=morning(1).date(), max_value=morning(28, 12).date() + timedelta(days=90))


@given(st.lists(st.tuples(DAY, st.integers(1, 5_000)), max_size=40))
def test_statements_partition_what_was_spent(rows: list[Any]):
    spent = [Spent(rank, day, cents) for rank, (day, cents) in enumerate(rows)]
    stated: list[int] = []
    total = 0
    for month in reversed(months(morning(1).date(), morning(28, 12).date() + timedelta(days=90))):
        owed = due(spent, stated, month=month)
        assert not {one.pk for one in owed.lines} & set(stated)
        stated += [one.pk for one in owed.lines]
        total += owed.total_cents
    assert sorted(stated) == [one.pk for one in spent]
    assert total == sum(one.cents for one in spent)
