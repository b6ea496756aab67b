"""One page of the list: its places, its total, what could narrow it, what could not be understood."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from maillage.journal.queries import aside
from maillage.places.models import Feature, Place, SourceRecord
from maillage.places.queries.matching import Near, by_columns, matching, minutes_from, near_of
from maillage.places.queries.meaning import Aimed, interpret
from maillage.places.queries.openness import open_ids, states
from maillage.places.queries.registry import registry_version
from maillage.places.queries.spelling import misspelt
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.hours import UNKNOWN, OpenState
from maillage.places.rules.nearness import exactness
from maillage.territory import queries as territory
from maillage.territory.models import Commune
from maillage.territory.queries import Hit, Territory
from maillage.territory.rules.names import normalise

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A place as a list shows it; `dated` is the newest date any of its sources carries, perhaps partial.

    `exactness` is that of its point, as `places.rules.nearness` reads it.
    """

    id: UUID
    slug: str
    name: str
    status: str
    category: str
    city: str
    postal_code: str
    departement: str
    departement_name: str
    activities: tuple[str, ...]
    services: tuple[str, ...]
    opening: OpenState
    opening_hours: str
    minutes: float | None
    distance_m: float | None
    exactness: str
    in_commune_asked: bool
    lat: float | None
    lon: float | None
    is_demo: bool
    dated: str
    updated_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """`filter` is the question as it was understood: a commune typed as text has become `near`.

    `named` holds the (slug, name, locality) of a few places that bear the words taken for a territory, or that bear
    words no place holds but for one typo; `aimed` is another reading of the words. `hours_told` is False when nothing
    is open now because no place of the selection gives its hours.
    """

    filter: PlaceFilter
    items: tuple[Item, ...]
    total: int
    page: int
    pages: int
    facets: dict[str, dict[str, int]]
    near: Near | None
    territory: Territory | None
    understood: Hit | None
    suggestions: tuple[Hit, ...]
    named: tuple[tuple[str, str, str], ...]
    lost: str
    hours_told: bool = True
    aimed: Aimed | None = None


def listing(filter: PlaceFilter, *, page: int, now: datetime) -> Listing:
    """Answer one page of a question; kept aside until the registry or the ground changes.

    Whether each place is open is asked anew every time; which places are open now, once a minute.
    """
    minute = now.strftime("%Y%m%d%H%M") if filter.open_now else ""
    key = f"listing:{registry_version()}:{territory.ground_version()}:{hash((filter, page))}:{minute}"
    kept: tuple[PlaceFilter, int, Listing] | None = aside.get(key)
    if kept is None or kept[:2] != (filter, page):
        kept = (filter, page, _listing(filter, page, now))
        aside.set(key, kept, 3600)
    return _opened(kept[2], now)


def _opened(answer: Listing, now: datetime) -> Listing:
    if not any(item.opening_hours for item in answer.items):
        return answer
    openings = states(((item.status, item.opening_hours, item.departement) for item in answer.items), now=now)
    items = (replace(item, opening=opening) for item, opening in zip(answer.items, openings, strict=True))
    return replace(answer, items=tuple(items))


def _named(words: str) -> tuple[tuple[str, str, str], ...]:
    rows = Place.objects.public().filter(sort_name__contains=normalise(words)).order_by("sort_name", "pk")
    return tuple(rows.values_list("slug", "name", "city")[:3])


def _listing(asked: PlaceFilter, page: int, now: datetime) -> Listing:
    meaning = interpret(asked)
    read, understood = meaning.filter, meaning.understood
    near = near_of(read)
    where = territory.find(read.territory) if read.territory else None
    lost = "near" if read.near and near is None else "territory" if read.territory and where is None else ""
    places = by_columns(read)
    reach: dict[UUID, tuple[float, float]] = {}
    if read.near:
        reach = minutes_from(places, near, read.minutes)
        places = Place.objects.filter(pk__in=list(reach))
    hours_told = True
    if read.open_now:
        selected = places
        open_now = set(open_ids(places, now=now))
        reach = {pk: trip for pk, trip in reach.items() if pk in open_now}
        places = Place.objects.filter(pk__in=list(open_now))
        hours_told = bool(open_now) or selected.exclude(opening_hours="").exists() or not selected.exists()
    total = len(reach) if read.near else places.count()
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(page, pages)
    return Listing(
        filter=read,
        items=_items(_slice(places, read, reach, page), reach, near.code if near else ""),
        total=total,
        page=page,
        pages=pages,
        facets=_facets(places),
        near=near,
        territory=where,
        understood=understood,
        suggestions=meaning.suggestions,
        named=_named(asked.q) if understood else tuple(misspelt(asked.q, limit=3)) if meaning.unheld else (),
        lost=lost,
        hours_told=hours_told,
        aimed=meaning.aimed,
    )


def _slice(
    places: QuerySet[Place], filter: PlaceFilter, reach: dict[UUID, tuple[float, float]], page: int
) -> list[UUID]:
    start = (page - 1) * PAGE_SIZE
    if reach and filter.sort in ("", "distance"):
        return sorted(reach, key=lambda pk: (reach[pk], pk))[start : start + PAGE_SIZE]
    order = ("-updated_at", "sort_name", "pk") if filter.sort == "recent" else ("sort_name", "pk")
    return list(places.order_by(*order).values_list("pk", flat=True)[start : start + PAGE_SIZE])


def _items(ids: list[UUID], reach: dict[UUID, tuple[float, float]], asked: str) -> tuple[Item, ...]:
    columns = (
        *("pk", "slug", "name", "status", "category", "city", "postal_code", "lat", "lon", "is_demo", "opening_hours"),
        *("updated_at", "confirmed_at", "commune__name", "commune__departement", "commune__departement__name"),
        *("precision", "commune", "commune__centre_kind"),
    )
    rows = {row["pk"]: row for row in Place.objects.filter(pk__in=ids).values(*columns)}
    words: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    said = Feature.objects.filter(place__in=ids, kind__in=("activities", "services")).order_by("pk")
    for pk, kind, code in said.values_list("place", "kind", "code"):
        words[pk][kind].append(code)
    dates = dict(
        SourceRecord.objects.filter(place__in=ids).order_by().values_list("place").annotate(newest=Max("dated"))
    )
    listed = [rows[pk] for pk in ids]
    return tuple(
        Item(
            id=row["pk"],
            slug=row["slug"],
            name=row["name"],
            status=row["status"],
            category=row["category"],
            city=row["commune__name"] or row["city"],
            postal_code=row["postal_code"],
            departement=row["commune__departement"] or "",
            departement_name=row["commune__departement__name"] or "",
            activities=tuple(words[row["pk"]]["activities"]),
            services=tuple(words[row["pk"]]["services"]),
            opening=UNKNOWN,
            opening_hours=row["opening_hours"],
            minutes=reach[row["pk"]][0] if row["pk"] in reach else None,
            distance_m=reach[row["pk"]][1] if row["pk"] in reach else None,
            exactness=exactness(
                row["precision"], estimated_centre=row["commune__centre_kind"] == Commune.Centre.ESTIMATED
            ),
            in_commune_asked=bool(asked) and row["commune"] == asked,
            lat=row["lat"],
            lon=row["lon"],
            is_demo=row["is_demo"],
            dated=dates.get(row["pk"], ""),
            updated_at=row["updated_at"],
            confirmed_at=row["confirmed_at"],
        )
        for row in listed
    )


def _facets(places: QuerySet[Place]) -> dict[str, dict[str, int]]:
    """How many of the answers say each activity and each service."""
    counts: dict[str, dict[str, int]] = {"activities": {}, "services": {}}
    said = Feature.objects.filter(place__in=places.order_by().values("pk"), kind__in=counts)
    for kind, code, n in said.order_by().values_list("kind", "code").annotate(n=Count("pk")):
        counts[kind][code] = n
    return counts


@dataclass(frozen=True, slots=True)
class NewestPlace:
    """A place as a feed tells of it."""

    pk: UUID
    slug: str
    name: str
    category: str
    city: str
    postal_code: str
    created_at: datetime
    updated_at: datetime


def newest(filter: PlaceFilter, *, limit: int, now: datetime) -> list[NewestPlace]:
    """The places of a question that changed last."""
    rows = matching(interpret(filter).filter, now=now).order_by("-updated_at", "pk")
    columns = ("pk", "slug", "name", "category", "city", "postal_code", "created_at", "updated_at")
    return [NewestPlace(*row) for row in rows.values_list(*columns)[:limit]]
