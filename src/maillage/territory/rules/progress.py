"""How a long job tells how far it is, without knowing who looks."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Bar(Protocol):
    def step(self, count: int = 1, /) -> None: ...


Progress = Callable[[int, str], AbstractContextManager[Bar]]
"""Given how many units (0: nobody knows) and a label, a context that is told each step."""


class _Silent:
    def step(self, count: int = 1, /) -> None:
        """Show nothing."""


def silent(total: int, label: str) -> AbstractContextManager[Bar]:
    """A progress that shows nothing."""
    return nullcontext(_Silent())
