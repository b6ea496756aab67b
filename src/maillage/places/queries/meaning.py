"""What the words of a search mean: a territory, something looked for in a territory, or only words."""

from dataclasses import dataclass, replace

from maillage.places.models import Place
from maillage.places.queries.matching import by_columns
from maillage.places.rules.filters import WHATEVER, PlaceFilter
from maillage.places.rules.phrases import aims
from maillage.places.rules.vocabulary import ACTIVITIES, SERVICES
from maillage.territory import queries as territory
from maillage.territory.queries import Hit
from maillage.territory.rules.index import obvious
from maillage.territory.rules.names import normalise, without_articles


@dataclass(frozen=True, slots=True)
class Aimed:
    """Something of the vocabulary looked for in a territory: the question it makes, `what` as (kind, code)."""

    filter: PlaceFilter
    what: tuple[str, str]
    where: Hit


@dataclass(frozen=True, slots=True)
class Meaning:
    """`filter` is the question as it was understood, with `understood` the territory its words named.

    `aimed` is another reading of the words, to be offered; `unheld` tells that no place holds them.
    """

    filter: PlaceFilter
    understood: Hit | None = None
    suggestions: tuple[Hit, ...] = ()
    aimed: Aimed | None = None
    unheld: bool = False


def interpret(filter: PlaceFilter) -> Meaning:
    """Read the words of a search: a territory named exactly becomes a place to look around, or in.

    Other words are looked for in the places. Where no place holds them, something looked for in a territory is
    understood so, then the one territory they may mean is taken. Territories that resemble them are suggested, typos
    forgiven only where no place holds them.
    """
    if not filter.q or filter.near or filter.territory:
        return Meaning(filter)
    hits = territory.search(filter.q, limit=6)
    exact = [hit for hit in hits if hit.exact]
    if exact and _bears(filter.q):
        return Meaning(filter, suggestions=tuple(hits[:4]))
    if exact:
        return Meaning(_there(filter, exact[0]), exact[0], tuple(exact[1:5]))
    aimed = _aimed(filter)
    if by_columns(PlaceFilter(q=filter.q, status=WHATEVER)).exists():
        return Meaning(filter, suggestions=tuple(hit for hit in hits if not hit.typo)[:4], aimed=aimed)
    if aimed:
        return Meaning(aimed.filter, aimed.where)
    meant = obvious(filter.q, hits)
    if meant is None:
        return Meaning(filter, suggestions=tuple(hits[:4]), unheld=True)
    return Meaning(_there(filter, meant), meant, tuple(hit for hit in hits if hit != meant)[:4])


def _aimed(filter: PlaceFilter) -> Aimed | None:
    for aim in aims(filter.q):
        hits = territory.search(aim.where, limit=6)
        meant = hits[0] if hits and hits[0].exact else obvious(aim.where, hits)
        if meant:
            return Aimed(_with(_there(filter, meant), aim.kind, aim.code), (aim.kind, aim.code), meant)
    return None


def _with(filter: PlaceFilter, kind: str, code: str) -> PlaceFilter:
    if kind == "intent":
        return replace(filter, intent=code)
    if kind == "services":
        return replace(filter, services=_added(SERVICES, filter.services, code))
    return replace(filter, activities=_added(ACTIVITIES, filter.activities, code))


def _added(known: tuple[str, ...], asked: tuple[str, ...], code: str) -> tuple[str, ...]:
    return tuple(word for word in known if word in asked or word == code)


def _there(filter: PlaceFilter, hit: Hit) -> PlaceFilter:
    if hit.kind == "commune":
        return replace(filter, q="", near=hit.code)
    return replace(filter, q="", territory=hit.reference)


def _bears(words: str) -> bool:
    """Whether a public place is called exactly this, articles aside."""
    name = normalise(words)
    names = [f"{article}{without_articles(name)}" for article in ("", "le ", "la ", "les ", "l ", "un ", "une ")]
    return Place.objects.public().filter(sort_name__in=[name, *names]).exists()
