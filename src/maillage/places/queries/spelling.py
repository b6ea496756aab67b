"""Places by their names, in memory: one typo forgiven where no place holds the words."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from maillage.places.models import Place
from maillage.places.queries.points import epoch, points_version
from maillage.territory.rules.matching import Keys, compare, key_of, lay
from maillage.territory.rules.names import normalise, without_articles

SHORTEST, SHORTEST_BEGUN = 4, 6
"""Letters below which a typo is forgiven to no whole name, and to no beginning of one."""

Named = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that are shown, twice where they have an article; `places` holds (slug, name, locality)."""

    keys: Keys
    owners: tuple[int, ...]
    places: tuple[Named, ...]


def misspelt(text: str, *, limit: int) -> list[Named]:
    """Places that are not closed and bear a name but for one typo: whole names first, then those that begin so.

    The first search after a place changed reads all names again; the others cost no query of names.
    """
    names = _names((epoch(), points_version()))
    words = normalise(text)
    found: dict[int, None] = {}
    for query in dict.fromkeys((key_of(words), key_of(without_articles(words)))):
        if len(query) < SHORTEST:
            continue
        met = compare(query, names.keys)
        begun = met.typo_prefix if len(query) >= SHORTEST_BEGUN else met.exact
        for mask in (met.exact | met.typo, begun):
            found |= dict.fromkeys(names.owners[key] for key in np.flatnonzero(mask))
    return [names.places[owner] for owner in list(found)[:limit]]


@lru_cache(maxsize=1)
def _names(stands: tuple[str, int]) -> _Names:
    rows = Place.objects.public().exclude(status="closed").order_by("sort_name", "pk")
    places, keys, owners = [], [], []
    for owner, (slug, name, city, normalised) in enumerate(rows.values_list("slug", "name", "city", "sort_name")):
        places.append((slug, name, city))
        for key in dict.fromkeys((key_of(normalised), key_of(without_articles(normalised)))):
            keys.append(key)
            owners.append(owner)
    return _Names(lay(keys), tuple(owners), tuple(places))
