"""The registrations of one account, at every place where it is somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from maillage.management.bookings.models import Settings
from maillage.management.events.models import CANCELLED, Registration
from maillage.territory.rules.zones import zone_of

MOST = 100
"""How many are shown, to come and past."""
PAST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Own:
    """One registration that leads its party, how many they are, and the clocks of its place."""

    registration: Registration
    party: int
    zone: str


def of_account(account_id: int, *, now: datetime) -> list[Own]:
    """Those of the last year and to come, in time; what was given back or called off is left out once past."""
    rows = (
        Registration.objects.filter(person__account=account_id, part_of__isnull=True, session__end__gt=now - PAST)
        .exclude(state=CANCELLED, session__end__lte=now)
        .select_related("session__event__place__commune", "session__booking__space")
        .annotate(size=1 + Count("parts"))
        .order_by("-session__start", "pk")[:MOST]
    )
    found = sorted(rows, key=lambda one: (one.session.start, one.pk))
    places = {one.session.event.place_id: one.session.event.place for one in found}
    zones = dict(Settings.objects.filter(pk__in=places).values_list("pk", "zone"))
    for pk, place in places.items():
        zones.setdefault(pk, zone_of(place.commune.departement_id if place.commune else None))
    return [Own(one, one.size, zones[one.session.event.place_id]) for one in found]
