"""One place, and what is around it."""

from dataclasses import dataclass

from maillage.analysis.distance import box_around, great_circle_m
from maillage.places.models import FormerSlug, Place

NEARBY_M = (15_000, 60_000, 250_000)


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to: a place to show, an address to go to, a removed place, or nothing."""

    place: Place | None = None
    moved_to: str = ""
    removed: Place | None = None


def place_by_slug(slug: str) -> Found:
    """Find what stands at an address, older addresses included."""
    place = Place.objects.filter(slug=slug).select_related("commune__departement__region", "commune__epci").first()
    if place is not None:
        return Found(removed=place) if place.removed_at else Found(place=place)
    moved = FormerSlug.objects.filter(pk=slug).select_related("place").first()
    if moved is None:
        return Found()
    return Found(removed=moved.place) if moved.place.removed_at else Found(moved_to=moved.place.slug)


def nearby(place: Place, *, limit: int = 4) -> list[tuple[Place, float]]:
    """The nearest other places that are not closed, each with its great-circle distance in metres."""
    if place.lat is None or place.lon is None:
        return []
    found: list[tuple[Place, float]] = []
    for radius_m in NEARBY_M:
        west, south, east, north = box_around(place.lat, place.lon, radius_m)
        rows = list(
            Place.objects.public()
            .exclude(pk=place.pk)
            .exclude(status="closed")
            .filter(lat__range=(south, north), lon__range=(west, east))
            .order_by("pk")
            .values_list("pk", "lat", "lon")
        )
        if len(rows) >= limit or radius_m == NEARBY_M[-1]:
            if not rows:
                return []
            metres = great_circle_m(place.lat, place.lon, [r[1] or 0.0 for r in rows], [r[2] or 0.0 for r in rows])
            nearest = sorted(zip(metres.tolist(), (r[0] for r in rows), strict=True))[:limit]
            places = Place.objects.filter(pk__in=[pk for _, pk in nearest]).select_related("commune").in_bulk()
            found = [(places[pk], metres) for metres, pk in nearest]
            break
    return found
