"""What of a place is booked and may have a price."""

from maillage.management.billing.queries.subjects import Subject
from maillage.management.bookings.models import Space
from maillage.places.models import Place


def subjects(place: Place) -> list[Subject]:
    """The spaces of a place in use, as they are shown."""
    rows = Space.objects.filter(place=place, archived_at__isnull=True).order_by("order", "pk")
    return [Subject(f"space:{row.pk}", row.name) for row in rows]
