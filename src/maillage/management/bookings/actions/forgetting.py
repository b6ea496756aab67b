"""What bookings keep of somebody who is erased: dates and counts; what was to come is given back."""

from collections.abc import Sequence
from datetime import datetime

from maillage.journal import actions as journal
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.models import TAKING, Booking, Waiting


def forget_persons(*, persons: Sequence[int], by: str, now: datetime) -> None:
    """Take away the words written with the bookings of these persons, and give back what they would have come to."""
    theirs = Booking.objects.filter(person__in=persons, part_of__isnull=True)
    Waiting.objects.filter(person__in=persons, ended_at__isnull=True).update(ended_at=now)
    for pk in theirs.filter(status__in=TAKING, start__gt=now).order_by("pk").values_list("pk", flat=True):
        cancel(booking_id=pk, by=by, now=now)
    worded = theirs.exclude(purpose="").update(purpose="")
    journal.write(action="bookings.persons_forgotten", by=by, now=now, detail={"persons": [*persons], "worded": worded})
