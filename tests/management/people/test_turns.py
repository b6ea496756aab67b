"""Merging or erasing somebody while a booking of theirs is written: whoever comes second waits, nobody waits in a ring.

One writer is stopped where it is about to write its audit event, its rows in hand; the other comes then.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from maillage.journal import actions as journal
from maillage.management.bookings.actions import desk, freeing, reserving, visiting
from maillage.management.bookings.actions.reserving import Asked
from maillage.management.bookings.models import CANCELLED, CONFIRMED, HELD, Booking, Space, Unit, Visit, Waiting
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.merging import merge_persons
from maillage.management.people.models import Person
from maillage.places.models import Place

LONG = 1.5
"""Seconds that the other has to run into what the first holds: PostgreSQL looks for a ring after one."""

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hall(now: datetime) -> Iterator[tuple[Place, Person, Person, dict[str, Any]]]:
    if connection.vendor != "postgresql":
        pytest.skip("rows are locked one by one on PostgreSQL only")
    place = Place.objects.create(slug="tours", name="Tours", created_at=now, updated_at=now)
    space = Space.objects.create(place=place, slug="salle", name="Salle", kind="room")
    unit = Unit.objects.create(space=space, name="Salle")
    kept, other = (Person.objects.create(place=place, name=name, created_at=now) for name in ("Ève", "Eve"))
    yield place, kept, other, {"space": space, "unit": unit}


def booked(hall: Any, now: datetime, status: str, hours: int = 1) -> Booking:
    place, _kept, other, what = hall
    start = now + timedelta(hours=hours)
    expires = now + timedelta(minutes=30) if status == HELD else None
    row = {"status": status, "expires_at": expires, "person": other, "made_by": "essai", "made_at": now}
    return Booking.objects.create(
        place=place, **what, **row, changed_at=now, start=start, end=start + timedelta(minutes=30)
    )


@contextmanager
def stopped_at_its_event(came: threading.Event) -> Iterator[None]:
    """The first audit event of all waits until the other writer has had its time."""
    real, first = journal.write, threading.Lock()

    def write(**told: Any) -> Any:
        if first.acquire(blocking=False):
            came.set()
            threading.Event().wait(LONG)
        return real(**told)

    with patch.object(journal, "write", write):
        yield


def race(first: Callable[[], Any], second: Callable[[], Any]) -> list[str]:
    """What went wrong in two writers, the second of which comes when the first has its rows in hand."""
    came, wrong = threading.Event(), []

    def run(act: Callable[[], Any], after: bool) -> None:
        try:
            if after:
                came.wait(10)
            act()
        except Exception as problem:  # noqa: BLE001 whatever it is, it is told
            wrong.append(f"{type(problem).__name__}: {problem}")
        finally:
            connection.close()

    with stopped_at_its_event(came):
        both = [threading.Thread(target=run, args=given) for given in ((first, False), (second, True))]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(20)
    assert not any(thread.is_alive() for thread in both)
    return wrong


def writers(hall: Any, now: datetime) -> dict[str, Callable[[], Any]]:
    """Every way to write on a booking of the other, each on one of its own."""
    place, _kept, other, what = hall
    at_desk: dict[str, Any] = {"place": place, "by": "essai", "now": now}
    asked = Asked(space=what["space"], start=now + timedelta(hours=40), end=now + timedelta(hours=41), at_desk=True)
    far = {"start": now + timedelta(hours=50), "end": now + timedelta(hours=51)}
    waiting = Waiting.objects.create(space=what["space"], person=other, asked_at=now, **far)
    late = booked(hall, now, HELD, 40)
    Booking.objects.filter(pk=late.pk).update(expires_at=now - timedelta(minutes=1))
    held, firm, here, moved = (booked(hall, now, state, n) for n, state in enumerate((HELD, *[CONFIRMED] * 3), 1))
    later = {"start": now + timedelta(hours=30), "end": now + timedelta(hours=31)}
    return {
        "confirm": lambda: reserving.confirm(booking_id=held.pk, by="essai", now=now),
        "cancel": lambda: freeing.cancel(booking_id=firm.pk, by="essai", now=now),
        "check in": lambda: desk.check_in(**at_desk, booking_id=here.pk, came=desk.ARRIVED),
        "move": lambda: reserving.move(booking_id=moved.pk, **later, by="essai", now=now, at_desk=True),
        "stop waiting": lambda: visiting.stop_waiting(waiting=waiting, by="essai", now=now),
        "lapse and book": lambda: reserving.reserve(asked=asked, by="essai", now=now),
    }


@pytest.mark.parametrize("name", ["confirm", "cancel", "check in", "move", "stop waiting", "lapse and book"])
def test_merging_while_a_booking_is_written_refuses_nobody(hall: Any, now: datetime, name: str) -> None:
    place, kept, other, _what = hall
    act = writers(hall, now)[name]
    merged = {"place": place, "kept_id": kept.pk, "other_id": other.pk, "by": "essai", "now": now}
    assert race(act, lambda: merge_persons(**merged)) == []
    assert Person.objects.get(pk=other.pk).merged_into == kept
    assert set(Booking.objects.filter(person__isnull=False).values_list("person", flat=True)) == {kept.pk}
    assert not Visit.objects.filter(person=other).exists() and not Waiting.objects.filter(person=other).exists()


@pytest.mark.parametrize("name", ["confirm", "check in", "lapse and book"])
def test_erasing_while_a_booking_is_written_refuses_nobody(hall: Any, now: datetime, name: str) -> None:
    place, _kept, other, _what = hall
    act = writers(hall, now)[name]
    assert race(act, lambda: erase_person(place=place, person_id=other.pk, by="essai", now=now)) == []
    assert Person.objects.get(pk=other.pk).erased_at == now
    to_come = Booking.objects.filter(person=other, start__gt=now, status__in=(HELD, CONFIRMED))
    assert not to_come.exists() and Booking.objects.filter(status=CANCELLED).exists()
