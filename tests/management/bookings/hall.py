"""A place with spaces to book: a room, nine desks that replace each other, a laser cutter, and the whole of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from maillage.management.bookings.models import OpeningRule, Settings, Space, Unit
from maillage.management.people.models import Person
from maillage.places.models import Place

DESKS = 9


@dataclass(frozen=True)
class Hall:
    place: Place
    whole: Space
    room: Space
    desks: Space
    laser: Space

    def person(self, name: str = "Thomas", *, now: datetime) -> Person:
        return Person.objects.create(place=self.place, name=name, created_at=now)


def hall(place: Place, *, desks: int = DESKS) -> Hall:
    """Open every weekday from 8:00 to 20:00."""
    Settings.objects.create(place=place, is_online=True)
    whole = Space.objects.create(place=place, slug="tout", name="Tout le lieu", kind="whole", longest_minutes=7200)
    given = {"place": place, "inside": whole}
    room = Space.objects.create(**given, slug="salle", name="Salle du four", kind="room")
    open_plan = Space.objects.create(**given, slug="bureaux", name="Bureaux", kind="desk")
    laser = Space.objects.create(
        **given, slug="laser", name="Découpe laser", kind="machine", authorisation="Découpe laser"
    )
    Unit.objects.create(space=room, name="Salle du four")
    Unit.objects.create(space=laser, name="Découpe laser")
    for number in range(1, desks + 1):
        Unit.objects.create(space=open_plan, name=f"Bureau {number}", order=number)
    for weekday in range(7):
        OpeningRule.objects.create(place=place, weekday=weekday, opens_minute=480, closes_minute=1200)
    return Hall(place, whole, room, open_plan, laser)


def hours(start: datetime, count: float = 1) -> tuple[datetime, datetime]:
    return start, start + timedelta(hours=count)
