"""The places a person looks after, those that need care first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from maillage.places.models import Feature, Photo, Place
from maillage.places.rules.care import Need, known, missing, need, order
from maillage.territory.rules.names import normalise

PAGE = 25
MOST = 5_000
_COLUMNS = ("pk", "slug", "name", "city", "commune__name", "status", "confirmed_at", "is_demo")
_TOLD = ("opening_hours", "phone", "email", "website", "street", "precision", "how_to_join")
_WITHIN = {
    "place": "pk",
    "commune": "commune_id",
    "epci": "commune__epci_id",
    "dep": "commune__departement_id",
    "reg": "commune__departement__region_id",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """A place somebody looks after: what its sheet lacks, and why it needs care."""

    slug: str
    name: str
    city: str
    status: str
    confirmed_at: datetime | None
    missing: tuple[str, ...]
    need: Need
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A place somebody looked after by itself, which has left the registry."""

    name: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Charges:
    """One page of the places somebody looks after; `only` is the address of the one place, if there is but one."""

    items: tuple[Charge, ...]
    total: int
    page: int
    pages: int
    only: str = ""
    withdrawn: tuple[Withdrawn, ...] = ()


def charges(scopes: Iterable[str], *, text: str, page: int, now: datetime) -> Charges:
    """The places within these scopes whose name, locality or postal code holds a text; a fixed number of queries."""
    scopes = set(scopes)
    places = Place.objects.public().filter(_within(scopes))
    words = normalise(text)
    if words:
        places = places.filter(Q(sort_name__contains=words) | Q(search_text__contains=words))
    rows = _rows(places)
    ordered = sorted(rows, key=lambda row: (order(**_charge(row), now=now), row["name"], row["slug"]))
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(1, page), pages)
    shown = [_item(row, now) for row in ordered[(page - 1) * PAGE : page * PAGE]]
    only = rows[0]["slug"] if len(rows) == 1 and not text else ""
    return Charges(tuple(shown), len(rows), page, pages, only, _withdrawn(scopes))


def _withdrawn(scopes: Iterable[str]) -> tuple[Withdrawn, ...]:
    own = [UUID(scope.partition(":")[2]) for scope in scopes if scope.startswith("place:")]
    gone = Place.objects.filter(pk__in=own, removed_at__isnull=False).order_by("-removed_at", "pk") if own else ()
    return tuple(Withdrawn(place.name, place.removed_reason, place.removed_at) for place in gone if place.removed_at)


def _within(scopes: Iterable[str]) -> Q:
    inside = Q(pk__in=[])
    for scope in scopes:
        kind, _, code = scope.partition(":")
        if kind == "france":
            return Q()
        inside |= Q(pk=UUID(code)) if kind == "place" else Q(**{_WITHIN[kind]: code})
    return inside


def _rows(places: "QuerySet[Place]") -> list[dict]:
    """Light rows, at most 5,000: those never confirmed first, then the oldest confirmations."""
    words = Feature.objects.filter(place=OuterRef("pk"))
    return list(
        places.annotate(
            activities=Exists(words.filter(kind="activities")),
            access=Exists(words.filter(kind="access")),
            photographed=Exists(Photo.objects.filter(place=OuterRef("pk"))),
            described=~Q(description=""),
        )
        .order_by("confirmed_at", "sort_name", "pk")
        .values(*_COLUMNS, *_TOLD, "activities", "access", "photographed", "described")[:MOST]
    )


def _lacking(row: dict) -> tuple[str, ...]:
    values = {name: row[name] for name in (*_TOLD, "activities", "access")} | {"description": row["described"]}
    return missing(known(values, photos=row["photographed"]), row["status"])


def _charge(row: dict) -> dict:
    return {"status": row["status"], "confirmed_at": row["confirmed_at"], "lacking": len(_lacking(row))}


def _item(row: dict, now: datetime) -> Charge:
    return Charge(
        slug=row["slug"],
        name=row["name"],
        city=row["city"] or row["commune__name"] or "",
        status=row["status"],
        confirmed_at=row["confirmed_at"],
        missing=_lacking(row),
        need=need(**_charge(row), now=now),
        is_demo=row["is_demo"],
    )
