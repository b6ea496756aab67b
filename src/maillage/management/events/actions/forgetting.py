"""What the programme keeps of somebody who is erased: dates and counts; what was to come is given back."""

from collections.abc import Sequence
from datetime import datetime

from maillage.management.events.actions.registering import withdraw
from maillage.management.events.models import CANCELLED, Registration


def forget_persons(*, persons: Sequence[int], by: str, now: datetime) -> None:
    """Give back the seats of these persons at sessions to come: those who wait move up."""
    ahead = Registration.objects.filter(person__in=persons, part_of__isnull=True, session__start__gt=now)
    for pk in ahead.exclude(state=CANCELLED).order_by("session", "pk").values_list("pk", flat=True):
        withdraw(registration_id=pk, by=by, now=now)
