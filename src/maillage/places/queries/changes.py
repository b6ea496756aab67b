"""What has happened to places, in an order that loses nothing: for whoever keeps a copy of the registry.

Two journals are followed by number, each to its own end: revisions, and the events that are no revision (confirmed,
removed, brought back, moved to another address). On PostgreSQL a number is given before its transaction ends, so that
a higher one may be seen first: every writer announces, for as long as its transaction lasts, from which number on it
writes (a trigger and an advisory lock), and nothing beyond the lowest announced is told yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min, Model

from maillage.journal.models import AuditEvent
from maillage.places.models import Place, Revision
from maillage.places.queries.places import standing_for

EVENTS = {
    "places.confirmed": "confirmed",
    "places.removed": "removed",
    "places.restored": "restored",
    "places.slug_renamed": "moved",
    "places.merged": "merged",
    "places.unmerged": "unmerged",
}
KINDS = ("created", "changed", "closed", "reopened", *EVENTS.values())
MARGIN = timedelta(hours=1)
"""A change carries the date at which its transaction began: one that lasted is seen later than it is dated."""
_ANNOUNCED = {AuditEvent: 20261, Revision: 20262}
_LOWEST_ANNOUNCED = """
SELECT min(objid::bigint) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to which number each journal was followed."""

    revision: int = 0
    event: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a place; `fields` changed. The slug and name are today's, empty once removed.

    `replaced_by` is the place that stands for one merged away, whatever was merged since.
    """

    kind: str
    at: datetime
    place_id: UUID
    fields: tuple[str, ...] = ()
    slug: str = ""
    name: str = ""
    removed: bool = False
    reason: str = ""
    replaced_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes, where the next ones begin, and whether more of them wait already.

    `ahead` when the position asked is beyond everything written: it was given by another database, or by this one
    before an older copy of it was restored. Nothing is told then.
    """

    items: tuple[Change, ...]
    after: Position
    more: bool
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    at: datetime
    place_id: UUID
    kind: str
    revision: int = 0
    event: int = 0
    fields: tuple[str, ...] = ()


def position_at(since: datetime) -> Position:
    """Where to begin in order to miss nothing that happened since a moment."""
    return Position(_before(Revision, since - MARGIN), _before(AuditEvent, since - MARGIN))


def _before(journal: type[Model], since: datetime) -> int:
    rows: Any = journal._default_manager
    first = rows.filter(at__gte=since).aggregate(first=Min("pk"))["first"]
    return _settled(journal) if first is None else first - 1


def changes(after: Position, *, limit: int) -> Changes:
    """The next changes after a position, at most `limit`; each is told at least once."""
    if after.revision > _highest(Revision) or after.event > _highest(AuditEvent):
        return Changes((), after, more=False, ahead=True)
    ends = {Revision: _settled(Revision), AuditEvent: _settled(AuditEvent)}
    steps = list(
        merge(
            _revisions(after, ends[Revision], limit + 1),
            _events(after, ends[AuditEvent], limit + 1),
            key=attrgetter("at"),
        )
    )
    kept = steps[:limit]
    revision = max((step.revision for step in kept), default=0) or after.revision
    event = max((step.event for step in kept), default=0) or after.event
    more = len(steps) > limit
    if not more:  # events that tell of no place are behind us too
        revision, event = max(revision, ends[Revision]), max(event, ends[AuditEvent])
    return Changes(tuple(_described(kept)), Position(revision, event), more)


def _settled(journal: type[Model]) -> int:
    """The number up to which nothing can appear any more.

    The three questions must be asked in this order, each seeing what was committed before it: whoever takes a number
    below the highest one seen first has announced itself before the second.
    """
    highest = _highest(journal)
    if connection.vendor != "postgresql":
        return highest
    with connection.cursor() as cursor:
        cursor.execute(_LOWEST_ANNOUNCED, [_ANNOUNCED[journal]])
        lowest = cursor.fetchone()[0]
    return highest if lowest is None else min(highest, lowest)


def _highest(journal: type[Model]) -> int:
    rows: Any = journal._default_manager
    return rows.aggregate(last=Max("pk"))["last"] or 0


def _revisions(after: Position, end: int, limit: int) -> Iterator[_Step]:
    rows = Revision.objects.filter(pk__gt=after.revision, pk__lte=end).order_by("pk")
    for pk, at, place_id, number, said in rows.values_list("pk", "at", "place_id", "number", "changes")[:limit]:
        yield _Step(at, place_id, _kind(number, said), revision=pk, fields=tuple(sorted(said)))


def _kind(number: int, said: dict[str, Any]) -> str:
    if number == 1:
        return "created"
    before, now = said.get("status", ("", ""))
    if before == now or "closed" not in (before, now):
        return "changed"
    return "closed" if now == "closed" else "reopened"


def _events(after: Position, end: int, limit: int) -> Iterator[_Step]:
    rows = AuditEvent.objects.filter(pk__gt=after.event, pk__lte=end, action__in=EVENTS).order_by("pk")
    for pk, at, action, subject in rows.values_list("pk", "at", "action", "subject")[:limit]:
        yield _Step(at, UUID(subject), EVENTS[action], event=pk)


def _described(steps: list[_Step]) -> Iterator[Change]:
    known = {place.pk: place for place in Place.objects.filter(pk__in={step.place_id for step in steps})}
    for step in steps:
        place = known.get(step.place_id)
        if place is None or place.removed_at:
            reason = place.removed_reason if place else ""
            instead = standing_for(place).pk if place and place.replaced_by_id else None
            yield Change(step.kind, step.at, step.place_id, removed=True, reason=reason, replaced_by=instead)
        else:
            yield Change(step.kind, step.at, step.place_id, step.fields, place.slug, place.name)
