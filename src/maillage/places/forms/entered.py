"""What a person entered in a section, read or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from maillage.places.labels import say
from maillage.places.rules.fields import BadValue, read_field
from maillage.places.rules.text import one_line

LONGEST = 20_000
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one control of a form, and how to mend it."""

    problem: str
    mend: str


@dataclass(slots=True)
class Entered:
    """A section on its way in: `raw` as it was typed, `values` as they were read, `mistakes` by control.

    `questions` ask once about what is possible but unlikely: (what to confirm, the kind of question, its facts).
    `choices` are communes to choose among, where a name means several.
    """

    raw: Raw
    values: dict[str, Any] = field(default_factory=dict)
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    questions: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    choices: tuple[Any, ...] = ()

    @property
    def ready(self) -> bool:
        return not (self.mistakes or self.questions or self.choices)

    def read(self, name: str, value: Any, *, control: str = "") -> Any:
        """Read one field; what it cannot be is kept as a mistake beside its control."""
        try:
            self.values[name] = read_field(name, value)
        except BadValue as bad:
            self.mistakes[control or name] = Mistake(say(bad.problem), say(bad.mend))
        return self.values.get(name)


def text(post: QueryDict, name: str) -> str:
    """One posted value, bounded; empty when absent."""
    return (post.get(name) or "")[:LONGEST]


def several(post: QueryDict, name: str) -> list[str]:
    return [value[:200] for value in post.getlist(name)[:100]]


def seen_number(post: QueryDict, name: str = "seen") -> int:
    """The revision the person had before them; 0, which trusts nothing, when it cannot be read."""
    given = text(post, name)
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else 0


def reason(post: QueryDict) -> str:
    """Why a change was made, on one line."""
    return one_line(text(post, "pourquoi"))[:300]
