"""Whether somebody's calendar is open, and under which address."""

from maillage.management.events.models import OwnCalendar
from maillage.management.events.queries.links import secret_of


def open_calendar(account_id: int) -> str:
    """The secret part of the address of an account's calendar; empty where it has none open."""
    found = OwnCalendar.objects.filter(pk=account_id, is_open=True).first()
    return secret_of(found) if found else ""
