"""What a sheet still lacks, and which sheets need care first."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

OLD = timedelta(days=365)
GROUPS = (
    "opening_hours",
    "contact",
    "address",
    "activities",
    "description",
    "how_to_join",
    "access",
    "photos",
)
"""What a visitor looks for, the most missed first."""

EXACT = ("address", "street")
"""How precise the point of a known address is."""

_ANY_OF = {"contact": ("phone", "email", "website")}
_LESS_OF = {"closed": GROUPS, "project": ("opening_hours", "access", "photos"), "dormant": ("opening_hours",)}


class Need(IntEnum):
    """Why a sheet needs care; the smallest first."""

    NEVER = 0
    OLD = 1
    MISSING = 2
    FINE = 3


def known(values: Mapping[str, Any], *, photos: int) -> frozenset[str]:
    """Which groups a place speaks of; an address is known when its point is not that of a whole commune.

    >>> sorted(known({"phone": "03 84 00 00 00", "street": "2 rue du Lavoir", "precision": "address"}, photos=0))
    ['address', 'contact']
    """
    said = {group for group in GROUPS if any(values.get(name) for name in _ANY_OF.get(group, (group,)))}
    if values.get("street") and values.get("precision") in EXACT:
        said.add("address")
    if photos:
        said.add("photos")
    return frozenset(said)


def missing(said: Collection[str], status: str) -> tuple[str, ...]:
    """The groups still to tell, the most missed first; a closed place lacks nothing, a project has no hours yet.

    >>> missing({"contact", "activities", "opening_hours", "address"}, "open")
    ('description', 'how_to_join', 'access', 'photos')
    >>> missing((), "closed")
    ()
    """
    spared = _LESS_OF.get(status, ())
    return tuple(group for group in GROUPS if group not in said and group not in spared)


def need(*, status: str, confirmed_at: datetime | None, lacking: int, now: datetime) -> Need:
    """Why a sheet needs care: never confirmed, confirmed over a year ago, or something missing."""
    if status == "closed":
        return Need.FINE
    if confirmed_at is None:
        return Need.NEVER
    if now - confirmed_at > OLD:
        return Need.OLD
    return Need.MISSING if lacking else Need.FINE


def order(*, status: str, confirmed_at: datetime | None, lacking: int, now: datetime) -> tuple[int, float, int]:
    """Sort what needs care first: by need, then the oldest confirmation, then the most that is missing; closed last."""
    why = need(status=status, confirmed_at=confirmed_at, lacking=lacking, now=now)
    said = confirmed_at.timestamp() if confirmed_at else 0.0
    closed = status == "closed"
    return (int(why) + closed, -lacking if why == Need.MISSING else said, -lacking)
