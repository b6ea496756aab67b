"""What a person is to a place, and until when."""

from datetime import date

MEMBER, SUBSCRIBER, RESIDENT, VOLUNTEER, USER, PARTNER, STAFF = KINDS = (
    "member",
    "subscriber",
    "resident",
    "volunteer",
    "user",
    "partner",
    "staff",
)
FULL, REDUCED, SOLIDARITY, FREE, BODY = FEES = ("full", "reduced", "solidarity", "free", "body")
"""What is paid: the whole price, a reduced one, what one chooses, nothing, or what an organisation pays."""


def is_current(starts_on: date, ends_on: date | None, day: date) -> bool:
    """Whether a membership holds on a day, its first and last days included.

    >>> first = date(2026, 9, 1)
    >>> is_current(first, date(2027, 8, 31), date(2027, 8, 31)), is_current(first, None, date(2026, 8, 31))
    (True, False)
    """
    return starts_on <= day and (ends_on is None or day <= ends_on)
