from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.spans import Span, among, covers, intersect, overlaps, subtract, total, union
from tests.management.bookings.rules.times import quarters, slots, some_spans

QUARTER = timedelta(minutes=15)
one_span = st.tuples(st.integers(0, 48), st.integers(1, 12)).map(lambda pair: quarters(pair[0], pair[0] + pair[1]))


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError) as refused:
        Span(datetime(2026, 11, 23, 8), datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert str(refused.value) == (
        "L’heure 2026-11-23T08:00:00 n’a pas de fuseau horaire : on ne sait pas quel instant c’est. Donnez-en un."
    )


@pytest.mark.parametrize("minutes", [0, -1])
def test_an_end_that_does_not_follow_the_start_is_refused(minutes: int) -> None:
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    with pytest.raises(ValueError) as refused:
        Span(start, end)
    assert str(refused.value) == (
        f"La fin {end.isoformat()} ne vient pas après le début 2026-11-23T09:00:00+00:00 : "
        "une durée est d’au moins un instant. Changez l’une ou l’autre."
    )


def test_other_zones_are_brought_to_utc() -> None:
    paris = ZoneInfo("Europe/Paris")
    given_there = Span(datetime(2026, 11, 23, 9, tzinfo=paris), datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert given_there == Span(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert given_there.start.tzinfo is UTC


def test_the_second_half_of_an_hour_lived_twice_follows_the_first() -> None:
    """On the wall both ends show 2 h 30: Python would call them equal."""
    paris = ZoneInfo("Europe/Paris")
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=paris, fold=fold) for fold in (0, 1))
    assert Span(first, second).length == timedelta(hours=1)


@given(some_spans, some_spans)
def test_sets_are_those_of_their_quarters_of_an_hour(ones: list[Span], twos: list[Span]) -> None:
    assert slots(union(ones, twos)) == slots(ones) | slots(twos)
    assert slots(subtract(ones, twos)) == slots(ones) - slots(twos)
    assert slots(intersect(ones, twos)) == slots(ones) & slots(twos)
    assert total(ones) == len(slots(ones)) * QUARTER


@given(some_spans, some_spans)
def test_sets_are_sorted_disjoint_and_never_touch(ones: list[Span], twos: list[Span]) -> None:
    for result in (union(ones, twos), subtract(ones, twos), intersect(ones, twos)):
        assert all(before.end < after.start for before, after in pairwise(result))


@given(some_spans, some_spans)
def test_what_is_cut_and_what_is_left_make_the_whole(ones: list[Span], twos: list[Span]) -> None:
    assert union(subtract(ones, twos), intersect(ones, twos)) == union(ones)
    assert intersect(subtract(ones, twos), twos) == ()


@given(one_span, one_span)
def test_two_spans_overlap_when_they_share_a_moment(one: Span, other: Span) -> None:
    assert overlaps(one, other) is overlaps(other, one) is bool(slots([one]) & slots([other]))


def test_spans_that_touch_share_no_moment() -> None:
    before, after = quarters(0, 4), quarters(4, 8)
    assert not overlaps(before, after) and not overlaps(after, before)
    assert among((before,), after) == among((after,), before) == ()
    assert intersect([before], [after]) == ()
    assert union([before], [after]) == (quarters(0, 8),)


@given(some_spans, one_span)
def test_a_set_covers_what_lies_whole_in_it(spans: list[Span], one: Span) -> None:
    assert covers(union(spans), one) is (slots([one]) <= slots(spans))
    assert among(union(spans), one) == tuple(other for other in union(spans) if overlaps(other, one))
