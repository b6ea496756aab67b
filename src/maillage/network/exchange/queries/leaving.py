"""What leaves the registry, and what imports have left behind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from maillage.network.exchange.models import ImportRun
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.places import queries as places_queries
from maillage.places.models import Feature, Place, Source, SourceRecord
from maillage.places.rules.drafts import FEATURE_FIELDS, SINGLE_FIELDS, SourceFacts
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.vocabulary import FEATURES

BATCH = 500
_COLUMNS = {"commune": "commune_id"}
_TOLD = ("pk", "slug", "category", "is_demo", "updated_at", "confirmed_at")
_SHOWN = [_COLUMNS.get(name, name) for name in SINGLE_FIELDS]


def exported(
    asked: PlaceFilter | None = None, *, now: datetime, licences: Iterable[str] = (), rows: bool = False
) -> Iterator[ExportedPlace]:
    """Read public places in the order of their identifiers, a batch at a time, with all that their sources say.

    Without `asked`, every public place, closed ones included. With `licences`, only the places all of whose records
    are under one of these, so that nothing under another licence leaves with them. With `rows`, each
    record has the row that its source gave.
    """
    places = Place.objects.public() if asked is None else places_queries.matching(asked, now=now)
    facts = {source.pk: source.facts for source in Source.objects.all()}
    wanted = set(licences)
    found = places.order_by("pk").values_list(*_TOLD, *_SHOWN).iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        for place in _told(batch, facts, rows=rows):
            if not wanted or wanted.issuperset(place.licences):
                yield place


def exported_one(place_id: UUID) -> ExportedPlace | None:
    """One public place, as an export tells it."""
    rows = list(Place.objects.public().filter(pk=place_id).values_list(*_TOLD, *_SHOWN))
    facts = {source.pk: source.facts for source in Source.objects.filter(records__place=place_id)}
    return next(_told(rows, facts, rows=False), None)


def _told(batch: list[tuple[Any, ...]], facts: Mapping[int, SourceFacts], *, rows: bool) -> Iterator[ExportedPlace]:
    """Places with their words and records: two queries for the whole batch."""
    ids = [row[0] for row in batch]
    words: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for place_id, kind, code in Feature.objects.filter(place__in=ids).values_list("place_id", "kind", "code"):
        words[place_id][kind].add(code)
    records: dict[UUID, list[ExportedRecord]] = defaultdict(list)
    stored = SourceRecord.objects.filter(place__in=ids).order_by("pk")
    columns = ("place_id", "source_id", "ref", "licence", "dated", "flags", "values", *(("raw",) if rows else ()))
    for place_id, source, ref, licence, dated, flags, *rest in stored.values_list(*columns):
        records[place_id].append(ExportedRecord(facts[source], ref, licence, dated, tuple(flags), *rest))
    for place_id, slug, category, demo, updated_at, confirmed_at, *shown in batch:
        said = dict(zip(SINGLE_FIELDS, shown, strict=True))
        said |= {kind: [c for c in FEATURES[kind] if c in words[place_id][kind]] for kind in FEATURE_FIELDS}
        values = {name: value for name, value in said.items() if value not in (None, "", [])}
        told = tuple(records[place_id])
        yield ExportedPlace(place_id, slug, values, category, demo, told, updated_at, confirmed_at)


def known_places(ids: Iterable[UUID]) -> set[UUID]:
    """The places among these that the registry holds, removed ones included."""
    wanted = iter(ids)
    known: set[UUID] = set()
    while batch := list(islice(wanted, BATCH)):
        known |= set(Place.objects.filter(pk__in=batch).values_list("pk", flat=True))
    return known


def known_sources(slugs: Iterable[str]) -> dict[str, SourceFacts]:
    """The sources among these that the registry already knows, as it knows them."""
    return {source.slug: source.facts for source in Source.objects.filter(slug__in=list(slugs))}


def kept_rows(slugs: Iterable[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The original row of every record of these sources, by source and reference."""
    records = SourceRecord.objects.filter(source__slug__in=list(slugs))
    rows = records.values_list("source__slug", "ref", "raw").iterator(chunk_size=2000)
    return {(slug, ref): raw for slug, ref, raw in rows}


def seen_before(fingerprint: str) -> bool:
    """Whether a run of exactly this file was already written down."""
    return ImportRun.objects.filter(fingerprint=fingerprint).exists()


def licences() -> list[str]:
    """Every licence under which a source record stands, in alphabetical order."""
    return sorted(SourceRecord.objects.values_list("licence", flat=True).distinct())
