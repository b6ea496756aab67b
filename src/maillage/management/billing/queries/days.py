"""The day that it is at a place."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from maillage.places.models import Place
from maillage.territory.rules.zones import zone_of


def today_at(place: Place | None, now: datetime) -> date:
    """The day at a place, by its clocks; in Paris where nobody knows."""
    departement = place.commune.departement_id if place and place.commune else None
    return now.astimezone(ZoneInfo(zone_of(departement))).date()
