from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.clock import boundary, day_span, instant
from maillage.management.bookings.rules.openings import MOST_DAYS, Closure, Opening, open_spans
from maillage.management.bookings.rules.spans import Span, Spans, intersect, total, union
from tests.management.bookings.rules.times import CHANGES, MONDAY, PARIS, WITHOUT_CHANGE, minutes, somewhere, span

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = [Opening(weekday, *hours) for weekday in range(5) for hours in ((540, 720), (840, 1080))]
both_nights = pytest.mark.parametrize("name", CHANGES)


def opened(openings: list[Opening], day: date, zone=PARIS, *, closures=(), closed=(), nights: int = 0) -> Spans:
    return open_spans(openings, closures, closed, zone, day, day + nights * DAY)


def test_a_week_of_mornings_and_afternoons() -> None:
    spans = opened(WEEK, MONDAY, nights=6)
    assert len(spans) == 10
    assert spans[:3] == (span(9, 12), span(14, 18), span(9, 12, day=MONDAY + DAY))
    assert opened(WEEK, MONDAY + 5 * DAY, nights=1) == ()


def test_a_season_counts_its_first_and_last_day() -> None:
    summer = Opening(0, 540, 720, first_day=MONDAY, last_day=MONDAY + timedelta(days=7))
    assert [len(opened([summer], MONDAY + timedelta(days=7 * week))) for week in (-1, 0, 1, 2)] == [0, 1, 1, 0]


def test_hours_that_touch_become_one() -> None:
    assert opened([Opening(0, 540, 720), Opening(0, 720, 1080), Opening(0, 600, 660)], MONDAY) == (span(9, 18),)


def test_an_evening_past_midnight_belongs_to_two_days() -> None:
    night = Opening(0, 20 * 60, 26 * 60)
    assert opened([night], MONDAY) == (span(20, 24),)
    assert opened([night], MONDAY + DAY) == (span(0, 2, day=MONDAY + DAY),)
    assert opened([night], MONDAY, nights=1) == (span(20, 26),)


def test_a_closure_to_the_minute_takes_its_time_and_no_more() -> None:
    closure = Closure(span(10, 15.5), "dégât des eaux")
    assert opened(WEEK, MONDAY, closures=[closure]) == (span(9, 10), span(15.5, 18))


def test_closed_days_take_what_opens_on_them() -> None:
    nights = [Opening(weekday, 20 * 60, 26 * 60) for weekday in range(7)]
    tuesday = MONDAY + DAY
    kept = (span(0, 2), span(20, 26), span(20, 24, day=MONDAY + 2 * DAY))
    assert opened(nights, MONDAY, closures=[Closure((tuesday, tuesday))], nights=2) == kept
    assert opened(nights, MONDAY, closed={tuesday}, nights=2) == kept


def test_closed_from_a_day_to_another_both_counted() -> None:
    closure = Closure((MONDAY + DAY, MONDAY + 3 * DAY), "congés")
    assert opened(WEEK, MONDAY, closures=[closure], nights=4) == (
        *(span(9, 12), span(14, 18)),
        *(span(9, 12, day=MONDAY + 4 * DAY), span(14, 18, day=MONDAY + 4 * DAY)),
    )


@both_nights
def test_an_evening_across_the_night_of_change_lasts_its_real_time(name: str) -> None:
    zone, spring, autumn, _ = CHANGES[name]
    night = [Opening(5, 22 * 60, 30 * 60)]
    lengths = {day: total(opened(night, day - DAY, zone, nights=1)) for day in (spring, autumn, spring + 7 * DAY)}
    assert lengths == {spring: 7 * HOUR, autumn: 9 * HOUR, spring + 7 * DAY: 8 * HOUR}


@both_nights
def test_an_opening_that_does_not_exist_that_night(name: str) -> None:
    zone, spring, _, jump = CHANGES[name]
    assert opened([Opening(6, jump, jump + 60)], spring, zone) == ()
    assert opened([Opening(6, jump + 15, jump + 45)], spring, zone) == ()
    week_after = opened([Opening(6, jump, jump + 60)], spring + 7 * DAY, zone)
    assert total(week_after) == HOUR


@both_nights
def test_an_opening_that_loses_its_first_or_last_hour_that_night(name: str) -> None:
    zone, spring, _, jump = CHANGES[name]
    change = boundary(spring, jump, zone)
    assert opened([Opening(6, jump + 30, jump + 120)], spring, zone) == (Span(change, change + HOUR),)
    assert opened([Opening(6, jump - 60, jump + 30)], spring, zone) == (Span(change - HOUR, change),)


@both_nights
def test_the_hour_lived_twice_within_an_opening_is_open_twice(name: str) -> None:
    zone, _, autumn, _ = CHANGES[name]
    (whole,) = opened([Opening(6, 0, 6 * 60)], autumn, zone)
    assert whole.length == 7 * HOUR


@pytest.mark.parametrize("zone", WITHOUT_CHANGE, ids=str)
def test_no_night_is_longer_or_shorter_where_clocks_never_change(zone) -> None:
    nights = [day for _, *both, _ in CHANGES.values() for day in both]
    assert {total(opened([Opening(5, 22 * 60, 30 * 60)], night - DAY, zone, nights=1)) for night in nights} == {
        8 * HOUR
    }


hours = st.tuples(minutes.filter(lambda minute: minute < 1440), st.integers(1, 1440)).map(
    lambda drawn: (drawn[0], drawn[0] + drawn[1])
)
openings = st.lists(st.tuples(st.integers(0, 6), hours).map(lambda drawn: Opening(drawn[0], *drawn[1])), max_size=6)
closed_days = st.sets(st.integers(0, 9), max_size=4)


@given(openings, closed_days, somewhere, st.integers(0, 9))
def test_a_range_is_the_union_of_its_days(rules, shut, where, length) -> None:
    zone, first = where
    closed = {first + count * DAY for count in shut}
    whole = open_spans(rules, [], closed, zone, first, first + length * DAY)
    each = [opened(rules, first + count * DAY, zone, closed=closed) for count in range(length + 1)]
    assert whole == union(*each)


@given(openings, somewhere, st.integers(0, 3000), st.integers(1, 3000))
def test_nothing_is_open_in_a_closure_and_all_the_rest_is(rules, where, start, length) -> None:
    zone, first = where
    begins = day_span(first, zone).start + timedelta(minutes=start)
    closure = Span(begins, begins + timedelta(minutes=length))
    before = opened(rules, first, zone, nights=3)
    after = opened(rules, first, zone, closures=[Closure(closure)], nights=3)
    assert intersect(after, [closure]) == ()
    assert union(after, intersect(before, [closure])) == before


@given(hours, somewhere)
def test_an_opening_is_open_between_its_boundaries(between, where) -> None:
    zone, day = where
    start, end = (boundary(day, minute, zone) for minute in between)
    found = opened([Opening(day.weekday(), *between)], day, zone, nights=1)
    assert found == ((Span(start, end),) if start < end else ())


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ((7, 540, 720), "Le jour 7 n’existe pas : 0 est lundi, 6 dimanche."),
        ((0, 1440, 1500), "L’ouverture à 1440 minutes sort du jour : de 0 à 1439."),
        (
            (0, 540, 540),
            "Ouvert à 540 minutes, on ne ferme pas à 540 : la fermeture vient après, dans les 1440 minutes.",
        ),
        (
            (0, 540, 1981),
            "Ouvert à 540 minutes, on ne ferme pas à 1981 : la fermeture vient après, dans les 1440 minutes.",
        ),
        (
            (0, 540, 720, date(2026, 7, 2), date(2026, 7, 1)),
            "La saison finit le 2026-07-01 avant de commencer le 2026-07-02.",
        ),
    ],
)
def test_hours_that_make_no_sense_are_refused(drawn, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        Opening(*drawn)
    assert str(refused.value) == said


def test_a_closure_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError) as refused:
        Closure((date(2026, 8, 2), date(2026, 8, 1)))
    assert str(refused.value) == "La fermeture finit le 2026-08-01 avant de commencer le 2026-08-02."


@pytest.mark.parametrize("length", [-1, MOST_DAYS])
def test_no_end_of_days_is_asked_for(length: int) -> None:
    with pytest.raises(ValueError) as refused:
        opened(WEEK, MONDAY, nights=length)
    last = MONDAY + length * DAY
    assert str(refused.value) == f"Du 2026-11-23 au {last} : il faut de 1 à 1100 jours."


def test_the_last_instant_of_a_day_is_the_first_of_the_next() -> None:
    always = [Opening(weekday, 0, 1440) for weekday in range(7)]
    assert opened(always, MONDAY, nights=1) == (Span(instant(MONDAY, 0, PARIS), instant(MONDAY, 2880, PARIS)),)
