"""Places that a new one may already be: asked while somebody types its name."""

from dataclasses import dataclass

from rapidfuzz.fuzz import token_set_ratio

from maillage.analysis.distance import box_around, great_circle_m
from maillage.places.models import Place
from maillage.territory.models import Commune
from maillage.territory.rules.names import normalise

AROUND_M = 5_000
ENOUGH, MOST, READ = 72.0, 6, 2_000
EMPTY_WORDS = frozenset(
    {
        "tiers",
        "lieu",
        "lieux",
        "espace",
        "coworking",
        "fablab",
        "association",
        "la",
        "le",
        "les",
        "l",
        "de",
        "du",
        "des",
    }
    | {"d", "un", "une"}
)


@dataclass(frozen=True, slots=True)
class Alike:
    """A place that resembles what was typed, out of 100; `distance_m` between centres where both are known."""

    place: Place
    score: float
    distance_m: float | None


def alike(name: str, commune: Commune | None, *, limit: int = MOST) -> list[Alike]:
    """The public places in or around a commune whose name resembles another, the closest name first; closed ones too.

    Without a commune, only names that are the same but for case, accents and little words.
    """
    wanted = bare(name)
    if not wanted:
        return []
    rows = Place.objects.public().select_related("commune")
    if commune is None:
        rows = rows.filter(sort_name=normalise(name)[:200])
    elif commune.lat is not None and commune.lon is not None:
        west, south, east, north = box_around(commune.lat, commune.lon, AROUND_M)
        rows = rows.filter(lat__range=(south, north), lon__range=(west, east))
    else:
        rows = rows.filter(commune=commune)
    found = [(token_set_ratio(wanted, bare(place.name)), place) for place in rows.order_by("pk")[:READ]]
    close = sorted((one for one in found if one[0] >= ENOUGH), key=lambda one: (-one[0], str(one[1].pk)))
    return [Alike(place, score, _distance(place, commune)) for score, place in close[:limit]]


def bare(name: str) -> str:
    """A name without case, accents, nor the words that every place bears; whole if nothing is left."""
    words = normalise(name).split()
    return " ".join(word for word in words if word not in EMPTY_WORDS) or " ".join(words)


def _distance(place: Place, commune: Commune | None) -> float | None:
    if commune is None or commune.lat is None or commune.lon is None or place.lat is None or place.lon is None:
        return None
    return float(great_circle_m(commune.lat, commune.lon, place.lat, place.lon))
