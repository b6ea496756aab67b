"""A published event with one session, seats and nobody yet; and short ways to register people there."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions.programme import add_event, publish
from maillage.management.events.actions.registering import Visitor, register
from maillage.management.events.actions.sessions import add_sessions
from maillage.management.events.models import CONFIRMED, WAITING, Event, Registration, Seat, Session
from maillage.places.models import Place

RAW = {"title": "Repair café", "kind": "workshop", "takes_registrations": "1"}
BY = "commande:essai"


@dataclass
class Workshop:
    """What tests ask of a session."""

    place: Place
    event: Event
    session: Session
    now: datetime
    team: dict[str, Any] = field(default_factory=dict)

    def come(self, name: str, party: int = 1, **more: Any) -> Registration:
        """Register a visitor by the page, with an address of their own."""
        email = f"{name.lower()}@example.org"
        visitor = Visitor(raw={"name": name, "email": email}, **more)
        return register(session_id=self.session.pk, visitor=visitor, party=party, now=self.now).made

    def states(self) -> dict[str, str]:
        """Who stands how, by name."""
        rows = Registration.objects.filter(session=self.session, part_of__isnull=True)
        return {row.person.name: row.state for row in rows.select_related("person").order_by("pk")}

    def counted(self) -> tuple[int, int, int]:
        """Seats there are, seats taken, persons who wait."""
        rows = Registration.objects.filter(session=self.session)
        seats = Seat.objects.filter(session=self.session).count()
        return seats, rows.filter(state=CONFIRMED).count(), rows.filter(state=WAITING).count()


def workshop(
    place: Place, start: datetime, *, seats: int | None, now: datetime, space: int | None = None, **raw: str
) -> Workshop:
    event = add_event(place=place, raw=RAW | raw, by=BY, now=now)
    publish(place=place, event_id=event.pk, by=BY, now=now)
    span = Span(start, start + timedelta(hours=2))
    given = {"capacity": seats, "space_id": space, "by": BY, "now": now}
    session = add_sessions(place=place, event_id=event.pk, spans=[span], **given)[0]
    return Workshop(place, event, session, now, {"place": place, "by": BY, "now": now})
