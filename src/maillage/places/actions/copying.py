"""What keeps the copy of a place that another instance holds: its confirmation, and the records it no longer tells."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from maillage.journal import actions as journal
from maillage.places.actions.record import Recorded, choose_again, record_many
from maillage.places.models import Place, SourceRecord
from maillage.places.rules.drafts import Draft, SourceFacts


@transaction.atomic
def confirm_as_told(*, place_id: UUID, at: datetime, by: str, now: datetime) -> bool:
    """Note that a sheet was said to be right elsewhere, unless it was since here; returns whether this dates it."""
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    if at > now or (place.confirmed_at is not None and place.confirmed_at >= at):
        return False
    place.confirmed_at, place.confirmed_by = at, by
    place.save(update_fields=["confirmed_at", "confirmed_by"])
    journal.write(action="places.confirmed", by=by, now=now, subject=str(place_id))
    return True


@transaction.atomic
def drop_records(*, record_ids: Collection[int], by: str, now: datetime, reason: str) -> int:
    """Forget what a source no longer says; the fields of its places are chosen again. Says how many places changed."""
    gone = SourceRecord.objects.filter(pk__in=record_ids)
    places = list(gone.order_by("place_id").values_list("place_id", flat=True).distinct())
    gone.delete()
    return choose_again(place_ids=places, by=by, now=now, reason=reason)


@transaction.atomic
def replace_records(
    *,
    drafts: Collection[Draft],
    sources: Mapping[str, SourceFacts],
    stale: Collection[int],
    by: str,
    now: datetime,
    reason: str,
) -> Recorded:
    """Record what copies say now, instead of the records that they said before and say no longer: one change of each.

    A place whose records all left keeps its sheet as it was: what becomes of it is told next.
    """
    gone = SourceRecord.objects.filter(pk__in=stale)
    left = list(gone.order_by("place_id").values_list("place_id", flat=True).distinct())
    gone.delete()
    recorded = record_many(drafts=drafts, sources=sources, by=by, now=now, reason=reason)
    again = choose_again(place_ids=left, by=by, now=now, reason=reason)
    return replace(recorded, changed=recorded.changed + again)
