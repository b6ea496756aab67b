from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maillage.management.bookings.rules.clock import (
    NoSuchTime,
    UnknownZone,
    boundary,
    day_said,
    day_span,
    hour_said,
    instant,
    local_day,
    minute_of_day,
    moment_said,
    zone_named,
)
from maillage.territory.rules.zones import OVERSEAS, PARIS
from tests.management.bookings.rules import times
from tests.management.bookings.rules.times import CHANGES, REPEATED, WITHOUT_CHANGE

HOUR = timedelta(hours=1)
both_nights = pytest.mark.parametrize("name", CHANGES)


def test_a_time_on_the_wall_is_an_instant() -> None:
    assert instant(date(2026, 11, 23), 570, times.PARIS) == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert instant(date(2026, 7, 14), 570, times.PARIS) == datetime(2026, 7, 14, 7, 30, tzinfo=UTC)
    assert instant(date(2026, 11, 23), 570, times.NOUMEA) == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


def test_past_midnight_is_the_next_day() -> None:
    assert instant(date(2026, 12, 31), 1440 + 90, times.PARIS) == instant(date(2027, 1, 1), 90, times.PARIS)


def test_the_spring_night_of_paris() -> None:
    with pytest.raises(NoSuchTime) as refused:
        instant(date(2027, 3, 28), 150, times.PARIS)
    assert str(refused.value) == (
        "Le dimanche 28 mars 2027, 2 h 30 n’existe pas : cette nuit-là les horloges avancent. "
        "Choisissez 3 h, la première heure qui existe ensuite."
    )
    assert refused.value.first == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert (refused.value.day, refused.value.minute) == (date(2027, 3, 28), 150)


def test_the_spring_night_of_miquelon_told_from_the_evening_before() -> None:
    with pytest.raises(NoSuchTime) as refused:
        instant(date(2027, 3, 13), 1440 + 120, times.MIQUELON)
    assert str(refused.value) == (
        "Le dimanche 14 mars 2027, 2 h n’existe pas : cette nuit-là les horloges avancent. "
        "Choisissez 3 h, la première heure qui existe ensuite."
    )
    assert refused.value.first == datetime(2027, 3, 14, 5, tzinfo=UTC)


@both_nights
def test_the_hour_jumped_over_is_whole_and_no_longer(name: str) -> None:
    zone, spring, _, jump = CHANGES[name]
    missing = []
    for minute in range(1440):
        try:
            instant(spring, minute, zone)
        except NoSuchTime:
            missing.append(minute)
    assert missing == list(range(jump, jump + 60))
    assert {boundary(spring, minute, zone) for minute in (*missing, jump + 60)} == {instant(spring, jump + 60, zone)}


@both_nights
def test_the_hour_lived_twice_has_two_passes(name: str) -> None:
    zone, _, autumn, _ = CHANGES[name]
    apart = {
        minute: instant(autumn, minute, zone, second_pass=True) - instant(autumn, minute, zone)
        for minute in range(1440)
    }
    repeated = range(REPEATED[name], REPEATED[name] + 60)
    assert {minute for minute, gap in apart.items() if gap == HOUR} == set(repeated)
    assert {minute for minute, gap in apart.items() if not gap} == set(range(1440)) - set(repeated)


@both_nights
def test_days_of_23_and_25_hours(name: str) -> None:
    zone, spring, autumn, _ = CHANGES[name]
    assert day_span(spring, zone).length == 23 * HOUR
    assert day_span(autumn, zone).length == 25 * HOUR
    assert day_span(spring + timedelta(days=1), zone).length == 24 * HOUR


@pytest.mark.parametrize("zone", WITHOUT_CHANGE, ids=str)
def test_cayenne_reunion_and_noumea_never_change(zone) -> None:
    days = [date(2026, 1, 1) + timedelta(days=count) for count in range(731)]
    assert {day_span(day, zone).length for day in days} == {24 * HOUR}
    changes = [day for _, *nights, _ in CHANGES.values() for day in nights]
    for day in changes:
        assert [instant(day, minute, zone) for minute in (60, 120, 150, 180)] == [
            instant(day, 0, zone) + timedelta(minutes=minute) for minute in (60, 120, 150, 180)
        ]


@given(times.somewhere, times.minutes)
def test_an_instant_is_what_the_clocks_show(where, minute: int) -> None:
    zone, day = where
    try:
        moment = instant(day, minute, zone)
    except NoSuchTime as never:
        assert boundary(day, minute, zone) == never.first
        assert instant(day, minute + 60, zone) >= never.first
        return
    assert moment == boundary(day, minute, zone)
    assert local_day(moment, zone) == day + timedelta(days=minute // 1440)
    assert minute_of_day(moment, zone) == minute % 1440


@example((times.PARIS, date(2027, 3, 28)), [90, 120, 150, 180, 210])
@given(times.somewhere, st.lists(times.minutes, min_size=2, max_size=8).map(sorted))
def test_boundaries_never_go_back(where, minutes: list[int]) -> None:
    zone, day = where
    found = [boundary(day, minute, zone) for minute in minutes]
    assert found == sorted(found)


@given(times.somewhere)
def test_days_follow_one_another_without_a_gap(where) -> None:
    zone, day = where
    assert day_span(day, zone).end == day_span(day + timedelta(days=1), zone).start


def test_a_moment_without_zone_has_no_day() -> None:
    with pytest.raises(ValueError) as refused:
        local_day(datetime(2026, 11, 23, 8), times.PARIS)
    assert str(refused.value) == (
        "L’heure 2026-11-23T08:00:00 n’a pas de fuseau horaire : on ne sait pas quel instant c’est. Donnez-en un."
    )


@pytest.mark.parametrize(
    ("day", "minute"),
    [(date(2026, 11, 23), -1), (date(2026, 11, 23), 2881), (date(1969, 12, 31), 0), (date(2100, 1, 1), 0)],
)
def test_what_is_not_counted_is_refused(day: date, minute: int) -> None:
    with pytest.raises(ValueError) as refused:
        instant(day, minute, times.PARIS)
    assert str(refused.value) == (
        f"{minute} minutes après minuit le {day.isoformat()} : on compte de 0 à 2880 minutes, de 1970 à 2099."
    )


def test_every_zone_of_france_is_known() -> None:
    for name in (PARIS, *OVERSEAS.values(), "UTC"):
        assert zone_named(name).key == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paris",
        "Europe",
        "Europe/",
        "Europe/Nowhere",
        "../etc/passwd",
        "Europe/../../x",
        "localtime",
        "right/UTC",
        "Europe/Pa\x00ris",
        "Europe/" + "a" * 5000,
        "Europe/Paris\n",
        "America/Indiana",
        "europe/paris",
    ],
)
def test_any_other_zone_is_refused(text: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        zone_named(text)
    assert str(refused.value) == (
        f"Le fuseau horaire « {text[:60]} » n’existe pas. Écrivez par exemple Europe/Paris ou Indian/Reunion."
    )


def test_days_and_hours_in_words() -> None:
    assert day_said(date(2027, 3, 28)) == "dimanche 28 mars 2027"
    assert day_said(date(2028, 2, 1)) == "mardi 1er février 2028"
    assert [str(hour_said(minute)) for minute in (0, 5, 570, 1439, 1440, 1530)] == [
        *("0 h", "0 h 05", "9 h 30", "23 h 59", "0 h", "1 h 30")
    ]
    assert moment_said(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), times.PARIS) == "lundi 23 novembre 2026 à 0 h 30"
