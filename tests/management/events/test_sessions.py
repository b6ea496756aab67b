"""Sessions and the rooms they take: all or none, moved and freed together, at the hours on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ObjectDoesNotExist

from maillage.journal.models import AuditEvent, Mail
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.reserving import Asked, Refused, Taken, reserve
from maillage.management.bookings.models import CANCELLED as FREED
from maillage.management.bookings.models import CONFIRMED as BOOKED
from maillage.management.bookings.models import Booking
from maillage.management.bookings.rules.series import Pattern, occurrences
from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.actions.programme import add_event, archive, change_event, publish, unpublish
from maillage.management.events.actions.registering import withdraw
from maillage.management.events.actions.sessions import add_sessions, cancel_session, move_session, resize
from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Event, Registration, Seat, Session
from tests.management.events.workshop import BY, RAW, workshop

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")


def wrongs(act) -> list[str]:
    """What a refusal says, after seeing that it wrote nothing."""
    before = _rows()
    with pytest.raises(EventsRefused) as told:
        act()
    assert _rows() == before, "a refusal wrote something"
    return list(told.value.wrongs)


def _rows() -> list:
    models = (Event, Session, Seat, Registration, Booking, AuditEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def told(people, now):
    """What the team says in every act."""
    return {"place": people.place, "by": BY, "now": now}


@pytest.fixture
def event(told):
    return add_event(**told, raw=RAW)


@pytest.mark.parametrize(
    ("first", "before", "after"),
    [(date(2027, 3, 20), 13, 12), (date(2026, 10, 17), 12, 13)],
    ids=["the night an hour is lost", "the night an hour comes twice"],
)
def test_a_weekly_session_keeps_its_hour_on_the_wall_when_clocks_change(told, event, first, before, after):
    told["now"] = datetime(2026, 10, 1, 9, tzinfo=UTC)
    pattern = Pattern((5, 6), first, first + timedelta(days=15), 14 * 60, 16 * 60)
    spans = occurrences(pattern, PARIS).spans
    made = add_sessions(**told, event_id=event.pk, spans=spans, capacity=8, space_id=None)
    assert [one.start.astimezone(PARIS).hour for one in made] == [14] * 6
    hours = [one.start.hour for one in Session.objects.order_by("start")]
    # The clocks change in the night of the second Sunday of the six days: only it and what follows have another hour.
    assert hours == [before] * 3 + [after] * 3
    assert {one.end - one.start for one in made} == {2 * HOUR}
    assert Seat.objects.count() == 6 * 8


def test_a_session_through_the_night_lasts_what_really_passes(told, event):
    nights = [date(2027, 3, 27), date(2026, 10, 24)]
    told["now"] = datetime(2026, 10, 1, 9, tzinfo=UTC)
    spans = [occurrences(Pattern((5,), day, day, 22 * 60, 1440 + 6 * 60), PARIS).spans[0] for day in nights]
    made = add_sessions(**told, event_id=event.pk, spans=spans, capacity=8, space_id=None)
    assert [(one.end - one.start) / HOUR for one in made] == [9, 7]


def test_a_series_takes_its_room_every_time_or_nothing_is_written(told, event, venue, tuesday):
    weeks = [Span(tuesday + n * 7 * DAY, tuesday + n * 7 * DAY + 2 * HOUR) for n in range(4)]
    reserve(asked=Asked(space=venue.room, start=weeks[2].start, end=weeks[2].end), by=BY, now=told["now"])
    before = _rows()
    series = {"event_id": event.pk, "spans": weeks, "capacity": 5, "space_id": venue.room.pk}
    with pytest.raises(Taken):
        add_sessions(**told, **series)
    assert _rows() == before
    cancel(booking_id=Booking.objects.get().pk, by=BY, now=told["now"])
    made = add_sessions(**told, **series)
    rooms = [(one.booking.start, one.booking.end, one.booking.status, one.booking.purpose) for one in made]
    assert rooms == [(span.start, span.end, BOOKED, "Repair café") for span in weeks]
    with pytest.raises(Taken):
        reserve(asked=Asked(space=venue.whole, start=weeks[1].start, end=weeks[1].end), by=BY, now=told["now"])


def test_what_no_session_can_be(told, event, venue, people, tuesday):
    def add(*starts, capacity=5, space=None, hours=2.0):
        spans = [Span(start, start + hours * HOUR) for start in starts]
        return wrongs(lambda: add_sessions(**told, event_id=event.pk, spans=spans, capacity=capacity, space_id=space))

    assert add() == ["day"]
    assert add(told["now"]) == ["day"]
    assert add(tuesday + timedelta(days=2000)) == ["day"]
    assert add(tuesday, tuesday) == ["day"]
    assert add(tuesday, hours=24 * 32) == ["ends"]
    assert add(*(tuesday + n * HOUR for n in range(401))) == ["until"]
    assert [add(tuesday, capacity=count) for count in (None, 0, -1, 1000)] == [["capacity"]] * 4
    assert add(tuesday, space=10**6) == ["space"]
    add_sessions(**told, event_id=event.pk, spans=[Span(tuesday, tuesday + HOUR)], capacity=999, space_id=None)
    assert add(tuesday - 7 * 0 * DAY) == ["day"]
    with pytest.raises(ObjectDoesNotExist):
        add_sessions(
            **{**told, "place": people.other},
            event_id=event.pk,
            spans=[Span(tuesday, tuesday + HOUR)],
            capacity=3,
            space_id=None,
        )


def test_the_room_moves_with_the_session_and_who_comes_is_told(people, venue, tuesday, now):
    talk = workshop(people.place, tuesday, seats=1, now=now, space=venue.room.pk)
    talk.come("Ada")
    talk.come("Bela")
    Mail.objects.all().delete()
    late = tuesday + 3 * HOUR
    moved = move_session(**talk.team, session_id=talk.session.pk, start=late, end=late + HOUR)
    assert (moved.start, moved.end, moved.sequence) == (late, late + HOUR, 1)
    room = Booking.objects.get(pk=moved.booking_id)
    assert (room.start, room.end, room.status) == (late, late + HOUR, BOOKED)
    assert sorted(Mail.objects.values_list("to", flat=True)) == ["ada@example.org", "bela@example.org"]
    assert "C’était\u202f: mardi 24 novembre 2026, de 10\u202fh à 12\u202fh" in Mail.objects.all()[0].body
    assert all("DTSTART:20261124T120000Z" in one for one in Mail.objects.values_list("calendar", flat=True))
    again = move_session(**talk.team, session_id=talk.session.pk, start=late, end=late + HOUR)
    assert (again.sequence, Mail.objects.count()) == (1, 2), "the same time is no move"


def test_a_move_onto_what_is_taken_or_past_changes_nothing(people, venue, tuesday, now):
    talk = workshop(people.place, tuesday, seats=3, now=now, space=venue.room.pk)
    late = tuesday + 3 * HOUR
    reserve(asked=Asked(space=venue.room, start=late, end=late + HOUR), by=BY, now=now)
    before = _rows()
    given = {**talk.team, "session_id": talk.session.pk}
    with pytest.raises(Taken):
        move_session(**given, start=late, end=late + HOUR)
    assert _rows() == before
    assert wrongs(lambda: move_session(**given, start=now, end=now + HOUR)) == ["day"]
    assert wrongs(lambda: move_session(**given, start=late, end=late)) == ["ends"]
    begun = {**given, "now": tuesday}
    assert wrongs(lambda: move_session(**begun, start=late + 2 * HOUR, end=late + 3 * HOUR)) == ["session"]
    with pytest.raises(Refused):
        move_session(**given, start=late + 2 * HOUR + timedelta(minutes=7), end=late + 4 * HOUR)
    assert _rows() == before


def test_calling_off_frees_the_room_ends_the_list_and_says_why(people, venue, tuesday, now):
    talk = workshop(people.place, tuesday, seats=2, now=now, space=venue.room.pk)
    talk.come("Ada", 2)
    talk.come("Bela")
    Mail.objects.all().delete()
    given = {**talk.team, "session_id": talk.session.pk}
    assert wrongs(lambda: cancel_session(**given, reason="  ")) == ["reason"]
    assert wrongs(lambda: cancel_session(**given, reason="x" * 201)) == ["reason"]
    cancel_session(**given, reason="panne de <chauffage>")
    assert set(talk.states().values()) == {CANCELLED}
    assert Registration.objects.filter(seat__isnull=False).count() == 0
    assert Booking.objects.get().status == FREED
    bodies = dict(Mail.objects.values_list("to", "body"))
    assert all("STATUS:CANCELLED" in one for one in Mail.objects.values_list("calendar", flat=True))
    assert sorted(bodies) == ["ada@example.org", "bela@example.org"]
    assert "Motif\u202f: panne de <chauffage>" in bodies["ada@example.org"]
    reserve(asked=Asked(space=venue.room, start=talk.session.start, end=talk.session.end), by=BY, now=now)
    cancel_session(**given, reason="encore")
    assert (Mail.objects.count(), Session.objects.get().reason) == (2, "panne de <chauffage>"), "twice is once"
    assert AuditEvent.objects.get(action="events.session_cancelled").detail["registrations"] == 3
    # The same hour is free again for the same event.
    span = Span(talk.session.start + 5 * DAY, talk.session.end + 5 * DAY)
    add_sessions(**talk.team, event_id=talk.event.pk, spans=[span], capacity=2, space_id=None)


def test_what_is_over_is_neither_called_off_nor_resized_once_called_off(small):
    over = {**small.team, "session_id": small.session.pk, "now": small.session.end}
    assert wrongs(lambda: cancel_session(**over, reason="pluie")) == ["session"]
    cancel_session(**{**small.team, "session_id": small.session.pk}, reason="pluie")
    assert wrongs(lambda: resize(**small.team, session_id=small.session.pk, capacity=9)) == ["session"]


def test_a_room_that_was_given_back_otherwise_does_not_hold_the_session_up(people, venue, tuesday, now):
    talk = workshop(people.place, tuesday, seats=2, now=now, space=venue.room.pk)
    cancel(booking_id=talk.session.booking_id, by=BY, now=now)
    late = tuesday + 3 * HOUR
    moved = move_session(**talk.team, session_id=talk.session.pk, start=late, end=late + HOUR)
    assert (moved.start, Booking.objects.get().status) == (late, FREED)
    cancel_session(**talk.team, session_id=talk.session.pk, reason="pluie")


def test_more_seats_move_the_list_up_and_fewer_than_are_taken_are_refused(small):
    for name, party in (("Ada", 2), ("Bela", 2), ("Cleo", 1)):
        small.come(name, party)
    given = {**small.team, "session_id": small.session.pk}
    resize(**given, capacity=3)
    assert small.states() == {"Ada": CONFIRMED, "Bela": WAITING, "Cleo": CONFIRMED}
    resize(**given, capacity=5)
    assert small.counted() == (5, 5, 0)
    assert wrongs(lambda: resize(**given, capacity=4)) == ["capacity"]
    assert [wrongs(lambda count=count: resize(**given, capacity=count)) for count in (0, 1000)] == [["capacity"]] * 2
    withdraw(
        registration_id=Registration.objects.filter(part_of__isnull=True).order_by("pk")[0].pk, by=BY, now=small.now
    )
    resize(**given, capacity=3)
    assert small.counted() == (3, 3, 0)
    resize(**given, capacity=999)
    assert small.counted() == (999, 3, 0)
    numbers = set(Seat.objects.values_list("pk", flat=True))
    assert numbers == set(range(small.session.pk * 1000 + 1, small.session.pk * 1000 + 1000))


def test_a_session_of_another_place_is_not_written_on(small, people):
    given = {"place": people.other, "by": BY, "now": small.now, "session_id": small.session.pk}
    start = small.session.start + DAY
    for act in (
        lambda: cancel_session(**given, reason="pluie"),
        lambda: resize(**given, capacity=5),
        lambda: move_session(**given, start=start, end=start + HOUR),
    ):
        with pytest.raises(ObjectDoesNotExist):
            act()


class TestProgramme:
    def test_an_event_is_written_shown_hidden_and_put_away(self, told, event, tuesday):
        assert (event.slug, event.published_at) == ("repair-cafe", None)
        assert add_event(**told, raw=RAW).slug == "repair-cafe-2"
        given = {**told, "event_id": event.pk}
        assert publish(**given).published_at == told["now"]
        publish(**given)
        assert AuditEvent.objects.filter(action="events.published").count() == 1
        span = Span(tuesday, tuesday + HOUR)
        session = add_sessions(**given, spans=[span], capacity=3, space_id=None)[0]
        assert wrongs(lambda: archive(**given)) == ["event"]
        cancel_session(**told, session_id=session.pk, reason="pluie")
        assert unpublish(**given).published_at is None
        assert archive(**given).archived_at == told["now"]
        assert wrongs(lambda: change_event(**given, raw=RAW)) == ["event"]
        assert wrongs(lambda: add_sessions(**given, spans=[span], capacity=3, space_id=None)) == ["event"]
        again = publish(**given)
        assert (again.archived_at, again.published_at) == (None, told["now"])

    def test_the_address_stays_when_the_title_changes_and_the_same_again_writes_nothing(self, told, event):
        changed = change_event(**told, event_id=event.pk, raw={**RAW, "title": "Café <b>couture</b>"})
        assert (changed.slug, changed.title) == ("repair-cafe", "Café <b>couture</b>")
        count = AuditEvent.objects.count()
        change_event(**told, event_id=event.pk, raw={**RAW, "title": "Café <b>couture</b>"})
        assert AuditEvent.objects.count() == count

    def test_a_form_sent_twice_adds_one_event(self, told):
        one, two = (add_event(**told, raw=RAW, idempotency_key="f1") for _ in range(2))
        assert (one, Event.objects.count()) == (two, 1)

    def test_registrations_are_not_closed_over_who_is_registered(self, small):
        small.come("Ada")
        given = {**small.team, "event_id": small.event.pk, "raw": {"title": "Repair café", "kind": "workshop"}}
        assert wrongs(lambda: change_event(**given)) == ["takes_registrations"]

    def test_an_event_of_another_place_does_not_exist_here(self, told, event, people):
        given = {**told, "place": people.other, "event_id": event.pk}
        for act in (publish, unpublish, archive):
            with pytest.raises(ObjectDoesNotExist):
                act(**given)
        with pytest.raises(ObjectDoesNotExist):
            change_event(**given, raw=RAW)

    def test_what_cannot_be_read_is_said_field_by_field(self, told):
        raw = {
            "title": " \u200b",
            "kind": "fête",
            "audience": "x",
            "theme": "x",
            "price": "fixed",
            "summary": "x" * 301,
            "description": "x" * 4001,
            "organisation": "12",
        }
        found = wrongs(lambda: add_event(**told, raw=raw))
        assert sorted(found) == sorted([*(name for name in raw if name != "price"), "price_euros"])
