"""What a price may be of: spaces, formulas, events. The rooms above say what they sell, and are asked by name."""

from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from maillage.places.models import Place


class Subject(NamedTuple):
    """Something that a place sells: the word by which prices name it ("space:12"), and what people call it."""

    word: str
    label: str


class Sells(Protocol):
    """A module that knows things a place sells."""

    def subjects(self, place: Place) -> Sequence[Subject]:
        """What a place sells by it, in the order in which it is shown."""


_known: dict[str, None] = {}


def sold_also_by(module: str) -> None:
    """Say which module knows things that places sell; called by `AppConfig.ready`."""
    _known[module] = None


def subjects(place: Place, *, kind: str = "") -> list[Subject]:
    """All that a place may sell, or what of one kind ("space")."""
    told = (one for name in _known for one in cast("Sells", import_module(name)).subjects(place))
    return [one for one in told if not kind or one.word.partition(":")[0] == kind]
