"""What the team's pages show beside the programme: what is on next, and one session with its people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Event, Session
from maillage.management.events.queries.programme import Row, Seated, seated, session_of, sheet
from maillage.places.models import Place

MOST_COMING = 60
MOST_ASKED = 400
STILL_OPEN = timedelta(hours=12)
"""How long after its end a session stays among those of the day: names are often ticked when all have left."""


@dataclass(frozen=True, slots=True)
class Board:
    """One session with those who come, then those who wait, in the order of asking; who withdrew is not there."""

    session: Session
    seated: Seated
    rows: tuple[Row, ...]

    @property
    def confirmed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == CONFIRMED)

    @property
    def waiting(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == WAITING)


def coming(place: Place, *, now: datetime) -> list[Seated]:
    """The sessions of a place that are on or to come, and those that have just ended, soonest first; in one query."""
    taking = Q(registrations__state=CONFIRMED)
    rows = Session.objects.filter(event__place=place, end__gt=now - STILL_OPEN, cancelled_at__isnull=True)
    counted = rows.select_related("event", "booking__space").annotate(
        confirmed=Count("registrations", filter=taking),
        waiting=Count("registrations", filter=Q(registrations__state=WAITING)),
        came=Count("registrations", filter=taking & Q(registrations__arrived_at__isnull=False)),
    )
    found = counted.order_by("start", "pk")[:MOST_COMING]
    return [Seated(one, one.confirmed, one.waiting, one.came) for one in found]


def board(place: Place, session_id: int) -> Board | None:
    """A session of this place with its people, in three queries; None for any other's."""
    session = session_of(place, session_id)
    if session is None:
        return None
    return Board(session, seated(session), tuple(row for row in sheet(session) if row.state != CANCELLED))


def starts_of(event: Event, starts: Sequence[datetime]) -> set[datetime]:
    """At which of these times a session of this event starts already."""
    rows = Session.objects.filter(event=event, cancelled_at__isnull=True, start__in=list(starts)[:MOST_ASKED])
    return set(rows.values_list("start", flat=True))
