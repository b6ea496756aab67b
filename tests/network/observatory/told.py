"""What the tests of the observatory write in the registry, and definitions made up for one test."""

from dataclasses import replace

from maillage.journal.queries import aside
from maillage.network.exchange.formats import cget
from maillage.network.observatory.rules.definitions import Definition, parse
from maillage.places.actions import record_many
from maillage.places.rules.drafts import Draft, SourceFacts
from tests.conftest import NOW

SOURCES = {
    cget.SOURCE.slug: cget.SOURCE,
    "demo": SourceFacts("demo", "Démonstration", "CC0", is_demo=True),
    "network": SourceFacts("network", "Réseau BFC", "ODbL", rank=2),
}
WORDS = "\n".join(
    f"[{language}]\n{sentences}"
    for language, sentences in {
        language: "\n".join(
            f'{name} = "{name} {language}"'
            for name in ("title", "definition", "population", "numerator", "denominator", "source", "missing")
        )
        for language in ("fr", "en")
    }.items()
)
HEAD = 'slug = "essai"\nfamily = "registry"\nanswer = "number"\n'
COUNT = '[count]\nof = "registry"\nduplicates = "places"\nover = "all"\n'


def definition(count: str = "", *, head: str = HEAD, base: str = COUNT, words: str = WORDS) -> Definition:
    """A definition of the registry with these lines more in its [count]."""
    return parse(f"{head}{base}{count}\n{words}\n")


def row(ref: str, metro: str, typo: str = "Tiers lieux à dominante coworking", **more: str) -> Draft:
    raw = {"ID": ref, "TYPO": typo, "METRO": metro, "INSEEREG": "27", "INSEEDEP": "39"} | more
    values = {"name": f"Lieu {ref}", "commune": "39093", "status": "open"}
    return Draft("cget-2019", ref, values, raw, "LO", dated="2019-06")


def place(ref: str, source: str = "network", **more) -> Draft:
    values = {"name": f"Lieu {ref}", "commune": "39093", "status": "open"} | more
    return Draft(source, ref, values, {}, "ODbL", demo=source == "demo")


def nowhere(ref: str, **more) -> Draft:
    """A place whose commune nobody told."""
    told = place(ref, **more)
    return replace(told, values={name: value for name, value in told.values.items() if name != "commune"})


def record(*drafts: Draft):
    written = record_many(drafts=drafts, sources=SOURCES, by="test:Paul", now=NOW)
    aside.clear()
    return written


def plainly(said: object) -> str:
    """What is said to a person, with plain spaces for the narrow ones."""
    return str(said).replace("\u202f", " ")
