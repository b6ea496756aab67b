"""People note themselves as there with the code at the door; whoever runs the place hangs it and changes it."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.crypto import constant_time_compare

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.bookings.actions.desk import ARRIVED, mark, one_of
from maillage.management.bookings.actions.reserving import Refused, lock
from maillage.management.bookings.models import CONFIRMED, Booking, Settings
from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.rules.requests import Problem
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

CODE_BYTES = 12


@transaction.atomic
def set_door(*, place: Place, is_open: bool, by: str, now: datetime) -> str:
    """Draw a new code for the door, which makes those that hang there void; or none, and nobody notes themselves."""
    found = lock(place)
    let_in(RUN, place, by)
    if not is_open and not found.door_code:
        return ""
    found.door_code = secrets.token_urlsafe(CODE_BYTES) if is_open else ""
    found.save(update_fields=["door_code"])
    action = "bookings.door_opened" if is_open else "bookings.door_shut"
    journal.write(action=action, by=by, now=now, subject=f"place:{place.pk}", detail={"place": str(place.pk)})
    return found.door_code


@transaction.atomic
def arrive(*, place: Place, booking_id: int, code: str, by: str, now: datetime) -> Booking:
    """Note that somebody who booked for today stands at the door; twice is once.

    Raises `Refused` for a code that no longer hangs there, and for a booking that is not of today.
    """
    settings = Settings.objects.filter(pk=place.pk).first()
    if settings is None or not fits(settings, code):
        raise Refused(_void())
    booking = one_of(place, booking_id)
    zone = ZoneInfo(settings.zone)
    days = local_day(booking.start, zone), local_day(booking.end, zone)
    if booking.status != CONFIRMED or booking.end <= now or not days[0] <= local_day(now, zone) <= days[1]:
        raise Refused(
            Problem(
                "not-today",
                _("Cette réservation n’est pas pour maintenant."),
                _("on note qui est là le jour même"),
                _("Revenez ce jour-là, ou dites-le à l’équipe."),
            )
        )
    return mark(booking, ARRIVED, by=by, now=now, door=True)


def fits(settings: Settings, code: str) -> bool:
    """Whether a code is the one that hangs at the door; none fits where none does."""
    return bool(settings.door_code) and constant_time_compare(settings.door_code, code)


def _void() -> Problem:
    return Problem(
        "door",
        _("Ce code n’est plus celui de la porte."),
        _("il a été changé, ou retiré"),
        _("Scannez celui qui est affiché, ou dites à l’équipe que vous êtes là."),
    )
