"""The links of the programme: one opens one registration and no other; one feeds the calendar of one account."""

import re

from django.core.signing import BadSignature, Signer

from maillage.management.events.models import OwnCalendar, Registration

_TOKEN = re.compile(r"([0-9]{1,18})-([A-Za-z0-9_-]{20,80})")
_SECRET = re.compile(r"([0-9]{1,18})-([0-9]{1,9})-([A-Za-z0-9_-]{20,80})")
REGISTRATION, CALENDAR = "maillage.events.registration", "maillage.events.calendar"


def token_of(registration: Registration) -> str:
    """The secret part of the address of a registration."""
    return f"{registration.pk}-{Signer(salt=REGISTRATION).signature(str(registration.pk))}"


def registration_of(token: str) -> Registration | None:
    """The registration that a link opens, or None; what it still allows is said by its state."""
    found = _TOKEN.fullmatch(token)
    if found is None or not _is_signed(found[1], found[2], REGISTRATION):
        return None
    rows = Registration.objects.select_related(
        "person", "session__event__place__commune__departement", "session__booking__space"
    )
    return rows.filter(pk=int(found[1]), part_of__isnull=True).first()


def secret_of(calendar: OwnCalendar) -> str:
    """The secret part of the address of somebody's calendar, as long as it has this version."""
    told = f"{calendar.pk}-{calendar.version}"
    return f"{told}-{Signer(salt=CALENDAR).signature(told)}"


def calendar_of(secret: str) -> OwnCalendar | None:
    """The calendar that an address feeds; None once it was closed, or has got a new address."""
    found = _SECRET.fullmatch(secret)
    if found is None or not _is_signed(f"{found[1]}-{found[2]}", found[3], CALENDAR):
        return None
    rows = OwnCalendar.objects.select_related("account")
    asked = {"pk": int(found[1]), "version": int(found[2])}
    return rows.filter(**asked, is_open=True, account__is_active=True).first()


def _is_signed(told: str, signature: str, salt: str) -> bool:
    try:
        Signer(salt=salt).unsign(f"{told}:{signature}")
    except BadSignature:
        return False
    return True
