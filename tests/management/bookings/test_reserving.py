"""One door: what it books, what it refuses and how it says so, and what it gives back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from maillage.journal.actions import KeyReused
from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.freeing import cancel, sweep, wait
from maillage.management.bookings.actions.reserving import Asked, Refused, Taken, confirm, move, reserve, reserve_all
from maillage.management.bookings.models import (
    CANCELLED,
    CONFIRMED,
    HELD,
    LAPSED,
    Authorisation,
    Booking,
    Closure,
    Series,
    Waiting,
)
from maillage.management.bookings.queries.guard import GuardMissing
from maillage.management.bookings.rules.offers import OFFER_LASTS
from maillage.management.people.models import Person
from tests.management.bookings.hall import DESKS, hall, hours
from tests.management.bookings.test_guard import take_off

HOUR = timedelta(hours=1)


def ask(space, start, count: float = 1, **more) -> Asked:
    start, end = hours(start, count)
    return Asked(space=space, start=start, end=end, **more)


def codes(refused) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_a_booking_is_made_and_told(venue, tuesday, now):
    thomas = venue.person(now=now)
    booking = reserve(asked=ask(venue.room, tuesday, person=thomas, purpose="Réunion"), by="page", now=now)
    booking.refresh_from_db()
    assert (booking.status, booking.person, booking.unit.name) == (CONFIRMED, thomas, "Salle du four")
    assert (booking.start, booking.end, booking.made_by) == (tuesday, tuesday + HOUR, "page")
    event = AuditEvent.objects.get(action="bookings.made")
    assert (event.by, event.at, event.subject) == ("page", now, f"booking:{booking.pk}")
    assert event.detail == {"place": str(venue.place.pk), "units": [booking.unit.pk]}


def test_a_taken_room_is_refused_and_nothing_is_written(venue, tuesday, now):
    reserve(asked=ask(venue.room, tuesday, 2), by="page", now=now)
    with pytest.raises(Taken) as refused:
        reserve(asked=ask(venue.room, tuesday + HOUR, 2), by="page", now=now)
    assert [(one.code, str(one.says), str(one.why), str(one.mend)) for one in refused.value.problems] == [
        (
            "taken",
            "« Salle du four » n’est plus libre.",
            "quelqu’un l’a réservé à cette heure",
            "Choisissez une autre heure, un autre espace, ou mettez-vous sur la liste d’attente.",
        )
    ]
    assert Booking.objects.count() == 1
    assert AuditEvent.objects.filter(action__startswith="bookings.").count() == 1


def test_desks_replace_each_other_until_the_last(venue, tuesday, now):
    made = [reserve(asked=ask(venue.desks, tuesday), by="page", now=now) for _ in range(DESKS)]
    assert [booking.unit.name for booking in made] == [f"Bureau {number}" for number in range(1, DESKS + 1)]
    with pytest.raises(Taken):
        reserve(asked=ask(venue.desks, tuesday), by="page", now=now)


def test_a_desk_is_booked_by_name_or_several_at_once(venue, tuesday, now):
    fourth = venue.desks.units.get(name="Bureau 4")
    assert reserve(asked=ask(venue.desks, tuesday, unit=fourth), by="page", now=now).unit == fourth
    with pytest.raises(Taken):
        reserve(asked=ask(venue.desks, tuesday, unit=fourth), by="page", now=now)
    lead = reserve(asked=ask(venue.desks, tuesday, units=DESKS - 1), by="page", now=now)
    assert lead.parts.count() == DESKS - 2
    with pytest.raises(Taken):
        reserve(asked=ask(venue.desks, tuesday), by="page", now=now)


def test_a_unit_of_another_space_or_place_is_not_had(venue, people, tuesday, now):
    other = hall(people.other)
    for stranger in (venue.room.units.get(), other.desks.units.first()):
        with pytest.raises(Taken):
            reserve(asked=ask(venue.desks, tuesday, unit=stranger), by="page", now=now)
    assert not Booking.objects.exists()


@pytest.mark.parametrize("count", [0, -1, 51, 10**9])
def test_an_odd_number_of_units_is_refused(venue, tuesday, now, count):
    with pytest.raises(Taken):
        reserve(asked=ask(venue.desks, tuesday, units=count), by="page", now=now)


def test_the_whole_place_and_what_lies_inside_exclude_each_other(venue, tuesday, now):
    everything = reserve(asked=ask(venue.whole, tuesday, 3), by="page", now=now)
    assert everything.parts.count() == 1 + 1 + DESKS - 1
    for space in (venue.room, venue.desks):
        with pytest.raises(Taken):
            reserve(asked=ask(space, tuesday + HOUR), by="page", now=now)
    cancel(booking_id=everything.pk, by="page", now=now)
    reserve(asked=ask(venue.desks, tuesday + HOUR), by="page", now=now)
    with pytest.raises(Taken):
        reserve(asked=ask(venue.whole, tuesday, 3), by="page", now=now)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda a: replace(a, end=a.start - HOUR), "end_before_start"),
        (lambda a: replace(a, end=a.start), "zero_length"),
        (lambda a: replace(a, end=a.start + timedelta(days=365)), "too_long"),
        (lambda a: replace(a, start=a.start - timedelta(days=9), end=a.end - timedelta(days=9)), "past"),
        (lambda a: replace(a, start=datetime.min.replace(tzinfo=UTC)), "beyond_calendars"),
        (lambda a: replace(a, end=datetime.max.replace(tzinfo=UTC)), "beyond_calendars"),
        (lambda a: replace(a, start=a.start + 8 * HOUR, end=a.end + 11 * HOUR), "outside_opening"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(venue, tuesday, now, change, code):
    with pytest.raises(Refused) as refused:
        reserve(asked=change(ask(venue.room, tuesday)), by="page", now=now)
    assert code in codes(refused)
    assert not Booking.objects.exists()


def test_a_closure_of_the_place_closes_its_rooms(venue, tuesday, now):
    Closure.objects.create(place=venue.place, start=tuesday - HOUR, end=tuesday + HOUR, reason="Inventaire")
    with pytest.raises(Refused) as refused:
        reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    assert codes(refused) == ["outside_opening"]


def test_the_desk_books_outside_the_hours_but_only_its_own_place(venue, people, tuesday, now):
    late = ask(venue.room, tuesday + 10 * HOUR, at_desk=True)
    with pytest.raises(PermissionDenied):
        reserve(asked=late, by=f"compte:{people.lila.user.pk}:facilitator", now=now)
    made = reserve(asked=late, by=f"compte:{people.nadine.user.pk}:facilitator", now=now)
    assert made.start == tuesday + 10 * HOUR


def test_a_machine_wants_an_authorisation_of_that_day(venue, tuesday, now):
    thomas = venue.person(now=now)
    for person in (None, thomas):
        with pytest.raises(Refused) as refused:
            reserve(asked=ask(venue.laser, tuesday, person=person), by="page", now=now)
        assert codes(refused) == ["authorisation"]
    given = Authorisation.objects.create(
        person=thomas, name="Découpe laser", given_on=date(2026, 1, 5), expires_on=date(2026, 11, 24), given_by="Nadine"
    )
    reserve(asked=ask(venue.laser, tuesday, person=thomas), by="page", now=now)
    with pytest.raises(Refused):
        reserve(asked=ask(venue.laser, tuesday + timedelta(days=1), person=thomas), by="page", now=now)
    given.delete()


def test_the_day_of_an_authorisation_is_that_of_the_place(venue, now):
    """Half past midnight on the 25th in Paris is still the 24th in UTC, the last day of what was learnt."""
    thomas = venue.person(now=now)
    Authorisation.objects.create(
        person=thomas, name="Découpe laser", given_on=date(2026, 1, 5), expires_on=date(2026, 11, 24), given_by="Nadine"
    )
    for weekday in range(7):
        venue.laser.openings.create(place=venue.place, weekday=weekday, opens_minute=0, closes_minute=1440)
    evening = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
    reserve(asked=ask(venue.laser, evening, person=thomas), by="page", now=now)
    with pytest.raises(Refused) as refused:
        reserve(asked=ask(venue.laser, evening + 2 * HOUR, person=thomas), by="page", now=now)
    assert codes(refused) == ["authorisation"]


def test_without_its_guard_the_door_is_shut_and_nothing_is_offered(venue, tuesday, now):
    held = reserve(asked=ask(venue.desks, tuesday, hold=True), by="page", now=now)
    taken = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    paul = venue.person("Paul", now=now)
    wait(waiting=Waiting(space=venue.room, person=paul, start=tuesday, end=tuesday + HOUR), by="page", now=now)
    take_off()
    free = ask(venue.desks, tuesday + HOUR)
    doors = (
        lambda: reserve(asked=free, by="page", now=now),
        lambda: reserve_all(asked=[free], pattern={}, by="page", now=now),
        lambda: confirm(booking_id=held.pk, by="page", now=now),
        lambda: move(booking_id=taken.pk, start=tuesday + HOUR, end=tuesday + 2 * HOUR, by="page", now=now),
    )
    for door in doors:
        with pytest.raises(GuardMissing):
            door()
    cancel(booking_id=taken.pk, by="page", now=now)
    assert list(Booking.objects.order_by("pk").values_list("pk", "status")) == [(held.pk, HELD), (taken.pk, CANCELLED)]


def test_somebody_of_another_place_or_who_left_does_not_book(venue, people, tuesday, now):
    stranger = hall(people.other).person(now=now)
    gone = venue.person("Gone", now=now)
    gone.left_at = now
    gone.save()
    for person in (stranger, gone):
        with pytest.raises(Refused) as refused:
            reserve(asked=ask(venue.room, tuesday, person=person), by="page", now=now)
        assert codes(refused) == ["person"]


def test_a_key_asked_again_gives_the_same_booking(venue, tuesday, now):
    asked = ask(venue.desks, tuesday)
    first = reserve(asked=asked, by="page", now=now, idempotency_key="a1")
    assert reserve(asked=asked, by="page", now=now, idempotency_key="a1") == first
    assert Booking.objects.count() == 1
    with pytest.raises(KeyReused):
        reserve(asked=ask(venue.desks, tuesday + HOUR), by="page", now=now, idempotency_key="a1")
    assert Booking.objects.count() == 1


def test_a_hold_takes_until_its_time_and_no_longer(venue, tuesday, now):
    held = reserve(asked=ask(venue.room, tuesday, hold=True), by="page", now=now)
    assert (held.status, held.expires_at) == (HELD, now + timedelta(minutes=15))
    with pytest.raises(Taken):
        reserve(asked=ask(venue.room, tuesday), by="page", now=now + timedelta(minutes=14))
    other = reserve(asked=ask(venue.room, tuesday), by="page", now=now + timedelta(minutes=15))
    held.refresh_from_db()
    assert (held.status, other.status) == (LAPSED, CONFIRMED)
    with pytest.raises(Taken):
        confirm(booking_id=held.pk, by="page", now=now + timedelta(minutes=16))


def test_a_hold_whose_unit_nobody_took_is_still_confirmed(venue, tuesday, now):
    held = reserve(asked=ask(venue.room, tuesday, hold=True), by="page", now=now)
    assert sweep(now=now + HOUR, by="job") == 1
    assert confirm(booking_id=held.pk, by="page", now=now + HOUR).status == CONFIRMED
    assert confirm(booking_id=held.pk, by="page", now=now + HOUR).status == CONFIRMED
    assert AuditEvent.objects.filter(action="bookings.confirmed").count() == 1


def test_a_cancelled_booking_is_not_confirmed(venue, tuesday, now):
    held = reserve(asked=ask(venue.room, tuesday, hold=True), by="page", now=now)
    cancel(booking_id=held.pk, by="page", now=now)
    with pytest.raises(Refused) as refused:
        confirm(booking_id=held.pk, by="page", now=now)
    assert codes(refused) == ["not-held"]


def test_cancelling_twice_is_once(venue, tuesday, now):
    booking = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    assert cancel(booking_id=booking.pk, by="page", now=now).status == CANCELLED
    assert cancel(booking_id=booking.pk, by="page", now=now).status == CANCELLED
    assert AuditEvent.objects.filter(action="bookings.cancelled").count() == 1
    reserve(asked=ask(venue.room, tuesday), by="page", now=now)


def test_who_waits_is_offered_what_is_freed_in_the_order_of_asking(venue, tuesday, now):
    booking = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    first, second = venue.person("Lila", now=now), venue.person("Paul", now=now)
    for number, person in enumerate((first, second)):
        for _ in range(2):
            asked = Waiting(space=venue.room, person=person, start=tuesday, end=tuesday + HOUR)
            wait(waiting=asked, by="page", now=now + timedelta(minutes=number))
    assert Waiting.objects.count() == 2
    cancel(booking_id=booking.pk, by="page", now=now + HOUR)
    offer = Booking.objects.get(status=HELD)
    assert (offer.person, offer.expires_at) == (first, now + HOUR + OFFER_LASTS)
    with pytest.raises(Taken):
        reserve(asked=ask(venue.room, tuesday), by="page", now=now + HOUR)
    later = now + HOUR + OFFER_LASTS
    sweep(now=later, by="job")
    assert Booking.objects.get(status=HELD).person == second
    assert confirm(booking_id=Booking.objects.get(status=HELD).pk, by="page", now=later).person == second


def test_nothing_is_offered_while_it_is_closed_nor_to_who_has_left(venue, tuesday, now):
    lila, paul = venue.person("Lila", now=now), venue.person("Paul", now=now)
    made = []
    for start in (tuesday, tuesday + 5 * HOUR):
        made.append(reserve(asked=ask(venue.room, start), by="page", now=now))
        for person in (lila, paul):
            wait(waiting=Waiting(space=venue.room, person=person, start=start, end=start + HOUR), by="page", now=now)
    Closure.objects.create(place=venue.place, space=venue.whole, start=tuesday, end=tuesday + 4 * HOUR)
    cancel(booking_id=made[0].pk, by="page", now=now)
    assert not Booking.objects.filter(status=HELD).exists()
    Person.objects.filter(pk=lila.pk).update(left_at=now)
    cancel(booking_id=made[1].pk, by="page", now=now)
    assert Booking.objects.get(status=HELD).person == paul


def test_a_lapsed_offer_goes_to_the_next_before_anybody_else(venue, tuesday, now):
    """Somebody who books at the moment an offer ends does not pass before those who wait."""
    booking = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    for name in ("Lila", "Paul"):
        person = venue.person(name, now=now)
        wait(waiting=Waiting(space=venue.room, person=person, start=tuesday, end=tuesday + HOUR), by="page", now=now)
    cancel(booking_id=booking.pk, by="page", now=now)
    with pytest.raises(Taken):
        reserve(asked=ask(venue.room, tuesday), by="page", now=now + OFFER_LASTS)
    assert not Booking.objects.filter(status=CONFIRMED).exists()


def test_a_booking_moves_or_stays_where_it_was(venue, tuesday, now):
    one = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    reserve(asked=ask(venue.room, tuesday + 2 * HOUR), by="page", now=now)
    with pytest.raises(Taken):
        move(booking_id=one.pk, start=tuesday + 2 * HOUR, end=tuesday + 3 * HOUR, by="page", now=now)
    one.refresh_from_db()
    assert one.start == tuesday
    moved = move(booking_id=one.pk, start=tuesday + HOUR / 2, end=tuesday + 3 * HOUR / 2, by="page", now=now)
    assert moved.start == tuesday + HOUR / 2
    event = AuditEvent.objects.get(action="bookings.moved")
    assert event.detail == {"from": [tuesday.isoformat(), (tuesday + HOUR).isoformat()]}


def test_a_series_is_booked_whole_or_not_at_all(venue, tuesday, now):
    week = timedelta(days=7)
    asked = [ask(venue.room, tuesday + number * week) for number in range(4)]
    series = reserve_all(asked=asked, pattern={"weekdays": [1]}, by="page", now=now)
    assert [booking.start for booking in series.bookings.order_by("start")] == [one.start for one in asked]
    with pytest.raises(Taken):
        reserve_all(
            asked=[ask(venue.room, tuesday + HOUR), ask(venue.room, tuesday + week)], pattern={}, by="page", now=now
        )
    assert (Series.objects.count(), Booking.objects.count()) == (1, 4)


def test_the_repeated_hour_is_two_hours_and_the_skipped_one_none(venue, now):
    """On 25 October 2026 the clocks of Paris show 2:00 to 3:00 twice: the room is booked once in each."""
    Closure.objects.all().delete()
    venue.room.openings.create(place=venue.place, weekday=6, opens_minute=0, closes_minute=480)
    before = datetime(2026, 10, 20, 8, tzinfo=UTC)
    first = datetime(2026, 10, 25, 0, tzinfo=UTC)
    reserve(asked=ask(venue.room, first), by="page", now=before)
    reserve(asked=ask(venue.room, first + HOUR), by="page", now=before)
    with pytest.raises(Taken):
        reserve(asked=ask(venue.room, first + HOUR / 2), by="page", now=before)
