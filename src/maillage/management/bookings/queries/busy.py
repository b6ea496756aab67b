"""When spaces are taken, and nothing of who took them."""

from datetime import datetime, timedelta

from maillage.management.bookings.models import CONFIRMED, Booking, Space
from maillage.places.models import Place

PAST, AHEAD = timedelta(days=31), timedelta(days=366)
MOST = 5_000


def online_spaces(place: Place) -> list[Space]:
    """The spaces of a place that visitors may see."""
    return list(Space.objects.filter(place=place, is_online=True, archived_at__isnull=True).order_by("order", "pk"))


def firm(spaces: list[Space], *, now: datetime) -> list[Booking]:
    """The firm bookings of some spaces, from last month to next year, in time."""
    rows = Booking.objects.filter(
        space__in=spaces, status=CONFIRMED, part_of__isnull=True, end__gt=now - PAST, start__lt=now + AHEAD
    )
    return list(rows.select_related("space", "unit").order_by("start", "pk")[:MOST])
