"""What is taken in a span: the same as the plain question gives, and without reading what lies further ahead."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q

from maillage.management.bookings.models import CONFIRMED, HELD, TAKING, Booking, Unit
from maillage.management.bookings.queries.taken import taken, taking
from maillage.management.bookings.rules.spans import Span
from tests.management.bookings.hall import Hall

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
STATES = ("confirmed", "confirmed", "held", "cancelled", "lapsed")


def fill(venue: Hall, draw: random.Random, *, now: datetime) -> list[int]:
    """Bookings of every length and state, one after another on each unit, now and then touching; the units."""
    rows = []
    units = list(Unit.objects.order_by("pk"))
    for unit in units:
        end = FIRST
        while end < FIRST + timedelta(days=40):
            start = end + timedelta(minutes=draw.choice((0, 0, 30, 600, 4000)))
            end = start + timedelta(minutes=draw.choice((30, 45, 120, 1440, 9000)), microseconds=draw.choice((0, 7)))
            status = draw.choice(STATES)
            over = now + draw.choice((-1, 1)) * timedelta(minutes=5)
            given = {"made_at": now, "made_by": "essai", "changed_at": now, "place": venue.place}
            expires = over if status == "held" else None
            rows.append(
                Booking(
                    **given, space_id=unit.space_id, unit=unit, start=start, end=end, status=status, expires_at=expires
                )
            )
    Booking.objects.bulk_create(rows)
    return [unit.pk for unit in units]


def plainly(ids: list[int], start: datetime, end: datetime, *, now: datetime) -> dict[int, list[Span]]:
    """The question as one would ask it."""
    lasting = Q(status=CONFIRMED) | Q(status=HELD, expires_at__gt=now)
    rows = Booking.objects.filter(lasting, unit__in=ids, status__in=TAKING, start__lt=end, end__gt=start)
    found: dict[int, list[Span]] = {pk: [] for pk in ids}
    for unit, begins, ends in rows.order_by("start").values_list("unit", "start", "end"):
        found[unit].append(Span(begins, ends))
    return found


def test_what_is_taken_is_what_the_plain_question_gives(venue: Hall, now: datetime) -> None:
    draw = random.Random(5)
    ids = fill(venue, draw, now=now)
    met = 0
    for _ in range(60):
        start = FIRST + timedelta(minutes=15 * draw.randrange(-200, 4000))
        end = start + timedelta(minutes=draw.choice((15, 60, 1440, 40_000)))
        some = draw.sample(ids, draw.choice((1, 3, len(ids))))
        told = taken(some, start, end, now=now)
        assert told == plainly(some, start, end, now=now)
        met += sum(map(len, told.values()))
    assert met > 100


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads the values of a query it plans")
def test_sqlite_reads_what_takes_a_unit_by_the_index_kept_for_it(venue: Hall, now: datetime) -> None:
    rows = taking([unit.pk for unit in Unit.objects.all()], now, now + timedelta(hours=1))
    assert "USING INDEX booking_taking" in rows.explain()
