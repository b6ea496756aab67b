"""What every format says of itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from maillage.network.exchange.rules.reports import Options, Reading


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text, and the name it came under."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read, recognised by the columns of `signature`; `proved` once a real file was read."""

    name: str
    title: str
    signature: frozenset[str]
    read: Callable[[Document, Options], Reading]
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
