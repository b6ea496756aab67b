"""How long somebody who waited has to take what is offered: hours when people are awake, not hours of the night."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.rules.openings import Opening, open_spans

OFFER_LASTS = timedelta(hours=4)
AWAKE_FROM_MINUTE, AWAKE_UNTIL_MINUTE = 480, 1260
_AWAKE = [Opening(weekday, AWAKE_FROM_MINUTE, AWAKE_UNTIL_MINUTE) for weekday in range(7)]


def offer_until(now: datetime, start: datetime, zone: ZoneInfo) -> datetime:
    """When an offer made now ends: after four hours between 8 h and 21 h in the place, at `start` at the latest.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 24, 21, 59, tzinfo=UTC)
    >>> offer_until(at, at + timedelta(days=3), ZoneInfo("Europe/Paris")).isoformat()
    '2026-11-25T11:00:00+00:00'
    """
    left, first = OFFER_LASTS, local_day(now, zone)
    for awake in open_spans(_AWAKE, [], frozenset(), zone, first, first + timedelta(days=2)):
        begins = max(now, awake.start)
        if begins >= awake.end:
            continue
        if awake.end - begins >= left:
            return min(begins + left, start)
        left -= awake.end - begins
    return start
