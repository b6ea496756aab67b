"""What writes bookings, each as one act: a series, a hold made firm, what is freed and whom it is offered to."""

from datetime import UTC, datetime, timedelta
from typing import Any

from maillage.management.bookings.actions import freeing, reserving
from maillage.management.bookings.actions.reserving import Asked
from maillage.management.bookings.models import CONFIRMED, Booking, Space, Waiting
from maillage.management.people.models import Person
from maillage.places.models import Place
from tests.conftest import NOW
from tests.management.bookings.hall import hall

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
SLUG, BY = "salle-des-fetes", "essai"


def furnish() -> None:
    """A place with a booking, a hold, and somebody who waits for what is booked."""
    place = Place.objects.create(slug=SLUG, name="Salle des fêtes", created_at=NOW, updated_at=NOW)
    venue = hall(place, desks=3)
    paul = venue.person("Paul", now=NOW)
    reserving.reserve(asked=_asked("salle", MONDAY), by=BY, now=NOW)
    reserving.reserve(asked=_asked("tout", MONDAY + WEEK, hold=True), by=BY, now=NOW)
    freeing.wait(waiting=Waiting(space=venue.room, person=paul, start=MONDAY, end=MONDAY + HOUR), by=BY, now=NOW)


def _asked(slug: str, start: datetime, **more: Any) -> Asked:
    space = Space.objects.select_related("place__commune").get(place__slug=SLUG, slug=slug)
    return Asked(space=space, start=start, end=start + HOUR, **more)


def _booked(status: str) -> int:
    return Booking.objects.filter(place__slug=SLUG, status=status, part_of__isnull=True).order_by("pk")[0].pk


def book_the_whole(_stage: Any, _ack: Any) -> Any:
    thomas = Person.objects.get(place__slug=SLUG, name="Paul")
    asked = _asked("tout", MONDAY + 2 * HOUR, person=thomas, purpose="Fête")
    return reserving.reserve(asked=asked, by=BY, now=NOW, idempotency_key="une-fois").pk


def book_a_series(_stage: Any, _ack: Any) -> Any:
    asked = [_asked("bureaux", MONDAY + number * WEEK, units=2) for number in range(2, 5)]
    return reserving.reserve_all(asked=asked, pattern={"weekdays": [0]}, by=BY, now=NOW).pk


def confirm_a_hold(_stage: Any, _ack: Any) -> Any:
    held = Booking.objects.get(place__slug=SLUG, start=MONDAY + WEEK, part_of__isnull=True)
    return reserving.confirm(booking_id=held.pk, by=BY, now=NOW).pk


def move_a_booking(_stage: Any, _ack: Any) -> Any:
    start = MONDAY + 4 * HOUR
    return reserving.move(booking_id=_booked(CONFIRMED), start=start, end=start + HOUR, by=BY, now=NOW).pk


def cancel_and_offer(_stage: Any, _ack: Any) -> Any:
    first = Booking.objects.filter(place__slug=SLUG, start=MONDAY, person__isnull=True).order_by("pk")[0]
    return freeing.cancel(booking_id=first.pk, by=BY, now=NOW).pk


def end_the_holds(_stage: Any, _ack: Any) -> Any:
    return freeing.sweep(now=NOW + HOUR, by=BY)


def wait_in_line(_stage: Any, _ack: Any) -> Any:
    asked = _asked("salle", MONDAY)
    person = Person.objects.get(place__slug=SLUG, name="Paul")
    waiting = Waiting(space=asked.space, person=person, start=asked.start, end=asked.end + HOUR)
    return freeing.wait(waiting=waiting, by=BY, now=NOW).pk


FLOWS = (
    book_the_whole,
    book_a_series,
    confirm_a_hold,
    move_a_booking,
    cancel_and_offer,
    end_the_holds,
    wait_in_line,
)
