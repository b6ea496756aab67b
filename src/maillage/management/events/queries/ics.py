"""A registration as the calendar of who made it reads it (.ics): in the mail, behind its link, in their own feed."""

from django.conf import settings
from django.urls import reverse

from maillage.management.events.models import Registration
from maillage.management.events.queries.links import token_of
from maillage.management.events.rules.ical import CANCELLED, CONFIRMED, TENTATIVE, Entry, written
from maillage.places.models import Place

STATUS = {"confirmed": CONFIRMED, "waiting": TENTATIVE, "cancelled": CANCELLED}


def host() -> str:
    """The name under which this site tells of its sessions."""
    return settings.SITE_URL.partition("://")[2]


def where(place: Place) -> str:
    """The address of a place, on one line."""
    town = f"{place.postal_code} {place.city or (place.commune.name if place.commune else '')}".strip()
    return ", ".join(part for part in (place.name, place.street, town) if part)


def of_registration(found: Registration) -> Entry:
    """A registration as its maker keeps it: under one name whatever becomes of it, newer each time."""
    session, place = found.session, found.session.event.place
    status = CANCELLED if session.cancelled_at else STATUS[found.state]
    return Entry(
        uid=f"registration-{found.pk}@{host()}",
        start=session.start,
        end=session.end,
        changed_at=max(session.changed_at, found.changed_at),
        summary=f"{session.event.title}, {place.name}",
        location=where(place),
        url=settings.SITE_URL + reverse("registration", args=[token_of(found)]),
        status=status,
        # One more once somebody has moved up or withdrawn: what was told before is older.
        sequence=2 * session.sequence + (status != TENTATIVE) + (status == CANCELLED),
    )


def one_registration(found: Registration) -> str:
    """The calendar that goes with a mail."""
    return written(found.session.event.place.name, [of_registration(found)]).decode()
