"""What writes the programme, each as one act: sessions with their room, who registers, who gives back, what is off."""

from datetime import timedelta
from typing import Any

from maillage.management.bookings.models import Space
from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions import attending, programme, registering, sessions
from maillage.management.events.actions.registering import Visitor
from maillage.management.events.models import CONFIRMED, Event, Registration, Session
from maillage.places.models import Place
from tests.conftest import NOW
from tests.crash.bookings import BY, HOUR, MONDAY, SLUG, WEEK

DAY = timedelta(days=1)
TITLE = "Atelier couture"


def furnish() -> None:
    """An event with a full session in the room of the place of bookings, and somebody who waits."""
    told: dict[str, Any] = {"place": _place(), "by": BY, "now": NOW}
    event = programme.add_event(**told, raw={"title": TITLE, "kind": "workshop", "takes_registrations": "1"})
    programme.publish(**told, event_id=event.pk)
    room = Space.objects.get(place__slug=SLUG, slug="salle")
    span = Span(MONDAY + DAY, MONDAY + DAY + HOUR)
    sessions.add_sessions(**told, event_id=event.pk, spans=[span], capacity=3, space_id=room.pk)
    for name, party in (("Ada", 2), ("Bela", 1), ("Cleo", 2)):
        registering.register(session_id=_session(), visitor=_visitor(name), party=party, now=NOW)


def _place() -> Place:
    return Place.objects.select_related("commune__departement").get(slug=SLUG)


def _session() -> int:
    return Session.objects.filter(event__title=TITLE).order_by("pk")[0].pk


def _visitor(name: str) -> Visitor:
    return Visitor(raw={"name": name, "email": f"{name.lower()}@example.org"})


def _first() -> int:
    return Registration.objects.filter(session=_session(), state=CONFIRMED).order_by("pk")[0].pk


def add_sessions_with_their_room(_stage: Any, _ack: Any) -> Any:
    room = Space.objects.get(place__slug=SLUG, slug="salle")
    event = Event.objects.get(title=TITLE)
    starts = [MONDAY + DAY + number * WEEK for number in range(1, 4)]
    spans = [Span(start, start + HOUR) for start in starts]
    told: dict[str, Any] = {"place": _place(), "by": BY, "now": NOW}
    made = sessions.add_sessions(**told, event_id=event.pk, spans=spans, capacity=4, space_id=room.pk)
    return [one.pk for one in made]


def register_a_party(_stage: Any, _ack: Any) -> Any:
    key = {"idempotency_key": "une-fois"}
    done = registering.register(session_id=_session(), visitor=_visitor("Dora"), party=2, now=NOW, **key)
    return done.made.pk


def withdraw_and_move_up(_stage: Any, _ack: Any) -> Any:
    return registering.withdraw(registration_id=_first(), by="visiteur", now=NOW).pk


def move_a_session(_stage: Any, _ack: Any) -> Any:
    start = MONDAY + DAY + 3 * HOUR
    told: dict[str, Any] = {"place": _place(), "by": BY, "now": NOW}
    return sessions.move_session(**told, session_id=_session(), start=start, end=start + HOUR).pk


def make_room_for_who_waits(_stage: Any, _ack: Any) -> Any:
    return sessions.resize(place=_place(), session_id=_session(), capacity=6, by=BY, now=NOW).pk


def call_a_session_off(_stage: Any, _ack: Any) -> Any:
    reason = "panne de chauffage"
    return sessions.cancel_session(place=_place(), session_id=_session(), reason=reason, by=BY, now=NOW).pk


def tick_a_party(_stage: Any, _ack: Any) -> Any:
    return attending.came(place=_place(), registration_id=_first(), by=BY, now=MONDAY + DAY).pk


FLOWS = (
    add_sessions_with_their_room,
    register_a_party,
    withdraw_and_move_up,
    move_a_session,
    make_room_for_who_waits,
    call_a_session_off,
    tick_a_party,
)
