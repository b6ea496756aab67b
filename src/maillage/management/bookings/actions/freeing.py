"""Freed capacity: holds whose time is over, cancelled bookings, and who waits for them, in the order of asking."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from maillage.journal import actions as journal
from maillage.management.bookings import emails
from maillage.management.bookings.models import (
    CANCELLED,
    CONFIRMED,
    HELD,
    LAPSED,
    Booking,
    Settings,
    Unit,
    Waiting,
)
from maillage.management.bookings.queries import guard
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.spaces import Layout, layout, settings_of
from maillage.management.bookings.queries.taken import taken, taking
from maillage.management.bookings.rules.clock import local_day, zone_named
from maillage.management.bookings.rules.offers import offer_until
from maillage.management.bookings.rules.spans import Span, covers
from maillage.places.models import Place

MOST_OFFERS = 50


def lapse_and_offer(*, place: Place, units: Sequence[Unit], span: Span, by: str, now: datetime) -> None:
    """End the holds on these units whose time is over, and offer what is free to those who wait, in their order."""
    over = taking([unit.pk for unit in units], span.start, span.end).filter(status=HELD, expires_at__lte=now)
    leads = {part_of or pk for pk, part_of in over.values_list("pk", "part_of")}
    if leads:
        Booking.objects.filter(pk__in=leads).update(status=LAPSED, expires_at=None, changed_at=now)
        Waiting.objects.filter(offer__in=leads, ended_at__isnull=True).update(ended_at=now)
        journal.write(action="bookings.lapsed", by=by, now=now, detail={"bookings": sorted(leads)})
    _offer(place, span, by=by, now=now)


def _offer(place: Place, span: Span, *, by: str, now: datetime) -> None:
    waiting = Waiting.objects.filter(
        space__place=place,
        ended_at__isnull=True,
        offer__isnull=True,
        start__lt=span.end,
        end__gt=span.start,
        start__gt=now,
        person__erased_at__isnull=True,
        person__left_at__isnull=True,
    )
    ahead = list(waiting.select_related("space", "person").order_by("asked_at", "pk")[:MOST_OFFERS])
    # Giving back is never refused; an offer that nothing guards is not made.
    if not ahead or guard.missing():
        return
    found, settings = layout(place), settings_of(place)
    for one in ahead:
        units = found.units_of(one.space)
        busy = taken([unit.pk for unit in units], one.start, one.end, now=now)
        free = [unit for unit in units if not busy[unit.pk]]
        wanted = units if found.takes_all(one.space) else free[:1]
        if not wanted or len(free) < len(wanted) or not _is_open(one, found, settings):
            continue
        until = offer_until(now, one.start, zone_named(settings.zone))
        _hold_for(one, list(wanted), until, by=by, now=now)


def _is_open(one: Waiting, found: Layout, settings: Settings) -> bool:
    """Whether what somebody waits for is still within the openings: they may have changed since they asked."""
    first, last = (local_day(moment, zone_named(settings.zone)) for moment in (one.start, one.end))
    calendar = Calendar(settings, found, first - timedelta(days=1), last)
    return covers(calendar.open_spans(one.space), Span(one.start, one.end))


def _hold_for(one: Waiting, units: list[Unit], until: datetime, *, by: str, now: datetime) -> None:
    given = {
        "place": one.space.place,
        "space": one.space,
        "start": one.start,
        "end": one.end,
        "status": HELD,
        "expires_at": until,
        "made_at": now,
        "made_by": by,
        "changed_at": now,
    }
    try:
        with transaction.atomic():
            lead = Booking.objects.create(**given, unit=units[0], person=one.person)
            for unit in units[1:]:
                Booking.objects.create(**given, unit=unit, part_of=lead)
            # Freeing takes no lock: of two cancellations at once, one makes the offer.
            if not Waiting.objects.filter(pk=one.pk, offer__isnull=True, ended_at__isnull=True).update(offer=lead):
                raise IntegrityError
    except IntegrityError:
        return
    journal.write(action="bookings.offered", by=by, now=now, subject=f"booking:{lead.pk}", detail={"waiting": one.pk})
    emails.say_offered(booking=lead, language=one.language, now=now)


@transaction.atomic
def cancel(*, booking_id: int, by: str, now: datetime) -> Booking:
    """Give back what a booking takes, and offer it to who waits; cancelling twice is once."""
    journal.lock_order()
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("space__place__commune")
        .get(pk=booking_id, part_of__isnull=True)
    )
    if booking.status not in (HELD, CONFIRMED):
        return booking
    booking.status, booking.expires_at, booking.changed_at = CANCELLED, None, now
    booking.save(update_fields=["status", "expires_at", "changed_at"])
    Waiting.objects.filter(offer=booking, ended_at__isnull=True).update(ended_at=now)
    journal.write(action="bookings.cancelled", by=by, now=now, subject=f"booking:{booking.pk}")
    if booking.end > now:
        place = booking.space.place
        units = layout(place).units_of(booking.space)
        span = Span(booking.start, booking.end)
        lapse_and_offer(place=place, units=units, span=span, by=by, now=now)
    return booking


@transaction.atomic
def wait(*, waiting: Waiting, by: str, now: datetime) -> Waiting:
    """Put somebody on the waiting list of a space; asking twice is once."""
    same = Waiting.objects.filter(
        space=waiting.space, person=waiting.person, start=waiting.start, end=waiting.end, ended_at__isnull=True
    ).first()
    if same is not None:
        return same
    waiting.asked_at = now
    waiting.save(force_insert=True)
    journal.write(action="bookings.waited", by=by, now=now, subject=f"waiting:{waiting.pk}")
    return waiting


def sweep(*, now: datetime, by: str) -> int:
    """End every hold whose time is over, place by place, and offer what it frees; says how many places it looked at."""
    due = Booking.objects.filter(status=HELD, expires_at__lte=now).order_by("pk")
    seen = 0
    for place_id in sorted(set(due.values_list("place", flat=True)), key=str):
        with transaction.atomic():
            journal.lock_order()
            place = Place.objects.select_related("commune").get(pk=place_id)
            rows = list(due.filter(place=place).select_related("unit"))
            for row in rows:
                lapse_and_offer(place=place, units=[row.unit], span=Span(row.start, row.end), by=by, now=now)
            seen += 1
    return seen
