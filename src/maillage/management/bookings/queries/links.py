"""The links that visitors get by mail: each opens one booking, or one place on a waiting list, and no other."""

import re

from django.core.signing import BadSignature, Signer

from maillage.management.bookings.models import Booking, Waiting

_TOKEN = re.compile(r"([0-9]{1,18})-([A-Za-z0-9_-]{20,80})")
BOOKING, WAITING = "maillage.bookings.booking", "maillage.bookings.waiting"


def token_of(made: Booking | Waiting) -> str:
    """The secret part of the address of a booking, or of somebody's place on a waiting list."""
    return _token(made.pk, BOOKING if isinstance(made, Booking) else WAITING)


def booking_of(token: str) -> Booking | None:
    """The booking that a link opens, or None; what it still allows is said by the booking's state."""
    pk = _read(token, BOOKING)
    rows = Booking.objects.select_related("space", "place__commune__departement")
    return rows.filter(pk=pk, part_of__isnull=True).first() if pk else None


def waiting_of(token: str) -> Waiting | None:
    """The place on a waiting list that a link opens, or None."""
    pk = _read(token, WAITING)
    rows = Waiting.objects.select_related("space__place__commune__departement", "offer")
    return rows.filter(pk=pk).first() if pk else None


def _token(pk: int, salt: str) -> str:
    return f"{pk}-{Signer(salt=salt).signature(str(pk))}"


def _read(token: str, salt: str) -> int | None:
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    try:
        return int(Signer(salt=salt).unsign(f"{found[1]}:{found[2]}"))
    except BadSignature:
        return None
