"""What the rooms above add to the page of a place: each says so when it starts, and is asked by its name.

That page is kept aside until the registry changes: a link depends on it, or on an act that the public sees.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast


class Link(NamedTuple):
    """A way from the page of a place to another; `says` in a few words what is there, `is_act` that one acts there."""

    url: str
    label: str
    says: str
    is_act: bool = False


class Beside(Protocol):
    """A module that has pages beside that of a place."""

    def links(self, place: Any) -> Sequence[Link]:
        """The ways to them, none where there is nothing."""


_known: dict[str, None] = {}


def beside_places(module: str) -> None:
    """Say which module has pages beside those of places; called by `AppConfig.ready`."""
    _known[module] = None


def links(place: Any) -> list[Link]:
    """All that stands beside the page of a place: what one does there, then what one reads, as rooms started."""
    found = [link for name in _known for link in cast("Beside", import_module(name)).links(place)]
    return sorted(found, key=lambda link: not link.is_act)
