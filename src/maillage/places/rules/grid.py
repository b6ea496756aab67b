"""Opening hours as a weekly grid that people fill by hand, and back; what a grid cannot hold has none.

Each day has at most three spans of minutes; an end over 1440 is on the next day. Closures go from (month, day) to
(month, day), both included, every year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from maillage.places.rules.hours import in_words
from maillage.places.rules.timetable import DAYS, FULL_DAY, Line, week

SPANS = 3
LATEST_END = 6 * 60
"""An evening may run past midnight up to here, in minutes of the next day; any later end is a slip of the hand."""
CLOSURES = 3
BY_APPOINTMENT = "sur rendez-vous"
Span = tuple[int, int]
Days = tuple[tuple[Span, ...], ...]
Closure = tuple[tuple[int, int], tuple[int, int]]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
CLOSED: Days = ((),) * 7


@dataclass(frozen=True, slots=True)
class Grid:
    """The spans of each day from Monday, whether public holidays are closed, whether one may ask for a moment."""

    days: Days = CLOSED
    holidays_closed: bool = False
    by_appointment: bool = False
    closures: tuple[Closure, ...] = ()


class BadDay(ValueError):
    """A day that no clock could follow; `day` is 0 (Monday) to 6."""

    def __init__(self, day: int, problem: str) -> None:
        super().__init__(problem)
        self.day = day


def written(grid: Grid) -> str:
    """The grid in OSM syntax; empty when it says nothing.

    >>> written(Grid((((540, 720), (840, 1080)),) * 5 + ((), ()), holidays_closed=True, by_appointment=True))
    'Mo-Fr 09:00-12:00,14:00-18:00; PH off || "sur rendez-vous"'
    """
    rules = [f"{_run(first, last)} {','.join(map(_span, spans))}" for first, last, spans in _runs(grid.days)]
    if rules and grid.holidays_closed:
        rules.append("PH off")
    if rules:
        rules += [f"{_closure(closure)} off" for closure in grid.closures]
    said = "; ".join(rules)
    asked = f'"{BY_APPOINTMENT}"'
    if not grid.by_appointment:
        return said
    return f"{said} || {asked}" if said else asked


def gridded(oh: str) -> Grid | None:
    """The grid that says exactly these hours, or None.

    >>> gridded("Mo 09:00-12:00; PH off").holidays_closed, gridded("Jul-Aug Mo 09:00-12:00")
    (True, None)
    >>> gridded("Mo 09:00-12:00; Aug 1-15 off; Dec off").closures
    (((8, 1), (8, 15)), ((12, 1), (12, 31)))
    """
    if not oh:
        return Grid()
    lines = in_words(oh)
    if lines is None:
        return None
    plain = tuple(line for line in lines if line.plain)
    special = [line for line in lines if not line.plain]
    holidays = [line for line in special if line == Line(public_holidays=True, state="closed")]
    asked = [line for line in special if _asks(line, alone=not plain)]
    closed = [line for line in special if _closes(line)]
    if len(holidays) + len(asked) + len(closed) != len(special) or len(holidays) > 1 or len(asked) > 1:
        return None
    closures = tuple(closure for line in closed for closure in _closures(line))
    if closed and (not plain or lines.index(closed[0]) < lines.index(plain[-1]) or len(closures) > CLOSURES):
        return None
    if not all(map(follows, closures)):
        return None
    if any(line.state == "unknown" or _endless(line) for line in plain):
        return None
    days = tuple(tuple((one.start_minutes, one.end_minutes or 0) for one in day) for day in week(plain))
    grid = Grid(days, bool(holidays and plain), bool(asked), closures)
    return grid if all(len(day) <= SPANS for day in days) and _sound(days) else None


def beyond(oh: str) -> tuple[int, ...] | None:
    """Which lines of `hours.in_words` a grid has no room for; None where the hours have no lines.

    >>> beyond("Mo 09:00-12:00; Jul-Aug Sa 10:00-12:00; PH off; Aug 1-15 off")
    (1,)
    >>> beyond("Mo 08:00-09:00,10:00-11:00,12:00-13:00,14:00-15:00; Tu 09:00-12:00")
    (0,)
    """
    lines = in_words(oh)
    if lines is None:
        return None
    holidays = Line(public_holidays=True, state="closed")
    held = [_fits(line) or line == holidays or _closes(line) or _asks(line, alone=not line.otherwise) for line in lines]
    return tuple(n for n, fits in enumerate(held) if not fits)


def overnight(oh: str) -> tuple[int, ...]:
    """Which lines of `hours.in_words` run past the latest end of an evening: rather a slip than a night.

    >>> overnight("Mo 09:00-12:00; Tu 14:00-10:00; Fr 18:00-02:00"), overnight("24/7")
    ((1,), ())
    """
    lines = in_words(oh) or ()
    latest = FULL_DAY + LATEST_END
    return tuple(n for n, line in enumerate(lines) if any((one.end_minutes or 0) > latest for one in line.times))


def follows(closure: Closure) -> bool:
    """Whether a closure ends after it starts; one that runs into the next year does.

    >>> follows(((12, 24), (1, 2))), follows(((8, 15), (8, 1)))
    (True, False)
    """
    (month, day), (last_month, last_day) = closure
    return month != last_month or day <= last_day


def checked(days: Days) -> Days:
    """Give the spans of each day in order, an end before its start moved to the next day; `BadDay` for the impossible.

    >>> checked((((1200, 120),),) + ((),) * 6)[0]
    ((1200, 1560),)
    """
    read = []
    for day, spans in enumerate(days):
        moved = sorted((start, end if end > start else end + FULL_DAY) for start, end in spans)
        if any(start == end for start, end in spans):
            raise BadDay(day, "empty")
        if any(LATEST_END < end < start for start, end in spans):
            raise BadDay(day, "backwards")
        if any(later[0] < earlier[1] for earlier, later in pairwise(moved)):
            raise BadDay(day, "overlap")
        read.append(tuple(moved))
    return tuple(read)


def _fits(line: Line) -> bool:
    return line.plain and len(line.times) <= SPANS


def _sound(days: Days) -> bool:
    try:
        return checked(tuple(tuple((a, b % FULL_DAY) for a, b in day) for day in days)) == days
    except BadDay:
        return False


def _asks(line: Line, *, alone: bool) -> bool:
    """Whether a line says « sur rendez-vous » of all the time that nothing else tells of."""
    return line == Line(state="unknown", comment=BY_APPOINTMENT, otherwise=not alone)


def _closes(line: Line) -> bool:
    return bool(line.seasons) and line == Line(seasons=line.seasons, state="closed")


def _closures(line: Line) -> Iterator[Closure]:
    """The seasons of a line, to the day."""
    for season in line.seasons:
        (month, day), (last_month, last_day) = season.start, season.end
        yield (month, day or 1), (last_month, last_day or LAST_DAYS[last_month - 1])


def _closure(closure: Closure) -> str:
    (month, day), (last_month, last_day) = closure
    first, last = MONTHS[month - 1], MONTHS[last_month - 1]
    if day == 1 and last_day == LAST_DAYS[last_month - 1]:
        return first if month == last_month else f"{first}-{last}"
    if month == last_month:
        return f"{first} {day}" if day == last_day else f"{first} {day}-{last_day}"
    return f"{first} {day}-{last} {last_day}"


def _endless(line: Line) -> bool:
    return line.adds or any(times.end_minutes is None for times in line.times)


def _runs(days: Days) -> Iterator[tuple[int, int, tuple[Span, ...]]]:
    """Days in a row that have the same spans: (first, last, spans)."""
    first = 0
    for day in range(1, 8):
        if day == 7 or days[day] != days[first]:
            if days[first]:
                yield first, day - 1, days[first]
            first = day


def _run(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"


def _span(span: Span) -> str:
    start, end = span
    return f"{start // 60:02}:{start % 60:02}-{_end(end)}"


def _end(end: int) -> str:
    return "24:00" if end == FULL_DAY else f"{end % FULL_DAY // 60:02}:{end % 60:02}"
