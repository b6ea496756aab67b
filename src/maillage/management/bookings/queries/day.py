"""A day at the desk: who comes, where, who still owes a check-in, who passed by; as many queries for one as for all."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q

from maillage.management.bookings.models import CONFIRMED, HELD, Booking, Closure, Settings, Space, Visit
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.spaces import layout, settings_of
from maillage.management.bookings.rules.clock import boundary, day_span
from maillage.management.bookings.rules.holidays import public_holidays
from maillage.management.bookings.rules.requests import LONGEST
from maillage.management.bookings.rules.spans import Span, Spans
from maillage.places.models import Place

MOST_VISITS = 500


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a place; `noon` is where its half-days part, `open_spans` its own hours, empty when it is closed.

    A booking carries `units`, how many it takes.
    """

    day: date
    zone: ZoneInfo
    span: Span
    noon: datetime
    bookings: tuple[Booking, ...]
    visits: tuple[Visit, ...]
    closures: tuple[Closure, ...]
    open_spans: Spans
    holiday: str
    has_spaces: bool
    has_hours: bool


def settings_here(place: Place) -> Settings:
    """The settings of a place, which keep hold of the place as it was read: no query asks for it again."""
    found = settings_of(place)
    found.place = place
    return found


def day_of(place: Place, day: date, *, now: datetime) -> Day:
    """Everything about one day, in eight queries; holds whose time is over are not there."""
    settings = settings_here(place)
    found = layout(place)
    calendar = Calendar(settings, found, day, day)
    span = day_span(day, calendar.zone)
    rows = Booking.objects.filter(
        Q(status=CONFIRMED) | Q(status=HELD, expires_at__gt=now),
        place=place,
        part_of__isnull=True,
        start__gt=span.start - LONGEST,
        start__lt=span.end,
        end__gt=span.start,
    )
    bookings = rows.select_related("person", "organisation", "space", "unit").annotate(units=1 + Count("parts"))
    visits = Visit.objects.filter(place=place, booking__isnull=True, at__gte=span.start, at__lt=span.end)
    closed = Closure.objects.filter(place=place, start__lt=span.end, end__gt=span.start).select_related("space")
    departement = (place.commune.departement_id if place.commune else "") or ""
    return Day(
        day=day,
        zone=calendar.zone,
        span=span,
        noon=boundary(day, settings.half_day_minute, calendar.zone),
        bookings=tuple(bookings.order_by("start", F("person__folded").asc(nulls_last=True), "pk")),
        visits=tuple(visits.order_by("at", "pk")[:MOST_VISITS]),
        closures=tuple(closed.order_by("start", "pk")),
        open_spans=calendar.open_spans(Space(place=place)),
        holiday=public_holidays(departement, day.year).get(day, "") if settings.closes_on_holidays else "",
        has_spaces=bool(found.spaces),
        has_hours=calendar.is_set,
    )
