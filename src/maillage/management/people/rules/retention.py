"""How long a place keeps who somebody is, once they come no more."""

from calendar import monthrange
from datetime import date

SOON_DAYS = 60
"""How long before, the team sees whom the place is about to forget."""


def months_later(day: date, months: int) -> date:
    """The same day some months later, or earlier; the last of the month where it has fewer days.

    >>> months_later(date(2024, 2, 29), 12), months_later(date(2026, 3, 31), -1)
    (datetime.date(2025, 2, 28), datetime.date(2026, 2, 28))
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
