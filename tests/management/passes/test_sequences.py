"""Whatever is done to passes, in whatever order: a balance is the sum of its movements, never below zero."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement, Pass
from maillage.management.passes.queries.ledger import balance
from tests.management.passes.shelf import TODAY, Shelf

DAYS = st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))
UNITS = st.integers(1, 4)
HALVES = st.sampled_from(("", "am", "pm"))


@pytest.mark.django_db
def test_any_sequence_adds_up(shelf: Shelf) -> None:
    class Passes(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.block = transaction.atomic()
            self.block.__enter__()
            self.count = 0
            self.now = shelf.now
            self.model: Counter[int] = Counter()
            self.spent: set[tuple[int, date, str]] = set()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

        def act(self, do: Any, **asked: Any) -> Any:
            """Do it, and do it again: the same; a refusal writes nothing."""
            self.count += 1
            before = Movement.objects.count()
            said = {**asked, "key": f"k{self.count}", "by": "essai", "now": self.now}
            try:
                made = do(**said)
            except PassRefused:
                assert Movement.objects.count() == before
                return None
            after = Movement.objects.count()
            assert do(**said) == made
            assert Movement.objects.count() == after > before
            return made

        def one(self, number: int, **which: Any) -> Any:
            rows = list(Movement.objects.filter(**which).order_by("pk"))
            return rows[number % len(rows)] if rows else None

        @rule(units=UNITS, starts=DAYS, lasts=st.integers(0, 4))
        def issue(self, units: int, starts: date, lasts: int) -> None:
            dates = {"starts_on": starts, "ends_on": starts + timedelta(days=lasts)}
            made = self.act(ledger.issue, kind="carnet", units=units, place=shelf.place, **dates)
            self.model[made.pk] = units

        @precondition(lambda self: self.model)
        @rule(number=st.integers(0, 9), units=UNITS, day=DAYS, half=HALVES, kind=st.sampled_from(("redeem", "hold")))
        def take(self, number: int, units: int, day: date, half: str, kind: str) -> None:
            pk = sorted(self.model)[number % len(self.model)]
            asked = {"pass_id": pk, "units": units, "place": shelf.place, "day": day, "half": half}
            if self.act(getattr(ledger, kind), **asked):
                self.model[pk] -= units

        @rule(number=st.integers(0, 9), kind=st.sampled_from(("restore", "release", "take_held")))
        def give_back(self, number: int, kind: str) -> None:
            done = self.one(number, kind="redeemed" if kind == "restore" else "held")
            if done and self.act(getattr(ledger, kind), movement_id=done.pk) and kind != "take_held":
                self.model[done.of_id] -= done.amount

        @rule(number=st.integers(0, 9))
        def reimburse(self, number: int) -> None:
            if done := self.one(number, kind="redeemed"):
                self.act(ledger.reimburse, movement_id=done.pk, subject="settlement:1")

        @precondition(lambda self: self.model)
        @rule(number=st.integers(0, 9), kind=st.sampled_from(("expire", "cancel")))
        def end(self, number: int, kind: str) -> None:
            pk = sorted(self.model)[number % len(self.model)]
            if self.act(getattr(ledger, kind), pass_id=pk):
                self.model[pk] = 0

        @rule()
        def tomorrow(self) -> None:
            self.now += timedelta(days=1)

        @invariant()
        def adds_up(self) -> None:
            for pk in Pass.objects.values_list("pk", flat=True):
                total = Movement.objects.filter(of=pk).aggregate(sum=Sum("amount"))["sum"]
                assert balance(pk) == total == self.model[pk] >= 0

        @invariant()
        def no_half_day_twice(self) -> None:
            undone = Movement.objects.filter(kind="restored").values("undoes")
            rows = Movement.objects.filter(kind="redeemed").exclude(half="").exclude(pk__in=undone)
            halves = list(rows.values_list("of", "day", "half"))
            assert len(halves) == len(set(halves))

        @invariant()
        def paid_once_and_not_undone(self) -> None:
            done = Movement.objects.filter(undoes__isnull=False).values_list("undoes", flat=True)
            assert len(done) == len(set(done))

    fewer = settings(max_examples=40, stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None)
    run_state_machine_as_test(Passes, settings=fewer)
