"""When the spaces of a place may be booked, in a span of days."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.models import Closure, OpeningRule, Settings, Space
from maillage.management.bookings.queries.spaces import Layout
from maillage.management.bookings.rules import clock, holidays, openings
from maillage.management.bookings.rules.spans import Span, Spans


class Calendar:
    """The openings and closures of a place over some days, read in two queries, then asked space by space."""

    def __init__(self, settings: Settings, layout: Layout, first: date, last: date) -> None:
        self.settings, self.layout, self.first, self.last = settings, layout, first, last
        self.zone: ZoneInfo = clock.zone_named(settings.zone)
        self._rules = list(OpeningRule.objects.filter(place=settings.place_id))
        whole = Span(clock.day_span(first, self.zone).start, clock.day_span(last, self.zone).end)
        self._open: dict[tuple[int | None, frozenset[int | None]], Spans] = {}
        self._closures = list(Closure.objects.filter(place=settings.place_id, start__lt=whole.end, end__gt=whole.start))

    @property
    def is_set(self) -> bool:
        """Whether anybody has said when this place takes bookings."""
        return bool(self._rules)

    def closed_days(self) -> frozenset[date]:
        """The public holidays on which this place is closed."""
        if not self.settings.closes_on_holidays:
            return frozenset()
        commune = self.settings.place.commune
        code = commune.departement_id if commune and commune.departement_id else ""
        years = range(self.first.year, (self.last + timedelta(days=1)).year + 1)
        return frozenset(day for year in years for day in holidays.public_holidays(code, year))

    def closing(self, space: Space) -> tuple[Closure, ...]:
        """The closures of a space, and of what it stands in."""
        around = {None, *(one.pk for one in self.layout.around(space))}
        return tuple(closure for closure in self._closures if closure.space_id in around)

    def open_spans(self, space: Space) -> Spans:
        """When a space may be booked: in its own hours, else the place's; never in a closure around it."""
        around = {None, *(one.pk for one in self.layout.around(space))}
        whose = space.pk if any(rule.space_id == space.pk for rule in self._rules) else None
        shut = frozenset(closure.space_id for closure in self._closures if closure.space_id in around)
        # Most spaces keep the hours of their place: worked out once, whatever their number.
        if (whose, shut) not in self._open:
            self._open[whose, shut] = self._worked_out(whose, shut)
        return self._open[whose, shut]

    def _worked_out(self, whose: int | None, shut: frozenset[int | None]) -> Spans:
        rules = [rule for rule in self._rules if rule.space_id == whose]
        return openings.open_spans(
            [
                openings.Opening(rule.weekday, rule.opens_minute, rule.closes_minute, rule.first_day, rule.last_day)
                for rule in rules
            ],
            [
                openings.Closure(Span(closure.start, closure.end), closure.reason)
                for closure in self._closures
                if closure.space_id in shut
            ],
            self.closed_days(),
            self.zone,
            self.first,
            self.last,
        )
