from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.clock import NoSuchTime, instant, local_day, minute_of_day
from maillage.management.bookings.rules.holidays import UnknownHolidays
from maillage.management.bookings.rules.series import MOST_OCCURRENCES, Pattern, SeriesRefused, Skipped, occurrences
from maillage.management.bookings.rules.spans import Span, total, union
from tests.management.bookings.rules.times import (
    CHANGES,
    MONDAY,
    PARIS,
    WITHOUT_CHANGE,
    days,
    minutes,
    nights,
    span,
    zones,
)

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MORNINGS = Pattern(weekdays=(1, 3), first=MONDAY, until=MONDAY + 2 * WEEK, start_minute=540, end_minute=720)
both_nights = pytest.mark.parametrize("name", CHANGES)


def starts(pattern: Pattern, zone=PARIS, **given) -> list[date]:
    return [local_day(one.start, zone) for one in occurrences(pattern, zone, **given).spans]


def test_every_tuesday_and_thursday_morning() -> None:
    found = occurrences(MORNINGS, PARIS)
    assert found.spans == tuple(span(9, 12, day=MONDAY + timedelta(days=count)) for count in (1, 3, 8, 10))
    assert found.skipped == ()


def test_the_first_and_the_last_day_count() -> None:
    mondays = replace(MORNINGS, weekdays=(0,))
    assert starts(mondays) == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]
    assert starts(replace(mondays, first=MONDAY + DAY, until=MONDAY + 2 * WEEK - DAY)) == [MONDAY + WEEK]


def test_every_other_week_is_counted_from_the_monday_of_the_first() -> None:
    """From a Wednesday on, the Tuesday of the same week is gone, and the next one is of the week left out."""
    pattern = replace(MORNINGS, first=MONDAY + 2 * DAY, until=MONDAY + 4 * WEEK, every_weeks=2)
    assert [(day - MONDAY).days for day in starts(pattern)] == [3, 15, 17]


def test_an_evening_past_midnight() -> None:
    evening = replace(MORNINGS, weekdays=(0,), until=MONDAY, start_minute=22 * 60, end_minute=26 * 60)
    assert occurrences(evening, PARIS).spans == (span(22, 26),)


def test_days_left_out_are_told_with_their_reason() -> None:
    pattern = Pattern(
        *((1, 3, 4), date(2026, 12, 15), date(2027, 1, 7), 540, 720),
        skip_days=(date(2027, 1, 7), date(2027, 1, 6)),
        skip_school_zone="A",
        skip_public_holidays=True,
    )
    found = occurrences(pattern, PARIS, departement_code="67")
    assert [local_day(one.start, PARIS).isoformat() for one in found.spans] == [
        *("2026-12-15", "2026-12-17", "2026-12-18", "2027-01-05")
    ]
    break_said, holiday_said = "Vacances de Noël", "jour férié : "
    assert found.skipped == (
        Skipped(date(2026, 12, 22), break_said),
        Skipped(date(2026, 12, 24), break_said),
        Skipped(date(2026, 12, 25), holiday_said + "Noël"),
        Skipped(date(2026, 12, 29), break_said),
        Skipped(date(2026, 12, 31), break_said),
        Skipped(date(2027, 1, 1), holiday_said + "Jour de l’an"),
        Skipped(date(2027, 1, 7), "jour laissé à votre demande"),
    )


def test_public_holidays_are_those_of_the_place() -> None:
    fridays = Pattern((4,), date(2026, 4, 1), date(2026, 4, 10), 540, 720, skip_public_holidays=True)
    assert starts(fridays, departement_code="67") == [date(2026, 4, 10)]
    assert starts(fridays, departement_code="39") == starts(fridays) == [date(2026, 4, 3), date(2026, 4, 10)]


@both_nights
def test_a_series_across_the_change_keeps_the_hours_on_the_wall(name: str) -> None:
    zone, spring, autumn, _ = CHANGES[name]
    for change in (spring, autumn):
        pattern = Pattern(tuple(range(7)), change - 2 * DAY, change + 2 * DAY, 540, 720)
        spans = occurrences(pattern, zone).spans
        assert [(minute_of_day(one.start, zone), minute_of_day(one.end, zone)) for one in spans] == [(540, 720)] * 5
        utc_hours = [one.start.hour for one in spans]
        assert utc_hours[0] - utc_hours[-1] == (1 if change == spring else -1)
        assert utc_hours[1] != utc_hours[2]


@both_nights
@pytest.mark.parametrize(("starts_at", "ends_at"), [(30, 90), (0, 30), (-60, 30)])
def test_a_time_that_never_comes_is_told_and_the_rest_of_the_series_stands(name, starts_at, ends_at) -> None:
    zone, spring, _, jump = CHANGES[name]
    pattern = Pattern((6,), spring - WEEK, spring + WEEK, jump + starts_at, jump + ends_at)
    found = occurrences(pattern, zone)
    assert [local_day(one.start, zone) for one in found.spans] == [spring - WEEK, spring + WEEK]
    with pytest.raises(NoSuchTime) as never:
        instant(spring, jump + (starts_at if starts_at >= 0 else ends_at), zone)
    assert found.skipped == (Skipped(spring, never.value.message),)


def test_what_is_said_of_a_time_that_never_comes() -> None:
    pattern = Pattern((6,), date(2027, 3, 28), date(2027, 3, 28), 150, 240)
    assert occurrences(pattern, PARIS) == (
        (),
        (
            Skipped(
                date(2027, 3, 28),
                "Le dimanche 28 mars 2027, 2 h 30 n’existe pas : cette nuit-là les horloges avancent. "
                "Choisissez 3 h, la première heure qui existe ensuite.",
            ),
        ),
    )


@both_nights
def test_over_the_hour_lived_twice_an_occurrence_lasts_its_real_time(name: str) -> None:
    zone, _, autumn, _ = CHANGES[name]
    pattern = Pattern((6,), autumn - WEEK, autumn + WEEK, 30, 270)
    assert [one.length / timedelta(hours=1) for one in occurrences(pattern, zone).spans] == [4, 5, 4]


@pytest.mark.parametrize("zone", WITHOUT_CHANGE, ids=str)
def test_where_clocks_never_change_no_night_falls_out(zone) -> None:
    nightly = Pattern(tuple(range(7)), date(2026, 10, 20), date(2027, 4, 2), 90, 150)
    found = occurrences(nightly, zone)
    assert {one.length for one in found.spans} == {timedelta(hours=1)}
    assert len({one.start.time() for one in found.spans}) == 1
    assert found.skipped == ()


def test_more_than_can_be_kept_is_refused() -> None:
    daily = Pattern(tuple(range(7)), MONDAY, MONDAY + timedelta(days=MOST_OCCURRENCES - 1), 540, 720)
    assert len(occurrences(daily, PARIS).spans) == MOST_OCCURRENCES
    with pytest.raises(SeriesRefused) as refused:
        occurrences(replace(daily, until=daily.until + DAY), PARIS)
    assert str(refused.value) == (
        "La série compte 401 réservations : plus de 400, on ne l’enregistre pas. "
        "Arrêtez-la plus tôt, ou faites-en deux."
    )


def test_days_left_out_do_not_count_against_the_most() -> None:
    daily = Pattern(tuple(range(7)), MONDAY, MONDAY + timedelta(days=MOST_OCCURRENCES), 540, 720)
    assert len(occurrences(replace(daily, skip_days=(MONDAY + DAY,)), PARIS).spans) == MOST_OCCURRENCES


def test_school_holidays_that_no_decree_has_set_are_not_taken_for_none() -> None:
    pattern = replace(MORNINGS, first=date(2028, 8, 1), until=date(2028, 9, 30), skip_school_zone="A")
    with pytest.raises(SeriesRefused) as refused:
        occurrences(pattern, PARIS)
    assert str(refused.value) == (
        "Les vacances scolaires ne sont fixées que du lundi 4 septembre 2017 au jeudi 31 août 2028. "
        "Tenez la série entre ces deux jours, ou écrivez vous-même les jours à laisser."
    )
    with pytest.raises(UnknownHolidays):
        occurrences(replace(MORNINGS, skip_school_zone="D"), PARIS)


NO_WEEKDAY = "La série n’a aucun jour de la semaine. Choisissez-en au moins un, de lundi à dimanche."
WRONG_END = "La fin vient avant le début, ou plus d’un jour après. Choisissez une fin dans les 24 heures."
WRONG_WEEKS = "La série revient toutes les 1 à 52 semaines. Choisissez un nombre entre les deux."
WRONG_YEAR = "L’année de la série sort du calendrier. Choisissez-la entre 1971 et 2098."
TOO_LATE = "La série dure plus de 2 ans : d’ici là, tout change. Arrêtez-la au plus tard le %s, puis prolongez-la."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weekdays": ()}, NO_WEEKDAY),
        ({"weekdays": (0, 7)}, NO_WEEKDAY),
        (
            {"until": MONDAY - DAY},
            "La série finit le dimanche 22 novembre 2026, avant de commencer le lundi 23 novembre 2026. "
            "Choisissez une fin plus tardive.",
        ),
        ({"until": date(2028, 11, 24)}, TOO_LATE % "jeudi 23 novembre 2028"),
        ({"first": date(2028, 2, 29), "until": date(2030, 3, 1)}, TOO_LATE % "jeudi 28 février 2030"),
        ({"until": date.max}, WRONG_YEAR),
        ({"first": date.min}, WRONG_YEAR),
        (
            {"start_minute": 1440, "end_minute": 1500},
            "L’heure du début sort du jour. Choisissez-la entre 0 h et 23 h 59.",
        ),
        ({"start_minute": -1}, "L’heure du début sort du jour. Choisissez-la entre 0 h et 23 h 59."),
        ({"end_minute": 540}, WRONG_END),
        ({"end_minute": 540 + 1441}, WRONG_END),
        ({"every_weeks": 0}, WRONG_WEEKS),
        ({"every_weeks": 53}, WRONG_WEEKS),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(change, said: str) -> None:
    with pytest.raises(SeriesRefused) as refused:
        replace(MORNINGS, **change)
    assert str(refused.value) == said


def test_two_years_and_a_whole_day_are_allowed() -> None:
    assert replace(MORNINGS, until=date(2028, 11, 23), end_minute=540 + 1440).end_minute == 1980


@st.composite
def patterns(draw) -> Pattern:
    first = draw(days | nights.map(lambda where: where[1]))
    start = draw(minutes.filter(lambda minute: minute < 1440))
    return Pattern(
        weekdays=tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
        first=first,
        until=first + timedelta(days=draw(st.integers(0, 120))),
        start_minute=start,
        end_minute=start + draw(st.integers(1, 1440)),
        every_weeks=draw(st.integers(1, 4)),
        skip_days=tuple(first + timedelta(days=count) for count in draw(st.sets(st.integers(0, 120), max_size=5))),
    )


@given(patterns(), zones)
def test_a_series_is_the_union_of_its_occurrences(pattern: Pattern, zone) -> None:
    spans, skipped = occurrences(pattern, zone)
    apart = [
        one
        for day in (pattern.first + timedelta(days=count) for count in range((pattern.until - pattern.first).days + 1))
        if (day - pattern.first + timedelta(days=pattern.first.weekday())).days // 7 % pattern.every_weeks == 0
        for one in occurrences(replace(pattern, first=day, until=day), zone).spans
    ]
    assert list(spans) == apart
    assert union(spans) == union(apart)
    assert total(spans) == sum((one.length for one in spans), timedelta(0))
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert not {local_day(one.start, zone) for one in spans} & {skip.day for skip in skipped}


@given(patterns(), zones)
def test_every_day_of_a_pattern_is_booked_or_told(pattern: Pattern, zone) -> None:
    spans, skipped = occurrences(pattern, zone)
    monday = pattern.first - timedelta(days=pattern.first.weekday())
    asked = [
        monday + timedelta(days=7 * week + weekday)
        for week in range(0, 20, pattern.every_weeks)
        for weekday in sorted(pattern.weekdays)
    ]
    told = sorted([local_day(one.start, zone) for one in spans] + [skip.day for skip in skipped])
    assert told == [day for day in asked if pattern.first <= day <= pattern.until]
    assert all(skip.reason for skip in skipped)
    for one in spans:
        assert minute_of_day(one.start, zone) == pattern.start_minute
        assert minute_of_day(one.end, zone) == pattern.end_minute % 1440


def test_a_span_is_the_real_time_between_two_hours() -> None:
    (one,) = occurrences(Pattern((0,), MONDAY, MONDAY, 540, 720), PARIS).spans
    assert one == Span(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 11, tzinfo=UTC))
