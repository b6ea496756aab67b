"""The day: who comes, who owes a check-in, who passed by; as many queries whatever the number of bookings."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.desk import cancel_at_desk, check_in, forget_visit, note_visit
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.hours import add_closure
from maillage.management.bookings.actions.reserving import Asked, Refused, reserve, reserve_all
from maillage.management.bookings.models import Booking, Visit
from maillage.management.bookings.queries.day import day_of
from tests.management.bookings.hall import DESKS, hall, hours

HOUR = timedelta(hours=1)
TUESDAY_PAGE = "jour/2026-11-24/"


def ask(space, start, count: float = 1, **more) -> Asked:
    start, end = hours(start, count)
    return Asked(space=space, start=start, end=end, **more)


@pytest.fixture
def at_ten(tuesday):
    """Tuesday, ten past ten at the place."""
    with time_machine.travel(tuesday + timedelta(minutes=10), tick=False):
        yield tuesday + timedelta(minutes=10)


def test_the_day_shows_who_comes_where_by_half_day(desk, venue, tuesday, now):
    reserve(asked=ask(venue.desks, tuesday, person=venue.person(now=now), purpose="Compta"), by="page", now=now)
    reserve(asked=ask(venue.room, tuesday + 5 * HOUR, 2, person=venue.person("Lila", now=now)), by="page", now=now)
    gone = reserve(asked=ask(venue.desks, tuesday, person=venue.person("Parti", now=now)), by="page", now=now)
    cancel(booking_id=gone.pk, by="page", now=now)
    text = desk(TUESDAY_PAGE).page.text
    assert "Mardi 24 novembre 2026" in text and "2 réservations" in text and "Parti" not in text
    assert "10\u202fh\u202f–\u202f11\u202fh · Bureaux, Bureau 1" in text and "Compta" in text
    morning, afternoon = text.index("Matin"), text.index("Après-midi et soir")
    assert morning < text.index("Thomas") < afternoon < text.index("Lila")
    assert "15\u202fh\u202f–\u202f17\u202fh · Salle du four" in text


def test_who_stays_after_noon_is_said_in_both_halves_and_listed_once(desk, venue, tuesday, now):
    reserve(asked=ask(venue.desks, tuesday, 6, person=venue.person(now=now)), by="page", now=now)
    page = desk(TUESDAY_PAGE).page
    assert "Depuis le matin\u202f: Thomas (Bureaux, Bureau 1)" in page.text
    assert len([one for one in page.attributes["li"] if one.get("class") == "comer"]) == 1


def test_the_number_of_queries_does_not_follow_the_number_of_bookings(people, venue, tuesday, now):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            day_of(people.place, tuesday.date(), now=now)
        return len(seen)

    day_of(people.place, tuesday.date(), now=now)
    few = asked()
    for number in range(DESKS):
        one = ask(venue.desks, tuesday, person=venue.person(f"Personne {number}", now=now))
        reserve(asked=one, by="page", now=now)
    Visit.objects.bulk_create(Visit(place=people.place, at=tuesday) for _ in range(50))
    found = day_of(people.place, tuesday.date(), now=now)
    assert (len(found.bookings), len(found.visits)) == (DESKS, 50)
    assert (few, asked()) == (8, 8)


def test_the_page_of_a_day_asks_as_much_for_one_booking_as_for_many(people, client_of, venue, tuesday, now):
    client = client_of(people.nadine)
    address = f"/gerer/{people.place.slug}/{TUESDAY_PAGE}"

    def asked() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    reserve(asked=ask(venue.desks, tuesday, person=venue.person(now=now)), by="page", now=now)
    few = asked()
    for number in range(DESKS - 1):
        one = ask(venue.desks, tuesday, person=venue.person(f"Personne {number}", now=now))
        reserve(asked=one, by="page", now=now)
    assert asked() == few


def test_two_taps_check_in_and_one_undoes(desk, venue, tuesday, now, at_ten):
    thomas = venue.person(now=now)
    booking = reserve(asked=ask(venue.desks, tuesday, person=thomas), by="page", now=now)
    assert "1 personne reste à accueillir." in desk("jour/").page.text
    said = desk(f"reservations/{booking.pk}/venue/", {"came": "arrived"}, to=302)
    assert said["Location"].endswith(f"/jour/2026-11-24/#b{booking.pk}")
    booking.refresh_from_db()
    assert (booking.arrived_at, booking.missed_at, booking.visit.person) == (at_ten, None, thomas)
    page = desk("jour/").page
    assert "1 réservation, 1 personne arrivée" in page.text and "accueillir" not in page.text
    desk(f"reservations/{booking.pk}/venue/", {"came": "undone"}, to=302)
    desk(f"reservations/{booking.pk}/venue/", {"came": "missed"}, to=302)
    desk(f"reservations/{booking.pk}/venue/", {"came": "anything"}, to=302)
    booking.refresh_from_db()
    assert (booking.arrived_at, booking.missed_at) == (None, at_ten) and not Visit.objects.exists()
    told = AuditEvent.objects.filter(subject=f"booking:{booking.pk}").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["bookings.made", "bookings.arrived", "bookings.undone", "bookings.missed"]


def test_nobody_arrives_on_another_day_nor_for_what_is_cancelled(venue, chief, tuesday, now):
    booking = reserve(asked=ask(venue.desks, tuesday), by="page", now=now)
    act = {"place": venue.place, "booking_id": booking.pk, "by": chief, "now": now}
    with pytest.raises(Refused) as refused:
        check_in(**act, came="arrived")
    (problem,) = refused.value.problems
    assert (problem.code, str(problem.says), str(problem.why), str(problem.mend)) == (
        "too-early",
        "Cette réservation est pour un autre jour.",
        "on note qui est là le jour même",
        "Revenez ce jour-là, ou déplacez la réservation.",
    )
    cancel(booking_id=booking.pk, by="page", now=now)
    with pytest.raises(Refused) as refused:
        check_in(**act, came="arrived")
    (problem,) = refused.value.problems
    assert (problem.code, str(problem.says), str(problem.why), str(problem.mend)) == (
        "not-expected",
        "Cette réservation n’attend personne.",
        "elle a été annulée, ou n’est pas confirmée",
        "Notez plutôt un passage, ou réservez de nouveau.",
    )
    assert not Visit.objects.exists()


def test_a_walk_in_is_three_taps_and_may_be_taken_back(desk, venue, now):
    page = desk("passages/", {"who": "resident", "activity": "help", "otherwise": "far"}).page
    assert "C’est noté. La page est prête pour la personne suivante." in page.text
    visit = Visit.objects.get()
    assert (visit.at, visit.who, visit.activity, visit.otherwise) == (now, "resident", "help", "far")
    desk("passages/", {"who": "<b>", "activity": ""})
    assert list(Visit.objects.exclude(pk=visit.pk).values_list("who", "activity", "otherwise")) == [("", "", "")]
    text = desk("jour/").page.text
    assert "2 passages sans réservation" in text and "10:30" in text
    assert "Habitant" in text and "Se faire aider" in text and "Plus loin, en voiture" in text
    desk(f"passages/{visit.pk}/retirer/", {})
    assert Visit.objects.count() == 1


def test_why_somebody_who_booked_came(desk, venue, chief, tuesday, now, at_ten):
    booking = reserve(asked=ask(venue.desks, tuesday, person=venue.person(now=now)), by="page", now=now)
    desk(f"reservations/{booking.pk}/raison/", {"who": "worker"}, to=302)
    assert not Visit.objects.exists()
    check_in(place=venue.place, booking_id=booking.pk, came="arrived", by=chief, now=at_ten)
    desk(f"reservations/{booking.pk}/raison/", {"who": "worker", "activity": "work", "otherwise": "home"}, to=302)
    visit = Visit.objects.get()
    assert (visit.booking, visit.who, visit.activity, visit.otherwise) == (booking, "worker", "work", "home")
    with pytest.raises(Visit.DoesNotExist):
        forget_visit(place=venue.place, visit_id=visit.pk, by=chief, now=now)


def test_an_occurrence_is_cancelled_alone_or_with_the_rest(desk, venue, tuesday, now):
    weeks = [ask(venue.room, tuesday + timedelta(weeks=week)) for week in range(4)]
    series = reserve_all(asked=weeks, pattern={}, by="page", now=now)
    first, second, third, fourth = Booking.objects.filter(series=series).order_by("start")
    page = desk(f"reservations/{second.pk}/annuler/").page
    assert "Annuler celle-ci seulement" in page.text and "Annuler aussi les 2 suivantes de la série" in page.text
    assert "1 réservation annulée." in desk(f"reservations/{second.pk}/annuler/", {}).page.text
    assert "2 réservations annulées." in desk(f"reservations/{third.pk}/annuler/", {"rest": "1"}).page.text
    assert "Elle était déjà annulée." in desk(f"reservations/{third.pk}/annuler/", {}).page.text
    states = dict(Booking.objects.filter(series=series).values_list("pk", "status"))
    assert states == {first.pk: "confirmed"} | dict.fromkeys((second.pk, third.pk, fourth.pk), "cancelled")


def test_what_is_of_another_place_is_not_touched(people, venue, chief, tuesday, now):
    other = hall(people.other)
    theirs = reserve(asked=ask(other.room, tuesday), by="page", now=now)
    for act in (
        lambda: check_in(place=venue.place, booking_id=theirs.pk, came="missed", by=chief, now=now),
        lambda: cancel_at_desk(place=venue.place, booking_id=theirs.pk, by=chief, now=now),
    ):
        with pytest.raises(Booking.DoesNotExist):
            act()
    for act in (
        lambda by: check_in(place=other.place, booking_id=theirs.pk, came="missed", by=by, now=now),
        lambda by: cancel_at_desk(place=other.place, booking_id=theirs.pk, by=by, now=now),
        lambda by: note_visit(place=other.place, raw={}, by=by, now=now),
    ):
        with pytest.raises(PermissionDenied):
            act(chief)
    assert act(signature(people.lila.user.pk, "facilitator")).place == other.place


def test_a_closed_day_says_why(desk, venue, chief, now):
    add_closure(place=venue.place, raw={"first_day": "2026-11-24", "reason": "Inventaire"}, by=chief, now=now)
    assert "Fermé (le lieu)\u202f: Inventaire." in desk(TUESDAY_PAGE).page.text
    assert "Jour férié\u202f: Noël." in desk("jour/2026-12-25/").page.text
    for unreal in ("jour/2026-02-30/", "jour/hier/", "jour/1999999-01-01/"):
        desk(unreal, to=404)


def test_nobody_is_absent_before_the_start(desk, venue, chief, tuesday, now):
    booking = reserve(asked=ask(venue.desks, tuesday, person=venue.person(now=now)), by="page", now=now)
    with time_machine.travel(tuesday - HOUR, tick=False):
        page = desk("jour/").page
        assert page.head("button", value="arrived") and not page.head("button", value="missed")
        said = desk(f"reservations/{booking.pk}/venue/", {"came": "missed"}).page.text
        assert "Cette réservation n’a pas encore commencé." in said
    booking.refresh_from_db()
    assert booking.missed_at is None
    with time_machine.travel(tuesday, tick=False):
        assert desk("jour/").page.head("button", value="missed")


def test_what_is_only_held_says_until_when(desk, venue, tuesday, now):
    thomas = venue.person(now=now)
    held = reserve(asked=ask(venue.desks, tuesday, person=thomas, hold=True), by="page", now=now)
    for hours_left, said in (
        (1, "gardée jusqu’à 11\u202fh\u202f30"),
        (25, "gardée jusqu’au lundi 23 novembre 2026 à 11"),
    ):
        Booking.objects.filter(pk=held.pk).update(expires_at=now + hours_left * HOUR)
        text = desk(TUESDAY_PAGE).page.text
        assert said in text and "option" not in text


def test_a_double_tap_counts_one_passer_by(desk, people):
    (key,) = [one["value"] for one in desk("passages/").page.head("input", name="jeton")]
    for _tap in range(2):
        desk("passages/", {"who": "resident", "jeton": key}, to=302)
    assert Visit.objects.count() == 1
    said = desk("passages/", {"jeton": key}).page.text
    assert "Ce passage est déjà noté" in said
    assert Visit.objects.count() == 1
    (fresh,) = [one["value"] for one in desk("passages/").page.head("input", name="jeton")]
    desk("passages/", {"who": "resident", "jeton": fresh}, to=302)
    assert Visit.objects.count() == 2
