"""A place in Maillage's own export: its fields, and for each source what it says, under which licence.

A source's record lists under `fields` the fields whose shown value it also gives, and under `other` the values that
differ: nothing is written twice, and reading it back gives each record exactly what it said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from maillage.network.exchange.rules.mending import partial_date
from maillage.network.exchange.rules.reports import RowProblem, short
from maillage.places.rules.drafts import FIELDS, Draft, SourceFacts
from maillage.places.rules.slugs import slugify

VERSION = 1
DERIVED = ("category", "licence", "attribution")
"""Told for the reader's convenience, never read back."""
RECOMPUTED = frozenset({"lat", "lon", "precision", "status"})
"""Fields that the registry completes by itself when no source speaks of them."""
MAX_RECORDS = 200
CARRIED = "carried"
"""Marks, in its `extra`, a draft that gives a record back as it was kept: nothing is judged of it again."""


@dataclass(frozen=True, slots=True)
class ExportedRecord:
    """What one source says of a place; `values` as the registry keeps them, `raw` its own row where asked for."""

    source: SourceFacts
    ref: str
    licence: str
    dated: str
    flags: tuple[str, ...]
    values: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportedPlace:
    """A place as the registry shows it, empty fields left out, with all that its sources say.

    `updated_at` is its last change, `confirmed_at` the last time somebody said that the sheet is right.
    """

    id: UUID
    slug: str
    values: Mapping[str, Any]
    category: str
    demo: bool
    records: tuple[ExportedRecord, ...]
    updated_at: datetime | None = None
    confirmed_at: datetime | None = None

    @property
    def licences(self) -> tuple[str, ...]:
        """Each licence once, in the order of the records."""
        return tuple(dict.fromkeys(record.licence for record in self.records))

    @property
    def attribution(self) -> str:
        """Whom to name when this place is shown elsewhere."""
        return "; ".join(dict.fromkeys(_credit(record) for record in self.records))


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of our own format, read but not yet checked."""

    drafts: tuple[Draft, ...]
    sources: tuple[SourceFacts, ...]
    whole: Mapping[str, Any]
    unclaimed: tuple[str, ...]


class Unreadable(ValueError):
    """A row that does not follow our own format: which column, what is wrong, the mend."""

    def __init__(self, column: str, value: object, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.column, self.value, self.problem, self.mend = column, short(value), problem, mend

    def at(self, line: int) -> RowProblem:
        return RowProblem(line, self.column, self.value, self.problem, self.mend)


def _credit(record: ExportedRecord) -> str:
    publisher = record.source.publisher
    by = f" ({publisher})" if publisher and publisher != record.source.name else ""
    when = f", {record.dated}" if record.dated else ""
    return f"{record.source.name}{by}{when}, {record.licence}"


def sources_of(place: ExportedPlace) -> list[dict[str, Any]]:
    """The records of a place as plain data, empty keys left out."""
    return [_record(place.values, record) for record in place.records]


def _record(shown: Mapping[str, Any], record: ExportedRecord) -> dict[str, Any]:
    source = record.source
    said: dict[str, Any] = {"source": source.slug, "name": source.name}
    said |= {"publisher": source.publisher, "url": source.url, "rank": source.rank, "demo": source.is_demo}
    said |= {"source_licence": "" if source.licence == record.licence else source.licence}
    said |= {"ref": record.ref, "licence": record.licence, "dated": record.dated, "flags": sorted(record.flags)}
    said["fields"] = [f for f in FIELDS if f in record.values and f in shown and record.values[f] == shown[f]]
    agreed = set(said["fields"])
    said["other"] = {f: record.values[f] for f in FIELDS if f in record.values and f not in agreed}
    return {key: value for key, value in said.items() if value not in ("", [], {}, False)}


def read_row(
    *,
    identifier: object,
    slug: object,
    demo: bool,
    shown: Mapping[str, Any],
    records: object,
    fallback: SourceFacts | None,
) -> OwnRow:
    """Read a place of our own format back into one draft per source record.

    A row without records comes from a file filled by hand: `fallback` is then its source.
    """
    place_id = _uuid(identifier)
    if records in (None, "", []):
        return _by_hand(place_id, _slug(slug), shown, fallback)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise Unreadable("sources", records, "la liste des sources est illisible", "laissez-la comme à l’export")
    if len(records) > MAX_RECORDS:
        raise Unreadable("sources", len(records), f"plus de {MAX_RECORDS} sources", "retirez les sources en trop")
    if place_id is None:
        raise Unreadable("id", "", "l’identifiant du lieu manque", "remettez l’identifiant donné à l’export")
    facts = tuple(_facts(record) for record in records)
    drafts = tuple(
        Draft(
            source=fact.slug,
            ref=_said(record, "ref", 200),
            values=_values(record, shown),
            raw={},
            licence=_said(record, "licence", 200),
            dated=_dated(record),
            flags=_flags(record),
            place_id=place_id,
            slug=_slug(slug),
            demo=demo,
            extra={CARRIED: True},
        )
        for fact, record in zip(facts, records, strict=True)
    )
    claimed = {name for draft in drafts for name in draft.values}
    if "commune" in claimed or "lat" in claimed:
        claimed |= RECOMPUTED
    return OwnRow(drafts, facts, shown, tuple(name for name in FIELDS if name in shown and name not in claimed))


def _by_hand(place_id: UUID | None, slug: str, shown: Mapping[str, Any], fallback: SourceFacts | None) -> OwnRow:
    if fallback is None:
        mend = 'relancez avec --licence, par exemple --licence "Licence Ouverte 2.0"'
        raise Unreadable(
            "sources", "", "ni source ni licence : on ne sait pas qui le dit, ni ce qu’on peut en faire", mend
        )
    where = shown.get("commune") or f"{shown.get('lat', '')},{shown.get('lon', '')}"
    ref = str(place_id) if place_id else f"{slugify(str(shown.get('name', ''))[:200])}@{str(where)[:60]}"
    draft = Draft(
        source=fallback.slug,
        ref=ref,
        values=dict(shown),
        raw={},
        licence=fallback.licence,
        place_id=place_id,
        slug=slug,
    )
    return OwnRow((draft,), (fallback,), shown, ())


def _uuid(value: object) -> UUID | None:
    if value in (None, ""):
        return None
    try:
        return UUID(str(value)[:60])
    except ValueError as error:
        raise Unreadable(
            "id", value, "ce n’est pas un identifiant de lieu", "remettez celui de l’export, ou videz-le"
        ) from error


def _slug(value: object) -> str:
    text = "" if value is None else str(value)[:200]
    if text and (slugify(text) != text or len(text) > 120):
        raise Unreadable("slug", value, "adresse de page illisible", "lettres minuscules, chiffres et tirets seulement")
    return text


def _said(record: Mapping[str, Any], key: str, length: int, *, needed: bool = True) -> str:
    value = record.get(key, "")
    if not isinstance(value, str) or len(value) > length or (needed and not value):
        raise Unreadable(f"sources.{key}", value, "texte absent ou trop long", f"au plus {length} caractères")
    return value


def _facts(record: Mapping[str, Any]) -> SourceFacts:
    slug, rank = _said(record, "source", 80), record.get("rank", 1)
    if slugify(slug) != slug:
        raise Unreadable("sources.source", slug, "nom de source illisible", "lettres minuscules, chiffres et tirets")
    if not isinstance(rank, int) or isinstance(rank, bool) or rank not in (1, 2, 3):
        raise Unreadable("sources.rank", rank, "rang de confiance inconnu", "1, 2 ou 3")
    return SourceFacts(
        slug=slug,
        name=_said(record, "name", 200),
        licence=_said(record, "source_licence", 200, needed=False) or _said(record, "licence", 200),
        publisher=_said(record, "publisher", 200, needed=False),
        url=_said(record, "url", 500, needed=False),
        rank=rank,
        is_demo=record.get("demo") is True,
    )


def _values(record: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    fields, other = record.get("fields", []), record.get("other", {})
    if not isinstance(fields, list) or not isinstance(other, dict):
        raise Unreadable("sources.fields", fields, "liste de champs illisible", "laissez-la comme à l’export")
    named = {field for field in fields if isinstance(field, str)}
    said = {field: shown[field] for field in FIELDS if field in named and field in shown}
    return said | {field: other[field] for field in FIELDS if field in other}


def _dated(record: Mapping[str, Any]) -> str:
    said = _said(record, "dated", 10, needed=False)
    if partial_date(said) != said:
        raise Unreadable("sources.dated", said, "ce n’est pas une date", "écrivez 2019, 2019-06 ou 2019-06-30")
    return said


def _flags(record: Mapping[str, Any]) -> tuple[str, ...]:
    flags = record.get("flags", [])
    if not isinstance(flags, list) or len(flags) > 50:
        raise Unreadable("sources.flags", flags, "signalements illisibles", "laissez-les comme à l’export")
    return tuple(sorted({str(flag)[:60] for flag in flags}))
