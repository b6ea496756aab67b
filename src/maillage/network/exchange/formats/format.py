"""What every format says of itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.reports import Options, Reading, RowProblem


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text, and the name it came under."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """What a written file says of itself: the site it comes from (no final slash), and the day it was made."""

    site_url: str
    today: date


@dataclass(frozen=True, slots=True)
class Loss:
    """A field of ours that a format does not carry, or carries poorly, and in what way."""

    field: str
    how: str


Read = Callable[[Document, Options], Reading]
Write = Callable[[Iterable[ExportedPlace], Writing], Iterator[str]]
Check = Callable[[Document], list[RowProblem]]
LeavesOut = Callable[[ExportedPlace], str]
"""Why a place is not written, in a few words that many places share; empty when it is."""
FileName = Callable[[str, date, str], str]
"""How the standard names a file, from the Siret or RNA of its producer, the day, and the territory."""


@dataclass(frozen=True, slots=True)
class Format:
    """A standard of the field: what it reads, writes and checks, each None where it does not.

    A table is recognised by the columns of `signature`, with all of `required` among them, any other text by
    `recognises`. `losses` is the report of what `write` cannot carry: all else comes back when the file is read again.
    A place that the format cannot tell at all is left out, and `leaves_out` says why. With `rows`, `write` also wants
    the row that each source gave. `version` and `reference` name the text that was followed; `proved` is said once a
    real file of its publisher was read.
    """

    name: str
    title: str
    signature: frozenset[str] = frozenset()
    read: Read | None = None
    write: Write | None = None
    check: Check | None = None
    recognises: Callable[[str], bool] | None = None
    required: frozenset[str] = frozenset()
    losses: tuple[Loss, ...] = ()
    leaves_out: LeavesOut | None = None
    rows: bool = False
    file_name: FileName | None = None
    extension: str = "csv"
    media_type: str = "text/csv; charset=utf-8"
    version: str = ""
    reference: str = ""
    proved: bool = True


def in_chunks(pieces: Iterable[str], size: int = 65_536) -> Iterator[str]:
    """Join small pieces of text into chunks of at least `size` characters: a server sends few large ones faster.

    >>> list(in_chunks(["ab", "c", "de", "f"], size=3))
    ['abc', 'def']
    """
    held: list[str] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            yield "".join(held)
            held, length = [], 0
    if held:
        yield "".join(held)
