"""What may be asked for so many times a day is counted with the act, undone with it, and forgotten."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from maillage.journal import actions, queries
from maillage.journal.models import IdempotencyKey, Use
from tests.conftest import NOW

BOTH = {"book:mail:ada": 5, "book:network:one": 2}


def spent(now: datetime) -> bool:
    try:
        with transaction.atomic():
            actions.spend(uses=BOTH, now=now)
    except actions.TooMany:
        return False
    return True


@pytest.mark.django_db
def test_one_too_many_is_refused_and_counts_for_nothing(now: datetime) -> None:
    assert [spent(now) for _ in range(4)] == [True, True, False, False]
    assert dict(Use.objects.values_list("name", "times")) == {"book:mail:ada": 2, "book:network:one": 2}
    assert queries.is_used_up(BOTH, now=now)
    assert spent(now + timedelta(days=1))
    assert not queries.is_used_up(BOTH, now=now + timedelta(days=1))


@pytest.mark.django_db
def test_an_act_that_comes_to_nothing_takes_its_count_back(now: datetime) -> None:
    with pytest.raises(LookupError), transaction.atomic():
        actions.spend(uses=BOTH, now=now)
        raise LookupError
    assert not Use.objects.exists()


@pytest.mark.django_db
def test_keys_and_counts_are_forgotten_after_a_week(now: datetime) -> None:
    for days in (0, 6, 8):
        at = now - timedelta(days=days)
        actions.spend(uses={"book:mail:ada": 5}, now=at)
        actions.once(caller="essai", key=str(days), fingerprint="a", now=at, act=dict)
    actions.send_mails(now=now)
    assert sorted(IdempotencyKey.objects.values_list("key", flat=True)) == ["0", "6"]
    assert Use.objects.count() == 2


class TestAnyOrder(TestCase):
    @given(st.lists(st.sampled_from(["ada", "bela", "cleo"]), max_size=20))
    def test_nobody_ever_gets_more_than_their_share(self, asked: list[str]) -> None:
        given_ = dict.fromkeys(asked, 0)
        for who in asked:
            try:
                with transaction.atomic():
                    actions.spend(uses={who: 3, "all": 7}, now=NOW)
            except actions.TooMany:
                continue
            given_[who] += 1
        assert all(times <= 3 for times in given_.values())
        assert sum(given_.values()) <= 7
        assert dict(Use.objects.values_list("name", "times")) == {
            name: times for name, times in {**given_, "all": sum(given_.values())}.items() if times
        }
