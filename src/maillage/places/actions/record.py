"""Bring what sources say into the registry: records kept, values chosen, every change written down."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max

from maillage.journal import actions as journal
from maillage.places.models import Feature, FormerSlug, Place, Revision, Source, SourceRecord
from maillage.places.queries.places import standing_for
from maillage.places.rules.category import category
from maillage.places.rules.choice import Chosen, Record, choose
from maillage.places.rules.drafts import FEATURE_FIELDS, SINGLE_FIELDS, Draft, SourceFacts
from maillage.places.rules.slugs import free_slug
from maillage.places.rules.trails import KEPT, Step
from maillage.places.rules.vocabulary import FEATURES, SEARCH_WORDS
from maillage.territory.models import Commune
from maillage.territory.rules.names import normalise

BATCH = 500
_EMPTY: dict[str, Any] = {
    "status": "open",
    "precision": "unknown",
    "links": [],
    "lat": None,
    "lon": None,
    "capacity": None,
}
_COLUMNS = {"commune": "commune_id"}
_UPDATED = [_COLUMNS.get(f, f) for f in SINGLE_FIELDS] + [
    "category",
    "provenance",
    "sort_name",
    "search_text",
    "updated_at",
]


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many places were created, changed or left as they were; which they are; each record that was written."""

    created: int
    changed: int
    unchanged: int
    place_ids: tuple[UUID, ...]
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class _Work:
    """One call of `record_many`: what is known before, and what will be written."""

    by: str
    now: datetime
    reason: str
    sources: dict[str, Source] = field(default_factory=dict)
    known: dict[tuple[int, str], tuple[int, UUID, str]] = field(default_factory=dict)
    new_records: list[SourceRecord] = field(default_factory=list)
    changed_records: list[SourceRecord] = field(default_factory=list)
    new_places: dict[UUID, Draft] = field(default_factory=dict)
    touched: dict[UUID, None] = field(default_factory=dict)
    seen: dict[UUID, None] = field(default_factory=dict)

    @property
    def written(self) -> list[SourceRecord]:
        return [*self.new_records, *self.changed_records]


@transaction.atomic
def record_many(
    *, drafts: Iterable[Draft], sources: Mapping[str, SourceFacts], by: str, now: datetime, reason: str = ""
) -> Recorded:
    """Record what sources say of many places, in one transaction; saying the same thing again changes nothing.

    A draft joins the place that already holds its (source, ref), else the place of its `group`, else the place
    of its `place_id`, else a new place; one that `moves` joins that of its `place_id` first. Removed places stay
    removed. Drafts must have passed `rules.fields.check`.
    """
    work = _Work(by=by, now=now, reason=reason)
    listed = list(drafts)
    _keep_sources(work, sources, {draft.source for draft in listed})
    _find_known(work, listed)
    for draft, place_id in _with_places(work, listed):
        _keep_record(work, draft, place_id)
    steps = _steps(work)
    created, changed = _write(work)
    if created or changed:
        journal.write(
            action="places.recorded",
            by=by,
            now=now,
            subject=", ".join(sorted(work.sources))[:120],
            detail={"created": created, "changed": changed, "reason": reason},
        )
    return Recorded(created, changed, max(0, len(work.seen) - created - changed), tuple(work.seen), steps)


def _keep_sources(work: _Work, facts: Mapping[str, SourceFacts], slugs: set[str]) -> None:
    known = lock_sources(slugs)
    settled = {one.slug: one for one in known if one.settled_at is not None}
    for slug in sorted(slugs):
        said = facts[slug]
        if slug in settled:  # what the operator wrote of a source is not undone by its next file
            work.sources[slug] = settled[slug]
            continue
        work.sources[slug], _ = Source.objects.update_or_create(
            slug=slug,
            defaults={
                "name": said.name,
                "publisher": said.publisher,
                "url": said.url,
                "licence": said.licence,
                "rank": said.rank,
                "is_demo": said.is_demo,
            },
        )


def lock_sources(slugs: Iterable[str]) -> list[Source]:
    """Sources, by name, for whoever writes or takes back what they say: another who does waits until the commit."""
    return list(Source.objects.select_for_update().filter(slug__in=list(slugs)).order_by("slug"))


@transaction.atomic
def choose_again(*, place_ids: Iterable[UUID], by: str, now: datetime, reason: str) -> int:
    """Choose the fields of places among their records again: the trust put in a source has changed; counts changes."""
    work = _Work(by=by, now=now, reason=reason)
    work.touched = dict.fromkeys(place_ids)
    return _write(work)[1]


@transaction.atomic
def set_apart(*, record: SourceRecord, by: str, now: datetime, reason: str) -> UUID:
    """Make a new place of one record of another; the fields of both are chosen again. Returns the new place."""
    work, left, made = _Work(by=by, now=now, reason=reason), record.place_id, uuid4()
    draft = Draft(record.source.slug, record.ref, record.values, record.raw, record.licence, demo=record.place.is_demo)
    record.place_id = made
    work.new_places[made] = draft
    work.changed_records.append(record)
    work.touched = {left: None, made: None}
    _write(work)
    SourceRecord.objects.filter(pk=record.pk).update(place=made)
    return made


def _find_known(work: _Work, drafts: list[Draft]) -> None:
    records = SourceRecord.objects.filter(source__in=work.sources.values())
    if len(drafts) <= BATCH:
        records = records.filter(ref__in={draft.ref for draft in drafts})
    rows = records.values_list("source_id", "ref", "pk", "place_id", "fingerprint")
    work.known = {(source, ref): (pk, place, fingerprint) for source, ref, pk, place, fingerprint in rows}


def _with_places(work: _Work, drafts: list[Draft]) -> Iterable[tuple[Draft, UUID]]:
    """Give each draft its place: known record, then group, then its own identifier, then a new one."""
    groups: dict[str, UUID] = {}
    for draft in drafts:
        known = work.known.get((work.sources[draft.source].pk, draft.ref))
        if known and draft.group:
            groups.setdefault(draft.group, known[1])
    existing = _standing([draft.place_id for draft in drafts if draft.place_id])
    standing = set(existing.values())
    for draft in drafts:
        known = work.known.get((work.sources[draft.source].pk, draft.ref))
        if known and not (draft.moves and draft.place_id):
            place_id = known[1]
        elif draft.group and draft.group in groups:
            place_id = groups[draft.group]
        else:
            place_id = existing.get(draft.place_id, draft.place_id) if draft.place_id else uuid4()
            if place_id not in standing and place_id not in work.new_places:
                work.new_places[place_id] = draft
        if draft.group:
            groups.setdefault(draft.group, place_id)
        work.seen[place_id] = None
        yield draft, place_id


def _standing(wanted: list[UUID]) -> dict[UUID, UUID]:
    """The places known by these identifiers; one that was merged away stands for the place that took it in."""
    rows = Place.objects.filter(pk__in=wanted)
    return {place.pk: standing_for(place).pk for place in rows.only("pk", "replaced_by")}


def _keep_record(work: _Work, draft: Draft, place_id: UUID) -> None:
    source = work.sources[draft.source]
    known = work.known.get((source.pk, draft.ref))
    said = [draft.values, draft.raw, draft.licence, draft.dated, sorted(draft.flags)]
    fingerprint = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
    if known and (draft.keep_existing or (known[1], known[2]) == (place_id, fingerprint)):
        return
    if known:
        work.touched[known[1]] = None
    record = SourceRecord(
        pk=known[0] if known else None,
        place_id=place_id,
        source=source,
        ref=draft.ref,
        licence=draft.licence,
        dated=draft.dated,
        fetched_at=work.now,
        raw=dict(draft.raw),
        values=dict(draft.values),
        flags=list(draft.flags),
        fingerprint=fingerprint,
    )
    (work.changed_records if known else work.new_records).append(record)
    work.known[source.pk, draft.ref] = (record.pk or 0, place_id, fingerprint)
    work.touched[place_id] = None


def _steps(work: _Work) -> tuple[Step, ...]:
    """Each record about to be written, with what it says until now."""
    before: dict[int, dict[str, Any]] = {}
    changed = [record.pk for record in work.changed_records]
    for start in range(0, len(changed), BATCH):
        for row in SourceRecord.objects.filter(pk__in=changed[start : start + BATCH]).values("pk", *KEPT):
            before[row.pop("pk")] = {**row, "fetched_at": row["fetched_at"].isoformat()}
    return tuple(
        Step(record.source.slug, record.ref, record.place_id, record.fingerprint, before.get(record.pk or 0))
        for record in work.written
    )


def _write(work: _Work) -> tuple[int, int]:
    """Write records, then what is chosen among all the records of each touched place; count new and changed places."""
    if not work.touched:
        return 0, 0
    chosen = _choose_all(work)
    places, features, before = _load(work)
    writer = _Writer(work, {c.code: c for c in _communes(chosen)}, _taken_slugs(work))
    for place_id, values in chosen.items():
        if place_id in places and "name" not in values:
            continue  # its records have moved: its sheet stands as it was until what becomes of it is told
        writer.decide(places.get(place_id), place_id, values, features.get(place_id, {}), before)
    journal.lock_order()
    Place.objects.bulk_create(writer.created, batch_size=BATCH)
    Place.objects.bulk_update(writer.changed, _UPDATED, batch_size=100)
    SourceRecord.objects.bulk_create(work.new_records, batch_size=BATCH)
    SourceRecord.objects.bulk_update(
        work.changed_records,
        KEPT,
        batch_size=100,
    )
    Feature.objects.filter(place_id__in=[p.pk for p in writer.changed]).delete()
    Feature.objects.bulk_create(writer.features, batch_size=2000)
    Revision.objects.bulk_create(writer.revisions, batch_size=BATCH)
    return len(writer.created), len(writer.changed)


def _choose_all(work: _Work) -> dict[UUID, dict[str, Chosen]]:
    """Choose the fields of every touched place among its records, the ones just said included."""
    said: dict[UUID, dict[str, Record]] = defaultdict(dict)
    replaced = {record.pk for record in work.changed_records}
    stored = SourceRecord.objects.filter(place_id__in=list(work.touched)).order_by("pk").select_related("source")
    for record in (*(r for r in stored if r.pk not in replaced), *work.changed_records, *work.new_records):
        key = f"{record.source.slug}:{record.ref}"
        said[record.place_id][key] = Record(key, record.source.rank, record.dated, record.values)
    return {place_id: choose(said[place_id].values(), today=work.now.date()) for place_id in work.touched}


def _load(work: _Work) -> tuple[dict[UUID, Place], dict[UUID, dict[str, list[str]]], dict[UUID, int]]:
    ids = [place_id for place_id in work.touched if place_id not in work.new_places]
    places = {place.pk: place for place in Place.objects.filter(pk__in=ids)}
    features: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place_id, kind, code in Feature.objects.filter(place_id__in=ids).values_list("place_id", "kind", "code"):
        features[place_id][kind].append(code)
    last_numbers = Revision.objects.filter(place_id__in=ids).order_by().values_list("place_id")
    numbers = dict(last_numbers.annotate(last=Max("number")))
    return places, features, numbers


def _communes(chosen: Mapping[UUID, Mapping[str, Chosen]]) -> Iterable[Commune]:
    codes = {values["commune"].value for values in chosen.values() if "commune" in values}
    return Commune.objects.filter(pk__in=codes)


def _taken_slugs(work: _Work) -> set[str]:
    if not work.new_places:
        return set()
    return {*Place.objects.values_list("slug", flat=True), *FormerSlug.objects.values_list("slug", flat=True)}


@dataclass(slots=True)
class _Writer:
    """Turns chosen values into rows to write, and differences into revisions."""

    work: _Work
    communes: Mapping[str, Commune]
    slugs: set[str]
    created: list[Place] = field(default_factory=list)
    changed: list[Place] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)

    def decide(
        self,
        place: Place | None,
        place_id: UUID,
        chosen: Mapping[str, Chosen],
        features: Mapping[str, list[str]],
        numbers: Mapping[UUID, int],
    ) -> None:
        values = {name: said.value for name, said in chosen.items()}
        commune = self.communes.get(values.get("commune", ""))
        complete_position(values, commune)
        before = _shown(place, features) if place else {}
        after = {name: values.get(name, _blank(name)) for name in (*SINGLE_FIELDS, *FEATURE_FIELDS)}
        after |= {kind: _in_order(kind, after[kind]) for kind in FEATURE_FIELDS}
        after["commune"] = commune.pk if commune else None
        changes = {
            name: [before.get(name, _blank(name)), after[name]]
            for name in after
            if before.get(name, _blank(name)) != after[name]
        }
        provenance = {name: said.record for name, said in chosen.items()}
        if place and not changes and place.provenance == provenance:
            return
        if place is None:
            place = self._new(place_id, after, commune)
            self.created.append(place)
        else:
            self.changed.append(place)
        for name in SINGLE_FIELDS:
            setattr(place, _COLUMNS.get(name, name), after[name])
        place.category = category(after["activities"])
        place.provenance = provenance
        place.sort_name = normalise(place.name)[:200]
        place.search_text = search_text(after, commune.name if commune else "")
        place.updated_at = self.work.now
        self.features += [
            Feature(place_id=place.pk, kind=kind, code=code) for kind in FEATURE_FIELDS for code in after[kind]
        ]
        if changes:
            number = numbers.get(place.pk, 0) + 1
            self.revisions.append(
                Revision(
                    place_id=place.pk,
                    number=number,
                    at=self.work.now,
                    by=self.work.by,
                    reason=self.work.reason,
                    changes=changes,
                )
            )

    def _new(self, place_id: UUID, after: Mapping[str, Any], commune: Commune | None) -> Place:
        draft = self.work.new_places[place_id]
        slug = draft.slug if draft.slug and draft.slug not in self.slugs else ""
        slug = slug or free_slug(after["name"], commune.name if commune else after["city"], self.slugs)
        self.slugs.add(slug)
        return Place(pk=place_id, slug=slug, is_demo=draft.demo, created_at=self.work.now)


def search_text(values: Mapping[str, Any], commune: str) -> str:
    """The normalised text in which a visitor's words are looked for."""
    words = [values["name"], values["city"], commune, values["postal_code"], values["operator"]]
    words += [SEARCH_WORDS[activity] for activity in values["activities"]]
    return normalise(" ".join(word for word in words if word))


def complete_position(values: dict[str, Any], commune: Commune | None) -> None:
    """A place known only by its commune stands at the commune's centre, and says so."""
    if "lat" not in values and commune and commune.lat is not None:
        estimated = commune.centre_kind == Commune.Centre.ESTIMATED
        values |= {"lat": commune.lat, "lon": commune.lon, "precision": "estimated" if estimated else "commune"}
    elif "lat" in values:
        values.setdefault("precision", "address" if values.get("street") else "unknown")


def _blank(name: str) -> Any:
    if name in FEATURE_FIELDS:
        return []
    return None if name == "commune" else _EMPTY.get(name, "")


def _shown(place: Place, features: Mapping[str, list[str]]) -> dict[str, Any]:
    """The fields of a place as they stand, in the form drafts speak."""
    shown = {name: getattr(place, _COLUMNS.get(name, name)) for name in SINGLE_FIELDS}
    return shown | {kind: _in_order(kind, features.get(kind, [])) for kind in FEATURE_FIELDS}


def _in_order(kind: str, codes: list[str]) -> list[str]:
    return [code for code in FEATURES[kind] if code in codes]
