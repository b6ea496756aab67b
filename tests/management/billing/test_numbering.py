"""Numbers without a gap, whoever issues at the same moment and whatever is rolled back on the way."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.drafting import begin_credit
from maillage.management.billing.actions.issuing import issue
from maillage.management.billing.models import Draft, Entry, Invoice, Series
from maillage.places.models import Place
from tests.management.billing.till import HALF_DAY, Till
from tests.together import together

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WRITERS, EACH = 6, 5


class Burnt(Exception):
    """What a writer meets after its invoice was written."""


@pytest.fixture
def stall(transactional_db: None) -> Till:
    """A place that sells, where several writers write for good."""
    place = Place.objects.create(slug="halle", name="La Halle", created_at=NOW, updated_at=NOW)
    return Till(place, "commande:essai", NOW).opens()


def numbers(series: str = "F2026") -> list[int]:
    return list(Invoice.objects.filter(series=series).order_by("number").values_list("number", flat=True))


def writer(till: Till, customer: int, seed: int) -> Callable[[], str]:
    """Issues a few invoices, one of three rolled back once it has its number."""
    chance = random.Random(seed)

    def one(turn: int) -> None:
        with transaction.atomic():
            till.at_once(f"{seed}:{turn}", customer=customer)
            if chance.random() < 1 / 3:
                raise Burnt

    done: set[int] = set()

    def act() -> str:
        for turn in range(EACH):
            if turn in done:
                continue
            with suppress(Burnt):
                one(turn)
            done.add(turn)
        return "done"

    return act


def test_writers_that_roll_back_leave_no_gap(stall: Till) -> None:
    customer = stall.customer()
    told = together([writer(stall, customer, seed) for seed in range(WRITERS)])
    assert told == ["done"] * WRITERS
    found = numbers()
    assert found == list(range(1, len(found) + 1)) and 0 < len(found) <= WRITERS * EACH
    assert Series.objects.get(name="F2026").last_number == len(found)
    pieces = set(Entry.objects.values_list("piece", flat=True))
    assert pieces == {str(one) for one in Invoice.objects.all()}


def test_one_draft_issued_by_all_at_once_is_one_invoice(stall: Till) -> None:
    draft = stall.draft(HALF_DAY)
    told = together([lambda: str(issue(**stall.acts, draft_id=draft))] * 4)
    assert told == ["F2026-00001"] * 4 and numbers() == [1] and not Draft.objects.exists()


def test_one_key_asked_by_all_at_once_is_one_invoice(stall: Till) -> None:
    customer = stall.customer()
    told = together([lambda: str(stall.at_once("pass:1", customer=customer))] * 4)
    assert told == ["F2026-00001"] * 4 and numbers() == [1]


def test_credits_at_the_same_moment_never_take_more_than_there_is(stall: Till) -> None:
    invoice = stall.issued()
    drafts = [begin_credit(**stall.acts, invoice_id=invoice.pk) for _ in range(4)]

    def act(draft: int) -> Callable[[], str]:
        def one() -> str:
            try:
                return str(issue(**stall.acts, draft_id=draft))
            except BillingRefused:
                return "refused"

        return one

    assert together([act(draft) for draft in drafts]) == ["A2026-00001", "refused", "refused", "refused"]
    assert Invoice.objects.get(kind="credit").total_cents == invoice.total_cents


def test_a_sequence_of_the_database_would_leave_a_gap(stall: Till) -> None:
    """The negative control: what is drawn from the row's own key is lost with a rollback on PostgreSQL."""
    customer = stall.customer()
    first = stall.at_once("a", customer=customer)
    with pytest.raises(Burnt), transaction.atomic():
        stall.at_once("b", customer=customer)
        raise Burnt
    second = stall.at_once("c", customer=customer)
    assert (second.number - first.number) == 1
    if connection.vendor == "postgresql":
        assert second.pk - first.pk == 2
