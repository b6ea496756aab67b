"""What another's calendar blocks, whatever way it is written."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.feeds import MOST_OCCURRENCES, NotRead, from_stamps, read_calendar
from maillage.management.bookings.rules.spans import total
from tests.management.bookings.feeds.written import at, calendar, event

PARIS, CAYENNE = ZoneInfo("Europe/Paris"), ZoneInfo("America/Cayenne")
FIRST, LAST = date(2026, 10, 20), date(2027, 10, 20)
PARIS_8 = ";TZID=Europe/Paris:20261117T080000", ";TZID=Europe/Paris:20261117T100000"


def read(data: bytes, zone: ZoneInfo = PARIS):
    return read_calendar(data, zone, FIRST, LAST)


def blocked(*events: str, head: str = "", zone: ZoneInfo = PARIS) -> list[tuple[str, str]]:
    """Each span on the clocks of the place."""
    spans = read(calendar(*events, head=head), zone).spans
    return [tuple(f"{moment.astimezone(zone):%m-%d %H:%M}" for moment in (one.start, one.end)) for one in spans]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (at(*PARIS_8), [("11-17 08:00", "11-17 10:00")]),
        (at(":20261117T070000Z", ":20261117T090000Z"), [("11-17 08:00", "11-17 10:00")]),
        (at(":20261117T080000", ":20261117T100000"), [("11-17 08:00", "11-17 10:00")]),
        (at(";TZID=Romance Standard Time:20261117T080000", ":20261117T090000Z"), [("11-17 08:00", "11-17 10:00")]),
        (event("DTSTART;VALUE=DATE:20261117"), [("11-17 00:00", "11-18 00:00")]),
        (at(";VALUE=DATE:20261117", ";VALUE=DATE:20261119"), [("11-17 00:00", "11-19 00:00")]),
        (event("DTSTART:20261117T070000Z", "DURATION:PT90M"), [("11-17 08:00", "11-17 09:30")]),
        (event("DTSTART:20261117T070000Z"), []),
        (at(*PARIS_8, "TRANSP:TRANSPARENT"), []),
        (at(*PARIS_8, "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), []),
        (at(*PARIS_8, "STATUS:CANCELLED"), []),
        (at(*PARIS_8, "STATUS:TENTATIVE"), [("11-17 08:00", "11-17 10:00")]),
        (at(":20200101T000000Z", ":20200102T000000Z"), []),
        (at(":20990101T000000Z", ":20990102T000000Z"), []),
    ],
)
def test_one_event(written, said):
    assert blocked(written) == said


def test_the_place_says_which_day_a_day_is():
    assert blocked(event("DTSTART;VALUE=DATE:20261117"), zone=CAYENNE) == [("11-17 00:00", "11-18 00:00")]
    assert blocked(at(*PARIS_8), zone=CAYENNE) == [("11-17 04:00", "11-17 06:00")]


def test_a_series_with_a_day_out_another_moved_a_third_called_off():
    series = at(
        *PARIS_8, "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Paris:20261124T080000", "RDATE:20261118T070000Z"
    )
    moved = at(":20261201T130000Z", ":20261201T140000Z", "RECURRENCE-ID;TZID=Europe/Paris:20261201T080000")
    off = at(
        ":20261208T070000Z", ":20261208T090000Z", "STATUS:CANCELLED", "RECURRENCE-ID;TZID=Europe/Paris:20261208T080000"
    )
    assert blocked(series, moved, off) == [
        ("11-17 08:00", "11-17 10:00"),
        ("11-18 08:00", "11-18 10:00"),
        ("12-01 14:00", "12-01 15:00"),
    ]


def test_a_series_without_end_is_read_a_year_ahead_and_keeps_its_wall_time():
    found = read(calendar(at(*PARIS_8, "RRULE:FREQ=WEEKLY")))
    assert found.occurrences == 49
    assert {span.start.astimezone(PARIS).hour for span in found.spans} == {8}
    assert {span.start.hour for span in found.spans} == {6, 7}


def test_the_nights_when_the_clocks_change():
    evening = event("DTSTART;TZID=Europe/Paris:20261024T220000", "DURATION:PT8H")
    assert blocked(evening) == [("10-24 22:00", "10-25 05:00")], "eight hours that pass, not eight on the clock"
    day = calendar(event("DTSTART;VALUE=DATE:20261025"))
    assert total(read(day).spans) == timedelta(hours=25)
    assert blocked(at(":20270328T020000", ":20270328T033000")) == [("03-28 03:00", "03-28 03:30")]
    daily = at(";TZID=Europe/Paris:20261023T233000", ";TZID=Europe/Paris:20261024T063000", "RRULE:FREQ=DAILY;COUNT=3")
    assert [when[1] for when in blocked(daily)] == ["10-24 06:30", "10-25 06:30", "10-26 06:30"]


def test_an_unknown_zone_is_read_on_the_clocks_of_the_place_and_told():
    found = read(calendar(at(";TZID=Mars/Olympus:20261117T080000", ";TZID=Mars/Olympus:20261117T100000")))
    assert (found.zones, found.unread) == (("Mars/Olympus",), 0)
    assert found.spans[0].start == datetime(2026, 11, 17, 7, tzinfo=UTC)


def test_the_zone_at_the_head_is_that_of_times_without_one():
    floating = at(":20261117T080000", ":20261117T100000")
    assert blocked(floating, head="X-WR-TIMEZONE:America/New_York") == [("11-17 14:00", "11-17 16:00")]
    assert blocked(floating, head="X-WR-TIMEZONE:Nowhere/Land") == [("11-17 08:00", "11-17 10:00")]


def test_what_cannot_be_read_is_left_out_and_counted():
    wrong = [
        at(":2026ZZ", ":20261117T100000Z", uid="1"),
        event("DTEND:20261117T100000Z", uid="2"),
        at(*PARIS_8, "RRULE:FREQ=NEVER", uid="3"),
        at(";VALUE=DATE:00010101", ";VALUE=DATE:20270101", uid="4"),
    ]
    found = read(calendar(*wrong, at(*PARIS_8, uid="5")))
    assert (found.unread, found.occurrences) == (4, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "broken"),
        (b"\x00\xff\xfe" * 50, "broken"),
        (b"<!DOCTYPE html><title>Connexion</title>", "page"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "cut"),
        (calendar(at(*PARIS_8))[:-30], "cut"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 3 + b"END:VCALENDAR", "broken"),
        (b"BEGIN:VCALENDAR\r\nhors de tout\r\nEND:VCALENDAR", "broken"),
        (calendar(at(*PARIS_8, "RRULE:FREQ=SECONDLY")), "endless"),
        (calendar(at(*PARIS_8, "RRULE:FREQ=MINUTELY;COUNT=10000")), "endless"),
        (calendar(at(*PARIS_8, "RRULE:FREQ=HOURLY")), "often"),
        (calendar(*(at(*PARIS_8, uid=str(n)) for n in range(MOST_OCCURRENCES + 1))), "often"),
    ],
)
def test_what_is_no_calendar_or_too_much_is_refused_whole(data, code):
    with pytest.raises(NotRead) as refused:
        read(data)
    assert refused.value.code == code


LINES = st.sampled_from(
    [
        *("BEGIN:VEVENT", "END:VEVENT", "UID:a", "UID:b", "DTSTART:20261117T080000", "DTEND:20261117T100000Z"),
        *("DTSTART;VALUE=DATE:20261117", "DURATION:PT1H", "DURATION:-P9999999D", "RRULE:FREQ=WEEKLY", "RRULE:;;"),
        *("EXDATE:20261117T080000", "RDATE;VALUE=PERIOD:20261117T080000/PT1H", "RECURRENCE-ID:20261117T080000"),
        *("RECURRENCE-ID;RANGE=THISANDFUTURE:20261124", "STATUS:CANCELLED", "BEGIN:VTIMEZONE", "END:VTIMEZONE"),
        *("TZID:x", "DTSTART;TZID=x:20261117T080000", "DTEND:99991231T235959Z", "X-MAILLAGE-SECONDS:9e9", " suite"),
        *("RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;UNTIL=20261231", "RRULE:FREQ=DAILY;INTERVAL=0", "X-WR-TIMEZONE:x"),
    ]
)


@given(st.lists(LINES, max_size=14))
def test_any_lines_block_some_time_or_are_refused_by_name(lines):
    data = "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]).encode()
    try:
        found = read(data)
    except NotRead as refused:
        assert refused.code in {"broken", "cut", "endless", "often"}
        return
    assert all(one.end < other.start for one, other in zip(found.spans, found.spans[1:], strict=False))


def test_spans_pass_from_one_process_to_another():
    assert from_stamps([[0, 3600]])[0].length == timedelta(hours=1)
