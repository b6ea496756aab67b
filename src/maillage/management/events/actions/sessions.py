"""When an event takes place: its sessions, the room each takes by the one door of bookings, and their seats."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from maillage.accounts.rules import HOST
from maillage.management.bookings.actions import reserving
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.reserving import Asked
from maillage.management.bookings.models import TAKING, Booking, Space
from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR
from maillage.management.bookings.rules.series import MOST_OCCURRENCES
from maillage.management.bookings.rules.spans import Span
from maillage.management.events import emails
from maillage.management.events.actions import seating
from maillage.management.events.actions.door import EventsRefused, event_here, note, refuse, session_here
from maillage.management.events.models import CANCELLED, CONFIRMED, Event, Registration, Session
from maillage.management.events.rules.entries import SEATS_MOST, read_reason
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

LONGEST = timedelta(days=31)
FARTHEST = timedelta(days=3 * 366)


@transaction.atomic
def add_sessions(
    *,
    place: Place,
    event_id: int,
    spans: Sequence[Span],
    capacity: int | None,
    space_id: int | None,
    by: str,
    now: datetime,
) -> list[Session]:
    """Add sessions, each with its seats and its room, or none of them.

    Raises `EventsRefused`, and what bookings raise when the room is not to be had: `Refused`, `Taken`, `Busy`.
    """
    _turn(place, by)
    space = _space(place, space_id)
    event = Event.objects.get(pk=event_id, place=place)
    ordered = sorted(spans)
    _check_times(event, ordered, now)
    booked = [_book(event, space, span, by=by, now=now) for span in ordered] if space else [None] * len(ordered)
    event = event_here(place, event_id)
    if event.archived_at is not None:
        raise refuse("event", _("cet événement est rangé"), _("publiez-le de nouveau pour le reprendre"))
    seats = _capacity(event, capacity)
    made = []
    for span, booking in zip(ordered, booked, strict=True):
        given = {"start": span.start, "end": span.end, "booking": booking, "capacity": seats}
        session = Session(event=event, made_at=now, made_by=by, changed_at=now, **given)
        try:
            with transaction.atomic():
                session.save(force_insert=True)
        except IntegrityError as twice:
            raise _same_start() from twice
        seating.add_seats(session, seats or 0)
        made.append(session)
    note("events.sessions_added", event, by=by, now=now, sessions=[one.pk for one in made])
    return made


@transaction.atomic
def move_session(*, place: Place, session_id: int, start: datetime, end: datetime, by: str, now: datetime) -> Session:
    """Give a session another time, its room with it, and tell who comes; refused once it has begun."""
    _turn(place, by)
    before = _room_of(place, session_id)
    span = _span(start, end)
    if before.cancelled_at is not None or before.start <= now:
        raise _over(before)
    if (before.start, before.end) == (span.start, span.end):
        return before
    _check_times(before.event, [span], now, but=before)
    if before.booking is not None and before.booking.status in TAKING:
        reserving.move(booking_id=before.booking.pk, start=span.start, end=span.end, by=by, now=now, at_desk=True)
    session = session_here(session_id, place)
    was = [session.start, session.end]
    session.start, session.end, session.changed_at, session.sequence = span.start, span.end, now, session.sequence + 1
    try:
        with transaction.atomic():
            session.save(update_fields=["start", "end", "changed_at", "sequence"])
    except IntegrityError as twice:
        raise _same_start() from twice
    note("events.session_moved", session, by=by, now=now, **{"from": [moment.isoformat() for moment in was]})
    for lead in seating.leads(session):
        emails.say_session_moved(registration=lead, was=(was[0], was[1]), now=now)
    return session


@transaction.atomic
def resize(*, place: Place, session_id: int, capacity: int, by: str, now: datetime) -> Session:
    """Give a session more seats, and move up who waits; or fewer, never under those who have one."""
    _turn(place, by)
    session = session_here(session_id, place)
    if session.cancelled_at is not None:
        raise _over(session)
    if not 1 <= capacity <= SEATS_MOST:
        raise _bad_capacity()
    if session.capacity == capacity:
        return session
    had = session.capacity or 0
    taken = Registration.objects.filter(session=session, state=CONFIRMED).count()
    if capacity < taken:
        raise refuse(
            "capacity",
            _("%(n)d personnes ont déjà une place", n=taken),
            _("gardez au moins ce nombre, ou annulez d’abord des inscriptions"),
        )
    session.capacity, session.changed_at = capacity, now
    session.save(update_fields=["capacity", "changed_at"])
    if capacity > had:
        seating.add_seats(session, capacity - had)
    else:
        seating.drop_seats(session, had - capacity)
    note("events.session_resized", session, by=by, now=now, seats=[had, capacity])
    seating.move_up(session, by=by, now=now)
    return session


@transaction.atomic
def cancel_session(*, place: Place, session_id: int, reason: str, by: str, now: datetime) -> Session:
    """Call a session off: its room is free again, its registrations end, and each is told why. Twice is once."""
    _turn(place, by)
    before = _room_of(place, session_id)
    if before.cancelled_at is not None:
        return before
    if before.end <= now:
        raise _over(before)
    read = read_reason(reason)
    if read.wrongs:
        raise EventsRefused(read.wrongs)
    # The room first: a booking is locked before the turn that the journal gives, in every act.
    if before.booking is not None:
        cancel(booking_id=before.booking.pk, by=by, now=now)
    session = session_here(session_id, place)
    told = seating.leads(session)
    session.cancelled_at, session.reason, session.changed_at = now, read.values["reason"], now
    session.sequence += 1
    session.save(update_fields=["cancelled_at", "reason", "changed_at", "sequence"])
    active = Registration.objects.filter(session=session).exclude(state=CANCELLED)
    ended = active.update(state=CANCELLED, seat=None, changed_at=now, arrived_at=None, missed_at=None)
    note("events.session_cancelled", session, by=by, now=now, registrations=ended)
    for lead in told:
        emails.say_session_cancelled(registration=lead, now=now)
    return session


def _turn(place: Place, by: str) -> None:
    """One's turn in the rooms of the place, before any row of its programme."""
    reserving.lock(place)
    let_in(HOST, place, by)


def _room_of(place: Place, session_id: int) -> Session:
    """A session as it stands; while the turn in bookings lasts nobody moves it nor calls it off."""
    return Session.objects.select_related("event__place", "booking").get(pk=session_id, event__place=place)


def _space(place: Place, space_id: int | None) -> Space | None:
    if space_id is None:
        return None
    found = Space.objects.select_related("place__commune").filter(pk=space_id, place=place, archived_at__isnull=True)
    space = found.first()
    if space is None:
        raise refuse("space", _("cet espace n’est pas de ce lieu"), _("choisissez-en un de la liste"))
    return space


def _book(event: Event, space: Space, span: Span, *, by: str, now: datetime) -> Booking:
    wanted: dict[str, Any] = {"start": span.start, "end": span.end, "purpose": event.title, "at_desk": True}
    return reserving.reserve(asked=Asked(space=space, organisation=event.organisation, **wanted), by=by, now=now)


def _span(start: datetime, end: datetime) -> Span:
    if end <= start:
        raise refuse("ends", _("la fin vient avant le début"), _("choisissez une fin qui vient après"))
    return Span(start, end)


def _check_times(event: Event, spans: Sequence[Span], now: datetime, but: Session | None = None) -> None:
    """What no session may be, with a room or without."""
    if not spans:
        raise refuse("day", _("il n’y a aucune date"), _("choisissez un jour, ou d’autres jours de la semaine"))
    if len(spans) > MOST_OCCURRENCES:
        raise refuse("until", _("plus de %(n)d séances", n=MOST_OCCURRENCES), _("arrêtez la série plus tôt"))
    for span in spans:
        if not FIRST_YEAR < span.start.year <= span.end.year < LAST_YEAR or span.start > now + FARTHEST:
            raise refuse("day", _("cette date est trop lointaine"), _("choisissez un jour d’ici trois ans"))
        if span.start <= now:
            raise refuse("day", _("cette heure est déjà passée"), _("choisissez une heure à venir"))
        if span.length > LONGEST:
            raise refuse("ends", _("plus de %(n)d jours", n=LONGEST.days), _("faites-en plusieurs séances"))
    starts = [span.start for span in spans]
    there = Session.objects.filter(event=event, start__in=starts, cancelled_at__isnull=True)
    if len(set(starts)) < len(starts) or (there.exclude(pk=but.pk) if but else there).exists():
        raise _same_start()


def _capacity(event: Event, capacity: int | None) -> int | None:
    """The seats of a session: needed where people register, none where they do not."""
    if not event.takes_registrations:
        return None
    if capacity is None:
        raise refuse("capacity", _("il manque le nombre de places"), _("écrivez combien de personnes peuvent venir"))
    if not 1 <= capacity <= SEATS_MOST:
        raise _bad_capacity()
    return capacity


def _bad_capacity() -> EventsRefused:
    mend = _("écrivez un nombre de %(least)d à %(most)d", least=1, most=SEATS_MOST)
    return refuse("capacity", _("ce nombre ne va pas"), mend)


def _same_start() -> EventsRefused:
    problem = _("une séance de cet événement commence déjà à cette heure")
    return refuse("day", problem, _("choisissez un autre jour ou une autre heure"))


def _over(session: Session) -> EventsRefused:
    if session.cancelled_at is not None:
        return refuse("session", _("cette séance est annulée"), _("ajoutez-en une autre"))
    return refuse("session", _("cette séance a déjà commencé"), _("ajoutez-en une autre"))
