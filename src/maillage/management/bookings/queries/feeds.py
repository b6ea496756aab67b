"""The calendars that a place follows, and those whose next read has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from maillage.management.bookings.models import Feed
from maillage.places.models import Place

LEASE = timedelta(minutes=2)
"""Longer than any read lasts: one that never ended, with its process, is taken up again."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A calendar with how many times it closes from now on, and the first and the last of them."""

    feed: Feed
    ahead: int
    first: datetime | None
    last: datetime | None


def followed(place: Place, *, now: datetime) -> list[Followed]:
    """The calendars of a place, in one query, by the order in which they were added."""
    coming = Q(closures__end__gt=now)
    rows = Feed.objects.filter(place=place).select_related("space").order_by("pk")
    told = rows.annotate(
        ahead=Count("closures", filter=coming),
        first=Min("closures__start", filter=coming),
        last=Max("closures__end", filter=coming),
    )
    return [Followed(feed, feed.ahead, feed.first, feed.last) for feed in told]


def free_to_read(*, now: datetime) -> QuerySet[Feed]:
    """The calendars that nobody reads at this moment."""
    return Feed.objects.filter(Q(taken_at__isnull=True) | Q(taken_at__lte=now - LEASE))


def due(*, now: datetime) -> QuerySet[Feed]:
    """The calendars whose next read has come, the one that waits most first."""
    rows = free_to_read(now=now).filter(next_read_at__lte=now)
    return rows.select_related("space", "place__commune").order_by("next_read_at", "pk")
