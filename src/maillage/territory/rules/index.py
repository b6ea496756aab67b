"""The search over all territories, in memory: forgiving, ranked, and quick enough to answer at every keystroke.

Published in `docs/algorithms/territory-search.md`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from maillage.territory.rules.matching import Mask, compare, key_of, lay
from maillage.territory.rules.names import (
    ARTICLES,
    LONGEST_TEXT,
    begins_as_epci,
    fold,
    name_and_tail,
    normalise,
    without_articles,
    without_epci_kind,
)

EXACT, SHORT, PREFIX, WORD, TYPO, TYPO_PREFIX = range(6)
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


def obvious(text: str, hits: Sequence[Hit]) -> Hit | None:
    """The one territory a text can mean: the only one found without a typo, or the only one whose name begins so."""
    sure = [hit for hit in hits if not hit.typo]
    begun = key_of(normalise(text[:LONGEST_TEXT]))
    for likely in (sure, [hit for hit in sure if key_of(normalise(hit.name)).startswith(begun)]):
        if len(likely) == 1:
            return likely[0]
    return None


class Index:
    """All territories, laid out to be searched; built once per ground. Entries are numbered by falling population."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(entries, key=lambda e: (-(e.population or 0), KIND_ORDER[e.kind], e.code))
        self._names = _Names(self._entries)
        self._codes = _Codes(self._entries)
        self._departements: dict[str, frozenset[int]] = {}
        for entry in self._entries:
            if entry.kind == "dep":
                inside, name = self._codes.area(entry.code), normalise(entry.name)
                self._departements |= {name: inside, without_articles(name): inside}

    def search(self, text: str, *, limit: int) -> list[Hit]:
        """The territories a person may mean by a name, the beginning of one, a postal code or an Insee code.

        Exact first, then an EPCI named without its kind, then begun by the text, then by one of its words, then but
        for one typo; among equals the most populous. A postal code or a département's code beside a name narrows it,
        so does a département's name behind it. Only the first 200 characters are looked at.
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
        return self._in_departement(words, self._names.lookup(words))

    def _in_departement(self, words: list[str], found: dict[int, int]) -> dict[int, int]:
        """What was found, unless the last words are a département where the first ones name a commune better."""
        best = min(found.values(), default=TYPO)
        if best <= SHORT:
            return found
        for name, tail in name_and_tail(words):
            inside = self._departements.get(normalise(tail))
            if inside:
                there = self._names.lookup(name.split())
                narrowed = {owner: tier for owner, tier in there.items() if owner in inside}
                if min(narrowed.values(), default=TYPO) < (TYPO if best >= TYPO else SHORT):
                    return narrowed
        return found


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
        keys: dict[tuple[str, int], bool] = {}
        words: dict[tuple[str, int], None] = {}
        for owner, entry in enumerate(entries):
            for key, short in _keys(entry):
                keys.setdefault((key, owner), short)
            for later in _later_words(normalise(entry.name)):
                words[later, owner] = None
            for former in map(normalise, entry.former_names):
                words[key_of(former), owner] = words[key_of(without_articles(former)), owner] = None
        self._keys = lay([key for key, _ in keys])
        self._owners = np.fromiter((owner for _, owner in keys), dtype=np.int64, count=len(keys))
        self._short = np.fromiter(keys.values(), dtype=bool, count=len(keys))
        self._words = sorted(words)
        self._epcis = frozenset(owner for owner, entry in enumerate(entries) if entry.kind == "epci")

    def lookup(self, words: Sequence[str]) -> dict[int, int]:
        """The best tier of each territory that folded words may name.

        They are tried with `st` written in full, then without articles, then as they are, then as an EPCI without its
        kind. A name that lacks the article the query begins with is not the exact one: "la baule" is
        La Baule-Escoublac rather than Baule.
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
        bare = without_epci_kind(normal)
        if bare != normal:
            found: dict[int, int] = {}
            self._compare(key_of(bare), found)
            tiers |= {owner: min(tiers.get(owner, tier), tier) for owner, tier in found.items() if owner in self._epcis}
        return tiers

    def _compare(self, query: str, tiers: dict[int, int], best: int = EXACT) -> None:
        if not query:
            return
        found = compare(query, self._keys)
        self._note(tiers, found.exact & ~self._short, best)
        self._note(tiers, found.exact & self._short, max(best, SHORT))
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


def _keys(entry: Entry) -> Iterator[tuple[str, bool]]:
    """The keys of a territory, and whether each is short for an EPCI's name; none holds « CC » or « CA » in front."""
    name = normalise(entry.name)
    forms = [(name, False)] if entry.kind != "epci" or not begins_as_epci(name) else []
    if entry.kind == "epci":
        forms.append((without_epci_kind(name), True))
    for form, short in forms:
        yield key_of(form), short
        yield key_of(without_articles(form)), short


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
        exact=tier <= SHORT,
        typo=tier in (TYPO, TYPO_PREFIX),
    )
