"""A source fetched again and again: when its turn comes, and when what it gives makes one stop and ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ACTIVE, PAUSED, ASKING = STATES = ("active", "paused", "asking")
DAYS = {"daily": 1, "weekly": 7}
EVERY = tuple(DAYS)
LOSS, COLUMNS, FORMAT = DOUBTS = ("loss", "columns", "format")
ENTERED, ASKED, FAILED = OUTCOMES = ("entered", "asked", "failed")
LEASE = timedelta(minutes=6)
"""Longer than the job engine lets a job run: a run that was killed leaves its turn to the next."""
SILENCE = timedelta(days=3)
"""How long a source may fail before somebody is told."""
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
MOST_GONE_TOLD = 50
REPORTS_KEPT = 30
MOST_COLUMNS = 500
PARIS = ZoneInfo("Europe/Paris")
NIGHT = time(2, 15)
_SPREAD_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Content:
    """What a file of a source is made of: its format, its columns where it has some, the rows that can be read."""

    format: str
    columns: tuple[str, ...]
    rows: int


def doubt(before: Content | None, now: Content) -> str:
    """Why a file should not enter without a word from a person; empty when nothing speaks against it.

    >>> doubt(Content("csv", ("id", "nom"), 1200), Content("csv", ("id", "nom"), 600))
    'loss'
    >>> doubt(Content("csv", ("id", "nom"), 1200), Content("csv", ("nom", "tel", "id"), 1100))
    ''
    """
    if before is None:
        return ""
    if before.rows > 1 and now.rows * 2 <= before.rows:
        return LOSS
    if before.format != now.format:
        return FORMAT
    return COLUMNS if set(before.columns) - set(now.columns) else ""


def missing(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """The columns that are no longer there, in their order.

    >>> missing(["id", "nom", "tel"], ["nom", "courriel"])
    ['id', 'tel']
    """
    held = set(now)
    return [name for name in before if name not in held]


def next_turn(every: str, number: int, now: datetime) -> datetime:
    """The night when a source is asked next; `number` spreads the sources, so as not to ask all of them at once.

    >>> from datetime import UTC
    >>> next_turn("daily", 3, datetime(2026, 11, 23, 8, tzinfo=UTC)).isoformat()
    '2026-11-24T02:18:00+01:00'
    """
    day = now.astimezone(PARIS).date() + timedelta(days=DAYS[every])
    minutes = NIGHT.hour * 60 + NIGHT.minute + number % _SPREAD_MINUTES
    return datetime.combine(day, time(minutes // 60, minutes % 60), PARIS)


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: an hour, two, four, at most a day.

    >>> [wait_after(n) // timedelta(hours=1) for n in (1, 2, 5, 50)]
    [1, 2, 16, 24]
    """
    return min(FIRST_WAIT * 2 ** min(failures - 1, 8), LONGEST_WAIT)
