"""The background work of bookings."""

from django.utils import timezone

from maillage.management.bookings.actions import feeds
from maillage.management.bookings.actions.freeing import sweep

SWEEPER = "veilleur"
READER = "agendas"


def sweep_holds() -> int:
    """End the holds whose time is over, and offer what they free to those who wait; says how many places had some."""
    return sweep(now=timezone.now(), by=SWEEPER)


def read_feeds() -> int:
    """Read the calendars kept elsewhere whose quarter of an hour is over; says how many."""
    return feeds.read_due(now=timezone.now(), by=READER)
