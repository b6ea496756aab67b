"""Counters: each answers with its definition, its date and what is missing, or says why it cannot."""

from collections.abc import Callable, Iterable
from datetime import date

from django.core.cache import cache
from django.db.models import Count as CountOf

from maillage.network.observatory.models import Snapshot
from maillage.network.observatory.rules.counts import Count, Detail
from maillage.network.observatory.rules.definitions import Definition, definitions
from maillage.places.models import Place, Source, SourceRecord
from maillage.places.queries import places_by_source, registry_version

CENSUS_PUBLISHED = date(2019, 6, 13)


class UnknownDefinition(LookupError):
    """No counter has this name; the message lists those that exist."""


def count(slug: str, *, today: date, at: date | None = None) -> Count:
    """Answer one counter, as of today or as of an earlier day."""
    known = definitions()
    if slug not in known:
        raise UnknownDefinition(
            f"définition inconnue : « {slug[:80]} ». Définitions : {', '.join(known)}. "
            "Lancez « maillage count » pour les lire."
        )
    return _COUNTERS[slug](known[slug], today, at)


def all_counts(*, today: date) -> list[Count]:
    """Answer every counter as of today; kept aside until the next audited change."""
    key = f"observatory:{registry_version()}:{today}"
    kept: list[Count] | None = cache.get(key)
    if kept is None:
        kept = [count(slug, today=today) for slug in definitions()]
        cache.set(key, kept, 3600)
    return kept


def _outside_metropoles(definition: Definition, today: date, at: date | None) -> Count:
    """Count on the census's own rows: those with TYPO, and among them METRO = 0."""
    asked = at.isoformat() if at else ""
    if at and at < CENSUS_PUBLISHED:
        return Count(definition, date=asked, reason="before-census", at=asked)
    records = SourceRecord.objects.filter(
        source__slug=definition.source_slug, source__is_demo=False, place__is_demo=False
    )
    rows = [raw for raw in records.values_list("raw", flat=True).iterator(chunk_size=2000) if "METRO" in raw]
    typed = [raw["METRO"].strip() for raw in rows if raw.get("TYPO", "").strip()]
    if not typed:
        return Count(definition, date="", reason="census-not-loaded", at=asked)
    source = Source.objects.get(slug=definition.source_slug)
    return Count(
        definition,
        date="2019-06",
        numerator=typed.count("0"),
        denominator=len(typed),
        n_missing=sum(metro not in ("0", "1") for metro in typed),
        sources=(f"{source.name}, {source.publisher}, {source.licence}",),
        at=asked,
    )


def _registry(definition: Definition, today: date, at: date | None) -> Count:
    """Count the registry as it stands, or as the newest snapshot on or before a past day told it."""
    if at and at < today:
        return _registry_then(definition, at)
    places = Place.objects.public().filter(is_demo=False)
    by_status = dict(places.order_by("status").values_list("status").annotate(n=CountOf("pk")))
    total = sum(by_status.values())
    if not total:
        return Count(definition, date=today.isoformat(), reason="registry-empty")
    listed = sorted(places_by_source(fictional=False))
    return Count(
        definition,
        date=today.isoformat(),
        numerator=total - by_status.get("closed", 0),
        denominator=total,
        n_missing=places.filter(commune__isnull=True).count(),
        sources=tuple(f"{name}, {licence}" for _, name, licence, _ in listed),
        details=(
            Detail("status", _largest_first(by_status.items())),
            Detail("source", _largest_first((name, n) for _, name, _, n in listed)),
        ),
    )


def _registry_then(definition: Definition, at: date) -> Count:
    asked = at.isoformat()
    snapshots = Snapshot.objects.filter(definition=definition.slug, day__lte=at, numerator__isnull=False)
    taken = snapshots.order_by("-day").first()
    if taken is None:
        return Count(definition, date=asked, reason="no-snapshot", at=asked)
    details = taken.detail.get("details", {})
    return Count(
        definition,
        date=taken.day.isoformat(),
        numerator=taken.numerator,
        denominator=taken.denominator,
        n_missing=taken.detail.get("missing"),
        sources=tuple(taken.detail.get("sources", ())),
        details=tuple(Detail(kind, _largest_first(rows.items())) for kind, rows in details.items()),
        at=asked,
    )


def _largest_first(rows: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


_COUNTERS: dict[str, Callable[[Definition, date, date | None], Count]] = {
    "outside-metropoles": _outside_metropoles,
    "registry": _registry,
}
