"""What imports wrote: place by place while they do, record by record for whoever takes one back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from maillage.network.exchange.models import ImportRun, ImportStep
from maillage.network.exchange.rules.reports import Difference
from maillage.places.models import Place, Revision
from maillage.places.rules.drafts import Draft
from maillage.places.rules.trails import UNDONE, Step

BATCH = 400


def differences(steps: Sequence[Step], *, by: str, now: datetime, most: int) -> tuple[Difference, ...]:
    """The places that somebody's import just made or changed at this very moment, `most` of either at most."""
    found: list[Difference] = []
    count = {True: 0, False: 0}
    touched = iter(dict.fromkeys(step.place_id for step in steps))
    while min(count.values()) < most and (ids := list(islice(touched, BATCH))):
        rows = Revision.objects.filter(place__in=ids, at=now, by=by).select_related("place__commune").order_by("pk")
        for row in rows:
            is_new = row.number == 1
            count[is_new] += 1
            if count[is_new] <= most:
                where = row.place.commune.name if row.place.commune else row.place.city
                found.append(Difference(row.place.name, row.place.slug, where, is_new, row.changes))
    return tuple(found)


def where_they_stood(drafts: Sequence[Draft]) -> list[Draft]:
    """New places of an import that was undone are the very places that left with it, come back."""
    gone = _left_with_their_import({draft.source for draft in drafts})
    if not gone:
        return list(drafts)
    groups: dict[str, UUID] = {}
    for draft in drafts:
        if draft.place_id is None and draft.group and (draft.source, draft.ref) in gone:
            groups.setdefault(draft.group, gone[draft.source, draft.ref])
    return [
        replace(draft, place_id=place_id, group="")
        if draft.place_id is None and (place_id := groups.get(draft.group) or gone.get((draft.source, draft.ref)))
        else draft
        for draft in drafts
    ]


def _left_with_their_import(sources: set[str]) -> dict[tuple[str, str], UUID]:
    """The places that left because their import was undone, by the records they had from it."""
    steps = ImportStep.objects.filter(source__in=sources, run__undone_at__isnull=False, before__isnull=True)
    left = steps.filter(Exists(Place.objects.filter(pk=OuterRef("place_id"), removed_reason=UNDONE)))
    rows = left.order_by("pk").values_list("source", "ref", "place_id")
    return {(source, ref): place_id for source, ref, place_id in rows.iterator(chunk_size=2_000)}


def run(run_id: int) -> ImportRun | None:
    """An import, with the file that it came from where it came by the pages."""
    return ImportRun.objects.select_related("intake").filter(pk=run_id).first()


def last_runs(*, signed: str = "", most: int = 20) -> QuerySet[ImportRun]:
    """The last imports that wrote something, newest first; those of one signature's account where it is given."""
    found = ImportRun.objects.order_by("-pk").select_related("intake")
    if signed:
        found = found.filter(by__startswith=signed)
    return found.filter(Exists(ImportStep.objects.filter(run=OuterRef("pk"))))[:most]


def steps_of(run: ImportRun) -> Iterator[Step]:
    """Every record that an import wrote."""
    rows = ImportStep.objects.filter(run=run).order_by("pk")
    told = rows.values_list("source", "ref", "place_id", "fingerprint", "before")
    return (Step(*row) for row in told.iterator(chunk_size=1_000))


def later_import(run: ImportRun) -> ImportRun | None:
    """The last import, not undone, that wrote records of this one again."""
    mine = ImportStep.objects.filter(run=run, source=OuterRef("source"), ref=OuterRef("ref"))
    after = ImportStep.objects.filter(run__gt=run.pk, run__undone_at__isnull=True).filter(Exists(mine))
    found = after.order_by("-run").values_list("run", flat=True).first()
    return ImportRun.objects.get(pk=found) if found else None
