"""Which places of the registry are likely told twice: a rule to dispute, published in `docs/algorithms/counters.md`."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from maillage.territory.rules.names import normalise

LITTLE_WORDS = frozenset({"a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "un", "une"})
EMPTY_WORDS = LITTLE_WORDS | {"tiers", "lieu", "espace", "coworking", "association", "asso"}
SHARED_SITES = frozenset({"facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "google.com"})
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A place as the rule looks at it; an empty commune is not known."""

    key: Hashable
    name: str
    commune: str
    website: str = ""


def bare_name(name: str) -> str:
    """A name without case, accents, little words and the words every place bears; whole if hardly anything is left.

    >>> bare_name("Le Tiers-Lieu de l'Étoile"), bare_name("Étoile (association)"), bare_name("Le Coworking")
    ('etoile', 'etoile', 'le coworking')
    """
    words = normalise(name).split()
    bare = " ".join(word for word in words if word not in EMPTY_WORDS)
    return bare if len(bare) >= SHORTEST_NAME else " ".join(words)


def site(address: str) -> str:
    """The host and path of a website, or nothing where the address belongs to a network that many places use.

    >>> site("https://www.etoile.fr/"), site("http://etoile.fr"), site("https://www.facebook.com/etoile")
    ('etoile.fr', 'etoile.fr', '')
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if ".".join(host.split(".")[-2:]) in SHARED_SITES:
        return ""
    return f"{host}{parts.path.rstrip('/')}".lower()


def likely_duplicates(places: Iterable[Told]) -> frozenset[Hashable]:
    """The places told again: in each group all but the first, by key.

    Two places are of one group when they are in the same commune and have the same bare name, of three letters at
    least, or the same website. A place whose commune is not known is never taken for another.

    >>> twice = [Told(1, "L’Étoile", "39093"), Told(2, "Etoile", "39093"), Told(3, "L’Étoile", "25056")]
    >>> likely_duplicates(twice)
    frozenset({2})
    """
    listed = sorted((place for place in places if place.commune), key=lambda place: str(place.key))
    groups: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number, place in enumerate(listed):
        if len(bare := bare_name(place.name)) >= SHORTEST_NAME:
            groups[place.commune, "name", bare].append(number)
        if place.website and (own := site(place.website)):
            groups[place.commune, "site", own].append(number)
    first = list(range(len(listed)))

    def root(number: int) -> int:
        while first[number] != number:
            first[number] = first[first[number]]
            number = first[number]
        return number

    for members in groups.values():
        for member in members[1:]:
            one, other = sorted((root(members[0]), root(member)))
            first[other] = one
    return frozenset(place.key for number, place in enumerate(listed) if root(number) != number)
