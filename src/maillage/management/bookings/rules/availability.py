"""What is free: per unit, how many at a time, by half-days, and what stands nearest to what cannot be had.

A unit is known by a number. Open and free times are sorted, disjoint spans, as `spans.union` makes them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.clock import (
    DAY_MINUTES,
    boundary,
    day_span,
    instant,
    local_day,
    minute_of_day,
)
from maillage.management.bookings.rules.spans import Span, Spans, among, covers, intersect, subtract

MORNING, AFTERNOON = "morning", "afternoon"
DAYS_AROUND = 14
"""How many days before and after are looked through for something else."""

Free = Mapping[int, Spans]


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A morning or an afternoon, from its first opening to its last closing, and the units free all through it."""

    part: str
    span: Span
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A unit that is free for a span."""

    unit: int
    span: Span


def free(open_spans: Spans, occupied_by_unit: Mapping[int, Iterable[Span]]) -> dict[int, Spans]:
    """What is left of the open time for each unit, once what takes it is gone; a unit that nothing takes has it all.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> left = free((Span(at(9), at(18)),), {1: [Span(at(9), at(12))], 2: []})
    >>> {unit: [(span.start.hour, span.end.hour) for span in spans] for unit, spans in left.items()}
    {1: [(12, 18)], 2: [(9, 18)]}
    """
    return {unit: subtract(open_spans, occupied) for unit, occupied in occupied_by_unit.items()}


def free_units(free_by_unit: Free, span: Span) -> tuple[int, ...]:
    """The units free from the start of a span to its end, in the order given.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> free_units({1: (Span(at(12), at(18)),), 2: (Span(at(9), at(18)),)}, Span(at(10), at(13)))
    (2,)
    """
    return tuple(unit for unit, spans in free_by_unit.items() if covers(spans, span))


def counts(open_spans: Spans, free_by_unit: Free) -> tuple[tuple[Span, int], ...]:
    """How many units are free, from change to change: the steps fill the open time, zero where all are taken.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> steps = counts((Span(at(9), at(18)),), {1: (Span(at(12), at(18)),), 2: (Span(at(9), at(14)),)})
    >>> [(span.start.hour, span.end.hour, number) for span, number in steps]
    [(9, 12, 1), (12, 14, 2), (14, 18, 1)]
    """
    changes: dict[datetime, int] = {}
    for span in chain.from_iterable(free_by_unit.values()):
        changes[span.start] = changes.get(span.start, 0) + 1
        changes[span.end] = changes.get(span.end, 0) - 1
    moments = iter(sorted(moment for moment, change in changes.items() if change))
    steps: list[tuple[Span, int]] = []
    number, coming = 0, next(moments, None)
    for opened in open_spans:
        start = opened.start
        while coming is not None and coming < opened.end:
            if coming > start:
                steps.append((Span(start, coming), number))
                start = coming
            number += changes[coming]
            coming = next(moments, None)
        steps.append((Span(start, opened.end), number))
    return tuple(steps)


def half_days(
    day: date, zone: ZoneInfo, open_spans: Spans, boundary_minute: int, free_by_unit: Free
) -> tuple[HalfDay, ...]:
    """The morning and the afternoon of a day, as far as it is open, and the units free all through each.

    `boundary_minute` is where the place parts its days, in minutes after midnight. The end of the evening before is no
    morning; an evening past midnight belongs to its afternoon. Only the open time must be free, not a closed noon.

    >>> paris, monday = ZoneInfo("Europe/Paris"), date(2026, 11, 23)
    >>> at = lambda hour: instant(monday, hour * 60, paris)
    >>> opened = (Span(at(9), at(18)),)
    >>> [(half.part, half.units) for half in half_days(monday, paris, opened, 810, {1: (Span(at(9), at(14)),)})]
    [('morning', (1,)), ('afternoon', ())]
    """
    own = _opened_on(day, zone, open_spans, boundary_minute)
    if not own:
        return ()
    cut = boundary(day, boundary_minute, zone)
    halves = []
    for part, start, end in ((MORNING, own[0].start, cut), (AFTERNOON, cut, own[-1].end)):
        times = intersect(own, (Span(start, end),)) if start < end else ()
        if times:
            units = (unit for unit, spans in free_by_unit.items() if all(covers(spans, span) for span in times))
            halves.append(HalfDay(part, Span(times[0].start, times[-1].end), tuple(units)))
    return tuple(halves)


def _opened_on(day: date, zone: ZoneInfo, open_spans: Spans, boundary_minute: int) -> Spans:
    """The open time of a day, with its own evening past midnight and without the one before."""
    whole = day_span(day, zone)
    cuts = boundary(day, boundary_minute, zone), boundary(day, DAY_MINUTES + boundary_minute, zone)
    own = []
    for span in among(open_spans, whole):
        if span.start < whole.start and span.end <= cuts[0]:
            continue
        start = max(span.start, whole.start)
        own.append(Span(start, span.end if span.end <= cuts[1] else whole.end))
    return tuple(own)


def suggest(
    asked: Span,
    unit: int,
    free_by_unit: Free,
    zone: ZoneInfo,
    *,
    step_minutes: int,
    earliest: datetime,
    most: int = 5,
) -> tuple[Offer, ...]:
    """What can be had instead of a unit for a span: the nearest first, at most `most`, none before `earliest`.

    First other units at the time asked; then that day, as long and on the step, the nearest time of each free stretch;
    then the same hours on the days around, as far as `DAYS_AROUND`. Each other time is offered once, with the unit
    asked where it is free. A time that the clocks jump over is not offered.

    >>> paris, monday = ZoneInfo("Europe/Paris"), date(2026, 11, 23)
    >>> at = lambda hour: instant(monday, hour * 60, paris)
    >>> left = {1: (Span(at(12), at(18)),), 2: (Span(at(9), at(18)),)}
    >>> found = suggest(Span(at(10), at(12)), 1, left, paris, step_minutes=30, earliest=at(8), most=3)
    >>> [(offer.unit, minute_of_day(offer.span.start, paris) / 60) for offer in found]
    [(2, 10.0), (1, 12.0)]
    """
    units = {unit: free_by_unit.get(unit, ())} | {
        other: spans for other, spans in free_by_unit.items() if other != unit
    }
    same_time = (Offer(other, asked) for other in free_units(units, asked) if other != unit)
    that_day = _same_day(asked, units, zone, step_minutes, earliest)
    offers: list[Offer] = []
    seen: set[Span] = set()
    for offer in chain(same_time, that_day, _other_days(asked, units, zone)):
        if len(offers) >= most:
            break
        if offer.span.start >= earliest and (offer.span == asked or offer.span not in seen):
            seen.add(offer.span)
            offers.append(offer)
    return tuple(offers)


def _same_day(asked: Span, units: Free, zone: ZoneInfo, step_minutes: int, earliest: datetime) -> Iterator[Offer]:
    """Other times of the day asked for, the nearest first."""
    day = local_day(asked.start, zone)
    whole = day_span(day, zone)
    starts = []
    for order, (unit, spans) in enumerate(units.items()):
        for span in among(spans, whole):
            low = max(span.start, whole.start, earliest)
            high = min(span.end - asked.length, whole.end - timedelta(minutes=1))
            start = _nearest(day, asked.start, low, high, zone, step_minutes)
            if start is not None and start != asked.start:
                starts.append((abs(start - asked.start), start, order, unit))
    return (Offer(unit, Span(start, start + asked.length)) for _, start, _, unit in sorted(starts))


def _nearest(
    day: date, asked: datetime, low: datetime, high: datetime, zone: ZoneInfo, step_minutes: int
) -> datetime | None:
    """The time on the step that is nearest to the one asked, from `low` to `high`; None if there is none."""
    if low <= asked <= high:
        return asked
    if high < low:
        return None
    steps, past = divmod(minute_of_day(low if asked < low else high, zone), step_minutes)
    if asked < low and (past or low.second or low.microsecond):
        steps += 1
    try:
        start = instant(day, steps * step_minutes, zone)
    except ValueError:
        return None
    return start if low <= start <= high else None


def _other_days(asked: Span, units: Free, zone: ZoneInfo) -> Iterator[Offer]:
    """The hours asked for, as the clocks show them, on the days after and before, the nearest first."""
    ends = [(local_day(moment, zone), minute_of_day(moment, zone)) for moment in (asked.start, asked.end)]
    for away in range(1, DAYS_AROUND + 1):
        for days in (timedelta(days=away), timedelta(days=-away)):
            try:
                span = Span(*(instant(day + days, minute, zone) for day, minute in ends))
            except ValueError:
                continue
            for unit in free_units(units, span)[:1]:
                yield Offer(unit, span)
