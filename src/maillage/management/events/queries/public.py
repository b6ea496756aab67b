"""What the programme of places shows to everybody: published events, their sessions, how many seats are free.

Nothing here names anybody. The number of questions to the database is fixed, whatever the number of sessions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Q, QuerySet

from maillage.analysis.distance import box_around, great_circle_m
from maillage.management.bookings.models import Settings
from maillage.management.events.models import CONFIRMED, Event, Registration, Session
from maillage.places.models import Place
from maillage.places.queries.matching import TERRITORY_COLUMNS, near_of
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.nearness import exactness
from maillage.territory import queries as territory
from maillage.territory.rules.index import obvious
from maillage.territory.rules.zones import zone_of

CLOSED = "closed"
PAST, AHEAD = timedelta(days=31), timedelta(days=366)
MOST_FED = 2_000
PAGE = 60
MOST_DATES = 100
"""How many sessions of one event its page shows."""
EARLIER = 5


@dataclass(frozen=True, slots=True)
class Where:
    """What was understood of where: around a point, or in a territory."""

    name: str = ""
    point: tuple[float, float] | None = None
    territory: str = ""
    departement: str = ""
    commune: str = ""
    exactness: str = "address"
    suggestions: tuple[tuple[str, str], ...] = ()
    """Names that may have been meant, each with its context."""
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as everybody may see it; `free` is None where nobody has to register.

    `known` holds how exactly both ends of the distance are known.
    """

    session: Session
    zone: ZoneInfo
    free: int | None = None
    distance_m: float | None = None
    known: frozenset[str] = frozenset()
    in_commune_asked: bool = False

    @property
    def event(self) -> Event:
        return self.session.event

    @property
    def place(self) -> Place:
        return self.session.event.place


def where(text: str, point: tuple[float, float] | None) -> Where:
    """Understand a commune typed by name, postal code or Insee code, another territory, or a point."""
    if point:
        return Where(point=point)
    if not text:
        return Where()
    hits = territory.search(text, limit=6)
    exact = [hit for hit in hits if hit.exact]
    meant = exact[0] if exact else obvious(text, hits)
    others = tuple((hit.name, hit.context) for hit in hits if hit.kind == "commune" and hit != meant)[:4]
    if meant is None:
        return Where(text, suggestions=others, is_lost=True)
    if meant.kind != "commune":
        return Where(meant.name, territory=meant.reference)
    found = where_code(meant.code)
    if found is None:
        return Where(meant.name, territory=meant.reference)
    return replace(found, suggestions=others if len(exact) > 1 else ())


def where_code(code: str) -> Where | None:
    """Around a commune, by its Insee code and nothing else: five figures are a postal code elsewhere."""
    near = near_of(PlaceFilter(near=code))
    if near is None:
        return None
    return Where(
        near.name,
        (near.lat, near.lon),
        departement=_departement(near.code),
        commune=near.code,
        exactness="estimated" if near.estimated else "commune",
    )


def _departement(code: str) -> str:
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def published() -> QuerySet[Session]:
    """The sessions of events on a programme, at places that stand."""
    return Session.objects.filter(
        event__published_at__isnull=False, event__archived_at__isnull=True, event__place__removed_at__isnull=True
    ).exclude(event__place__status=CLOSED)


def reach(point: tuple[float, float], radius_m: float) -> dict[UUID, float]:
    """The places that have a programme within a radius, each with its distance in metres."""
    west, south, east, north = box_around(*point, radius_m)
    rows = list(
        Place.objects.public()
        .filter(lat__range=(south, north), lon__range=(west, east), events__published_at__isnull=False)
        .distinct()
        .order_by("pk")
        .values_list("pk", "lat", "lon")
    )
    metres = great_circle_m(*point, [row[1] or 0.0 for row in rows], [row[2] or 0.0 for row in rows])
    return {rows[i][0]: float(metres[i]) for i in np.flatnonzero(metres <= radius_m)}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of sessions, and how many there are in all."""

    rows: tuple[Shown, ...]
    total: int
    pages: int
    page: int


def around(
    spot: Where,
    radius_m: float,
    *,
    first: datetime,
    last: datetime,
    now: datetime,
    kind: str = "",
    audience: str = "",
    page: int = 1,
    most: int = PAGE,
) -> Page:
    """The sessions near somewhere that are not over, from a moment to another, in time."""
    rows = published().filter(start__lt=last, end__gt=max(first, now))
    metres: dict[UUID, float] = {}
    if spot.point:
        metres = reach(spot.point, radius_m)
        rows = rows.filter(event__place__in=list(metres))
    elif spot.territory:
        scale, code = spot.territory.split("-", 1)
        rows = rows.filter(**{f"event__place__{TERRITORY_COLUMNS[scale]}": code})
    if kind:
        rows = rows.filter(event__kind=kind)
    if audience:
        rows = rows.filter(event__audience__in={audience, "all"})
    total = rows.count()
    pages = max(1, -(-total // most))
    page = min(page, pages)
    found = shown(_whole(rows)[(page - 1) * most : page * most])
    return Page(tuple(_from(spot, one, metres) for one in found), total, pages, page)


def walk(
    spot: Where,
    radius_m: float,
    *,
    first: datetime,
    last: datetime,
    slug: str = "",
    after: tuple[datetime, int] | None = None,
    most: int,
) -> list[Shown]:
    """The sessions that follow a position, in time, for a walk that misses none and gives none twice."""
    rows = published().filter(start__lt=last, end__gt=first)
    metres: dict[UUID, float] = {}
    if spot.point:
        metres = reach(spot.point, radius_m)
        rows = rows.filter(event__place__in=list(metres))
    if slug:
        rows = rows.filter(event__place__slug=slug)
    if after:
        rows = rows.filter(Q(start__gt=after[0]) | Q(start=after[0], pk__gt=after[1]))
    return [_from(spot, one, metres) for one in shown(_whole(rows)[:most])]


def has_place(slug: str) -> bool:
    """Whether a place stands at an address."""
    return Place.objects.public().filter(slug=slug).exists()


def _from(spot: Where, one: Shown, metres: Mapping[UUID, float]) -> Shown:
    if one.place.pk not in metres:
        return one
    commune = one.place.commune
    exact = exactness(
        one.place.precision, estimated_centre=commune is not None and commune.centre_kind == commune.Centre.ESTIMATED
    )
    return replace(
        one,
        distance_m=metres[one.place.pk],
        known=frozenset({exact, spot.exactness}),
        in_commune_asked=bool(spot.commune) and one.place.commune_id == spot.commune,
    )


def _whole(rows: QuerySet[Session]) -> QuerySet[Session]:
    told = rows.select_related("event__place__commune__departement", "event__organisation", "booking__space")
    return told.order_by("start", "pk")


def shown(rows: Iterable[Session]) -> list[Shown]:
    """Sessions with their clocks and their free seats: three questions in all."""
    found = list(rows)
    zones = zones_of([one.event.place for one in found])
    left = free_seats(found)
    return [Shown(one, zones[one.event.place_id], left.get(one.pk)) for one in found]


def zones_of(places: Sequence[Place]) -> dict[UUID, ZoneInfo]:
    """The clocks of places: as they say for their bookings, else those of their département."""
    said = dict(Settings.objects.filter(pk__in={one.pk for one in places}).values_list("pk", "zone")) if places else {}
    return {
        one.pk: ZoneInfo(said.get(one.pk) or zone_of(one.commune.departement_id if one.commune else None))
        for one in places
    }


def free_seats(sessions: Sequence[Session]) -> dict[int, int]:
    """How many seats are left in those that take registrations: one question."""
    asked = {one.pk: one.capacity for one in sessions if one.capacity is not None and one.event.takes_registrations}
    taken = dict(
        Registration.objects.filter(session__in=list(asked), state=CONFIRMED)
        .values_list("session")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return {pk: max(0, capacity - taken.get(pk, 0)) for pk, capacity in asked.items()}


def of_place(place: Place, *, now: datetime, page: int = 1, most: int = PAGE) -> Page:
    """The sessions to come of a place, in time."""
    rows = published().filter(event__place=place, end__gt=now)
    total = rows.count()
    pages = max(1, -(-total // most))
    page = min(page, pages)
    return Page(tuple(shown(_whole(rows)[(page - 1) * most : page * most])), total, pages, page)


def next_of(place: Place, *, now: datetime) -> Session | None:
    """The next session of a place that will take place: one question."""
    rows = published().filter(event__place=place, start__gt=now, cancelled_at__isnull=True)
    return rows.select_related("event").order_by("start", "pk").first()


def event_at(place: Place, slug: str) -> Event | None:
    """A published event of a place, by its address."""
    rows = Event.objects.filter(place=place, slug=slug, published_at__isnull=False, archived_at__isnull=True)
    found = rows.select_related("organisation").first()
    if found is not None:
        found.place = place
    return found


def dates_of(event: Event, *, now: datetime) -> tuple[list[Shown], list[Shown]]:
    """The sessions of an event that are not over, and the last ones that were."""
    rows = Session.objects.filter(event=event).select_related("booking__space")
    coming = list(rows.filter(end__gt=now).order_by("start", "pk")[:MOST_DATES])
    over = list(rows.filter(end__lte=now, cancelled_at__isnull=True).order_by("-start", "-pk")[:EARLIER])
    for one in (*coming, *over):
        one.event = event
    told = {one.session.pk: one for one in shown([*coming, *over])}
    return [told[one.pk] for one in coming], [told[one.pk] for one in over]


def session_at(event: Event, number: int) -> Shown | None:
    """One session of an event, or None."""
    one = Session.objects.filter(event=event, pk=number).select_related("booking__space").first()
    if one is None:
        return None
    one.event = event
    return shown([one])[0]


FED = (
    *("pk", "start", "end", "sequence", "cancelled_at", "reason", "changed_at", "event__slug", "event__title"),
    *("event__summary", "event__kind", "event__changed_at", "event__place_id", "booking__space__name"),
)


def fed(place: Place, *, now: datetime) -> list[dict[str, Any]]:
    """The sessions of a place for its calendar, from last month to next year: called off, they stay, and say so."""
    rows = Session.objects.filter(
        event__place=place,
        event__published_at__isnull=False,
        event__archived_at__isnull=True,
        end__gt=now - PAST,
        start__lt=now + AHEAD,
    )
    return list(rows.order_by("start", "pk").values(*FED)[:MOST_FED])


def addresses(*, limit: int) -> list[tuple[str, str, datetime]]:
    """The place, the address and the last change of every event that a search engine may read."""
    rows = Event.objects.filter(
        published_at__isnull=False, archived_at__isnull=True, place__removed_at__isnull=True, place__is_demo=False
    )
    return list(rows.order_by("place__slug", "slug").values_list("place__slug", "slug", "changed_at")[:limit])


def party_of(lead: Registration) -> int:
    """How many come together, whoever leads them included."""
    return 1 + Registration.objects.filter(part_of=lead).count()
