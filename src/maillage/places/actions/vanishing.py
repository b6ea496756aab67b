"""A source no longer names a place that it named: its record says so, and stays; nothing leaves by itself."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from maillage.journal import actions as journal
from maillage.places.models import SourceRecord
from maillage.places.rules.trails import GONE, Left

BATCH = 500


@transaction.atomic
def mark_gone(
    *, gone: Iterable[tuple[str, str]], back: Iterable[tuple[str, str]], by: str, now: datetime
) -> tuple[Left, ...]:
    """Flag the records, by source and reference, that their source no longer names, and unflag those that came back.

    Returns the places newly without a word of that source, by name; one already flagged is not told again.
    """
    left = [record for record in _found(gone) if GONE not in record.flags]
    returned = [record for record in _found(back) if GONE in record.flags]
    for record in left:
        record.flags = sorted({*record.flags, GONE})
    for record in returned:
        record.flags = [flag for flag in record.flags if flag != GONE]
    if not left and not returned:
        return ()
    SourceRecord.objects.bulk_update([*left, *returned], ["flags"], batch_size=100)
    subject = ", ".join(sorted({record.source.slug for record in (*left, *returned)}))[:120]
    detail = {"gone": len(left), "back": len(returned)}
    journal.write(action="places.records_gone", by=by, now=now, subject=subject, detail=detail)
    places = {record.place_id: record.place for record in left if record.place.removed_at is None}
    return tuple(Left(one.name, one.slug) for one in sorted(places.values(), key=lambda one: (one.sort_name, one.slug)))


def _found(wanted: Iterable[tuple[str, str]]) -> list[SourceRecord]:
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, ref in wanted:
        by_source[source].append(ref)
    found: list[SourceRecord] = []
    for source, refs in sorted(by_source.items()):
        for start in range(0, len(refs), BATCH):
            rows = SourceRecord.objects.filter(source__slug=source, ref__in=refs[start : start + BATCH])
            found += rows.select_related("source", "place").order_by("pk")
    return found
