"""What the team writes at its desk, each as one act: a unit that who booked the whole gets, a series, an arrival."""

from typing import Any

from maillage.management.bookings.actions import desk, hours, receiving, spaces
from maillage.management.bookings.models import CONFIRMED, Space
from maillage.places.models import Place
from tests.conftest import NOW
from tests.crash.bookings import BY, HOUR, MONDAY, SLUG, WEEK, _booked


def _place() -> Place:
    return Place.objects.select_related("commune__departement").get(slug=SLUG)


def _space(slug: str) -> Space:
    return Space.objects.select_related("place__commune").get(place__slug=SLUG, slug=slug)


def add_a_unit_to_what_is_held_whole(_stage: Any, _ack: Any) -> Any:
    room = _space("bureaux")
    return spaces.add_unit(place=_place(), space_id=room.pk, name="Bureau de plus", by=BY, now=NOW).pk


def add_a_space_in_what_is_held_whole(_stage: Any, _ack: Any) -> Any:
    raw = {"name": "Grenier", "kind": "desk", "units": "3", "inside": str(_space("tout").pk)}
    return spaces.add_space(place=_place(), raw=raw, by=BY, now=NOW).pk


def open_two_days(_stage: Any, _ack: Any) -> Any:
    raw = {"opens": "20:00", "closes": "23:00"}
    return len(hours.add_openings(place=_place(), raw=raw, weekdays=["1", "3"], by=BY, now=NOW))


def book_a_series_for_somebody_new(_stage: Any, _ack: Any) -> Any:
    times = [MONDAY + number * WEEK for number in range(3, 5)]
    asked = [{"space": _space("bureaux"), "start": start, "end": start + HOUR} for start in times]
    who = {"name": "Odette Roux", "phone": "03 84 12 34 56"}
    made = receiving.book_for(place=_place(), who=who, asked=asked, pattern={"weekdays": [0]}, by=BY, now=NOW)
    return len(made)


def check_somebody_in(_stage: Any, _ack: Any) -> Any:
    there = MONDAY
    return desk.check_in(place=_place(), booking_id=_booked(CONFIRMED), came="arrived", by=BY, now=there).pk


def cancel_at_the_desk(_stage: Any, _ack: Any) -> Any:
    return desk.cancel_at_desk(place=_place(), booking_id=_booked(CONFIRMED), by=BY, now=NOW)


FLOWS = (
    add_a_unit_to_what_is_held_whole,
    add_a_space_in_what_is_held_whole,
    open_two_days,
    book_a_series_for_somebody_new,
    check_somebody_in,
    cancel_at_the_desk,
)
