"""What becomes of a suggestion: what it would still change, and when the voices of neighbours settle it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from maillage.places.rules.choice import TOGETHER

ENOUGH_FOR, AT_ONCE = 5, 10
"""Concordant voices that settle after `SETTLED_AFTER`, and those that settle at once."""
SETTLED_AFTER = timedelta(days=2)
TO_A_PERSON_AFTER = timedelta(days=15)
"""When voices have settled nothing by then, a person decides."""
OLD_ENOUGH = timedelta(days=7)
"""How old an account must be for its voice to count."""
QUICKEST, SLOWEST = timedelta(seconds=3), timedelta(hours=24)
"""A form sent sooner was filled by a program; one older than a day has lost what it spoke of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The fields of a suggestion: still to write, already so, and changed by somebody else since it was written."""

    to_write: tuple[str, ...]
    already: tuple[str, ...]
    overtaken: tuple[str, ...]


def standing(values: Mapping[str, Any], base: Mapping[str, Any], now: Mapping[str, Any]) -> Standing:
    """Compare what is proposed, what the sheet showed then, and what it shows now.

    >>> standing({"phone": "2", "email": "a@b.fr"}, {"phone": "1", "email": ""}, {"phone": "3", "email": "a@b.fr"})
    Standing(to_write=('phone',), already=('email',), overtaken=('phone',))
    """
    to_write = tuple(name for name in values if values[name] != now.get(name))
    overtaken = tuple(name for name in to_write if now.get(name) != base.get(name))
    return Standing(to_write, tuple(name for name in values if name not in to_write), overtaken)


def with_companions(names: Iterable[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields and those of the suggestion that only make sense with them, in its own order.

    >>> with_companions(["street"], {"name": "x", "street": "2 rue du Lavoir", "city": "Chamblay"})
    ('street', 'city')
    """
    wanted = set(names)
    for group in TOGETHER:
        if wanted & set(group):
            wanted |= set(group)
    return tuple(name for name in values if name in wanted)


def verdict(voices_for: int, against: int, *, suggested_at: datetime, now: datetime) -> str:
    """What voices say: "accepted", "refused", "person" when a person must decide, or "" while all is open.

    >>> from datetime import UTC
    >>> monday, tuesday = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    >>> verdict(5, 0, suggested_at=monday, now=tuesday), verdict(10, 0, suggested_at=monday, now=tuesday)
    ('', 'accepted')
    >>> verdict(4, 1, suggested_at=monday, now=tuesday)
    'person'
    """
    if voices_for and against:
        return "person"
    age = now - suggested_at
    most = max(voices_for, against)
    if most >= AT_ONCE or (most >= ENOUGH_FOR and age >= SETTLED_AFTER):
        return "accepted" if voices_for else "refused"
    return "person" if age >= TO_A_PERSON_AFTER else ""
