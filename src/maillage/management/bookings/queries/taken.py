"""What is taken: the bookings that hold a unit, in a span of time."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Subquery, TextField

from maillage.management.bookings.models import CONFIRMED, HELD, Booking, Unit
from maillage.management.bookings.rules.spans import Span


class IsTaking(Func):
    """The states of `models.TAKING`, written out: given as values, SQLite would not use the index kept for them."""

    template = "%(expressions)s IN ('held', 'confirmed')"
    output_field = BooleanField()


class AsKept(Func):
    """A moment as the database hands it over, not made a datetime row by row: SQLite keeps a text, without its zone."""

    template = "%(expressions)s"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS text)", **extra)


def taking(unit_ids: Iterable[int], start: datetime, end: datetime) -> QuerySet[Booking]:
    """The rows that the guard counts between two moments, lapsed holds that nobody has swept yet too."""
    return Booking.objects.filter(IsTaking(F("status")), unit__in=list(unit_ids), start__lt=end, end__gt=start)


def taken(unit_ids: Iterable[int], start: datetime, end: datetime, *, now: datetime) -> dict[int, list[Span]]:
    """The spans in which each unit is taken, in order, in one query; a hold whose time is over takes nothing.

    Read by when bookings end, as no two of one unit overlap: those that end within the span, and of each unit the first
    that ends after it. What lies further ahead is not read, however much it is.
    """
    ids = list(unit_ids)
    rows = Booking.objects.filter(IsTaking(F("status")))
    after = rows.filter(unit=OuterRef("pk"), end__gt=end).order_by("end").values("pk")[:1]
    firsts = Unit.objects.filter(pk__in=ids).values(first=Subquery(after))
    within = _lasting(rows.filter(unit__in=ids, end__gt=start, end__lte=end), now)
    across = _lasting(rows.filter(pk__in=firsts, start__lt=end), now)
    found: dict[int, list[Span]] = {pk: [] for pk in ids}
    # The same few hours come back for every unit: each is made a span once.
    known: dict[tuple[Any, Any], Span] = {}
    for unit_id, begins, ends in across.union(within, all=True):
        if (begins, ends) not in known:
            known[begins, ends] = Span(_moment(begins), _moment(ends))
        found[unit_id].append(known[begins, ends])
    for spans in found.values():
        spans.sort()
    return found


def _lasting(rows: QuerySet[Booking], now: datetime) -> QuerySet[Booking, Any]:
    lasting = rows.filter(Q(status=CONFIRMED) | Q(status=HELD, expires_at__gt=now))
    return lasting.order_by().values_list("unit", AsKept("start"), AsKept("end"))


def _moment(kept: str | datetime) -> datetime:
    found = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return found if found.tzinfo else found.replace(tzinfo=UTC)
