"""What every format says of itself."""

from collections.abc import Callable
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
