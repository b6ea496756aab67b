"""One place, and what is around it."""

from dataclasses import dataclass
from math import cos, radians

from django.db.models import Case, F, Value, When

from maillage.analysis.distance import box_around, great_circle_m
from maillage.places.models import FormerSlug, Place
from maillage.places.queries.spelling import misspelt
from maillage.territory.rules.names import normalise

NEARBY_M = (15_000, 250_000)


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to: a place to show, an address to go to, a removed place, or nothing."""

    place: Place | None = None
    moved_to: str = ""
    removed: Place | None = None


def place_by_slug(slug: str) -> Found:
    """Find what stands at an address, older addresses included."""
    place = Place.objects.filter(slug=slug).select_related("commune__departement__region", "commune__epci").first()
    if place is not None and not place.removed_at:
        return Found(place=place)
    moved = FormerSlug.objects.filter(pk=slug).select_related("place").first() if place is None else None
    here = place or (moved.place if moved else None)
    if here is None:
        return Found()
    here = standing_for(here)
    return Found(removed=here) if here.removed_at else Found(moved_to=here.slug)


def standing_for(place: Place) -> Place:
    """The place that another was merged into, however many times; itself where it was not."""
    here = place
    while here.replaced_by_id is not None:
        here = Place.objects.get(pk=here.replaced_by_id)
    return here


def named(text: str, *, limit: int, forgiving: bool = True) -> list[tuple[str, str, str, bool]]:
    """Public places whose name holds a text: (slug, name, city, whether it begins so), those that begin so first.

    Where no name holds it, `forgiving` finds those that are the text but for one typo.
    """
    words = normalise(text)
    if not words:
        return []
    begins = Case(When(sort_name__startswith=words, then=Value(value=True)), default=Value(value=False))
    holding = Place.objects.public().exclude(status="closed").filter(sort_name__contains=words)
    rows = holding.annotate(begins=begins).order_by("-begins", "sort_name", "pk")
    found = list(rows.values_list("slug", "name", "city", "begins")[:limit])
    if found or not forgiving:
        return found
    return [(*place, False) for place in misspelt(text, limit=limit)]


def nearby(place: Place, *, limit: int = 4) -> list[tuple[Place, float]]:
    """The nearest other places that are not closed, each with its great-circle distance in metres.

    The database orders by the flat distance, true enough to choose; the distance told is the exact one.
    """
    if place.lat is None or place.lon is None:
        return []
    east_scale = cos(radians(place.lat)) ** 2
    north, east = F("lat") - place.lat, F("lon") - place.lon
    found: list[Place] = []
    for radius_m in NEARBY_M:
        west, south, east_limit, north_limit = box_around(place.lat, place.lon, radius_m)
        found = list(
            Place.objects.public()
            .exclude(pk=place.pk)
            .exclude(status="closed")
            .filter(lat__range=(south, north_limit), lon__range=(west, east_limit))
            .order_by(north * north + east * east * east_scale, "pk")
            .select_related("commune")[:limit]
        )
        if len(found) == limit:
            break
    points = [(other.lat or 0.0, other.lon or 0.0) for other in found]
    metres = great_circle_m(place.lat, place.lon, [lat for lat, _ in points], [lon for _, lon in points])
    return sorted(zip(found, metres.tolist(), strict=True), key=lambda pair: pair[1])
