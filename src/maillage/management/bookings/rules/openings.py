"""When a place takes bookings: weekly openings, by season, less closures and the holidays it keeps."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.clock import DAY_MINUTES, boundary, day_span
from maillage.management.bookings.rules.spans import Span, Spans, intersect, subtract, union

MOST_DAYS = 1100
"""Two years ahead and a year's booking: nothing asks further."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours of one weekday (0 Monday … 6 Sunday), in minutes after midnight; past 1440 they end the next day.

    From `first_day` to `last_day`, both counted, where a season is given: what matters is the day on which it opens.
    """

    weekday: int
    opens_minute: int
    closes_minute: int
    first_day: date | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"Le jour {self.weekday} n’existe pas : 0 est lundi, 6 dimanche.")
        if not 0 <= self.opens_minute < DAY_MINUTES:
            raise ValueError(f"L’ouverture à {self.opens_minute} minutes sort du jour : de 0 à {DAY_MINUTES - 1}.")
        if not self.opens_minute < self.closes_minute <= self.opens_minute + DAY_MINUTES:
            raise ValueError(
                f"Ouvert à {self.opens_minute} minutes, on ne ferme pas à {self.closes_minute} : "
                f"la fermeture vient après, dans les {DAY_MINUTES} minutes."
            )
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(f"La saison finit le {self.last_day} avant de commencer le {self.first_day}.")

    def holds_on(self, day: date) -> bool:
        """True when the place opens so on a day of this weekday."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Closure:
    """A time without bookings: a span, to the minute, or days, the first and the last both closed.

    Closed days take what opens on them, an evening past midnight whole; the end of the evening before stays.
    """

    when: Span | tuple[date, date]
    reason: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.when, tuple) and self.when[1] < self.when[0]:
            raise ValueError(f"La fermeture finit le {self.when[1]} avant de commencer le {self.when[0]}.")


def open_spans(
    openings: Iterable[Opening],
    closures: Iterable[Closure],
    closed_days: Collection[date],
    zone: ZoneInfo,
    first: date,
    last: date,
) -> Spans:
    """The time open for bookings from a day to another, both whole, in the clocks of a zone.

    `closed_days` are the public holidays of a place that keeps them; they close as the days of a `Closure` do. A
    boundary that the clocks jump over is the change; hours that a spring night leaves out are not there; an hour lived
    twice within an opening is open twice. ValueError over more than `MOST_DAYS` days.

    >>> night = Opening(weekday=5, opens_minute=20 * 60, closes_minute=26 * 60)
    >>> spans = open_spans([night], [], (), ZoneInfo("Europe/Paris"), date(2026, 11, 28), date(2026, 11, 29))
    >>> [(span.start.isoformat(), span.length) for span in spans]
    [('2026-11-28T19:00:00+00:00', datetime.timedelta(seconds=21600))]
    """
    if last < first or (last - first).days >= MOST_DAYS:
        raise ValueError(f"Du {first} au {last} : il faut de 1 à {MOST_DAYS} jours.")
    closed = tuple(closures)
    days = [closure.when for closure in closed if isinstance(closure.when, tuple)]
    spans = [closure.when for closure in closed if isinstance(closure.when, Span)]
    by_weekday: dict[int, list[Opening]] = {}
    for opening in openings:
        by_weekday.setdefault(opening.weekday, []).append(opening)
    # An evening of the day before may last into the first day.
    asked = (first + timedelta(days=count) for count in range(-1, (last - first).days + 1))
    opened = (
        span
        for day in asked
        if day not in closed_days and not any(start <= day <= end for start, end in days)
        for span in _opened_on(day, by_weekday.get(day.weekday(), ()), zone)
    )
    whole = Span(day_span(first, zone).start, day_span(last, zone).end)
    return subtract(intersect(union(opened), (whole,)), spans)


def _opened_on(day: date, openings: Iterable[Opening], zone: ZoneInfo) -> Iterator[Span]:
    for opening in openings:
        if opening.holds_on(day):
            start, end = boundary(day, opening.opens_minute, zone), boundary(day, opening.closes_minute, zone)
            if start < end:
                yield Span(start, end)
