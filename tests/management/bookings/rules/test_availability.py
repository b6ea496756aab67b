from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.availability import HalfDay, Offer, counts, free, free_units, half_days, suggest
from maillage.management.bookings.rules.clock import boundary, day_span, instant, local_day, minute_of_day
from maillage.management.bookings.rules.openings import Opening, open_spans
from maillage.management.bookings.rules.spans import Span, covers, intersect, subtract, total, union
from tests.management.bookings.rules.times import (
    CHANGES,
    MONDAY,
    PARIS,
    at,
    days,
    quarters,
    slots,
    some_spans,
    somewhere,
    span,
)

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
NOON = 13 * 60 + 30
taken_by_unit = st.dictionaries(st.integers(1, 5), some_spans, max_size=5)


def in_hours(offers: tuple[Offer, ...]) -> list[tuple[int, str, float, float]]:
    return [
        (
            offer.unit,
            local_day(offer.span.start, PARIS).isoformat()[5:],
            minute_of_day(offer.span.start, PARIS) / 60,
            minute_of_day(offer.span.end, PARIS) / 60,
        )
        for offer in offers
    ]


@given(some_spans.map(union), taken_by_unit)
def test_what_is_free_and_what_is_taken_make_the_open_time(opened, occupied) -> None:
    left = free(opened, occupied)
    assert left.keys() == occupied.keys()
    for unit, spans in left.items():
        taken = intersect(opened, occupied[unit])
        assert union(spans, taken) == opened
        assert intersect(spans, taken) == ()
        assert total(spans) + total(taken) == total(opened)


@given(some_spans.map(union), taken_by_unit, st.data())
def test_cancelling_gives_back_exactly_what_was_taken(opened, occupied, data) -> None:
    """One unit is never booked twice: what a booking takes was free before it, and is free after it is cancelled."""
    before = free(opened, occupied)
    choices = [(unit, one) for unit, spans in before.items() for one in spans]
    if not choices:
        return
    unit, room = data.draw(st.sampled_from(choices))
    first, last = int(min(slots([room]))), int(max(slots([room])))
    low = data.draw(st.integers(first, last))
    booked = quarters(low, data.draw(st.integers(low, last)) + 1)
    during = free(opened, occupied | {unit: [*occupied[unit], booked]})
    assert during == before | {unit: subtract(before[unit], [booked])}
    assert total(before[unit]) - total(during[unit]) == booked.length
    assert union(during[unit], [booked]) == before[unit]
    assert free(opened, occupied) == before


@given(some_spans.map(union), taken_by_unit)
def test_steps_count_the_units_free_at_each_moment(opened, occupied) -> None:
    left = free(opened, occupied)
    steps = counts(opened, left)
    assert union(step for step, _ in steps) == opened
    assert sum((step.length for step, _ in steps), timedelta(0)) == total(opened)
    for step, number in steps:
        assert {sum(quarter in slots(spans) for spans in left.values()) for quarter in slots([step])} == {number}
    for (before, number), (after, other) in pairwise(steps):
        assert before.end < after.start or (before.end == after.start and number != other)


@given(some_spans.map(union), taken_by_unit, st.integers(0, 48), st.integers(1, 12))
def test_units_free_all_through_a_span(opened, occupied, start, length) -> None:
    left, asked = free(opened, occupied), quarters(start, start + length)
    assert free_units(left, asked) == tuple(unit for unit in left if slots([asked]) <= slots(left[unit]))


def test_desks_on_a_day() -> None:
    opened = (span(9, 12), span(14, 18))
    left = free(opened, {1: [span(9, 10)], 2: [span(9, 18)], 3: []})
    assert left == {1: (span(10, 12), span(14, 18)), 2: (), 3: opened}
    assert counts(opened, left) == ((span(9, 10), 1), (span(10, 12), 2), (span(14, 18), 2))
    assert counts(opened, {2: ()}) == ((span(9, 12), 0), (span(14, 18), 0))
    assert free_units(left, span(9, 11)) == (3,)
    assert free_units(left, span(11, 15)) == ()


def test_half_days_are_parted_where_the_place_says() -> None:
    opened = (span(9, 18),)
    left = free(opened, {1: [span(13, 13.5)], 2: [span(13.5, 14)], 3: []})
    assert half_days(MONDAY, PARIS, opened, NOON, left) == (
        HalfDay("morning", span(9, 13.5), (2, 3)),
        HalfDay("afternoon", span(13.5, 18), (1, 3)),
    )
    assert [half.units for half in half_days(MONDAY, PARIS, opened, 12 * 60, left)] == [(1, 2, 3), (3,)]


def test_a_closed_noon_does_not_make_a_half_day_taken() -> None:
    opened = (span(9, 12), span(12.5, 13), span(14, 18))
    left = free(opened, {1: [span(12, 12.5)], 2: [span(12.5, 13)]})
    assert half_days(MONDAY, PARIS, opened, NOON, left) == (
        HalfDay("morning", span(9, 13), (1,)),
        HalfDay("afternoon", span(14, 18), (1, 2)),
    )


def test_a_day_may_have_one_half_or_none() -> None:
    assert half_days(MONDAY, PARIS, (span(14, 18),), NOON, {1: ()}) == (HalfDay("afternoon", span(14, 18), ()),)
    assert half_days(MONDAY, PARIS, (span(9, 12),), NOON, {1: (span(9, 12),)}) == (
        HalfDay("morning", span(9, 12), (1,)),
    )
    assert half_days(MONDAY + DAY, PARIS, (span(9, 12),), NOON, {}) == ()


def test_an_evening_past_midnight_is_the_afternoon_of_its_own_day() -> None:
    opened = (span(20, 26), span(24 + 9, 24 + 12))
    assert half_days(MONDAY, PARIS, opened, NOON, {}) == (HalfDay("afternoon", span(20, 26), ()),)
    assert half_days(MONDAY + DAY, PARIS, opened, NOON, {}) == (HalfDay("morning", span(33, 36), ()),)


def test_where_it_is_always_open_days_are_parted_at_midnight() -> None:
    always = (span(-72, 72),)
    assert half_days(MONDAY, PARIS, always, NOON, {}) == (
        HalfDay("morning", span(0, 13.5), ()),
        HalfDay("afternoon", span(13.5, 24), ()),
    )


openings = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).map(
        lambda drawn: Opening(drawn[0], drawn[1], drawn[1] + drawn[2])
    ),
    max_size=6,
)


@given(openings, somewhere, st.integers(1, 1439))
def test_half_days_hold_all_the_open_time_once(rules, where, cut) -> None:
    zone, first = where
    opened = open_spans(rules, [], (), zone, first - DAY, first + 9 * DAY)
    halves = [half for count in range(9) for half in half_days(first + count * DAY, zone, opened, cut, {})]
    assert all(before.span.end <= after.span.start for before, after in pairwise(halves))
    sure = Span(day_span(first + DAY, zone).start, boundary(first + 8 * DAY, cut, zone))
    assert subtract(intersect(opened, [sure]), [half.span for half in halves]) == ()


@pytest.mark.parametrize("name", CHANGES)
def test_half_days_of_the_nights_of_change(name: str) -> None:
    zone, spring, autumn, _ = CHANGES[name]
    for day, hours in ((spring, 12.5), (autumn, 14.5)):
        opened = (day_span(day, zone),)
        morning, afternoon = half_days(day, zone, opened, NOON, {1: opened})
        assert (morning.span.length / timedelta(hours=1), morning.units) == (hours, (1,))
        assert afternoon.span.length == timedelta(hours=10.5)


MONTH = open_spans(
    [Opening(weekday, *hours) for weekday in range(5) for hours in ((540, 720), (840, 1080))],
    *([], (), PARIS, MONDAY - 14 * DAY, MONDAY + 14 * DAY),
)
EARLIEST = at(0, day=MONDAY - 14 * DAY)


def test_the_other_units_come_first_then_the_nearest_times_then_the_days_around() -> None:
    left = free(MONTH, {1: [span(9, 12)], 2: [span(9, 10), span(15, 18)], 3: []})
    offers = suggest(span(9, 11), 1, left, PARIS, step_minutes=30, earliest=EARLIEST, most=7)
    assert in_hours(offers) == [
        (3, "11-23", 9, 11),
        (2, "11-23", 10, 12),
        (1, "11-23", 14, 16),
        (1, "11-24", 9, 11),
        (1, "11-25", 9, 11),
        (1, "11-26", 9, 11),
        (1, "11-20", 9, 11),
    ]
    assert suggest(span(9, 11), 1, left, PARIS, step_minutes=30, earliest=EARLIEST, most=2) == offers[:2]


def test_nothing_is_offered_before_the_earliest() -> None:
    left = free(MONTH, {1: [span(14, 18)]})
    offers = suggest(span(14, 16), 1, left, PARIS, step_minutes=30, earliest=at(9, 50), most=3)
    assert in_hours(offers) == [(1, "11-23", 10, 12), (1, "11-24", 14, 16), (1, "11-25", 14, 16)]
    late = suggest(span(14, 16), 1, left, PARIS, step_minutes=30, earliest=at(10, 50), most=3)
    assert in_hours(late) == [(1, "11-24", 14, 16), (1, "11-25", 14, 16), (1, "11-26", 14, 16)]


def test_who_asks_too_late_is_offered_the_next_time() -> None:
    offers = suggest(span(9, 10), 1, {1: MONTH}, PARIS, step_minutes=30, earliest=at(9, 50), most=2)
    assert in_hours(offers) == [(1, "11-23", 10, 11), (1, "11-23", 14, 15)]


def test_times_are_on_the_step_of_the_wall() -> None:
    left = {1: (span(9.25, 12.25), span(14.25, 18))}
    for step, starts in ((30, [10, 14.5]), (15, [10.25, 14.25]), (60, [10, 15])):
        found = suggest(span(12, 14), 1, left, PARIS, step_minutes=step, earliest=EARLIEST, most=9)
        assert sorted(start for _, _, start, _ in in_hours(found)) == starts


def test_nowhere_and_never() -> None:
    assert suggest(span(9, 11), 1, {1: ()}, PARIS, step_minutes=30, earliest=EARLIEST) == ()
    assert suggest(span(9, 11), 1, {}, PARIS, step_minutes=30, earliest=EARLIEST) == ()
    assert suggest(span(9, 11), 1, {1: MONTH}, PARIS, step_minutes=30, earliest=EARLIEST, most=0) == ()


@pytest.mark.parametrize("name", CHANGES)
def test_a_time_that_never_comes_is_not_offered(name: str) -> None:
    zone, spring, _, jump = CHANGES[name]
    saturday = spring - DAY
    asked = Span(instant(saturday, jump, zone), instant(saturday, jump + 30, zone))
    always = (Span(day_span(saturday - 2 * DAY, zone).start, day_span(spring + DAY, zone).end),)
    taken = Span(day_span(saturday, zone).start, day_span(saturday, zone).end)
    offers = suggest(asked, 1, free(always, {1: [taken]}), zone, step_minutes=30, earliest=always[0].start, most=9)
    assert [local_day(offer.span.start, zone) for offer in offers] == [
        *(saturday - DAY, spring + DAY, saturday - 2 * DAY)
    ]


@given(taken_by_unit, st.integers(0, 95), st.integers(1, 12), st.integers(0, 6), st.sampled_from([15, 30, 60]), days)
def test_what_is_offered_is_free_and_asked_nobody_else(occupied, start, length, most, step, day) -> None:
    moved = day_span(day, PARIS).start - quarters(0, 1).start
    shifted = {unit: [Span(one.start + moved, one.end + moved) for one in spans] for unit, spans in occupied.items()}
    opened = (Span(day_span(day - 2 * DAY, PARIS).start, day_span(day + 2 * DAY, PARIS).end),)
    left = free(opened, shifted)
    begins = day_span(day, PARIS).start + start * QUARTER
    asked, earliest = Span(begins, begins + length * QUARTER), opened[0].start + DAY
    offers = suggest(asked, 1, left, PARIS, step_minutes=step, earliest=earliest, most=most)
    assert len(offers) <= most
    assert len(set(offers)) == len(offers)
    assert all(covers(left[offer.unit], offer.span) and offer.span.start >= earliest for offer in offers)
    assert Offer(1, asked) not in offers
    others = [offer for offer in offers if offer.span != asked]
    assert len({offer.span for offer in others}) == len(others)
    assert list(offers[: len(offers) - len(others)]) == [offer for offer in offers if offer.span == asked]
