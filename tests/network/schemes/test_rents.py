"""What is owed stays owed: rents of unsigned months, half-days given back, months read in a few queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.actions import accrediting, issuing, redeeming
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.models import Accreditation, Issue
from maillage.network.schemes.queries.schemes import committed_cents
from maillage.network.schemes.queries.statements import due_at, months_at
from tests.network.schemes.valley import BY, Valley, morning

RENT = {"desks": "4", "weekdays": "234", "rent": "200", "rent_from": "2026-09-01", "rent_to": "2027-02-28"}


def answer(perrin: Valley, state: str, raw: dict[str, str]) -> None:
    found = Accreditation.objects.get(scheme=perrin.scheme, place=perrin.place)
    told: dict[str, Any] = {"accreditation_id": found.pk, "state": state, "raw": raw}
    accrediting.answer(scheme_id=perrin.scheme.pk, **told, by=BY, now=perrin.now)


def test_a_place_that_asks_again_keeps_the_rent_of_its_unsigned_months(perrin: Valley) -> None:
    answer(perrin, "accepted", RENT)
    answer(perrin, "ended", {**RENT, "rent_to": "2026-10-31"})
    accrediting.ask(place=perrin.place, scheme_id=perrin.scheme.pk, by=BY, now=perrin.now)
    assert Accreditation.objects.get(scheme=perrin.scheme).state == "asked"
    owed = [due_at(perrin.scheme, perrin.place, month).rent_cents for month in ("2026-09", "2026-10", "2026-11")]
    assert owed == [20_000, 20_000, 0]
    assert perrin.sign("2026-09", perrin.now).rent_cents == 20_000


def test_an_answer_loses_no_rent_that_is_due(perrin: Valley) -> None:
    answer(perrin, "accepted", RENT)
    for raw in ({}, {**RENT, "rent_from": "2026-10-01"}):
        with pytest.raises(SchemesRefused) as refused:
            answer(perrin, "accepted", raw)
        assert refused.value.wrongs == {
            "rent": (
                "le loyer de 2026-09 est dû, et le lieu ne l’a pas encore signé",
                "gardez ce loyer et ces jours jusqu’à ce qu’il signe",
            )
        }
    for month in ("2026-09", "2026-10"):
        perrin.sign(month, perrin.now)
    answer(perrin, "ended", {})
    assert due_at(perrin.scheme, perrin.place, "2026-11").rent_cents == 0


def test_a_half_day_undone_on_a_cancelled_pass_goes_back_to_the_budget(perrin: Valley) -> None:
    issue = perrin.hand()
    spent = perrin.spend(issue, perrin.now)
    issuing.revoke(scheme_id=perrin.scheme.pk, code=issue.of.code, by=BY, now=perrin.now)
    assert committed_cents(perrin.scheme.pk) == 900
    for _twice in range(2):
        redeeming.undo(place=perrin.place, redemption_id=spent.pk, by=BY, now=perrin.now)
        assert (committed_cents(perrin.scheme.pk), balance(issue.of_id)) == (0, 0)
    assert Issue.objects.get(pk=issue.pk).freed_cents == 3_600


def test_a_half_day_undone_on_a_pass_that_stands_stays_committed(perrin: Valley) -> None:
    issue = perrin.hand()
    spent = perrin.spend(issue, perrin.now)
    redeeming.undo(place=perrin.place, redemption_id=spent.pk, by=BY, now=perrin.now)
    assert (committed_cents(perrin.scheme.pk), balance(issue.of_id)) == (3_600, 4)


def test_ten_months_are_read_in_as_many_queries_as_one(perrin: Valley) -> None:
    issue = perrin.hand()
    perrin.spend(issue, morning(23))

    def queries(months: int) -> tuple[int, int]:
        today = morning(30).date() + timedelta(days=31 * months)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            told = months_at(perrin.scheme, perrin.place, today=today)
        return len(asked), len(told)

    (one, few), (ten, many) = queries(0), queries(3)
    assert many > few
    assert one == ten == 3
