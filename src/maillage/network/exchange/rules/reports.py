"""What an import says of a file: what came in, what was refused, where and how to mend it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.territory.rules.progress import Bar

if TYPE_CHECKING:
    from maillage.network.exchange.rules.mapping.correspondence import Correspondence

SHOWN = 200

Progress = Callable[[int], AbstractContextManager[Bar]]
"""Opens a bar of so many steps."""


class FileRefused(ValueError):
    """The whole file is refused; the message says what, why and what to do."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One value that is wrong: its physical line (from 1), its column, and how to mend it.

    A `warning` is worth a look and breaks no rule.
    """

    line: int
    column: str
    value: str
    problem: str
    mend: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A row kept out of the registry, with what it said."""

    problem: RowProblem
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that could be read: one draft, or several when the row tells what several sources say of one place.

    `whole` is then what they say together. `columns` names the file's column of each field. `from_here` marks a row
    that this very site once wrote: it tells nothing new of a place that the registry still knows.
    """

    line: int
    drafts: tuple[Draft, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, Any] | None = None
    warnings: tuple[RowProblem, ...] = ()
    from_here: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asks of an import: every place (`all_places`), or whose file it is and under which licence.

    `here` is the name of this site inside the identifiers that it writes. `mapping` says which column of a file with
    any columns tells what. `match` looks for places already here under another name.
    """

    all_places: bool = False
    source: str = ""
    licence: str = ""
    here: str = ""
    mapping: "Correspondence | None" = None
    match: bool = True


@dataclass(slots=True)
class Reading:
    """A file once read: rows that may enter, rows refused, sources named, columns nobody reads, rows not asked for.

    `echoes` counts the rows that left from here and come back.
    """

    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    sources: dict[str, SourceFacts] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    warnings: list[RowProblem] = field(default_factory=list)
    skipped: int = 0
    own: bool = False
    echoes: int = 0

    def refuse(self, problem: RowProblem, raw: Mapping[str, Any] | None = None) -> None:
        self.refused.append(Refused(problem, raw or {}))


@dataclass(frozen=True, slots=True)
class Linked:
    """A new record that joined a place, and why; `slug` is empty for a place of the same file.

    `gone` says since when a place that closed or left stays so: the row does not bring it back.
    """

    source: str
    ref: str
    name: str
    place: str
    slug: str
    points: int
    why: Mapping[str, int]
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Two places that may be one: a person is asked."""

    name: str
    other: str
    points: int
    why: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place that an import made or changed: each field before and after; `where` is its town."""

    name: str
    slug: str
    where: str
    is_new: bool
    changes: Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do (`dry_run`); created, changed, unchanged count places, the rest counts rows.

    `differences` tells as many places as were asked for; `sources` are those in whose name the rows spoke.
    """

    file_name: str
    format: str
    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    flagged: Mapping[str, int]
    quarantined: tuple[Refused, ...]
    warnings: tuple[RowProblem, ...]
    skipped: int = 0
    unmapped: tuple[str, ...] = ()
    proved: bool = True
    run: int | None = None
    echoes: int = 0
    linked: tuple["Linked", ...] = ()
    candidates: tuple["Asked", ...] = ()
    differences: tuple[Difference, ...] = ()
    sources: tuple[SourceFacts, ...] = ()

    @property
    def refused_rows(self) -> int:
        """How many distinct rows stayed out."""
        return len({refused.problem.line for refused in self.quarantined})


def short(value: object) -> str:
    """A value as a report shows it: one line, 200 characters at most, always printable.

    >>> short("a\\x00b\\n c")
    'a␀b c'
    """
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text[: SHOWN * 2].replace("\x00", "␀").split())[:SHOWN]
    return text.encode("utf-8", "replace").decode()


def require_columns(title: str, expected: Iterable[str], found: Iterable[str]) -> None:
    """Refuse a table that lacks columns: name them all, and all that are expected.

    >>> require_columns("x", ["a", "b"], ["a", "b", "c"])
    """
    wanted, held = list(expected), list(found)
    missing = [name for name in wanted if name not in held]
    if not missing:
        return
    count = "une colonne manque" if len(missing) == 1 else f"{len(missing)} colonnes manquent"
    raise FileRefused(
        f"{count} au format « {title} » : {', '.join(missing)}. "
        f"Colonnes attendues : {', '.join(wanted)}. Colonnes trouvées : {', '.join(map(short, held))[:600]}. "
        "Remettez les colonnes manquantes (l’ordre est libre), puis relancez l’import."
    )
