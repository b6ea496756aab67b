"""What somebody may choose: the times at which a booking begins or ends on a day, and how much of a day is left."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.availability import Free
from maillage.management.bookings.rules.clock import DAY_MINUTES, day_span, instant, local_day, minute_of_day
from maillage.management.bookings.rules.requests import Limits
from maillage.management.bookings.rules.spans import Span, Spans, among, intersect

WHOLE = 0
"""Stands for all the units of a space that is taken as one; no unit bears this number."""


def pooled(free_by_unit: Free, *, takes_all: bool) -> Mapping[int, Spans]:
    """The free time of each unit; of a space taken as one, the time when all its units are free together.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 11, 23, hour, tzinfo=UTC)
    >>> left = pooled({4: (Span(at(9), at(12)),), 5: (Span(at(10), at(18)),)}, takes_all=True)
    >>> [(unit, span.start.hour, span.end.hour) for unit, spans in left.items() for span in spans]
    [(0, 10, 12)]
    """
    if not takes_all:
        return free_by_unit
    together: Spans | None = None
    for spans in free_by_unit.values():
        together = spans if together is None else intersect(together, spans)
    return {WHOLE: together} if together is not None else {}


def within(spans: Spans, low: datetime, high: datetime) -> Spans:
    """The part of some spans from a moment to another; nothing when the second does not come after the first."""
    return intersect(spans, (Span(low, high),)) if low < high else ()


def first_start(moment: datetime, limits: Limits, zone: ZoneInfo) -> datetime:
    """The first moment from this one on at which a booking may begin on the step, or at one of `also_minutes`.

    >>> from datetime import UTC
    >>> limits, paris = Limits(30, 30, 480, 0, 90), ZoneInfo("Europe/Paris")
    >>> found = first_start(datetime(2026, 11, 23, 18, 25, tzinfo=UTC), limits, paris)
    >>> f"{found.astimezone(paris):%H:%M}"
    '19:30'
    """
    whole = moment.replace(second=0, microsecond=0)
    whole += timedelta(minutes=whole < moment)
    minute = minute_of_day(whole, zone)
    steps = -(-minute // limits.step_minutes) * limits.step_minutes
    later = min([steps, *(also for also in limits.also_minutes if also >= minute)])
    return whole + timedelta(minutes=later - minute)


def moments(open_spans: Spans, limits: Limits, zone: ZoneInfo, day: date) -> tuple[datetime, ...]:
    """The times of a day, and of the night after it, at which a booking may begin or end within the open time.

    On the step counted from midnight, and where it opens or closes, and at `also_minutes`; a time that the clocks jump
    over is not there, one that comes twice is there twice.

    >>> from datetime import UTC
    >>> monday, opened = date(2026, 11, 23), (Span(*(datetime(2026, 11, 23, hour, 15, tzinfo=UTC) for hour in (8, 9))),)
    >>> found = moments(opened, Limits(30, 30, 480, 0, 90), ZoneInfo("Europe/Paris"), monday)
    >>> [f"{moment.astimezone(ZoneInfo('Europe/Paris')):%H:%M}" for moment in found]
    ['09:15', '09:30', '10:00', '10:15']
    """
    around = among(open_spans, Span(day_span(day, zone).start, day_span(day + timedelta(days=1), zone).end))
    minutes = set(range(0, 2 * DAY_MINUTES, limits.step_minutes))
    minutes |= {m + days * DAY_MINUTES for m in limits.also_minutes for days in (0, 1)}
    found = {moment for span in around for moment in (span.start, span.end) if local_day(moment, zone) >= day}
    for minute in minutes:
        for second_pass in (False, True):
            try:
                moment = instant(day, minute, zone, second_pass=second_pass)
            except ValueError:
                continue
            if any(span.start <= moment <= span.end for span in around):
                found.add(moment)
    return tuple(sorted(found))


def starts(
    found: Iterable[datetime], bookable: Spans, limits: Limits, zone: ZoneInfo, day: date
) -> tuple[datetime, ...]:
    """Those at which a booking of that day may begin, with room left for the shortest one."""
    least = timedelta(minutes=limits.shortest_minutes)
    return tuple(
        moment
        for moment in found
        if local_day(moment, zone) == day
        and any(span.start <= moment and moment + least <= span.end for span in bookable)
    )


def ends(
    found: Iterable[datetime], bookable: Spans, limits: Limits, begins: Iterable[datetime]
) -> tuple[datetime, ...]:
    """Those at which a booking may end that begins at one of these, in the same stretch and not too long after.

    >>> from datetime import UTC
    >>> at = lambda day, hour: datetime(2026, 11, day, hour, tzinfo=UTC)
    >>> opened, found = (Span(at(23, 8), at(23, 17)), Span(at(24, 8), at(24, 17))), (at(23, 12), at(23, 17), at(24, 9))
    >>> [moment.hour for moment in ends(found, opened, Limits(30, 30, 480, 0, 90), (at(23, 8), at(23, 12)))]
    [12, 17]
    """
    least, most = timedelta(minutes=limits.shortest_minutes), timedelta(minutes=limits.longest_minutes)
    reach = [
        (own[0] + least, min(own[-1] + most, span.end))
        for span in bookable
        if (own := [begin for begin in begins if span.start <= begin < span.end])
    ]
    return tuple(moment for moment in found if any(low <= moment <= high for low, high in reach))


def is_free_for(free_by_unit: Free, shortest_minutes: int, window: Span) -> bool:
    """Whether any unit has, in a window, a free stretch as long as the shortest booking."""
    least = timedelta(minutes=shortest_minutes)
    return any(
        any(min(span.end, window.end) - max(span.start, window.start) >= least for span in among(spans, window))
        for spans in free_by_unit.values()
    )
