"""The seats of a session, under its lock: made, dropped, given to a party, and to those who wait for them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count

from maillage.management.events import emails
from maillage.management.events.actions.door import note
from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Registration, Seat, Session
from maillage.management.events.rules.seats import Party, lowest, moves_up


def add_seats(session: Session, count: int) -> None:
    """Give a session so many seats more, at its lowest free numbers."""
    there = set(Seat.objects.filter(session=session).values_list("pk", flat=True))
    Seat.objects.bulk_create(Seat(pk=number, session=session) for number in lowest(session.pk, there, count))


def drop_seats(session: Session, count: int) -> None:
    """Take so many free seats away, the highest numbers first."""
    free = free_seats(session)
    Seat.objects.filter(pk__in=free[len(free) - count :]).delete()


def free_seats(session: Session) -> list[int]:
    """The numbers of the seats that nobody has, the lowest first."""
    taken = Registration.objects.filter(session=session, state=CONFIRMED).values("seat")
    return list(Seat.objects.filter(session=session).exclude(pk__in=taken).order_by("pk").values_list("pk", flat=True))


def leads(session: Session) -> list[Registration]:
    """The parties that come or wait, in the order of asking."""
    rows = Registration.objects.filter(session=session, part_of__isnull=True).exclude(state=CANCELLED)
    found = list(rows.select_related("person").order_by("asked_at", "pk"))
    # The session as it is being written, not as it was read: its mails tell why it was called off.
    for row in found:
        row.session = session
    return found


def rows_of(lead: Registration) -> list[Registration]:
    """Everybody of a party, who leads it first."""
    return [lead, *Registration.objects.filter(part_of=lead).order_by("pk")]


def take(rows: Sequence[Registration], *, now: datetime) -> bool:
    """Give each of a party a seat, the lowest free ones, or none of them; False when they do not fit.

    A seat that somebody took by another way meanwhile is left to them, and the others looked at once more.
    """
    for _try in range(2):
        free = free_seats(rows[0].session)
        if len(free) < len(rows):
            return False
        try:
            with transaction.atomic():
                for row, number in zip(rows, free, strict=False):
                    row.state, row.seat_id, row.changed_at = CONFIRMED, number, now
                    row.save(update_fields=["state", "seat", "changed_at"])
        except IntegrityError:
            continue
        return True
    return False


def move_up(session: Session, *, by: str, now: datetime) -> None:
    """Give free seats to those who wait, each party that fits in the order of asking, and tell them by mail.

    Nobody moves up once the session has begun: they are not there.
    """
    if session.cancelled_at is not None or session.start <= now:
        return
    waiting = Registration.objects.filter(session=session, state=WAITING, part_of__isnull=True)
    sized = waiting.annotate(size=1 + Count("parts")).order_by("asked_at", "pk").values_list("pk", "size")
    chosen, _left = moves_up([Party(pk, size) for pk, size in sized], len(free_seats(session)))
    for party in chosen:
        lead = Registration.objects.select_related("person", "session__event__place").get(pk=party.lead)
        if take(rows_of(lead), now=now):
            note("events.moved_up", session, by=by, now=now, registration=lead.pk)
            emails.say_moved_up(registration=lead, now=now)
