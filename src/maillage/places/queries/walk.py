"""A walk through the answers to a question, a page after another, that no change of other places disturbs.

Each page begins after the last place of the page before, whatever has come or gone meanwhile: a place that does not
change is met exactly once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from maillage.places.models import Place
from maillage.places.queries.matching import Near, by_columns, minutes_from, near_of
from maillage.places.queries.openness import open_ids
from maillage.places.queries.told import Told, told
from maillage.places.rules.filters import PlaceFilter
from maillage.territory import queries as territory

NAME, RECENT, DISTANCE = ORDERS = ("nom", "recent", "distance")
Position = tuple[str, ...]
"""Where a walk stands: the values that order the last place met, as text, then its identifier."""
Trip = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Leg:
    """One page of a walk; `after` is None at its end. `lost` names the parameter that means nowhere known."""

    places: tuple[tuple[Told, Trip | None], ...]
    total: int
    after: Position | None
    near: Near | None = None
    lost: str = ""


def order_of(filter: PlaceFilter) -> str:
    """The order of the answers to a question.

    >>> order_of(PlaceFilter(near="39093")), order_of(PlaceFilter()), order_of(PlaceFilter(sort="recent"))
    ('distance', 'nom', 'recent')
    """
    return filter.sort or (DISTANCE if filter.near else NAME)


def walk(filter: PlaceFilter, *, after: Position | None, limit: int, now: datetime) -> Leg:
    """The next places of a walk, at most `limit`, after a position that an earlier page gave."""
    if filter.territory:
        where = territory.find(filter.territory)
        if where is None:
            return Leg((), 0, None, lost="territoire")
        filter = replace(filter, territory=where.reference)  # noqa: A001
    near = near_of(filter)
    if filter.near and near is None:
        return Leg((), 0, None, lost="pres")
    places = by_columns(filter)
    reach: dict[UUID, Trip] = {}
    if filter.near:
        reach = {pk: _even(trip) for pk, trip in minutes_from(places, near, filter.minutes).items()}
        places = Place.objects.filter(pk__in=list(reach))
    if filter.open_now:
        open_now = set(open_ids(places, now=now))
        reach = {pk: trip for pk, trip in reach.items() if pk in open_now}
        places = Place.objects.filter(pk__in=list(open_now))
    order = order_of(filter)
    total = len(reach) if filter.near else places.count()
    if order == DISTANCE:
        ids = _nearest(reach, after, limit + 1)
    else:
        ids = _next(places, order, after, limit + 1)
    found = tuple((place, reach.get(place.id)) for place in told(ids[:limit]))
    last = _position(order, *found[-1]) if len(ids) > limit and found else None
    return Leg(found, total, last, near)


def _even(trip: Trip) -> Trip:
    """The same figure whatever else was computed in the same array."""
    return round(trip[0], 6), round(trip[1], 3)


def _nearest(reach: dict[UUID, Trip], after: Position | None, count: int) -> list[UUID]:
    keys = sorted((*trip, pk) for pk, trip in reach.items())
    if after:
        last = (float(after[0]), float(after[1]), UUID(after[2]))
        keys = [key for key in keys if key > last]
    return [pk for _minutes, _metres, pk in keys[:count]]


def _next(places: QuerySet[Place], order: str, after: Position | None, count: int) -> list[UUID]:
    if after:
        said, last = after[0], UUID(after[1])
        if order == RECENT:
            at = datetime.fromisoformat(said)
            places = places.filter(updated_at__lte=at).filter(Q(updated_at__lt=at) | Q(pk__gt=last))
        else:
            places = places.filter(sort_name__gte=said).filter(Q(sort_name__gt=said) | Q(pk__gt=last))
    by = ("-updated_at", "pk") if order == RECENT else ("sort_name", "pk")
    return list(places.order_by(*by).values_list("pk", flat=True)[:count])


def _position(order: str, place: Told, trip: Trip | None) -> Position:
    if order == DISTANCE and trip:
        return (repr(trip[0]), repr(trip[1]), str(place.id))
    return (place.updated_at.isoformat() if order == RECENT else place.sort_name, str(place.id))
