"""What an import wrote is taken back as one: its records go or say again what they said, its places leave."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import remove_place, restore_place
from maillage.places.actions.record import choose_again
from maillage.places.actions.voices import NEIGHBOURS
from maillage.places.models import Place, Revision, SourceRecord
from maillage.places.queries.ties import lived_in, vouched_for
from maillage.places.rules.trails import KEPT, UNDONE, Standing, Step, TakenBack

T = TypeVar("T")
BATCH = 400
_OF_IMPORTS = Q(reason=UNDONE) | Q(reason__startswith="import ")


@dataclass(slots=True)
class _Sheet:
    """A place among those that an import touched: its steps by record, and the other records that speak of it."""

    steps: dict[int, Step] = field(default_factory=dict)
    overtaken: bool = False
    others: list[tuple[bool, bool]] = field(default_factory=list)
    """Of each other record: whether it names the place, whether a person gave it (no file)."""

    @property
    def is_named_without(self) -> bool:
        told = any(step.before and step.before["values"].get("name") for step in self.steps.values())
        return told or any(named for named, _ in self.others)

    @property
    def goes(self) -> bool:
        return not self.others and all(step.before is None for step in self.steps.values())


@transaction.atomic
def take_back(*, steps: Iterable[Step], at: datetime, recorded_by: str, by: str, now: datetime) -> TakenBack:
    """Undo what `record_many` wrote at a moment; a place with a life of its own since then stays as it is, and is told.

    The caller has seen to it that no later import changed the same records.
    """
    journal.lock_order()
    sheets = _sheets(list(steps))
    _read_others(sheets)
    places = _places(list(sheets))
    held = _held(sheets, places, at, recorded_by)
    done = {place_id: sheet for place_id, sheet in sheets.items() if place_id not in held}
    _give_back([step for sheet in done.values() for step in sheet.steps.items()])
    gone = [place_id for place_id, sheet in done.items() if sheet.goes]
    for place_id in gone:
        remove_place(place_id=place_id, reason=UNDONE, by=by, now=now)
    left = [place_id for place_id, sheet in done.items() if not sheet.goes]
    changed = choose_again(place_ids=left, by=by, now=now, reason=UNDONE)
    standing = tuple(Standing(one, places[one].name, places[one].slug, why) for one, why in held.items())
    detail = {"removed": len(gone), "changed": changed, "standing": len(standing)}
    journal.write(action="places.taken_back", by=by, now=now, detail=detail)
    return TakenBack(len(gone), changed, standing)


@transaction.atomic
def bring_back(*, place_ids: Collection[UUID], by: str, now: datetime) -> int:
    """Let places stand again that left only because their import was undone; says how many."""
    found: list[UUID] = []
    for some in _batches(list(place_ids)):
        left = Place.objects.filter(pk__in=some, removed_reason=UNDONE, replaced_by__isnull=True)
        found += left.filter(removed_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    for place_id in found:
        restore_place(place_id=place_id, by=by, now=now)
    return len(found)


def _batches(listed: Sequence[T]) -> Iterator[Sequence[T]]:
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))


def _sheets(steps: Sequence[Step]) -> dict[UUID, _Sheet]:
    """The steps whose record still stands, by the place that now holds it."""
    by_source: defaultdict[str, dict[str, Step]] = defaultdict(dict)
    for step in steps:
        by_source[step.source][step.ref] = step
    sheets: defaultdict[UUID, _Sheet] = defaultdict(_Sheet)
    for source, wanted in by_source.items():
        for refs in _batches(list(wanted)):
            rows = SourceRecord.objects.filter(source__slug=source, ref__in=refs).order_by("pk")
            for pk, ref, place_id, fingerprint in rows.values_list("pk", "ref", "place_id", "fingerprint"):
                sheets[place_id].steps[pk] = wanted[ref]
                sheets[place_id].overtaken |= fingerprint != wanted[ref].fingerprint
    return dict(sheets)


def _read_others(sheets: Mapping[UUID, _Sheet]) -> None:
    for ids in _batches(list(sheets)):
        rows = SourceRecord.objects.filter(place__in=ids).order_by("pk")
        told = rows.values_list("pk", "place_id", "values__name", "source__rank", "source__slug")
        for pk, place_id, name, rank, slug in told:
            if pk not in sheets[place_id].steps:
                spoken = rank > 1 or slug.endswith(NEIGHBOURS.slug)
                sheets[place_id].others.append((bool(name), spoken))


def _places(ids: Sequence[UUID]) -> dict[UUID, Place]:
    found: dict[UUID, Place] = {}
    for some in _batches(ids):
        rows = Place.objects.filter(pk__in=some)
        found |= {one.pk: one for one in rows.only("name", "slug", "created_at", "removed_at", "replaced_by_id")}
    return found


def _held(
    sheets: Mapping[UUID, _Sheet], places: Mapping[UUID, Place], at: datetime, recorded_by: str
) -> dict[UUID, str]:
    """The places that stay as they are, each with the reason."""
    run_here: set[UUID] = set()
    vouched: set[UUID] = set()
    revised: set[UUID] = set()
    for ids in _batches([one for one, sheet in sheets.items() if _came_by_it(sheet, places[one], at)]):
        run_here |= lived_in(ids)
        vouched |= vouched_for(ids)
        rows = Revision.objects.filter(place__in=ids, at__gte=at).exclude(at=at, by=recorded_by)
        revised |= set(rows.exclude(_OF_IMPORTS).values_list("place_id", flat=True))
    held: dict[UUID, str] = {}
    for place_id, sheet in sheets.items():
        place = places[place_id]
        if place.removed_at is not None:
            held[place_id] = "déjà retiré du registre, il le reste"
        elif sheet.overtaken:
            held[place_id] = "la source a dit autre chose depuis"
        elif place_id in run_here:
            held[place_id] = "il a depuis son équipe ou sa gestion ici"
        elif place_id in revised or (_came_by_it(sheet, place, at) and sheet.others and _only_people(sheet)):
            held[place_id] = "quelqu’un a modifié sa fiche depuis"
        elif place_id in vouched:
            held[place_id] = "quelqu’un a confirmé, vérifié ou photographié ce lieu depuis"
        elif not sheet.goes and not sheet.is_named_without:
            held[place_id] = "sans cet import, sa fiche n’aurait plus de nom"
    return held


def _came_by_it(sheet: _Sheet, place: Place, at: datetime) -> bool:
    return sheet.goes or (place.created_at >= at and _only_people(sheet))


def _only_people(sheet: _Sheet) -> bool:
    return all(spoken for _, spoken in sheet.others)


def _give_back(steps: Sequence[tuple[int, Step]]) -> None:
    """Delete the records that were new, and have the others say again what they said."""
    for some in _batches([pk for pk, step in steps if step.before is None]):
        SourceRecord.objects.filter(pk__in=some).delete()
    said = {pk: step.before for pk, step in steps if step.before is not None}
    for some in _batches(list(said)):
        records = list(SourceRecord.objects.filter(pk__in=some).order_by("pk"))
        for record in records:
            for column, value in _kept(said[record.pk]).items():
                setattr(record, column, value)
        SourceRecord.objects.bulk_update(records, KEPT, batch_size=100)


def _kept(before: Mapping[str, Any]) -> dict[str, Any]:
    kept = {column: before[column] for column in KEPT}
    return kept | {"fetched_at": datetime.fromisoformat(kept["fetched_at"])}
