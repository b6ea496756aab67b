"""The programme of a fictional place, with its past and who comes, and taking it away again."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from maillage.journal import actions as journal
from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.models import Space
from maillage.management.bookings.queries.spaces import settings_of
from maillage.management.bookings.rules.clock import instant, local_day
from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions.attending import came, count_ages, missed
from maillage.management.events.actions.programme import add_event, publish
from maillage.management.events.actions.registering import register_for
from maillage.management.events.actions.sessions import add_sessions
from maillage.management.events.models import Event, Headcount, Registration, Seat, Session
from maillage.places.models import Place

ROOM = "Salle du four"
WEEK, WEEKS_BEFORE = timedelta(days=7), 3
DIGITAL = {
    "title": "Le numérique avec Nadine",
    "summary": "Apportez votre appareil et votre question\u202f: on regarde ensemble.",
    "description": "Une imprimante, une scannette et du café. Rien de ce que vous montrez n’est noté.",
    "kind": "digital",
    "theme": "procedures",
    "takes_registrations": "1",
}
LASER = {
    "title": "Découvrir la découpe laser",
    "summary": "Dessinez une boîte, repartez avec.",
    "kind": "workshop",
    "theme": "making",
    "price": "open",
    "price_euros": "5",
    "takes_registrations": "1",
}
REPAIR = {
    "title": "Repair café",
    "summary": "Grille-pain, vélo, ourlet\u202f: on répare avec vous, on ne jette pas.",
    "kind": "workshop",
}
BREAD = {
    "title": "Pain au levain au four du village",
    "summary": "On pétrit le matin, on enfourne à midi, chacun emporte sa miche.",
    "kind": "culture",
    "price": "fixed",
    "price_euros": "8",
    "takes_registrations": "1",
}
PROGRAMME = (
    (DIGITAL, 1, 840, 960, 6, tuple(range(-WEEKS_BEFORE, 7)), (("Odette", 1), ("Simone", 1), ("Karim", 2))),
    (LASER, 5, 600, 750, 4, (0, 2), (("Lila", 1), ("Yann", 1))),
    (REPAIR, 5, 840, 1020, None, (1, 5), ()),
    (BREAD, 6, 540, 780, 5, (1,), (("Thomas", 2), ("Mireille", 2), ("Lila", 1), ("Odette", 2), ("Yann", 1))),
)
"""What, on which day of the week, from and to which minute, how many seats, how many weeks ahead, and who comes."""


@transaction.atomic
def furnish(*, place: Place, by: str, now: datetime) -> int:
    """Give a fictional place a programme with a past, and people on its lists; one that has a programme keeps it.

    Returns how many events there are. Who comes has no address: no mail leaves.
    """
    if not place.is_demo or Event.objects.filter(place=place).exists():
        return 0
    zone = ZoneInfo(settings_of(place).zone)
    room = Space.objects.filter(place=place, name=ROOM, archived_at__isnull=True).first()
    first = now - (WEEKS_BEFORE + 1) * WEEK
    for raw, weekday, start, end, seats, weeks, people in PROGRAMME:
        event = add_event(place=place, raw=raw, by=by, now=first)
        publish(place=place, event_id=event.pk, by=by, now=first)
        following = _next(local_day(now, zone), weekday)
        days = [following + number * WEEK for number in weeks]
        spans = [Span(instant(day, start, zone), instant(day, end, zone)) for day in days]
        made = [_add(event, span, seats, room, by=by, now=first if span.start < now else now) for span in spans]
        _people(made, people, by=by, now=now)
    return len(PROGRAMME)


def _next(today: date, weekday: int) -> date:
    """The next such day of the week after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _add(event: Event, span: Span, seats: int | None, room: Space | None, *, by: str, now: datetime) -> Session:
    """A session in the room, or without one where it is taken."""
    given: dict[str, Any] = {
        "place": event.place,
        "event_id": event.pk,
        "spans": [span],
        "capacity": seats,
        "by": by,
        "now": now,
    }
    try:
        with transaction.atomic():
            return add_sessions(**given, space_id=room.pk if room else None)[0]
    except Refused:
        return add_sessions(**given, space_id=None)[0]


def _people(sessions: list[Session], people: tuple[tuple[str, int], ...], *, by: str, now: datetime) -> None:
    """All of them at the first session to come; at those that were, who came, who did not, and their ages."""
    ahead = next((session for session in sessions if session.start > now), None)
    for session in sessions:
        place, past = session.event.place, session.start < now
        if not past and session != ahead:
            continue
        asked = session.start - timedelta(days=2) if past else now
        told = [
            register_for(place=place, session_id=session.pk, raw={"name": name}, party=party, by=by, now=asked)
            for name, party in people
        ]
        if past:
            for number, lead in enumerate(told):
                note = missed if (number + session.pk) % 4 == 0 else came
                note(place=place, registration_id=lead.pk, by=by, now=session.start)
            counts = {"60-69": "1", "70+": "2"}
            count_ages(place=place, session_id=session.pk, counts=counts, by=by, now=session.end)


@transaction.atomic
def clear_demo(*, by: str, now: datetime) -> int:
    """Delete the programme of every fictional place, before its bookings and its people; how many sessions it had."""
    fictional = Place.objects.filter(is_demo=True)
    sessions = {"session__event__place__in": fictional}
    Headcount.objects.filter(**sessions).delete()
    Registration.objects.filter(**sessions, part_of__isnull=False).delete()
    Registration.objects.filter(**sessions).delete()
    Seat.objects.filter(**sessions).delete()
    count, _each = Session.objects.filter(event__place__in=fictional).delete()
    Event.objects.filter(place__in=fictional).delete()
    if count:
        journal.write(action="events.demo_removed", by=by, now=now, detail={"sessions": count})
    return count
