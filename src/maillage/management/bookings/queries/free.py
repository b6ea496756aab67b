"""What a visitor may book: the spaces of a place that are online, and what is free in each over some days.

Six questions to the database, however many spaces, units, days and bookings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.models import Closure, Settings, Space, Unit
from maillage.management.bookings.queries.asking import limits_of
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.spaces import Layout, layout, settings_of
from maillage.management.bookings.queries.taken import taken
from maillage.management.bookings.rules.availability import free, free_units
from maillage.management.bookings.rules.choices import first_start, pooled, within
from maillage.management.bookings.rules.clock import day_span, local_day, zone_named
from maillage.management.bookings.rules.requests import Limits, Problem, problems
from maillage.management.bookings.rules.spans import Span, Spans
from maillage.places.models import Place

CLOSED = "closed"


@dataclass(frozen=True)
class Offered:
    """A space as a visitor meets it; `bookable` is its open time from the first to the last moment it may be asked."""

    space: Space
    units: tuple[Unit, ...]
    limits: Limits
    opened: Spans
    bookable: Spans
    free: Mapping[int, Spans]
    closures: tuple[Closure, ...] = ()

    def has(self, span: Span) -> bool:
        """Whether a unit, or all of a space taken as one, is free from the start of a span to its end."""
        return bool(free_units(self.free, span))


@dataclass(frozen=True)
class Offer:
    """What a place offers online over some days, and the clocks it lives by."""

    place: Place
    settings: Settings
    zone: ZoneInfo
    spaces: tuple[Offered, ...]

    def of(self, slug: str) -> Offered | None:
        """One of the spaces, by its address."""
        return next((one for one in self.spaces if one.space.slug == slug), None)


def is_online(place: Place, settings: Settings) -> bool:
    """Whether a place takes bookings from its public page."""
    return settings.is_online and place.status != CLOSED and place.removed_at is None


def settings_here(place: Place) -> Settings:
    """How a place takes bookings, with the place at hand: nothing more is asked of the database."""
    found = settings_of(place)
    found.place = place
    return found


def offer(place: Place, settings: Settings, first: date, last: date, *, now: datetime, only: str = "") -> Offer:
    """The spaces that are online, or `only` the one of an address, with what is open and free; both days included."""
    zone = zone_named(settings.zone)
    found = layout(place)
    calendar = Calendar(settings, found, first - timedelta(days=1), last)
    whole = Span(day_span(first, zone).start, day_span(last + timedelta(days=1), zone).end)
    asked = [one for one in found.spaces if one.is_online and only in ("", one.slug)]
    units = {unit.pk for space in asked for unit in found.units_of(space)}
    busy = taken(units, whole.start, whole.end, now=now)
    spaces = [_offered(space, found, settings, calendar, busy, now=now) for space in asked if found.units_of(space)]
    return Offer(place, settings, zone, tuple(spaces))


def _offered(
    space: Space,
    found: Layout,
    settings: Settings,
    calendar: Calendar,
    busy: Mapping[int, list[Span]],
    *,
    now: datetime,
) -> Offered:
    opened = calendar.open_spans(space)
    limits, units, zone = limits_of(space, settings), found.units_of(space), zone_named(settings.zone)
    farthest = day_span(local_day(now, zone) + timedelta(days=limits.horizon_days), zone).end
    soonest = first_start(now + timedelta(minutes=limits.notice_minutes), limits, zone)
    bookable = within(opened, soonest, farthest)
    left = free(bookable, {unit.pk: busy[unit.pk] for unit in units})
    whole = pooled(left, takes_all=found.takes_all(space))
    return Offered(space, units, limits, opened, bookable, whole, calendar.closing(space))


def wrongs(one: Offered, settings: Settings, start: datetime, end: datetime, *, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with asking this time of a space, before anybody looks at who else booked."""
    return problems(start, end, now, one.limits, one.opened, zone_named(settings.zone))


def space_of(space_id: int) -> Space | None:
    """A space in use, with its place; None for another number."""
    rows = Space.objects.filter(archived_at__isnull=True, place__removed_at__isnull=True)
    return rows.select_related("place__commune__departement").filter(pk=space_id).first()


def online_space_named(place: Place, slug: str) -> Space | None:
    """A space in use that visitors may ask for, by its address; None for another."""
    return Space.objects.filter(place=place, slug=slug, is_online=True, archived_at__isnull=True).first()


def online_space(space_id: int) -> Space | None:
    """A space that visitors may book; None for another number."""
    space = space_of(space_id)
    if space is None or not space.is_online or not layout(space.place).units_of(space):
        return None
    return space if is_online(space.place, settings_of(space.place)) else None


def has_online_booking(place: Place) -> bool:
    """Whether a place takes bookings from its public page: one question."""
    return place.status != CLOSED and Settings.objects.filter(pk=place.pk, is_online=True).exists()
