"""When a kind word may be sent about what is due: never by itself, and not too often."""

from datetime import datetime, timedelta

EVERY_DAYS = 21
FRESH_DAYS = 7
"""What was due this week is not late yet: cheques travel."""
LONGEST_TEXT = 5_000
LONGEST_SUBJECT = 150


def may_remind(last: datetime | None, now: datetime) -> bool:
    """Whether enough time has gone by since the last word.

    >>> day = datetime(2026, 11, 22)
    >>> may_remind(None, day), may_remind(day - timedelta(days=20), day), may_remind(day - timedelta(days=21), day)
    (True, False, True)
    """
    return last is None or now - last >= timedelta(days=EVERY_DAYS)


def again_on(last: datetime) -> datetime:
    """From when on the next word may be sent."""
    return last + timedelta(days=EVERY_DAYS)
