"""Which places answer a filter."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from maillage.analysis.distance import box_around, great_circle_m
from maillage.analysis.lands import joined, land, lands
from maillage.analysis.travel import crow_fly_at
from maillage.places.models import Feature, Place
from maillage.places.queries.openness import open_ids
from maillage.places.rules.filters import WHATEVER, PlaceFilter
from maillage.places.rules.vocabulary import INTENTS
from maillage.territory import queries as territory
from maillage.territory.models import Commune
from maillage.territory.rules.names import normalise

TERRITORY_COLUMNS = {
    "commune": "commune",
    "epci": "commune__epci",
    "bv": "commune__bv_code",
    "dep": "commune__departement",
    "reg": "commune__departement__region",
}


@dataclass(frozen=True, slots=True)
class Near:
    """Where "near" is: a commune's centre or a point, with the density that sets the travel speed (0 unknown)."""

    name: str
    lat: float
    lon: float
    density: int
    code: str = ""
    estimated: bool = False


def near_of(filter: PlaceFilter) -> Near | None:
    """Locate the filter's `near`; None when it names nothing known."""
    if point := filter.point:
        return Near("", *point, density=0)
    if not filter.near:
        return None
    code = territory.resolve_code(filter.near)
    commune = Commune.objects.filter(pk=code, lat__isnull=False).first() if code else None
    if commune is None:
        return None
    estimated = commune.centre_kind == Commune.Centre.ESTIMATED
    return Near(commune.name, commune.lat or 0.0, commune.lon or 0.0, commune.density_7 or 0, commune.pk, estimated)


def matching(filter: PlaceFilter, *, now: datetime) -> QuerySet[Place]:
    """Select the public places that answer the whole filter, in no order."""
    places = by_columns(filter)
    if filter.near:
        places = places.filter(pk__in=list(minutes_from(places, near_of(filter), filter.minutes)))
    if filter.open_now:
        places = places.filter(pk__in=open_ids(places, now=now))
    return places


def by_columns(filter: PlaceFilter) -> QuerySet[Place]:
    """Select on what the database can tell by itself: all of the filter but travel time and opening."""
    places: QuerySet[Place] = Place.objects.public()
    if not filter.status:
        places = places.exclude(status="closed")
    elif filter.status != WHATEVER:
        places = places.filter(status=filter.status)
    if filter.territory:
        kind, code = filter.territory.split("-", 1)
        places = places.filter(**{TERRITORY_COLUMNS[kind]: code})
    if filter.bbox:
        west, south, east, north = filter.bbox
        places = places.filter(lat__range=(south, north), lon__range=(west, east))
    if filter.intent:
        activities, services = INTENTS[filter.intent]
        places = places.filter(
            Exists(
                Feature.objects.filter(place=OuterRef("pk")).filter(
                    Q(kind="activities", code__in=activities) | Q(kind="services", code__in=services)
                )
            )
        )
    if filter.activities:
        places = places.filter(_says("activities", filter.activities))
    for service in filter.services:
        places = places.filter(_says("services", (service,)))
    for word in normalise(filter.q).split()[:8]:
        places = places.filter(search_text__contains=word)
    return places


def _says(kind: str, codes: tuple[str, ...]) -> Exists:
    return Exists(Feature.objects.filter(place=OuterRef("pk"), kind=kind, code__in=codes))


def minutes_from(places: QuerySet[Place], near: Near | None, within: float) -> dict[UUID, tuple[float, float]]:
    """Travel minutes and metres from a point to the places within reach by the crow-fly model."""
    if near is None:
        return {}
    model = crow_fly_at(near.lat, near.lon)
    west, south, east, north = box_around(near.lat, near.lon, model.reach_m(within))
    rows = list(
        places.filter(lat__range=(south, north), lon__range=(west, east)).values_list(
            "pk", "lat", "lon", "commune__density_7", "commune_id"
        )
    )
    lats, lons = [row[1] or 0.0 for row in rows], [row[2] or 0.0 for row in rows]
    minutes = model.minutes_from(near.lat, near.lon, near.density, lats, lons, [row[3] or 0 for row in rows])
    metres = great_circle_m(near.lat, near.lon, lats, lons)
    reached = (minutes <= within) & joined(land(near.code), lands(row[4] or "" for row in rows))
    return {rows[i][0]: (float(minutes[i]), float(metres[i])) for i in np.flatnonzero(reached)}
