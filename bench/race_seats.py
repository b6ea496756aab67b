"""The seats of a session, raced for in `bench/race.py --of seats`: the last ones, and one given back meanwhile.

Each round is a session of its own with two seats. What is oversold is read from the table: persons with a seat beyond
the seats there are, and two on one seat. A seat that stays empty while somebody waits for it counts as an error.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIRST = datetime(2026, 11, 30, 7, tzinfo=UTC)
SEATS = 2
INDEX = "registration_takes_a_seat_alone"


def furnish(place: Any, names: list[str], rounds: int) -> dict[str, int]:
    """An event for each pattern, with a session for each round."""
    from maillage.management.bookings.rules.spans import Span
    from maillage.management.events.actions.programme import add_event, publish
    from maillage.management.events.actions.sessions import add_sessions

    told: dict[str, Any] = {"place": place, "by": "course:prépare", "now": NOW}
    made = {}
    for name in names:
        event = add_event(**told, raw={"title": name, "kind": "workshop", "takes_registrations": "1"})
        publish(**told, event_id=event.pk)
        starts = [FIRST + timedelta(hours=round_) for round_ in range(rounds)]
        spans = [Span(start, start + timedelta(hours=1)) for start in starts]
        add_sessions(**told, event_id=event.pk, spans=spans, capacity=SEATS, space_id=None)
        made[name] = event.pk
    return made


def unguard() -> None:
    """Take the index off that holds each seat to one person."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {INDEX}")


def blind() -> None:
    """In a worker: nobody waits for a turn, and no transaction holds the choice of a seat and its writing together."""
    from maillage.journal import actions as journal
    from maillage.management.events.actions import registering
    from maillage.management.events.models import Session

    def unlocked(session_id: int, place: Any = None) -> Any:
        return Session.objects.select_related("event__place__commune__departement").get(pk=session_id)

    journal.lock_order = lambda: None  # type: ignore[assignment]
    registering.session_here = unlocked
    registering._register = registering._register.__wrapped__  # type: ignore[attr-defined]
    registering.withdraw = registering.withdraw.__wrapped__  # type: ignore[attr-defined]


def register(event_id: int, round_: int, worker: int) -> str:
    """Ask for one seat under a name of one's own."""
    from maillage.management.events.actions import registering

    raw = {"name": f"Course {worker}", "email": f"course{worker}@example.org"}
    session_id = _sessions(event_id)[round_]
    done = registering.register(session_id=session_id, visitor=registering.Visitor(raw=raw), party=1, now=NOW)
    return "confirmed" if done.made.state == "confirmed" else "refused:waits"


def withdraw_or_register(event_id: int, round_: int, worker: int) -> str:
    """One gives the seat back while the others want it."""
    from maillage.management.events.actions import registering
    from maillage.management.events.models import Registration

    if worker:
        return register(event_id, round_, worker)
    first = Registration.objects.filter(session=_sessions(event_id)[round_]).order_by("pk")[0]
    registering.withdraw(registration_id=first.pk, by="course:0", now=NOW)
    return "cancelled"


def full_before(event_id: int, round_: int) -> None:
    for number in range(SEATS):
        register(event_id, round_, 1000 + number)


def _sessions(event_id: int) -> list[int]:
    from maillage.management.events.models import Session

    return list(Session.objects.filter(event=event_id).order_by("start").values_list("pk", flat=True))


def oversold(event_id: int) -> int:
    """Persons with a seat beyond the seats there are, and persons beyond one on a seat."""
    from maillage.management.events.models import Registration, Seat

    found = 0
    for session_id in _sessions(event_id):
        rows = Registration.objects.filter(session=session_id, state="confirmed")
        taken = list(rows.values_list("seat", flat=True))
        there = Seat.objects.filter(session=session_id).count()
        found += max(len(taken) - there, len(taken) - len(set(taken)), 0)
    return found


def left_empty(event_id: int) -> int:
    """Seats that nobody has while somebody waits for one."""
    from maillage.management.events.models import Registration, Seat

    found = 0
    for session_id in _sessions(event_id):
        rows = Registration.objects.filter(session=session_id)
        free = Seat.objects.filter(session=session_id).count() - rows.filter(state="confirmed").count()
        found += max(0, min(free, rows.filter(state="waiting").count()))
    return found


PATTERNS = {"last-chairs": (register, None), "withdraw-register": (withdraw_or_register, full_before)}
