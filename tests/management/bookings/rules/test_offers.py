"""An offer lasts four hours of the day, whatever the hour at which something is freed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.offers import OFFER_LASTS, offer_until

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from([PARIS, ZoneInfo("America/Miquelon"), ZoneInfo("Indian/Reunion"), ZoneInfo("Pacific/Noumea")])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
FAR = timedelta(days=9)


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), FAR), ZONES)
def test_it_ends_after_now_by_day_and_never_past_the_start(now, ahead, zone):
    until = offer_until(now, now + ahead, zone)
    assert now < until <= now + ahead
    if until < now + ahead:
        there = until.astimezone(zone)
        assert 8 * 60 < there.hour * 60 + there.minute + there.second / 60 <= 21 * 60
        assert until - now >= OFFER_LASTS


@given(MOMENTS, MOMENTS, ZONES)
def test_what_is_freed_later_is_never_offered_for_less_far(one, other, zone):
    earlier, later = sorted((one, other))
    assert offer_until(earlier, later + FAR, zone) <= offer_until(later, later + FAR, zone)


def test_the_hours_of_the_night_do_not_count():
    def until(day: int, hour: int) -> str:
        now = datetime(2026, 11, day, hour, tzinfo=PARIS)
        return f"{offer_until(now, now + FAR, PARIS).astimezone(PARIS):%d %H:%M}"

    assert [until(24, 9), until(24, 17), until(24, 19), until(24, 23), until(25, 3)] == [
        "24 13:00",
        "24 21:00",
        "25 10:00",
        "25 12:00",
        "25 12:00",
    ]
