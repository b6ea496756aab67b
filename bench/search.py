"""Commune search: `territory.queries.search` over all communes, beside rapidfuzz, SQLite FTS5 and difflib.

500 seeded queries: exact names, beginnings, names without accents, St for Saint, one typo, postal codes. For each, the
communes that answer it are known from the table of communes. What is compared is the time of the queries that both
answer; the share of queries answered is the recall.
"""

import os
import random
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import measure, served
from bench.measure import PEERS, SEED, Target

LIMIT = 8
COUNTS = {"exact": 100, "beginning": 100, "no accents": 80, "St for Saint": 80, "typo": 80, "postal code": 60}
DIFFLIB_EVERY = 20
GOAL_MS = 10.0


@dataclass(frozen=True, slots=True)
class Query:
    """What a person types, and the codes of the communes that would answer it."""

    kind: str
    text: str
    answers: frozenset[str]


Commune = tuple[str, str, str]
"""Code, name, normalised name."""
Search = Callable[[str], Iterable[str]]
"""The codes found for a text, at most LIMIT."""


def queries(communes: list[Commune], postal: dict[str, set[str]]) -> list[Query]:
    """The same queries for the same communes."""
    draw = random.Random(SEED)
    codes = defaultdict(set)
    for code, _, normal in communes:
        codes[normal].add(code)
    letters = [c for c in communes if len(c[2]) >= 6]
    pools = {
        "exact": communes,
        "beginning": letters,
        "no accents": [c for c in communes if any(letter in "àâäçéèêëîïôöùûüÿœ" for letter in c[1].lower())],
        "St for Saint": [c for c in communes if c[1].startswith(("Saint-", "Sainte-"))],
        "typo": letters,
    }
    made = []
    for kind, pool in pools.items():
        for _code, name, normal in draw.sample(pool, COUNTS[kind]):
            text = _typed(kind, name, normal, draw)
            answers = codes[normal]
            if kind == "beginning":
                begun = text.replace(" ", "")
                answers = {code for code, _, other in communes if other.replace(" ", "").startswith(begun)}
            made.append(Query(kind, text, frozenset(answers)))
    numbers = draw.sample(sorted(postal), COUNTS["postal code"])
    return made + [Query("postal code", number, frozenset(postal[number])) for number in numbers]


def _typed(kind: str, name: str, normal: str, draw: random.Random) -> str:
    if kind == "beginning":
        return normal[: draw.randint(3, len(normal) - 1)].strip()
    if kind == "no accents":
        return normal
    if kind == "St for Saint":
        return name.replace("Sainte-", "Ste ", 1).replace("Saint-", "St ", 1)
    if kind == "typo":
        return _mistyped(normal, draw)
    return name


def _mistyped(text: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(text) - 1)
    other = draw.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in text[at : at + 2]])
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    wrong = [text[:at] + text[at + 1 :], text[:at] + other + text[at:], text[:at] + other + text[at + 1 :], swapped]
    return draw.choice([w for w in wrong if w != text])


@dataclass(frozen=True, slots=True)
class Run:
    """One engine's times by query number, and the numbers of the queries that it answered."""

    name: str
    build_ms: float
    times_ms: dict[int, float]
    answered: set[int]

    def row(self, asked: list[Query]) -> dict[str, Any]:
        """A line of the table; recall by kind of query, in percent."""
        recall = {}
        for kind in COUNTS:
            numbers = [i for i in self.times_ms if asked[i].kind == kind]
            recall[kind] = round(100 * len(self.answered.intersection(numbers)) / len(numbers), 1)
        return {
            "engine": self.name,
            "queries": len(self.times_ms),
            "p50 ms": round(measure.median(list(self.times_ms.values())), 2),
            "p99 ms": round(measure.percentile(list(self.times_ms.values()), 99), 2),
            "build ms": round(self.build_ms),
            "recall %": round(100 * len(self.answered) / len(self.times_ms), 1),
            **recall,
        }


def run(name: str, make: Callable[[], Search], asked: list[Query], *, every: int = 1) -> Run:
    """Build an engine, ask it every n-th query once, note whether an expected commune is among its answers."""
    started = time.perf_counter()
    search = make()
    list(search("chamblay"))
    done = Run(name, (time.perf_counter() - started) * 1000, {}, set())
    for number in range(0, len(asked), every):
        started = time.perf_counter()
        codes = list(search(asked[number].text))
        done.times_ms[number] = (time.perf_counter() - started) * 1000
        if not asked[number].answers.isdisjoint(codes[:LIMIT]):
            done.answered.add(number)
    return done


def ours() -> Search:
    from maillage.territory.queries import search

    return lambda text: [hit.code for hit in search(text, limit=LIMIT)]


def peers(communes: list[Commune], postal: dict[str, set[str]]) -> dict[str, Callable[[], Search]]:
    """Each peer gets our spelling rule for nothing (case, accents, hyphens, St), and postal codes as names."""
    from maillage.territory.rules.names import normalise

    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for code, _, normal in communes:
        by_name[normal].append(code)
    for number, codes in postal.items():
        by_name[number] += sorted(codes)
    names = list(by_name)

    def unfold(found: Iterable[str]) -> list[str]:
        return [code for name in found for code in by_name[name]][:LIMIT]

    def rapidfuzz(scorer: str) -> Search:
        from rapidfuzz import fuzz, process

        like = getattr(fuzz, scorer)
        return lambda text: unfold(
            name for name, _, _ in process.extract(normalise(text), names, scorer=like, limit=LIMIT)
        )

    def fts5() -> Search:
        database = sqlite3.connect(":memory:")
        database.execute("CREATE VIRTUAL TABLE named USING fts5(name, tokenize='trigram')")
        database.executemany("INSERT INTO named VALUES (?)", [(name,) for name in names])
        ranked = "SELECT name FROM named WHERE named MATCH ? ORDER BY bm25(named) LIMIT ?"

        def search(text: str) -> list[str]:
            typed = normalise(text)
            parts = {typed[i : i + 3] for i in range(max(1, len(typed) - 2))}
            asked = " OR ".join(f'"{part}"' for part in sorted(parts))
            return unfold(name for (name,) in database.execute(ranked, (asked, LIMIT)))

        return search

    def difflib() -> Search:
        from difflib import get_close_matches

        return lambda text: unfold(get_close_matches(normalise(text), names, n=LIMIT))

    return {
        "rapidfuzz WRatio": partial(rapidfuzz, "WRatio"),
        "rapidfuzz ratio": partial(rapidfuzz, "ratio"),
        "SQLite FTS5 trigram": fts5,
        "difflib": difflib,
    }


def compare(own: Run, other: Run) -> dict[str, Any]:
    """How many times our time the other takes, on the queries that both answer."""
    both = own.answered & other.answered
    ours_ms, theirs_ms = (measure.median([engine.times_ms[i] for i in both]) for engine in (own, other))
    return {"peer": other.name, "answered by both": len(both), "times our time (p50)": round(theirs_ms / ours_ms, 1)}


def communes_of(registry: served.Registry) -> tuple[list[Commune], dict[str, set[str]]]:
    """Today's communes, and the communes of each postal code, read without the application."""
    from maillage.territory.rules.names import normalise

    gone = {code for (code,) in registry.rows("SELECT code FROM territory_formercode")}
    rows = registry.rows("SELECT code, name FROM territory_commune ORDER BY code")
    postal: defaultdict[str, set[str]] = defaultdict(set)
    for code, commune in registry.rows("SELECT code, commune_id FROM territory_postalcode"):
        postal[code].add(commune)
    return [(code, name, normalise(name)) for code, name in rows if code not in gone], dict(postal)


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick").parse_args()
    registry = served.registry(options.data, fresh=options.fresh, places=False)
    os.environ.update(registry.around)
    import django

    django.setup()
    communes, postal = communes_of(registry)
    asked = queries(communes, postal)
    own = run("Maillage", ours, asked)
    others = []
    if options.peers != "none":
        measure.install("pip", PEERS / "python", "rapidfuzz==3.14.6")
        sys.path.insert(0, str(PEERS / "python"))
        for name, make in peers(communes, postal).items():
            others.append(run(name, make, asked, every=DIFFLIB_EVERY if name == "difflib" else 1))
    table = [engine.row(asked) for engine in (own, *others)]
    measure.show(
        f"{len(communes)} communes ({registry.about['ground']}), best {LIMIT}, one process; recall in %", table
    )
    ratios = [compare(own, other) for other in others]
    if ratios:
        measure.show("On the queries that both answer", ratios)
    missed = [f"{query.text} ({query.kind})" for i, query in enumerate(asked) if i not in own.answered]
    print("\nNot found by Maillage: " + ("; ".join(missed[:12]) or "none"))
    p99 = measure.percentile(list(own.times_ms.values()), 99)
    targets = measure.judge([Target("commune search, p99 ms", round(p99, 2), GOAL_MS)])
    figures = {"communes": len(communes), **registry.about, "engines": table, "ratios": ratios, "targets": targets}
    measure.record("search", figures, note=options.note)
    return 0 if all(target["held"] for target in targets) else 1


if __name__ == "__main__":
    raise SystemExit(main())
