"""The counters and what each of them means, read from `definitions/*.toml`: a figure never goes without its words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "definitions"
LANGUAGES = ("fr", "en")
_SENTENCES = ("title", "definition", "population", "numerator", "denominator", "source", "missing")


@dataclass(frozen=True, slots=True)
class Words:
    """A definition in one language, in plain words."""

    title: str
    definition: str
    population: str
    numerator: str
    denominator: str
    source: str
    missing: str
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A counter; `source_slug` is the source whose rows it counts, empty for the registry itself.

    `is_share`: whether its two numbers make a share; without it the numerator stands alone.
    """

    slug: str
    source_slug: str
    is_share: bool
    words: Mapping[str, Words]

    def told(self, language: str) -> Words:
        """The definition in a language, in French where it is not written."""
        return self.words.get(language, self.words["fr"])

    @property
    def command(self) -> str:
        """The command that gives the figure again."""
        return f"maillage count {self.slug}"


def parse(text: str) -> Definition:
    """Read one definition; every sentence must be there, in every language."""
    data = tomllib.loads(text)
    words = {language: _words(data[language]) for language in LANGUAGES}
    return Definition(data["slug"], data["source_slug"], data["is_share"], words)


def _words(said: Mapping[str, Any]) -> Words:
    return Words(**{name: said[name] for name in _SENTENCES}, caveats=tuple(said["caveats"]))


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by slug, in alphabetical order.

    >>> list(definitions())
    ['outside-metropoles', 'registry']
    """
    found = [parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    return {definition.slug: definition for definition in found}
