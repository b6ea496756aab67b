"""The spaces and bookings of a fictional place, and taking them away with its people."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from maillage.journal import actions as journal
from maillage.management.bookings.actions.hours import add_openings, change_settings
from maillage.management.bookings.actions.receiving import book_for
from maillage.management.bookings.actions.spaces import add_space
from maillage.management.bookings.models import (
    Authorisation,
    Booking,
    Closure,
    Feed,
    OpeningRule,
    Series,
    Settings,
    Space,
    Unit,
    Visit,
    Waiting,
)
from maillage.management.bookings.queries.spaces import settings_of
from maillage.management.bookings.rules.clock import instant, local_day
from maillage.management.people.models import Membership, Organisation, Person
from maillage.places.models import Place

SPACES: tuple[dict[str, str], ...] = (
    {"name": "Tout le lieu", "kind": "whole", "longest_minutes": "2880"},
    {"name": "Bureaux", "kind": "desk", "units": "9", "is_online": "1"},
    {"name": "Salle du four", "kind": "room", "seats": "12", "is_online": "1"},
    {"name": "Découpe laser", "kind": "machine", "authorisation": "Découpe laser", "is_online": "1"},
)
BOOKED = (
    ("Thomas", "Bureaux", 0, 540, 720, ""),
    ("Lila", "Bureaux", 0, 540, 1080, ""),
    ("Odette", "Salle du four", 0, 840, 960, "Déclaration d’impôts"),
    ("Karim", "Salle du four", 1, 600, 720, "Réunion de l’association"),
    ("Thomas", "Bureaux", 2, 540, 1080, ""),
    ("Lila", "Tout le lieu", 5, 540, 1080, "Fête des voisins"),
)
"""Who, where, how many open days from tomorrow on, from and to which minute, and why."""


@transaction.atomic
def furnish(*, place: Place, by: str, now: datetime) -> int:
    """Give a fictional place spaces, hours and some bookings to come; a place that has spaces keeps them."""
    if not place.is_demo or Space.objects.filter(place=place).exists():
        return 0
    made: dict[str, Space] = {}
    for raw in SPACES:
        around = made.get("Tout le lieu")
        inside = {"inside": str(around.pk)} if around else {}
        made[raw["name"]] = add_space(place=place, raw={**raw, **inside}, by=by, now=now)
    hours = {"opens": "9:00", "closes": "18:00"}
    add_openings(place=place, raw=hours, weekdays=["0", "1", "2", "3", "4", "5"], by=by, now=now)
    zone = settings_of(place).zone
    raw = {"zone": zone, "half_day": "13:30", "school_zone": "A", "closes_on_holidays": "1", "is_online": "1"}
    change_settings(place=place, raw=raw, by=by, now=now)
    for name, space, after, start, end, purpose in BOOKED:
        day = _open_day(now, ZoneInfo(zone), after)
        times = {"start": instant(day, start, ZoneInfo(zone)), "end": instant(day, end, ZoneInfo(zone))}
        asked = {"space": made[space], "purpose": purpose, **times}
        book_for(place=place, who={"name": name}, asked=[asked], pattern=None, by=by, now=now)
    return len(made)


def _open_day(now: datetime, zone: ZoneInfo, after: int) -> Any:
    """A day that is no Sunday, so many of them after tomorrow."""
    day = local_day(now, zone) + timedelta(days=1)
    while after or day.weekday() == 6:
        after -= day.weekday() != 6
        day += timedelta(days=1)
    return day


@transaction.atomic
def clear_demo(*, by: str, now: datetime) -> int:
    """Delete the bookings, spaces and persons of every fictional place, so that the place itself can go.

    Returns how many bookings there were.
    """
    fictional = Place.objects.filter(is_demo=True)
    here = {"place__in": fictional}
    Visit.objects.filter(**here).delete()
    Waiting.objects.filter(space__place__in=fictional).delete()
    Authorisation.objects.filter(person__place__in=fictional).delete()
    Booking.objects.filter(**here, part_of__isnull=False).delete()
    count, _each = Booking.objects.filter(**here).delete()
    for model in (Series, OpeningRule, Closure, Feed):
        model.objects.filter(**here).delete()
    Unit.objects.filter(space__place__in=fictional).delete()
    Space.objects.filter(**here).update(inside=None)
    Space.objects.filter(**here).delete()
    Settings.objects.filter(**here).delete()
    Membership.objects.filter(person__place__in=fictional).delete()
    Person.objects.filter(**here).update(is_child=False, guardian=None, merged_into=None)
    Person.objects.filter(**here).delete()
    Organisation.objects.filter(**here).update(merged_into=None)
    Organisation.objects.filter(**here).delete()
    if count:
        journal.write(action="bookings.demo_removed", by=by, now=now, detail={"bookings": count})
    return count
