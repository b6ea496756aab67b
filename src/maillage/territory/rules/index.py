"""The search over all territories, in memory: forgiving, ranked, and quick enough to answer at every keystroke.

Published in `docs/algorithms/territory-search.md`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from maillage.territory.rules.matching import Mask, compare, key_of, lay
from maillage.territory.rules.names import ARTICLES, LONGEST_TEXT, fold, normalise, without_articles

EXACT, PREFIX, WORD, TYPO, TYPO_PREFIX = range(5)
SHORTEST_TYPO, SHORTEST_TYPO_PREFIX = 2, 5
KIND_ORDER = {"commune": 0, "dep": 1, "reg": 2, "epci": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """A territory that can be searched; `departement` is its code, for a commune."""

    kind: str
    code: str
    name: str
    context: str = ""
    population: int | None = None
    lat: float | None = None
    lon: float | None = None
    departement: str = ""
    postal_codes: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A territory found; `exact` when its name or code is the one asked for, `typo` when a typo was forgiven."""

    kind: str
    code: str
    name: str
    context: str
    population: int | None
    lat: float | None
    lon: float | None
    exact: bool
    typo: bool

    @property
    def reference(self) -> str:
        return f"{self.kind}-{self.code}"


class Index:
    """All territories, laid out to be searched; built once per ground. Entries are numbered by falling population."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(entries, key=lambda e: (-(e.population or 0), KIND_ORDER[e.kind], e.code))
        self._names = _Names(self._entries)
        self._codes = _Codes(self._entries)

    def search(self, text: str, *, limit: int) -> list[Hit]:
        """The territories a person may mean by a name, the beginning of one, a postal code or an Insee code.

        Exact first, then begun by the text, then by one of its words, then but for one typo; among equals the most
        populous. A postal code or a département's code beside a name narrows it. Only the first 200 characters are
        looked at.
        """
        words = fold(text[:LONGEST_TEXT]).split()
        coded = self._codes.lookup("".join(words).upper())
        if coded:
            tiers = [(EXACT if exact else PREFIX, owner) for owner, exact in coded.items()]
        else:
            tiers = sorted((tier, owner) for owner, tier in self._named(words).items())
        return [_hit(self._entries[owner], tier) for tier, owner in tiers[:limit]]

    def _named(self, words: list[str]) -> dict[int, int]:
        """Tiers by name, narrowed to the codes beside it when a name without a typo is found there."""
        areas = {word: area for word in words if (area := self._codes.area(word.upper()))}
        left = [word for word in words if word not in areas]
        if areas and left:
            inside = frozenset.union(*areas.values())
            found = self._names.lookup(left)
            narrowed = {owner: tier for owner, tier in found.items() if owner in inside}
            if min(narrowed.values(), default=TYPO) < TYPO:
                return narrowed
        return self._names.lookup(words)


class _Codes:
    """Territories by their codes, today's and older ones, and communes by postal code."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        bearers, postal, departements = defaultdict(list), defaultdict(list), defaultdict(list)
        for owner, entry in enumerate(entries):
            if entry.kind != "reg":
                for code in (entry.code, *entry.former_codes):
                    bearers[code].append(owner)
            if entry.departement:
                departements[entry.departement].append(owner)
            for code in entry.postal_codes:
                for length in (3, 4, 5):
                    postal[code[:length]].append(owner)
        self._bearers, self._postal, self._departements = dict(bearers), dict(postal), dict(departements)

    def lookup(self, code: str) -> dict[int, bool]:
        """The territories a whole text means when it is a code, in order, and whether each is exactly meant.

        When five digits are a postal code and an Insee code too, the Insee commune comes second.
        """
        bearers, by_post = self._bearers.get(code, []), self._postal.get(code, [])
        if len(code) == 5:
            return dict.fromkeys([*by_post[:1], *bearers, *by_post[1:]], True)
        begun = dict.fromkeys([*self._departements.get(code, []), *by_post], False)
        return dict.fromkeys(bearers, True) | begun

    def area(self, word: str) -> frozenset[int]:
        """The communes of a whole postal code or of a département's code."""
        owners = self._postal.get(word) if len(word) == 5 else self._departements.get(word)
        return frozenset(owners or ())


class _Names:
    """Territories by their names, articles and words."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        keys: dict[tuple[str, int], None] = {}
        words: dict[tuple[str, int], None] = {}
        for owner, entry in enumerate(entries):
            name = normalise(entry.name)
            keys[key_of(name), owner] = keys[key_of(without_articles(name)), owner] = None
            for later in _later_words(name):
                words[later, owner] = None
            for former in map(normalise, entry.former_names):
                words[key_of(former), owner] = words[key_of(without_articles(former)), owner] = None
        self._keys = lay([key for key, _ in keys])
        self._owners = np.fromiter((owner for _, owner in keys), dtype=np.int64, count=len(keys))
        self._words = sorted(words)

    def lookup(self, words: Sequence[str]) -> dict[int, int]:
        """The best tier of each territory that folded words may name.

        They are tried with `st` written in full, then without articles, then as they are. A name that lacks the
        article the query begins with is not the exact one: "la baule" is La Baule-Escoublac rather than Baule.
        """
        normal = normalise(" ".join(words))
        tiers: dict[int, int] = {}
        self._compare(key_of(normal), tiers)
        bare = without_articles(normal)
        if bare != normal:
            self._compare(key_of(bare), tiers, best=PREFIX if words[0] in ARTICLES else EXACT)
        as_is = " ".join(words)
        if as_is != normal:
            self._compare(key_of(as_is), tiers)
        return tiers

    def _compare(self, query: str, tiers: dict[int, int], best: int = EXACT) -> None:
        if not query:
            return
        found = compare(query, self._keys)
        self._note(tiers, found.exact, best)
        self._note(tiers, found.prefix, PREFIX)
        start, end = (bisect_left(self._words, (bound, -1)) for bound in (query, query + "\x7f"))
        for _, owner in self._words[start:end]:
            tiers[owner] = min(tiers.get(owner, WORD), WORD)
        if len(query) >= SHORTEST_TYPO:
            self._note(tiers, found.typo, TYPO)
        if len(query) >= SHORTEST_TYPO_PREFIX:
            self._note(tiers, found.typo_prefix, TYPO_PREFIX)

    def _note(self, tiers: dict[int, int], mask: Mask, tier: int) -> None:
        for owner in self._owners[mask].tolist():
            if tiers.get(owner, tier) >= tier:
                tiers[owner] = tier


def _later_words(name: str) -> Iterator[str]:
    """What is left of a name from each of its words on, the first and the articles aside.

    >>> list(_later_words("la baule escoublac"))
    ['bauleescoublac', 'escoublac']
    """
    words = name.split()
    for place in range(1, len(words)):
        if words[place] not in ARTICLES:
            yield key_of("".join(words[place:]))


def _hit(entry: Entry, tier: int) -> Hit:
    return Hit(
        kind=entry.kind,
        code=entry.code,
        name=entry.name,
        context=entry.context,
        population=entry.population,
        lat=entry.lat,
        lon=entry.lon,
        exact=tier == EXACT,
        typo=tier in (TYPO, TYPO_PREFIX),
    )
