"""What the rooms above add to the page of a person: each says so when it starts, and is asked by its name."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast


class Way(NamedTuple):
    """A way from the page of a person to what another room keeps of them."""

    url: str
    label: str


class BesidePersons(Protocol):
    """A module that has pages beside that of a person."""

    def ways(self, seat: Any, person: Any) -> Sequence[Way]:
        """The ways to them, for who sits there."""


_known: dict[str, None] = {}


def beside_persons(module: str) -> None:
    """Say which module has pages beside those of persons; called by `AppConfig.ready`."""
    _known[module] = None


def ways(seat: Any, person: Any) -> list[Way]:
    """All that stands beside the page of a person, in the order in which rooms started."""
    return [way for name in _known for way in cast("BesidePersons", import_module(name)).ways(seat, person)]
