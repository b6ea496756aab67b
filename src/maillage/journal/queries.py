"""How old the data is, asked of the database once per page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from maillage.journal.models import AuditEvent

T = TypeVar("T")

_page: ContextVar[dict[str, Any] | None] = ContextVar("page", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Within this block versions are read once: one page never mixes two states of the registry."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def once(key: str, read: Callable[[], T]) -> T:
    """Read something once per page; outside a page, every time."""
    kept = _page.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    return kept[key]


def forget() -> None:
    """Forget what this page has read: something was just written."""
    kept = _page.get()
    if kept is not None:
        kept.clear()


def version() -> int:
    """A number that grows with every audited change: the age of anything kept aside for speed."""
    return once("journal", lambda: AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
