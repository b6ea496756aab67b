"""The programme of a place as its team sees it: events, their sessions with seats counted, and who is on each list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet

from maillage.management.bookings.models import TAKING
from maillage.management.bookings.queries.spaces import settings_of
from maillage.management.events.models import (
    AGE_BANDS,
    CANCELLED,
    CONFIRMED,
    WAITING,
    Event,
    Headcount,
    Registration,
    Session,
)
from maillage.management.people.models import Person
from maillage.places.models import Place

MOST_EVENTS = 500
MOST_SESSIONS = 500


@dataclass(frozen=True, slots=True)
class Seated:
    """A session and its list, persons counted; `free` is None where nobody registers."""

    session: Session
    confirmed: int
    waiting: int
    came: int

    @property
    def capacity(self) -> int | None:
        return self.session.capacity

    @property
    def free(self) -> int | None:
        return None if self.session.capacity is None else max(0, self.session.capacity - self.confirmed)

    @property
    def has_room(self) -> bool:
        """Whether the room that was taken for it still is, at the same time."""
        booking = self.session.booking
        times = (self.session.start, self.session.end)
        return booking is not None and booking.status in TAKING and (booking.start, booking.end) == times

    @property
    def has_lost_its_room(self) -> bool:
        """Whether somebody gave its room back, or moved it, without the session."""
        return self.session.cancelled_at is None and self.session.booking is not None and not self.has_room


@dataclass(frozen=True, slots=True)
class Listed:
    """An event of the list: how many sessions are to come, and the next one."""

    event: Event
    ahead: int
    following: Seated | None


@dataclass(frozen=True, slots=True)
class Row:
    """One party of a session's list: who leads it, with their person, and those they bring."""

    registration: Registration
    person: Person | None
    parts: tuple[Registration, ...]

    @property
    def state(self) -> str:
        return self.registration.state

    @property
    def party(self) -> int:
        return 1 + len(self.parts)

    @property
    def came(self) -> int:
        """How many of them are noted as there."""
        return sum(1 for row in (self.registration, *self.parts) if row.arrived_at)

    @property
    def missed(self) -> int:
        """How many of them are noted as absent."""
        return sum(1 for row in (self.registration, *self.parts) if row.missed_at)


def events_of(place: Place, *, now: datetime) -> list[Listed]:
    """The events of a place that were not put away, those with sessions soonest first; in two queries."""
    events = list(Event.objects.filter(place=place, archived_at__isnull=True).order_by("title", "pk")[:MOST_EVENTS])
    ahead: dict[int, list[Seated]] = {event.pk: [] for event in events}
    for one in _counted(Session.objects.filter(event__in=list(ahead), cancelled_at__isnull=True, end__gt=now)):
        ahead[one.session.event_id].append(one)
    listed = [Listed(event, len(ahead[event.pk]), next(iter(ahead[event.pk]), None)) for event in events]
    return sorted(listed, key=_soonest)


def archived_of(place: Place) -> list[Event]:
    """The events that were put away, the last one first."""
    rows = Event.objects.filter(place=place, archived_at__isnull=False)
    return list(rows.order_by("-archived_at", "pk")[:MOST_EVENTS])


def event_of(place: Place, event_id: int) -> Event | None:
    """An event of this place; None for any other's."""
    return Event.objects.select_related("organisation", "place").filter(pk=event_id, place=place).first()


def sessions_of(event: Event, *, now: datetime) -> list[Seated]:
    """The sessions of an event, those to come first in their order, then the past ones, the last first."""
    rows = list(_counted(Session.objects.filter(event=event), newest=True))
    ahead = [one for one in rows if one.session.end > now]
    return [*reversed(ahead), *(one for one in rows if one.session.end <= now)]


def session_of(place: Place, session_id: int) -> Session | None:
    """A session of this place with its event and its room; None for any other's."""
    rows = Session.objects.select_related("event__place__commune", "event__organisation", "booking__space")
    return rows.filter(pk=session_id, event__place=place).first()


def seated(session: Session) -> Seated:
    """One session with its list counted."""
    return next(iter(_counted(Session.objects.filter(pk=session.pk))))


def sheet(session: Session) -> list[Row]:
    """Who comes, then who waits, then who withdrew, each in the order of asking; in two queries."""
    rows = Registration.objects.filter(session=session).select_related("person__merged_into")
    parts: dict[int, list[Registration]] = {}
    told = []
    for row in rows.order_by("asked_at", "pk"):
        if row.part_of_id is None:
            told.append(row)
        else:
            parts.setdefault(row.part_of_id, []).append(row)
    order = (CONFIRMED, WAITING, CANCELLED)
    made = [Row(row, _shown(row.person), tuple(parts.get(row.pk, ()))) for row in told]
    return sorted(made, key=lambda row: order.index(row.state))


def ages_of(session: Session) -> dict[str, int | None]:
    """How many of each age came; None where nobody counted."""
    counted = dict(Headcount.objects.filter(session=session).values_list("age_band", "count"))
    return {band: counted.get(band) for band in AGE_BANDS}


def zone_of(place: Place) -> ZoneInfo:
    """The clocks of a place."""
    return ZoneInfo(settings_of(place).zone)


def _shown(person: Person | None) -> Person | None:
    """Of somebody merged into another, whose name they go by now."""
    return person.merged_into if person is not None and person.merged_into is not None else person


def _counted(sessions: QuerySet[Session], *, newest: bool = False) -> list[Seated]:
    """Sessions in time with their lists counted, in one query."""
    confirmed = Q(registrations__state=CONFIRMED)
    rows: Any = sessions.select_related("event__place", "booking__space").annotate(
        confirmed_count=Count("registrations", filter=confirmed),
        waiting_count=Count("registrations", filter=Q(registrations__state=WAITING)),
        came_count=Count("registrations", filter=confirmed & Q(registrations__arrived_at__isnull=False)),
    )
    found = rows.order_by(F("start").desc() if newest else F("start").asc(), "pk")[: MOST_EVENTS * MOST_SESSIONS]
    return [Seated(one, one.confirmed_count, one.waiting_count, one.came_count) for one in found]


def _soonest(listed: Listed) -> tuple[bool, Any, str]:
    start = listed.following.session.start if listed.following else None
    return (start is None, start.timestamp() if start else 0, listed.event.title.casefold())
