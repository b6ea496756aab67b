"""Spans of time, half-open [start, end), kept in UTC; sets of them are tuples, sorted, disjoint, never touching."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

START, END = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one aware moment to a later one, the end left out; another zone than UTC is brought to it.

    >>> Span(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)).length
    datetime.timedelta(seconds=5400)
    >>> Span(datetime(2026, 11, 23, 8), datetime(2026, 11, 23, 9))
    Traceback (most recent call last):
    ValueError: L’heure 2026-11-23T08:00:00 n’a pas de fuseau horaire : on ne sait pas quel instant c’est. Donnez-en un.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Two datetimes of one zone are compared by their wall clocks, wrong in an hour lived twice: hence UTC.
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            object.__setattr__(self, "start", in_utc(self.start))
            object.__setattr__(self, "end", in_utc(self.end))
        if self.end <= self.start:
            raise ValueError(
                f"La fin {self.end.isoformat()} ne vient pas après le début {self.start.isoformat()} : "
                "une durée est d’au moins un instant. Changez l’une ou l’autre."
            )

    @property
    def length(self) -> timedelta:
        """The time that really passes, whatever the clocks on the wall do meanwhile."""
        return self.end - self.start


Spans = tuple[Span, ...]


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; ValueError when it has no zone."""
    if moment.utcoffset() is None:
        raise ValueError(
            f"L’heure {moment.isoformat()} n’a pas de fuseau horaire : on ne sait pas quel instant c’est. Donnez-en un."
        )
    return moment.astimezone(UTC)


def union(*groups: Iterable[Span]) -> Spans:
    """All the time that lies in any of the spans; those that touch become one.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> [(span.start.hour, span.end.hour) for span in union([Span(at(14), at(18))], [Span(at(9), at(12))])]
    [(9, 12), (14, 18)]
    >>> union([Span(at(9), at(12)), Span(at(12), at(14))]) == (Span(at(9), at(14)),)
    True
    """
    joined: list[Span] = []
    for span in sorted((span for group in groups for span in group), key=START):
        if joined and span.start <= joined[-1].end:
            if span.end > joined[-1].end:
                joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> Spans:
    """What is left of some spans once others are taken from them.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> left = subtract([Span(at(9), at(18))], [Span(at(12), at(14)), Span(at(17), at(20))])
    >>> [(span.start.hour, span.end.hour) for span in left]
    [(9, 12), (14, 17)]
    """
    left: list[Span] = []
    cuts = union(taken)
    place = 0
    for span in union(spans):
        start = span.start
        while place < len(cuts) and cuts[place].end <= start:
            place += 1
        # The last cut met may reach into the next span, so `place` does not go past it.
        ahead = place
        while ahead < len(cuts) and cuts[ahead].start < span.end:
            if cuts[ahead].start > start:
                left.append(Span(start, cuts[ahead].start))
            start = cuts[ahead].end
            place = ahead
            ahead += 1
        if start == span.start:
            left.append(span)
        elif start < span.end:
            left.append(Span(start, span.end))
    return tuple(left)


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> Spans:
    """The time that lies in both.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> both = intersect([Span(at(9), at(12)), Span(at(14), at(18))], [Span(at(11), at(15))])
    >>> [(span.start.hour, span.end.hour) for span in both]
    [(11, 12), (14, 15)]
    """
    ones, twos = union(spans), union(others)
    both: list[Span] = []
    one = two = 0
    while one < len(ones) and two < len(twos):
        start = max(ones[one].start, twos[two].start)
        end = min(ones[one].end, twos[two].end)
        if start < end:
            both.append(Span(start, end))
        if ones[one].end <= twos[two].end:
            one += 1
        else:
            two += 1
    return tuple(both)


def total(spans: Iterable[Span]) -> timedelta:
    """How much time the spans hold together, each moment counted once.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> total([Span(at(9), at(12)), Span(at(11), at(13))])
    datetime.timedelta(seconds=14400)
    """
    return sum((span.length for span in union(spans)), timedelta(0))


def overlaps(one: Span, other: Span) -> bool:
    """True when two spans share a moment; one that ends when the other starts shares none.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> overlaps(Span(at(9), at(12)), Span(at(11), at(13))), overlaps(Span(at(9), at(12)), Span(at(12), at(13)))
    (True, False)
    """
    return one.start < other.end and other.start < one.end


def covers(spans: Spans, span: Span) -> bool:
    """True when a span lies whole within one of a sorted, disjoint set.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> covers((Span(at(9), at(12)),), Span(at(9), at(12))), covers((Span(at(9), at(12)),), Span(at(11), at(13)))
    (True, False)
    """
    place = bisect_right(spans, span.start, key=START)
    return place > 0 and span.end <= spans[place - 1].end


def among(spans: Spans, span: Span) -> Spans:
    """Those of a sorted, disjoint set that share a moment with a span, whole, found without reading the others.

    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> among((Span(at(9), at(12)), Span(at(14), at(18))), Span(at(12), at(15))) == (Span(at(14), at(18)),)
    True
    """
    low = bisect_right(spans, span.start, key=END)
    high = low
    while high < len(spans) and spans[high].start < span.end:
        high += 1
    return spans[low:high]
