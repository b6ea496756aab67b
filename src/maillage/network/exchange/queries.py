"""What leaves the registry, and what imports have left behind."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from maillage.network.exchange.models import ImportRun
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.places import queries as places_queries
from maillage.places.models import Feature, Place, Source, SourceRecord
from maillage.places.rules.drafts import FEATURE_FIELDS, SINGLE_FIELDS, SourceFacts
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.vocabulary import FEATURES

BATCH = 500
_HIDDEN = ("search_text", "provenance", "removed_reason", "confirmed_by")


def exported(
    asked: PlaceFilter | None = None, *, now: datetime, licences: Iterable[str] = ()
) -> Iterator[ExportedPlace]:
    """Read public places in the order of their identifiers, a batch at a time, with all that their sources say.

    Without `asked`, every public place, closed ones included. With `licences`, only the places all of whose records
    are under one of these, so that nothing under another licence leaves with them.
    """
    places = Place.objects.public() if asked is None else places_queries.matching(asked, now=now)
    wanted = set(licences)
    for place in _loaded(places):
        told = _told(place)
        if not wanted or wanted.issuperset(told.licences):
            yield told


def _loaded(places: QuerySet[Place]) -> Iterator[Place]:
    """Places with their words and records, two more queries per batch."""
    words = Prefetch("features", Feature.objects.order_by("pk"))
    records = Prefetch("records", SourceRecord.objects.defer("raw").select_related("source").order_by("pk"))
    return places.order_by("pk").defer(*_HIDDEN).prefetch_related(words, records).iterator(chunk_size=BATCH)


def _told(place: Place) -> ExportedPlace:
    said: dict[str, Any] = {name: getattr(place, name) for name in SINGLE_FIELDS if name != "commune"}
    said["commune"] = place.commune_id
    codes = {(feature.kind, feature.code) for feature in place.features.all()}
    said |= {kind: [code for code in FEATURES[kind] if (kind, code) in codes] for kind in FEATURE_FIELDS}
    return ExportedPlace(
        id=place.pk,
        slug=place.slug,
        values={name: value for name, value in said.items() if value not in (None, "", [])},
        category=place.category,
        demo=place.is_demo,
        records=tuple(_record(record) for record in place.records.all()),
    )


def _record(record: SourceRecord) -> ExportedRecord:
    return ExportedRecord(
        facts_of(record.source), record.ref, record.licence, record.dated, tuple(record.flags), record.values
    )


def facts_of(source: Source) -> SourceFacts:
    """What the registry knows of a source."""
    return SourceFacts(
        slug=source.slug,
        name=source.name,
        licence=source.licence,
        publisher=source.publisher,
        url=source.url,
        rank=source.rank,
        is_demo=source.is_demo,
    )


def known_sources(slugs: Iterable[str]) -> dict[str, SourceFacts]:
    """The sources among these that the registry already knows, as it knows them."""
    return {source.slug: facts_of(source) for source in Source.objects.filter(slug__in=list(slugs))}


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
