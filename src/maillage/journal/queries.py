"""How old the data is, asked of the database once per page; and the mails that have not left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.cache import caches
from django.db.models import Q
from django.utils.connection import ConnectionProxy

from maillage.journal.models import AuditEvent, Mail, Use

aside = ConnectionProxy(caches, "pages")
"""What each process keeps aside for speed, under keys that hold a version; never a source of truth."""

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
    """A number that grows with every audited change of what the public sees: the age of what is kept aside."""
    return once("journal", _last_public_event)


def _last_public_event() -> int:
    shown = AuditEvent.objects.filter(is_public=True)
    return shown.order_by("-pk").values_list("pk", flat=True).first() or 0


MOST_ATTEMPTS = 8
LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Mails:
    """The mails that have not left: waiting for their try, late for it (nobody works), given up; the last trouble."""

    waiting: int
    late: int
    given_up: int
    trouble: str


def mails(*, now: datetime) -> Mails:
    """What has not left yet."""
    unsent = Mail.objects.filter(sent_at__isnull=True)
    over = Q(next_try_at__isnull=True) | Q(attempts__gte=MOST_ATTEMPTS, next_try_at__lte=now)
    told = unsent.exclude(trouble="").order_by("-asked_at", "-pk").values_list("trouble", flat=True)
    return Mails(
        waiting=unsent.exclude(over).count(),
        late=unsent.exclude(over).filter(next_try_at__lt=now - LATE).count(),
        given_up=unsent.filter(over).count(),
        trouble=told.first() or "",
    )


def is_used_up(uses: Mapping[str, int], *, now: datetime) -> bool:
    """Whether one of these uses has had its number of times today."""
    counted = Use.objects.filter(name__in=uses, day=now.date()).values_list("name", "times")
    return any(times >= uses[name] for name, times in counted)
