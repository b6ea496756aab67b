"""The definition of the « tiers-lieux » schema, read once from its data file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from maillage.places.rules.vocabulary import CLOSING_CAUSES, FEATURES, PRECISIONS, STATUSES

LANGUAGES = ("fr", "en")
SEVERAL = "|"
"""Between the words of one cell; addresses, which may hold it, are separated by a space."""

Told = Mapping[str, str]
"""The same text in each language."""


@dataclass(frozen=True, slots=True)
class Word:
    """One allowed value: `ours` is the word of the registry's vocabulary."""

    code: str
    ours: str
    title: Told
    say: Told


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `ours` is the registry's field, empty where the column tells of the row and not of the place.

    `kind`: text, html, hours, url, links, email, pattern, number, integer, boolean, date, partial_date, word, words or
    records.
    """

    name: str
    ours: str
    group: str
    kind: str
    title: Told
    say: Told
    example: str
    required: bool = False
    longest: int | None = None
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    words: tuple[Word, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(word.code for word in self.words)


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    title: Told
    say: Told


@dataclass(frozen=True, slots=True)
class Change:
    """What one version brought, a sentence at a time, in each language."""

    version: str
    date: str
    says: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Definition:
    """The whole schema; `created` and `modified` are ISO dates."""

    name: str
    version: str
    created: str
    modified: str
    licence: str
    country: str
    title: Told
    say: Told
    groups: tuple[Group, ...]
    fields: tuple[Field, ...]
    changes: tuple[Change, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def of(self, group: str) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.group == group)


VOCABULARY: Mapping[str, tuple[str, ...]] = {
    "status": STATUSES,
    "precision": PRECISIONS,
    "closed_cause": CLOSING_CAUSES,
    **FEATURES,
}
"""The words of the registry, by field: the definition names each of them, in this order."""


@lru_cache(maxsize=1)
def definition() -> Definition:
    """Read the definition.

    >>> definition().field("statut").codes
    ('projet', 'ouvert', 'en-sommeil', 'ferme')
    """
    told = tomllib.loads(files(__package__).joinpath("definition.toml").read_text(encoding="utf-8"))
    plain = {key: told[key] for key in ("name", "version", "created", "modified", "licence", "country", "title", "say")}
    return Definition(
        **plain,
        groups=tuple(Group(**group) for group in told["groups"]),
        fields=tuple(_field(field, told["words"]) for field in told["fields"]),
        changes=tuple(_change(change) for change in told["changes"]),
    )


def _field(told: dict[str, Any], words: Mapping[str, Mapping[str, dict[str, str]]]) -> Field:
    found = tuple(
        Word(
            code,
            word.get("ours", code),
            {language: word[language] for language in LANGUAGES},
            {language: word[f"say_{language}"] for language in LANGUAGES},
        )
        for code, word in words.get(told["name"], {}).items()
    )
    return Field(**{"ours": "", **told}, words=found)


def _change(told: dict[str, Any]) -> Change:
    return Change(told["version"], told["date"], {language: tuple(told[language]) for language in LANGUAGES})
