"""Whatever people do, in whatever order: no unit is taken twice, and what is free and what is taken fill the day."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.management.bookings.actions.freeing import cancel, sweep, wait
from maillage.management.bookings.actions.reserving import Asked, Refused, confirm, move, reserve
from maillage.management.bookings.models import CONFIRMED, HELD, TAKING, Booking, Space, Waiting
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.spaces import layout, settings_of
from maillage.management.bookings.queries.taken import taken
from maillage.management.bookings.rules.availability import free
from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.rules.spans import intersect, overlaps, union
from tests.management.bookings.hall import Hall

SLUGS = ("tout", "salle", "bureaux")
MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOURS = st.tuples(st.integers(0, 5), st.integers(1, 3))
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.sampled_from(SLUGS), HOURS, st.booleans(), st.integers(1, 2)),
        st.tuples(st.just("wait"), st.sampled_from(SLUGS), HOURS),
        st.tuples(st.just("confirm"), st.integers(0, 9)),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 9), HOURS),
        st.tuples(st.just("sweep")),
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS, st.integers(1, 40))
def test_no_unit_is_ever_taken_twice_and_cancelling_gives_back_what_was_taken(
    venue: Hall, now: datetime, acts: list[Any], minutes: int
) -> None:
    with transaction.atomic():
        _play(venue, now, acts, timedelta(minutes=minutes))
        transaction.set_rollback(True)


def _play(venue: Hall, now: datetime, acts: list[Any], pace: timedelta) -> None:
    paul = venue.person("Paul", now=now)
    for step, act in enumerate(acts):
        at = now + step * pace
        before = _rows()
        try:
            _do(venue, paul, act, at)
        except Refused:
            assert _rows() == before, "a refusal wrote something"
        _nothing_overlaps()
        _the_day_is_full(venue, at)


def _do(venue: Hall, paul: Any, act: tuple[Any, ...], at: datetime) -> None:
    kind, *told = act
    if kind == "sweep":
        sweep(now=at, by="essai")
    elif kind == "reserve":
        slug, when, hold, units = told
        start, end = _span(when)
        space = Space.objects.get(place=venue.place, slug=slug)
        made = reserve(asked=Asked(space=space, start=start, end=end, hold=hold, units=units), by="essai", now=at)
        assert made.status == (HELD if hold else CONFIRMED)
    elif kind == "wait":
        start, end = _span(told[1])
        space = Space.objects.get(place=venue.place, slug=told[0])
        wait(waiting=Waiting(space=space, person=paul, start=start, end=end), by="essai", now=at)
    else:
        _change(kind, told, at)


def _change(kind: str, told: list[Any], at: datetime) -> None:
    leads = list(Booking.objects.filter(part_of__isnull=True).order_by("pk").values_list("pk", flat=True))
    if not leads:
        return
    chosen = leads[told[0] % len(leads)]
    if kind == "confirm":
        assert confirm(booking_id=chosen, by="essai", now=at).status == CONFIRMED
    elif kind == "cancel":
        cancel(booking_id=chosen, by="essai", now=at)
        assert not Booking.objects.filter(pk=chosen, status__in=TAKING).exists()
    else:
        start, end = _span(told[1])
        move(booking_id=chosen, start=start, end=end, by="essai", now=at)


def _span(when: tuple[int, int]) -> tuple[datetime, datetime]:
    start = MORNING + timedelta(hours=when[0])
    return start, start + timedelta(hours=when[1])


def _rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Booking, Waiting)]


def _nothing_overlaps() -> None:
    by_unit = defaultdict(list)
    for booking in Booking.objects.filter(status__in=TAKING).select_related("part_of").order_by("unit", "start"):
        by_unit[booking.unit_id].append(booking)
        lead = booking.part_of or booking
        assert (lead.start, lead.end, lead.status) == (booking.start, booking.end, booking.status)
    for taking in by_unit.values():
        for one, other in pairwise(taking):
            assert one.end <= other.start


def _the_day_is_full(venue: Hall, at: datetime) -> None:
    found, usual = layout(venue.place), settings_of(venue.place)
    day = local_day(MORNING, Calendar(usual, found, at.date(), at.date()).zone)
    open_spans = Calendar(usual, found, day, day).open_spans(venue.whole)
    units = [unit.pk for unit in found.units]
    busy = taken(units, open_spans[0].start, open_spans[-1].end, now=at)
    left = free(open_spans, busy)
    for unit in units:
        assert union(left[unit], intersect(open_spans, busy[unit])) == open_spans
        assert not any(overlaps(one, other) for one in left[unit] for other in busy[unit])
