"""The bookings of today that whoever stands at the door may call their own: by their account, or by their links."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from maillage.management.bookings.models import CONFIRMED, Booking, Settings
from maillage.management.bookings.queries.links import booking_of
from maillage.management.bookings.rules.clock import day_span, local_day
from maillage.places.models import Place

MOST = 10
"""How many links a phone keeps, and how many bookings are shown."""


def of_today(
    place: Place, settings: Settings, *, account_id: int | None, tickets: Iterable[str], now: datetime
) -> list[Booking]:
    """The firm bookings of today that are not over, in time; nobody else's."""
    zone = ZoneInfo(settings.zone)
    today = day_span(local_day(now, zone), zone)
    linked = [found.pk for ticket in list(tickets)[:MOST] if (found := booking_of(ticket))]
    mine = Q(pk__in=linked)
    if account_id is not None:
        mine |= Q(person__account=account_id, person__merged_into__isnull=True)
    rows = Booking.objects.filter(
        mine, place=place, part_of__isnull=True, status=CONFIRMED, start__lt=today.end, end__gt=now
    )
    return list(rows.select_related("space", "unit").order_by("start", "pk")[:MOST])
