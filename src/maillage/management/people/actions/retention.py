"""Whom the period has run out for is forgotten, by the way that everybody is: dates and counts stay."""

from datetime import datetime

from django.db import transaction

from maillage.journal import actions as journal
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.models import Person
from maillage.management.people.queries.retention import due, period

MOST_A_ROUND = 500


def forget_due(*, by: str, now: datetime) -> int:
    """Forget everybody who is due, each in a transaction of their own; says how many, and writes why for each."""
    kept = period(now.date())
    done = 0
    for pk in list(due(on=now.date()).order_by("pk").values_list("pk", flat=True)[:MOST_A_ROUND]):
        with transaction.atomic():
            # Whoever came back since the list was read is seen here.
            journal.lock_order()
            person = due(on=now.date()).filter(pk=pk).select_related("place").first()
            if person is None or kept is None:
                continue
            erase_person(place=person.place, person_id=pk, by=by, now=now)
            _note(person, by=by, now=now, months=kept.value, since=kept.since.isoformat())
            done += 1
    return done


def _note(person: Person, *, by: str, now: datetime, months: int | None, since: str) -> None:
    journal.write(
        action="people.forgotten_in_time",
        by=by,
        now=now,
        subject=f"person:{person.pk}",
        detail={"place": str(person.place_id), "months": months, "since": since},
    )
