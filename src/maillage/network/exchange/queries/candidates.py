"""What the registry already holds near something: for an import, and for whoever is about to add a place."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rapidfuzz import fuzz, process

from maillage.analysis.distance import box_around
from maillage.network.exchange.models import Candidate
from maillage.network.exchange.rules.matching import Band, Ready, Verdict, compare, ready
from maillage.network.exchange.rules.matching.blocks import LIKE_ENOUGH, NEAR_M
from maillage.network.exchange.rules.matching.joining import Ref
from maillage.network.exchange.rules.matching.sheets import sheet_of
from maillage.places.models import NotSame, Place, SourceRecord
from maillage.territory.models import Commune
from maillage.territory.rules.names import normalise

AT_ONCE = 400
ALL_AT_ONCE = 300
"""From so many new records on, the whole registry is read rather than what lies near each."""
SHOWN = 8
SHORTEST = 4
CLOSED_HERE = "closed-here"


@dataclass(frozen=True, slots=True)
class Standing:
    """A place of the registry as an import meets it: its records to compare, and whether it left or closed."""

    id: UUID
    slug: str
    name: str
    status: str
    closed_on: str
    removed: str
    records: tuple[Ready, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A place that may be the one somebody is about to add."""

    slug: str
    name: str
    street: str
    city: str
    status: str
    verdict: Verdict


def standing_near(sheets: Sequence[Ready]) -> list[Standing]:
    """The places, removed ones too and fictional ones aside, of the communes of these sheets or within 300 m."""
    places = Place.objects.filter(is_demo=False, replaced_by__isnull=True)
    if len(sheets) < ALL_AT_ONCE:
        wanted = Q(commune__in={sheet.commune for sheet in sheets if sheet.commune})
        for sheet in sheets:
            if sheet.near:
                wanted |= _within(*sheet.near)
        places = places.filter(wanted) if sheets else places.none()
    found: list[Standing] = []
    rows = places.order_by().values_list(
        "pk", "slug", "name", "status", "closed_on", "removed_reason", "commune", "commune__name"
    )
    stream = rows.iterator(chunk_size=2_000)
    while batch := list(islice(stream, AT_ONCE)):
        found += _with_records(batch)
    return found


def _within(lat: float, lon: float) -> Q:
    west, south, east, north = box_around(lat, lon, NEAR_M)
    return Q(lat__range=(south, north), lon__range=(west, east))


def _with_records(batch: Sequence[tuple[Any, ...]]) -> Iterator[Standing]:
    towns = {row[0]: (row[2], row[6] or "", row[7] or "") for row in batch}
    records: defaultdict[UUID, list[Ready]] = defaultdict(list)
    told = SourceRecord.objects.filter(place__in=list(towns)).order_by("pk")
    for place_id, source, ref, values in told.values_list("place_id", "source__slug", "ref", "values"):
        name, commune, town = towns[place_id]
        said = {"name": name, "commune": commune, **values}
        records[place_id].append(ready(sheet_of(said, key=(source, ref), town=town, source=source)))
    for pk, slug, name, status, closed_on, removed, _commune, _town in batch:
        yield Standing(pk, slug, name, status, closed_on, removed, tuple(records[pk]))


def towns_of(codes: Iterable[str]) -> dict[str, str]:
    """The names of communes, by code."""
    return dict(Commune.objects.filter(pk__in=set(codes)).values_list("pk", "name"))


def told_apart(ids: Collection[UUID]) -> set[frozenset[Any]]:
    """The pairs of places among which one of these is, that somebody told apart."""
    pairs: set[frozenset[Any]] = set()
    listed = list(ids)
    for start in range(0, len(listed), AT_ONCE):
        some = listed[start : start + AT_ONCE]
        rows = NotSame.objects.filter(Q(one__in=some) | Q(other__in=some)).values_list("one_id", "other_id")
        pairs |= {frozenset(row) for row in rows}
    return pairs


def asked_before(ids: Collection[UUID]) -> set[frozenset[Any]]:
    """The pairs of places among which one of these is, that a person was asked about, answered or not."""
    pairs: set[frozenset[Any]] = set()
    listed = list(ids)
    for start in range(0, len(listed), AT_ONCE):
        some = listed[start : start + AT_ONCE]
        rows = Candidate.objects.filter(Q(one__in=some) | Q(other__in=some)).values_list("one_id", "other_id")
        pairs |= {frozenset(row) for row in rows}
    return pairs


def names_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those of these places that have not left the registry."""
    names: dict[UUID, str] = {}
    listed = list(ids)
    for start in range(0, len(listed), AT_ONCE):
        rows = Place.objects.public().filter(pk__in=listed[start : start + AT_ONCE])
        names |= dict(rows.values_list("pk", "name"))
    return names


def known_refs(sources: Collection[str]) -> dict[Ref, UUID]:
    """The place of each record of these sources."""
    rows = SourceRecord.objects.filter(source__slug__in=list(sources)).values_list("source__slug", "ref", "place_id")
    return {(source, ref): place_id for source, ref, place_id in rows.iterator(chunk_size=2_000)}


def closed_here(sources: Collection[str]) -> set[Ref]:
    """The records whose word on being open was set aside, their place having closed here."""
    rows = SourceRecord.objects.filter(source__slug__in=list(sources)).exclude(flags=[])
    told = rows.values_list("source__slug", "ref", "flags")
    return {(source, ref) for source, ref, flags in told.iterator(chunk_size=2_000) if CLOSED_HERE in flags}


def open_candidates() -> QuerySet[Candidate]:
    """The pairs that wait for a person, the likeliest first; those of which one has left are no question any more."""
    waiting = Candidate.objects.filter(state="open", one__removed_at__isnull=True, other__removed_at__isnull=True)
    return waiting.select_related("one__commune", "other__commune").order_by("-points", "pk")


def candidates_for(
    *,
    name: str,
    commune: str = "",
    street: str = "",
    point: tuple[float, float] | None = None,
    website: str = "",
    email: str = "",
    phone: str = "",
    siret: str = "",
) -> list[Found]:
    """The public places that may be the one described, the likeliest first, eight at most.

    A name still being typed finds the places of its commune whose name holds it.
    """
    lat, lon = point or (None, None)
    values = {"name": name, "commune": commune, "street": street, "lat": lat, "lon": lon, "precision": "address"}
    values |= {"website": website, "email": email, "phone": phone, "siret": siret}
    town = towns_of([commune]).get(commune, "") if commune else ""
    mine = ready(sheet_of(values, key="", town=town))
    typed = normalise(name)
    found = [told for row in _worth_a_look(mine, typed, point) if (told := _told(row, mine, typed))]
    return sorted(found, key=lambda told: (-told.verdict.points, told.slug))[:SHOWN]


_COLUMNS = (
    *("slug", "sort_name", "name", "street", "city", "status", "commune_id", "commune__name", "lat", "lon"),
    *("precision", "website", "email", "phone", "siret"),
)


def _worth_a_look(mine: Ready, typed: str, point: tuple[float, float] | None) -> Iterator[dict[str, Any]]:
    """The places of the commune whose names are alike or hold what is typed, or that share a contact; those near."""
    places = Place.objects.public()
    if not mine.commune and point is None:
        places = places.filter(sort_name__contains=typed) if len(typed) >= SHORTEST else places.none()
        yield from places.order_by("sort_name", "pk").values(*_COLUMNS)[: SHOWN * 2]
        return
    wanted = Q(commune=mine.commune) if mine.commune else Q(pk__in=[])
    if point is not None:
        wanted |= _within(*point)
    rows = list(places.filter(wanted).values(*_COLUMNS))
    bare = [row["sort_name"] for row in rows]
    key = mine.name.key
    table = process.cdist([key, typed], bare, scorer=fuzz.token_set_ratio, score_cutoff=LIKE_ENOUGH)
    for at, row in enumerate(rows):
        similar = bool(table[:, at].any())
        near = point is not None and row["lat"] is not None and _near(point, (row["lat"], row["lon"]))
        reached = any(mine_said and row[field] for field, mine_said in _contacts(mine))
        if similar or near or reached or (len(typed) >= SHORTEST and typed in row["sort_name"]):
            yield row


def _contacts(mine: Ready) -> tuple[tuple[str, str], ...]:
    return (("website", mine.site), ("email", mine.email), ("phone", mine.phone), ("siret", mine.siret))


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    west, south, east, north = box_around(*one, NEAR_M)
    return south <= other[0] <= north and west <= other[1] <= east


def _told(row: dict[str, Any], mine: Ready, typed: str) -> Found | None:
    values = {**row, "commune": row["commune_id"] or ""}
    verdict = compare(mine, ready(sheet_of(values, key=row["slug"], town=row["commune__name"] or "")))
    if verdict.band is Band.IGNORE and not (len(typed) >= SHORTEST and typed in row["sort_name"]):
        return None
    return Found(row["slug"], row["name"], row["street"], row["city"], row["status"], verdict)
