"""What the rules need to judge a request: the space, its units, its hours, and who is authorised."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from maillage.management.bookings.models import Authorisation, Settings, Space, Unit
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.spaces import layout
from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR, local_day
from maillage.management.bookings.rules.requests import LONGEST, Limits
from maillage.management.bookings.rules.spans import Spans
from maillage.management.people.models import Person


@dataclass(frozen=True, slots=True)
class Ground:
    """A space as a request meets it; `open_spans` are its hours around the time asked for."""

    units: tuple[Unit, ...]
    takes_all: bool
    limits: Limits
    open_spans: Spans
    zone: ZoneInfo

    def asked(self, start: datetime, end: datetime, *, now: datetime, desk: bool) -> dict[str, Any]:
        """The arguments of `rules.requests.problems`."""
        return {
            "start": start,
            "end": end,
            "now": now,
            "limits": self.limits,
            "open_spans": self.open_spans,
            "zone": self.zone,
            "desk": desk,
        }


def limits_of(space: Space, settings: Settings) -> Limits:
    """The lengths and delays that a space accepts; the limit of half days is an hour like those of the step."""
    return Limits(
        step_minutes=space.step_minutes,
        shortest_minutes=space.shortest_minutes,
        longest_minutes=space.longest_minutes,
        notice_minutes=space.notice_minutes,
        horizon_days=space.horizon_days,
        also_minutes=(settings.half_day_minute,),
    )


def ground_of(space: Space, settings: Settings, start: datetime, end: datetime) -> Ground:
    """A space and its hours from the day before `start` to the day of `end`, within what may be asked at all."""
    found = layout(space.place)
    zone = ZoneInfo(settings.zone)
    open_spans: Spans = ()
    # At the edges of what Python counts a day has no neighbour: the rules refuse such a request without its hours.
    if min(start.year, end.year) > FIRST_YEAR and max(start.year, end.year) < LAST_YEAR:
        last = min(max(start, end), start + LONGEST)
        calendar = Calendar(settings, found, local_day(start, zone) - timedelta(days=1), local_day(last, zone))
        open_spans = calendar.open_spans(space)
    return Ground(
        units=found.units_of(space),
        takes_all=found.takes_all(space),
        limits=limits_of(space, settings),
        open_spans=open_spans,
        zone=zone,
    )


def is_authorised(person: Person | None, name: str, day: date) -> bool:
    """Whether a person holds an authorisation on a day, as the place counts its days."""
    if person is None:
        return False
    lasting = Q(expires_on__isnull=True) | Q(expires_on__gte=day)
    return standing(person, name).filter(lasting, given_on__lte=day).exists()


def standing(person: Person, name: str) -> QuerySet[Authorisation]:
    """The authorisations of that name that a person was given and nobody took back."""
    return Authorisation.objects.filter(person=person, name=name, withdrawn_at__isnull=True)
