"""What the operator says of a source: its name, who publishes it, where, and how much it is trusted."""

from datetime import datetime

from django.db import transaction

from maillage.journal import actions as journal
from maillage.places.actions.record import choose_again
from maillage.places.models import Place, Source


@transaction.atomic
def settle_source(*, source_id: int, name: str, publisher: str, url: str, rank: int, by: str, now: datetime) -> int:
    """Write what the operator says of a source, which its next file will not undo; says how many places changed.

    A source that is more or less trusted than before has the fields of its places chosen again at once.
    """
    source = Source.objects.select_for_update().get(pk=source_id)
    said = {"name": name, "publisher": publisher, "url": url, "rank": rank}
    before = {field: getattr(source, field) for field in said}
    if before == said:
        return 0
    for field, value in said.items():
        setattr(source, field, value)
    source.settled_at = now
    source.save(update_fields=[*said, "settled_at"])
    changed = 0
    if rank != before["rank"]:
        places = Place.objects.filter(records__source=source).distinct().order_by("pk")
        reason = f"Confiance en « {source.name[:200]} » : rang {before['rank']} → {rank}"
        changed = choose_again(place_ids=places.values_list("pk", flat=True), by=by, now=now, reason=reason)
    detail = {field: [before[field], said[field]] for field in said if before[field] != said[field]}
    journal.write(
        action="places.source_settled", by=by, now=now, subject=source.slug, detail={**detail, "changed": changed}
    )
    return changed
