"""Keep the counters' answers of a day, so that figures can be compared over time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from maillage.journal import actions as journal
from maillage.network.observatory import queries
from maillage.network.observatory.models import Snapshot
from maillage.network.observatory.rules.counts import as_data
from maillage.network.observatory.rules.definitions import definitions


@transaction.atomic
def take_snapshot(*, by: str, now: datetime) -> int:
    """Keep today's answer of every counter of today that has one, once a day; return how many were written.

    What is counted in a file of long ago stays as it is: it needs no snapshot.
    """
    day = timezone.localdate(now)
    held = set(Snapshot.objects.filter(day=day).values_list("definition", flat=True))
    wanted = {slug for slug, definition in definitions().items() if definition.is_of_today} - held
    answers = [answer for answer in queries.all_counts(today=day) if answer.definition.slug in wanted] if wanted else []
    known = [answer for answer in answers if answer.known]
    for answer in known:
        told = as_data(answer)
        Snapshot.objects.create(
            definition=answer.definition.slug,
            day=day,
            numerator=answer.numerator,
            denominator=answer.denominator,
            detail={
                key: told[key] for key in ("missing", "members", "figures", "date", "sources", "details", "command")
            },
            taken_at=now,
        )
    if known:
        detail = {"definitions": [answer.definition.slug for answer in known]}
        journal.write(action="observatory.snapshot_taken", by=by, now=now, subject=day.isoformat(), detail=detail)
    return len(known)
