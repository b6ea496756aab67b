"""The bookings of one account, at every place where it is somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from maillage.management.bookings.models import CANCELLED, LAPSED, Booking, Settings, Waiting

MOST = 100
"""How many are shown of those to come, and of those past."""
PAST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Own:
    """One booking, and the clocks of its place."""

    booking: Booking
    zone: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One place on a waiting list, and the clocks of the place."""

    waiting: Waiting
    zone: str


def of_account(account_id: int, *, now: datetime) -> list[Own]:
    """Those of the last year and to come, in time; what was given back or lapsed is left out once past."""
    rows = Booking.objects.filter(person__account=account_id, part_of__isnull=True).select_related("space", "place")
    past = rows.filter(end__gt=now - PAST, end__lte=now).exclude(status__in=(CANCELLED, LAPSED))
    # The nearest of each side: a long series must not push out what comes tomorrow.
    found = [*reversed(past.order_by("-start", "-pk")[:MOST]), *rows.filter(end__gt=now).order_by("start", "pk")[:MOST]]
    zones = _zones({one.place_id for one in found})
    return [Own(one, zones.get(one.place_id, "Europe/Paris")) for one in found]


def turns_of(account_id: int, *, now: datetime) -> list[Turn]:
    """The waiting lists on which somebody still is, in time; what was offered to them is a booking."""
    rows = Waiting.objects.filter(
        person__account=account_id, offer__isnull=True, ended_at__isnull=True, start__gt=now
    ).select_related("space__place")
    found = list(rows.order_by("start", "pk")[:MOST])
    zones = _zones({one.space.place_id for one in found})
    return [Turn(one, zones.get(one.space.place_id, "Europe/Paris")) for one in found]


def _zones(places: set[UUID]) -> dict[UUID, str]:
    return dict(Settings.objects.filter(pk__in=places).values_list("pk", "zone"))
