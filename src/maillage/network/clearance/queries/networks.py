"""What a network looks after: its places, as it last cleared them; what waits for its answer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from maillage.network.clearance.models import Network
from maillage.network.exchange.models import Candidate
from maillage.network.exchange.queries.candidates import open_candidates
from maillage.places.models import Claim, Feature, Merge, Place, Revision, Suggestion, Verification
from maillage.places.queries.claims import waiting_claims
from maillage.places.queries.suggestions import Waiting, waiting, within
from maillage.places.queries.team import as_seen
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.trust import LASTS

MOST_SHOWN, MOST_WAITING = 500, 100
SHOWN = ("name", "status", "city", "website", "lat", "lon")
"""What a network shows of a place, beside its activities."""
LASTING = datetime.max.replace(tzinfo=UTC)
_COLUMNS = {
    "commune": "commune",
    "epci": "commune__epci",
    "dep": "commune__departement",
    "reg": "commune__departement__region",
}


@dataclass(frozen=True, slots=True)
class Cleared:
    """A place as a network last cleared it: `values` at that revision, `behind` when the sheet has changed since."""

    place: Place
    values: Mapping[str, Any]
    number: int
    verified_at: datetime
    behind: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """A place of the perimeter, and the day on which this network last verified it, if it did."""

    place: Place
    verified_at: datetime | None
    behind: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a network is: places of its perimeter, verified in due time, behind, and suggestions that wait."""

    places: int
    verified: int
    behind: int
    waiting: int


def network_by_slug(slug: str) -> Network | None:
    return Network.objects.filter(slug=slug, closed_at__isnull=True).prefetch_related("perimeters").first()


def networks() -> list[Network]:
    """The networks that work here, by name."""
    found = Network.objects.filter(closed_at__isnull=True).prefetch_related("perimeters")
    return list(found.order_by("name", "pk"))


def places_of(network: Network) -> QuerySet[Place]:
    """The public places that a network looks after."""
    where = Q(pk__in=[])
    for one in network.perimeters.all():
        kind, _sep, code = one.scope.partition(":")
        where |= Q(**{_COLUMNS[kind]: code}) if kind in _COLUMNS else Q(pk__isnull=False)
    places: QuerySet[Place] = Place.objects.public().filter(where, is_demo=network.is_demo)
    if network.themes:
        told = Feature.objects.filter(place=OuterRef("pk"), kind="activities", code__in=network.themes)
        places = places.filter(Exists(told))
    return places


def holds(network: Network, place: Place) -> bool:
    """Whether a place is in the perimeter of a network."""
    return places_of(network).filter(pk=place.pk).exists()


def waiting_for(network: Network) -> list[Waiting]:
    """The suggestions that wait within a network's perimeter, the oldest first."""
    return [waiting(one) for one in _waiting(network).order_by("suggested_at", "pk")[:MOST_WAITING]]


def answered_by(network: Network, *, limit: int = 20) -> list[Suggestion]:
    """The last suggestions of the perimeter that were answered."""
    found = _within(network).exclude(state="pending").order_by("-decided_at", "pk")
    return list(found[:limit])


def suggestion_of(network: Network, suggestion: Any) -> Suggestion | None:
    """A suggestion, if it is within a network's perimeter."""
    return _within(network).filter(pk=suggestion).first()


def _waiting(network: Network) -> QuerySet[Suggestion]:
    return _within(network).filter(state="pending")


def _within(network: Network) -> QuerySet[Suggestion]:
    found = within(one.scope for one in network.perimeters.all()).filter(is_demo=network.is_demo)
    if not network.themes:
        return found
    told = Feature.objects.filter(place=OuterRef("place"), kind="activities", code__in=network.themes)
    themed = Q(kind="new")
    return found.filter(Exists(told) | themed)


def charges(network: Network, *, limit: int = MOST_SHOWN) -> list[Charge]:
    """The places of a network, those never verified first, then the oldest word."""
    words = _words(network)
    last = _last_numbers(words)
    told = [
        Charge(place, found.verified_at if found else None, bool(found and last.get(place.pk, 0) > found.number))
        for place in places_of(network).select_related("commune").order_by("sort_name", "pk")[:limit]
        for found in [words.get(place.pk)]
    ]
    return sorted(told, key=lambda one: (one.verified_at is not None, not one.behind, one.verified_at or LASTING))


def cleared(network: Network, *, limit: int = MOST_SHOWN) -> list[Cleared]:
    """The places that a network answers for, each as the network last saw it, whatever was changed since."""
    words = _words(network)
    last = _last_numbers(words)
    found = places_of(network).filter(pk__in=list(words)).select_related("commune").order_by("sort_name", "pk")[:limit]
    said = defaultdict(list)
    codes = Feature.objects.filter(place__in=[place.pk for place in found], kind="activities")
    for place_id, code in codes.order_by("pk").values_list("place_id", "code"):
        said[place_id].append(code)
    told = []
    for place in found:
        word = words[place.pk]
        behind = last.get(place.pk, 0) > word.number
        now: dict[str, Any] = {name: getattr(place, name) for name in SHOWN} | {"activities": said[place.pk]}
        values = as_seen(place, word.number, now) if behind else now
        told.append(Cleared(place, values, word.number, word.verified_at, behind))
    return told


def tally(network: Network, *, now: datetime) -> Tally:
    """Where a network stands, in four figures."""
    words = _words(network)
    last = _last_numbers(words)
    ids = set(places_of(network).values_list("pk", flat=True))
    mine = {pk: word for pk, word in words.items() if pk in ids}
    fresh = sum(now - word.verified_at <= LASTS for word in mine.values())
    behind = sum(last.get(pk, 0) > word.number for pk, word in mine.items())
    return Tally(len(ids), fresh, behind, _waiting(network).count())


def claims_for(network: Network, *, now: datetime) -> list[Claim]:
    """Who says that they run a place of the perimeter, and waits for the network's word or for a letter."""
    return waiting_claims(list(places_of(network).values_list("pk", flat=True)), now=now)


def pairs_of(network: Network) -> list[Candidate]:
    """The pairs of places that may be one, both in a network's perimeter, the likeliest first."""
    return list(_pairs(network)[:MOST_WAITING])


def pair_of(network: Network, pair: int) -> Candidate | None:
    """A pair that waits, if it is within a network's perimeter."""
    return _pairs(network).filter(pk=pair).first()


def _pairs(network: Network) -> QuerySet[Candidate]:
    mine = places_of(network).values("pk")
    return open_candidates().filter(one__in=mine, other__in=mine)


def merges_of(network: Network, *, limit: int = 20) -> list[Merge]:
    """The last merges into places of a network that still stand."""
    rows = Merge.objects.filter(undone_at__isnull=True, kept__in=places_of(network).values("pk"))
    return list(rows.select_related("kept", "gone").order_by("-merged_at", "pk")[:limit])


def only_territory(network: Network) -> str:
    """The territory of a network as a map is asked for it; empty where it has several."""
    scopes = [one.scope for one in network.perimeters.all()]
    if len(scopes) != 1 or ":" not in scopes[0]:
        return ""
    reference = scopes[0].replace(":", "-")
    return PlaceFilter(territory=reference).territory


def counted() -> dict[str, int]:
    """How many places each network answers for, by its slug."""
    rows = Verification.objects.filter(ended_at__isnull=True, place__removed_at__isnull=True)
    return dict(rows.order_by().values_list("network").annotate(Count("pk")))


def _words(network: Network) -> dict[Any, Verification]:
    rows = Verification.objects.filter(network=network.slug, ended_at__isnull=True)
    return {one.place_id: one for one in rows}


def _last_numbers(words: Mapping[Any, Verification]) -> dict[Any, int]:
    rows = Revision.objects.filter(place__in=list(words)).order_by().values_list("place_id")
    return dict(rows.annotate(last=Max("number")))
