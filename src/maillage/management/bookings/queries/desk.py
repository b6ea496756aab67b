"""What the pages of the team show: spaces with their hours, bookings that fall outside of them, one booking's story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from maillage.journal.models import AuditEvent, IdempotencyKey
from maillage.management.bookings.models import CONFIRMED, HELD, TAKING, Booking, Closure, OpeningRule, Settings, Visit
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.day import settings_here
from maillage.management.bookings.queries.spaces import Layout, layout
from maillage.management.bookings.rules.clock import day_span, local_day, zone_named
from maillage.management.bookings.rules.spans import Span, Spans, covers
from maillage.management.people.models import Membership, Organisation, Person
from maillage.management.people.queries.persons import present
from maillage.places.models import Place

MOST_DAYS = 800
"""How far ahead bookings are compared with the hours: a little more than anybody books."""
MOST_SHOWN = 50
MOST_NAMES = 300


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that a place says about its spaces and hours."""

    settings: Settings
    layout: Layout
    openings: tuple[OpeningRule, ...]
    closures: tuple[Closure, ...]


@dataclass(frozen=True, slots=True)
class Misfits:
    """Bookings to come that fall outside the hours as they are now: the first of them, and how many there are."""

    shown: tuple[Booking, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Told:
    """One booking with its units, its visit, what was done to it, and how many of its series follow."""

    booking: Booking
    units: tuple[str, ...]
    visit: Visit | None
    events: tuple[AuditEvent, ...]
    following: int


def grounds(place: Place, *, now: datetime) -> Grounds:
    """The spaces, units, hours and closures to come of a place, those written by hand, and its settings."""
    closures = Closure.objects.filter(place=place, feed__isnull=True, end__gt=now).select_related("space")
    rules = OpeningRule.objects.filter(place=place).select_related("space")
    return Grounds(
        settings_here(place),
        layout(place),
        tuple(rules.order_by("space", "weekday", "opens_minute", "pk")),
        tuple(closures.order_by("start", "pk")),
    )


def misfits(place: Place, *, now: datetime) -> Misfits:
    """The bookings to come outside the hours of their space; none where nobody has said any hours."""
    settings = settings_here(place)
    zone = zone_named(settings.zone)
    first = local_day(now, zone)
    last = first + timedelta(days=MOST_DAYS)
    found = layout(place)
    calendar = Calendar(settings, found, first - timedelta(days=1), last)
    if not calendar.is_set:
        return Misfits((), 0)
    rows = Booking.objects.filter(
        Q(status=CONFIRMED) | Q(status=HELD, expires_at__gt=now),
        place=place,
        part_of__isnull=True,
        kept_at__isnull=True,
        start__gte=now,
        end__lte=day_span(last, zone).end,
    )
    times = rows.values_list("space", "start", "end").annotate(count=Count("pk")).order_by("start", "space", "end")
    open_spans: dict[int, Spans] = {}
    shown, total = Q(pk__in=[]), 0
    for space_id, start, end, count in times:
        if space_id not in open_spans:
            space = found.by_id.get(space_id)
            open_spans[space_id] = calendar.open_spans(space) if space else ()
        if not covers(open_spans[space_id], Span(start, end)):
            if total < MOST_SHOWN:
                shown |= Q(space=space_id, start=start, end=end)
            total += count
    outside = rows.filter(shown).select_related("space", "unit", "person").order_by("start", "pk")
    return Misfits(tuple(outside[:MOST_SHOWN]), total)


def told(place: Place, booking_id: int) -> Told | None:
    """A booking of this place, or None: one of another place does not exist here."""
    rows = Booking.objects.filter(pk=booking_id, place=place, part_of__isnull=True)
    booking = rows.select_related("space", "unit", "person", "organisation", "series").first()
    if booking is None:
        return None
    parts = Booking.objects.filter(part_of=booking).select_related("unit").order_by("unit__order", "unit")
    following = Booking.objects.filter(
        series=booking.series_id, part_of__isnull=True, status__in=TAKING, start__gt=booking.start
    )
    return Told(
        booking,
        (booking.unit.name, *(part.unit.name for part in parts)),
        Visit.objects.filter(booking=booking).first(),
        tuple(AuditEvent.objects.filter(subject=f"booking:{booking.pk}").order_by("-at", "-pk")[:MOST_SHOWN]),
        following.count() if booking.series_id else 0,
    )


def made_under(place: Place, key: str, *, by: str) -> Booking | None:
    """The first booking that a form of the desk made, when it was sent already."""
    known = IdempotencyKey.objects.filter(caller=desk_caller(place, by), key=key).first() if key else None
    ids = (known.answer or {}).get("bookings", []) if known else []
    return Booking.objects.filter(pk__in=ids[:1], place=place).first()


def desk_caller(place: Place, by: str) -> str:
    """Whose keys those of the forms of the desk are: of one person in one place."""
    return f"{by} desk:{place.pk}"[:120]


def zone_here(place: Place) -> str:
    """The IANA name of the zone a place lives in."""
    return settings_here(place).zone


def names_known(place: Place) -> Sequence[Person]:
    """The persons of a place to choose among while one types, those who booked most first."""
    return tuple(present(place).annotate(times=Count("bookings")).order_by("-times", "folded", "pk")[:MOST_NAMES])


def person_of(place: Place, person_id: int) -> Person | None:
    """A person of this place, or None."""
    return present(place).filter(pk=person_id).first()


def payer_of(person: Person | None, day: date) -> Organisation | None:
    """The organisation that pays for a person: that of the newest membership which holds on a day, if it has one."""
    holding = Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    rows = Membership.objects.filter(holding, person=person).select_related("organisation")
    newest = rows.order_by("-starts_on", "-pk").first() if person else None
    found = newest.organisation if newest else None
    return found if person and found and found.place_id == person.place_id and not found.merged_into_id else None
