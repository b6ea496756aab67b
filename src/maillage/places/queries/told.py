"""Places as they are told to programs: every field, None where nobody says anything, and who says what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from maillage.places.models import Feature, FormerSlug, Photo, Place, Revision, SourceRecord
from maillage.places.queries.places import standing_for
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS, SINGLE_FIELDS
from maillage.places.rules.nearness import exactness
from maillage.places.rules.vocabulary import FEATURES
from maillage.territory.models import Commune

_COLUMNS = {"commune": "commune_id"}
_SHOWN = tuple(_COLUMNS.get(name, name) for name in SINGLE_FIELDS)
_OWN = (
    *("pk", "slug", "sort_name", "category", "is_demo", "provenance", "created_at", "updated_at", "confirmed_at"),
    *("commune__name", "commune__departement_id", "commune__departement__region_id", "commune__epci_id"),
    "commune__centre_kind",
)


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """What one source has said of a place, without the raw row."""

    key: str
    source: str
    name: str
    publisher: str
    url: str
    licence: str
    rank: int
    ref: str
    dated: str
    fetched_at: datetime
    fields: tuple[str, ...]

    @property
    def credit(self) -> str:
        """Whom to name, when the place is shown elsewhere."""
        by = f" ({self.publisher})" if self.publisher and self.publisher != self.name else ""
        when = f", {self.dated}" if self.dated else ""
        return f"{self.name}{by}{when}, {self.licence}"


@dataclass(frozen=True, slots=True)
class ToldPhoto:
    file: str
    alt: str
    credit: str
    licence: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Told:
    """A place; `values` has every field of drafts. `version` (0: unread) and `photos` are read for one place only."""

    id: UUID
    slug: str
    sort_name: str
    category: str
    demo: bool
    values: Mapping[str, Any]
    exactness: str
    commune_name: str
    departement: str
    region: str
    epci: str
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None
    provenance: Mapping[str, str]
    records: tuple[ToldRecord, ...]
    photos: tuple[ToldPhoto, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Removed:
    """What is left of a place that has left the registry."""

    id: UUID
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at an address or an identifier: at most one of the three."""

    place: Told | None = None
    moved_to: str = ""
    removed: Removed | None = None


def told(ids: Iterable[UUID]) -> list[Told]:
    """The places of these identifiers, in their order: three queries, however many they are."""
    wanted = list(ids)
    rows = {row["pk"]: row for row in Place.objects.filter(pk__in=wanted).values(*_OWN, *_SHOWN)}
    words: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for place_id, kind, code in Feature.objects.filter(place__in=wanted).values_list("place_id", "kind", "code"):
        words[place_id][kind].add(code)
    records: dict[UUID, list[ToldRecord]] = defaultdict(list)
    columns = ("place_id", "source__slug", "source__name", "source__publisher", "source__url", "licence")
    stored = SourceRecord.objects.filter(place__in=wanted).order_by("-source__rank", "-dated", "pk")
    for row in stored.values_list(*columns, "source__rank", "ref", "dated", "fetched_at", "values"):
        records[row[0]].append(_record(row[1:]))
    return [_told(rows[pk], words[pk], tuple(records[pk])) for pk in wanted if pk in rows]


def _record(row: tuple[Any, ...]) -> ToldRecord:
    slug, name, publisher, url, licence, rank, ref, dated, fetched_at, values = row
    fields = tuple(field for field in FIELDS if field in values)
    return ToldRecord(f"{slug}:{ref}", slug, name, publisher, url, licence, rank, ref, dated, fetched_at, fields)


def _told(row: Mapping[str, Any], words: Mapping[str, set[str]], records: tuple[ToldRecord, ...]) -> Told:
    provenance = row["provenance"]
    values: dict[str, Any] = {name: row[_COLUMNS.get(name, name)] for name in SINGLE_FIELDS}
    values = {name: None if value in ("", []) and name != "links" else value for name, value in values.items()}
    for kind in FEATURE_FIELDS:
        said = [code for code in FEATURES[kind] if code in words[kind]]
        values[kind] = said if said or kind in provenance else None
    values["links"] = row["links"] if row["links"] or "links" in provenance else None
    return Told(
        id=row["pk"],
        slug=row["slug"],
        sort_name=row["sort_name"],
        category=row["category"],
        demo=row["is_demo"],
        values=values,
        exactness=exactness(row["precision"], estimated_centre=row["commune__centre_kind"] == Commune.Centre.ESTIMATED),
        commune_name=row["commune__name"] or "",
        departement=row["commune__departement_id"] or "",
        region=row["commune__departement__region_id"] or "",
        epci=row["commune__epci_id"] or "",
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        confirmed_at=row["confirmed_at"],
        provenance=provenance,
        records=records,
    )


def standing_at(slug_or_id: str | UUID) -> Standing:
    """Find the place of an address or an identifier, with all that is told of it; older addresses included."""
    by_id = isinstance(slug_or_id, UUID)
    found = Place.objects.filter(**{"pk" if by_id else "slug": slug_or_id}).first()
    if found is None:
        moved = None if by_id else FormerSlug.objects.filter(pk=slug_or_id).select_related("place").first()
        if moved is None:
            return Standing()
        if moved.place.removed_at is None:
            return Standing(moved_to=moved.place.slug)
        found = moved.place
    if found.replaced_by_id is not None:
        found = standing_for(found)
        if found.removed_at is None:
            return Standing(moved_to=found.slug)
    if found.removed_at:
        return Standing(removed=Removed(found.pk, found.removed_reason, found.removed_at))
    return Standing(place=whole(found.pk))


def whole(place_id: UUID) -> Told | None:
    """One place with its photos and the number of its last revision."""
    for place in told([place_id]):
        photos = Photo.objects.filter(place=place_id).order_by("position", "pk")
        last = Revision.objects.filter(place=place_id).aggregate(last=Max("number"))["last"]
        shown = tuple(
            ToldPhoto(*row) for row in photos.values_list("file", "alt", "credit", "licence", "width", "height")
        )
        return replace(place, photos=shown, version=last or 0)
    return None
