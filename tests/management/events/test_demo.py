"""The fictional place has a programme with a past, once; it goes with the demo, and nobody else's does."""

from datetime import UTC, datetime

import pytest
from django.db.models import Count

from maillage.cli import demo
from maillage.journal.models import Mail
from maillage.management.bookings.actions import demo as rooms
from maillage.management.bookings.models import Booking
from maillage.management.events.actions.demo import furnish
from maillage.management.events.models import CONFIRMED, WAITING, Event, Headcount, Registration, Seat, Session
from maillage.places.models import Place

BY = "commande:demo"


def fill(place, now):
    place.is_demo = True
    place.save(update_fields=["is_demo"])
    rooms.furnish(place=place, by=BY, now=now)
    return furnish(place=place, by=BY, now=now)


@pytest.mark.parametrize("day", [*range(1, 8), 22])
def test_on_whatever_day_it_is_lived_in_with_one_full_and_people_waiting(people, day):
    now = datetime(2026, 11, day, 23 if day % 2 else 4, 50, tzinfo=UTC)
    assert fill(people.place, now) == 4
    listed = Session.objects.filter(end__gt=now).values_list("event__title").annotate(n=Count("pk")).order_by("-n")
    assert [count for _title, count in listed] == [7, 2, 2, 1]
    past = Session.objects.filter(end__lte=now)
    assert past.count() == 3
    rows = Registration.objects.filter(session__in=past)
    assert rows.filter(arrived_at__isnull=False).exists()
    assert not rows.filter(arrived_at__isnull=True, missed_at__isnull=True).exists()
    assert Headcount.objects.filter(session__in=past).count() == 6
    bread = Session.objects.get(event__title__startswith="Pain")
    states = list(Registration.objects.filter(session=bread).order_by("pk").values_list("state", flat=True))
    assert states == [CONFIRMED] * 5 + [WAITING] * 3
    assert {event.price for event in Event.objects.all()} == {"free", "open", "fixed"}
    assert Session.objects.filter(booking__isnull=False).count() >= 8
    assert Mail.objects.count() == 0
    assert furnish(place=people.place, by=BY, now=now) == 0


def test_a_real_place_is_never_furnished(people, now):
    assert furnish(place=people.place, by=BY, now=now) == 0
    assert not Event.objects.exists()


def test_the_programme_goes_with_the_demo_and_what_is_real_stays(people, small, now):
    small.come("Ada", 2)
    fill(people.other, now)
    assert demo.forget(by=BY, now=now) == 1
    assert list(Event.objects.all()) == [small.event]
    assert (Session.objects.count(), Seat.objects.count(), Registration.objects.count()) == (1, 2, 2)
    assert not Booking.objects.exists() and not Place.objects.filter(pk=people.other.pk).exists()
