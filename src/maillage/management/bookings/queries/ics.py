"""Bookings as other calendars read them (.ics)."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from maillage.management.bookings.models import Booking
from maillage.management.bookings.queries.links import token_of


def calendar(name: str, events: Iterable[Event]) -> Calendar:
    """A calendar with its name and its events."""
    told = Calendar()
    told.add("prodid", "-//Maillage//FR")
    told.add("version", "2.0")
    told.add("x-wr-calname", name)
    for event in events:
        told.add_component(event)
    return told


def event_of(booking: Booking, now: datetime) -> Event:
    """When a booking is, under a number of its own: told again, it replaces itself."""
    event = Event()
    event.add("uid", f"booking-{booking.pk}@{settings.SITE_URL.partition('://')[2]}")
    event.add("dtstamp", now)
    event.add("dtstart", booking.start)
    event.add("dtend", booking.end)
    return event


def one_booking(booking: Booking) -> bytes:
    """One booking as its maker keeps it; once cancelled, the same event, called off."""
    event = event_of(booking, booking.changed_at)
    place = booking.place
    where = ", ".join(part for part in (place.name, place.street, f"{place.postal_code} {place.city}".strip()) if part)
    event.add("summary", f"{booking.space.name}, {place.name}")
    event.add("location", where)
    event.add("url", settings.SITE_URL + reverse("reservation", args=[token_of(booking)]))
    event.add("status", {"confirmed": "CONFIRMED", "held": "TENTATIVE"}.get(booking.status, "CANCELLED"))
    return bytes(calendar(place.name, [event]).to_ical())
