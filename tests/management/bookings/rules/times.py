"""Zones with their nights of change, times to try, and sets of spans drawn at random."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from maillage.management.bookings.rules.spans import Span

PARIS, MIQUELON = ZoneInfo("Europe/Paris"), ZoneInfo("America/Miquelon")
CAYENNE, REUNION, NOUMEA = ZoneInfo("America/Cayenne"), ZoneInfo("Indian/Reunion"), ZoneInfo("Pacific/Noumea")
ZONES = (PARIS, MIQUELON, CAYENNE, REUNION, NOUMEA)
WITHOUT_CHANGE = (CAYENNE, REUNION, NOUMEA)

CHANGES = {
    "Europe/Paris": (PARIS, date(2027, 3, 28), date(2026, 10, 25), 120),
    "America/Miquelon": (MIQUELON, date(2027, 3, 14), date(2026, 11, 1), 120),
}
"""The day of spring and the day of autumn on which the clocks change, and when the hour jumped over begins, in minutes.

In autumn Paris lives 2 h to 3 h twice, Miquelon 1 h to 2 h.
"""
REPEATED = {"Europe/Paris": 120, "America/Miquelon": 60}

MONDAY = date(2026, 11, 23)
EPOCH = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: int, minute: int = 0, *, day: date = MONDAY, zone: ZoneInfo = PARIS) -> datetime:
    """A time on the wall, away from the nights of change."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def span(start_hour: float, end_hour: float, *, day: date = MONDAY, zone: ZoneInfo = PARIS) -> Span:
    midnight = at(0, day=day, zone=zone)
    return Span(midnight + timedelta(hours=start_hour), midnight + timedelta(hours=end_hour))


def quarters(low: int, high: int) -> Span:
    """A span counted in quarters of an hour from the first moment."""
    return Span(EPOCH + timedelta(minutes=15 * low), EPOCH + timedelta(minutes=15 * high))


def slots(spans: object) -> set[int]:
    """The quarters of an hour that some spans hold: another way to count them."""
    return {
        quarter
        for one in spans  # type: ignore[attr-defined]
        for quarter in range(
            int((one.start - EPOCH).total_seconds()) // 900, int((one.end - EPOCH).total_seconds()) // 900
        )
    }


some_spans = st.lists(
    st.tuples(st.integers(0, 48), st.integers(1, 12)).map(lambda pair: quarters(pair[0], pair[0] + pair[1])),
    max_size=12,
)
"""Spans in any order, that may overlap."""
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
zones = st.sampled_from(ZONES)
nights = st.sampled_from(
    [(zone, day + timedelta(days=count)) for zone, *both, _ in CHANGES.values() for day in both for count in (-1, 0)]
)
somewhere = nights | st.tuples(zones, days)
"""A zone and a day: any, and often one of a change or its eve."""
minutes = st.integers(0, 2879) | st.integers(0, 16).map(lambda halves: 30 * halves)
"""Minutes after midnight of two days, and often of the first hours."""
