"""Whatever writes a registration, the database refuses one person more than there are seats, on both databases."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Event, Registration, Seat, Session
from maillage.management.people.models import Person
from tests.management.events.workshop import workshop

INDEX = "registration_takes_a_seat_alone"


def row(session: Session, seat: int | None, state: str = CONFIRMED, **more: Any) -> Registration:
    given = {"session": session, "seat_id": seat, "state": state, "asked_at": session.made_at, "made_by": "test"}
    return Registration.objects.create(**(given | {"changed_at": session.made_at} | more))


def refused(act: Any, name: str = "") -> bool:
    """Whether the database refuses: at once, or on PostgreSQL for a foreign key at the end."""
    try:
        with transaction.atomic():
            act()
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            else:
                connection.check_constraints()
    except IntegrityError as error:
        return name in str(error) or "UNIQUE" in str(error)
    return False


def seats(session: Session) -> list[int]:
    return list(Seat.objects.filter(session=session).order_by("pk").values_list("pk", flat=True))


def test_twelve_seats_take_no_thirteenth(repair):
    session, numbers = repair.session, seats(repair.session)
    assert [number - 1000 * session.pk for number in numbers] == list(range(1, 13))
    for number in numbers:
        row(session, number)
    for number in numbers:
        assert refused(lambda taken=number: row(session, taken), INDEX)
    # Not even at a number of the session that no seat has.
    assert refused(lambda: row(session, numbers[-1] + 1))
    assert refused(lambda: Registration.objects.bulk_create([Registration(**_values(session, numbers[0]))]), INDEX)
    waiting = row(session, None, WAITING)
    change = {"state": CONFIRMED, "seat": numbers[0]}
    assert refused(lambda: Registration.objects.filter(pk=waiting.pk).update(**change), INDEX)
    assert repair.counted() == (12, 12, 1)


def _values(session: Session, seat: int) -> dict[str, Any]:
    at = session.made_at
    told = {"session_id": session.pk, "seat_id": seat, "state": CONFIRMED, "made_by": "test"}
    return {**told, "asked_at": at, "changed_at": at}


def test_a_seat_of_another_session_is_none_of_ours(repair, people, tuesday, now):
    other = workshop(people.place, tuesday, seats=3, now=now, title="Tricot")
    theirs = seats(other.session)[0]
    assert refused(lambda: row(repair.session, theirs), "registration_seat_is_of_its_session")
    mine = row(repair.session, seats(repair.session)[0])
    moved = Registration.objects.filter(pk=mine.pk)
    assert refused(lambda: moved.update(seat=theirs), "registration_seat_is_of_its_session")
    assert refused(lambda: moved.update(session=other.session), "registration_seat_is_of_its_session")
    assert refused(lambda: Seat.objects.create(pk=theirs + 500, session=repair.session), "seat_in_its_session")


@pytest.mark.parametrize(
    ("state", "has_seat"), [(CONFIRMED, False), (WAITING, True), (CANCELLED, True), ("perhaps", False)]
)
def test_a_seat_goes_with_being_confirmed_and_with_nothing_else(repair, state, has_seat):
    seat = seats(repair.session)[0] if has_seat else None
    name = "registration_state_is_known" if state == "perhaps" else "registration_has_a_seat"
    assert refused(lambda: row(repair.session, seat, state), name)


def test_a_taken_seat_is_not_deleted_under_who_has_it(repair):
    number = seats(repair.session)[0]
    row(repair.session, number)
    with connection.cursor() as cursor:
        assert refused(lambda: cursor.execute("DELETE FROM events_seat WHERE id = %s", [number]))


def test_one_leads_only_once_and_who_is_brought_has_no_name(repair, now):
    ada = Person.objects.create(place=repair.place, name="Ada", created_at=now)
    lead = row(repair.session, None, WAITING, person=ada)
    assert refused(lambda: row(repair.session, seats(repair.session)[0], person=ada), "one_registers_once")
    row(repair.session, None, CANCELLED, person=ada)
    brought = {"part_of": lead, "person": ada}
    assert refused(lambda: row(repair.session, None, WAITING, **brought), "who_is_brought_has_no_name")
    both = {"arrived_at": now, "missed_at": now}
    assert refused(lambda: row(repair.session, None, WAITING, **both), "registration_came_or_missed")
    aim = Registration.objects.filter(pk=lead.pk)
    assert refused(lambda: aim.update(person=None, part_of=lead), "registration_not_part_of_itself")


def test_what_makes_no_sense_of_an_event_or_a_session_is_refused(repair):
    event, session = Event.objects.filter(pk=repair.event.pk), Session.objects.filter(pk=repair.session.pk)
    for change, name in (
        ({"price": "free", "price_cents": 500}, "event_price_makes_sense"),
        ({"price": "fixed", "price_cents": None}, "event_price_makes_sense"),
        ({"kind": "party"}, "event_kind_is_known"),
        ({"title": ""}, "event_has_a_title"),
    ):
        assert refused(lambda told=change: event.update(**told), name)
    for change, name in (
        ({"capacity": 0}, "session_has_some_seats"),
        ({"capacity": 1000}, "session_has_some_seats"),
        ({"end": repair.session.start}, "session_ends_after_it_starts"),
    ):
        assert refused(lambda told=change: session.update(**told), name)
    again = {"start": repair.session.start, "end": repair.session.end, "made_at": repair.now, "changed_at": repair.now}
    assert refused(lambda: Session.objects.create(event=repair.event, made_by="x", **again), "session_is_there_once")


def test_without_the_index_it_is_oversold(repair):
    """The negative control: the tests above see the guard and nothing else."""
    take_off()
    number = seats(repair.session)[0]
    row(repair.session, number)
    row(repair.session, number)
    assert Registration.objects.filter(seat=number, state=CONFIRMED).count() == 2


def take_off() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # PostgreSQL alters no table whose deferred checks still wait in this transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP INDEX {INDEX}")
