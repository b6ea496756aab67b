"""One's own bookings, at every place, and nobody else's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import Booking, Waiting
from maillage.management.bookings.queries.links import token_of
from maillage.management.people.models import Person
from tests.management.bookings.hall import Hall, hall
from tests.management.bookings.public.test_steps import asking, sent
from tests.people import People
from tests.web.page import Page

PAGE = "/mon-compte/reservations/"


def test_bookings_of_every_place_are_found_once_linked(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    elsewhere = hall(people.other)
    for where, hour in ((venue, 0), (elsewhere, 2)):
        person = Person.objects.create(place=where.place, name="Thomas", email="thomas@example.org", created_at=now)
        start = tuesday + timedelta(hours=hour)
        asked = Asked(space=where.room, start=start, end=start + timedelta(hours=1), person=person)
        reserve(asked=asked, by="essai", now=now)
    other = Person.objects.create(place=venue.place, name="Zoé", email="zoe@example.org", created_at=now)
    asked = Asked(space=venue.desks, start=tuesday, end=tuesday + timedelta(hours=1), person=other)
    reserve(asked=asked, by="essai", now=now)
    thomas = client_of(people.thomas)
    assert "Rien de réservé." in Page(thomas.get(PAGE).content.decode()).text
    said = Page(thomas.post(PAGE, follow=True).content.decode())
    assert said.problems == []
    assert "2 lieux vous ont reconnu." in said.text
    assert "Mardi 24 novembre 2026, de 10\u202fh à 11\u202fh · La Boutique de Nadine" in said.text
    assert "Mardi 24 novembre 2026, de 12\u202fh à 13\u202fh · L’Escale de Lila" in said.text
    assert "Bureaux" not in said.text
    again = Page(thomas.post(PAGE, follow=True).content.decode())
    assert "Aucun autre lieu ne vous connaît sous vos adresses confirmées." in again.text


def test_an_address_that_is_not_confirmed_finds_nothing(
    people: People, venue: Hall, client_of: Callable[..., Client], now: datetime
) -> None:
    EmailAddress.objects.filter(user=people.thomas.user).update(verified=False)
    person = Person.objects.create(place=venue.place, name="Thomas", email="thomas@example.org", created_at=now)
    client_of(people.thomas).post(PAGE)
    person.refresh_from_db()
    assert person.account is None


def test_somebody_signed_in_books_as_the_person_of_their_account(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    person = Person.objects.create(
        place=venue.place, name="Tom", email="tom@example.org", account=people.thomas.user, created_at=now
    )
    thomas = client_of(people.thomas)
    assert sent(thomas, asking(venue, venue.room, tuesday), name="Zoé", email="zoe@example.org").status_code == 302
    booking = Booking.objects.get()
    assert (booking.person, booking.made_by) == (person, f"compte:{people.thomas.user.pk}:self")
    assert "Salle du four" in Page(thomas.get(PAGE).content.decode()).text


def test_a_first_booking_signed_in_is_one_of_my_own(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime
) -> None:
    thomas = client_of(people.thomas)
    assert sent(thomas, asking(venue, venue.room, tuesday), email="thomas@example.org").status_code == 302
    assert Person.objects.get().account == people.thomas.user
    assert "Salle du four" in Page(thomas.get(PAGE).content.decode()).text
    again = Page(thomas.get(asking(venue, venue.room, tuesday, 2)).content.decode())
    assert 'name="email"' not in again.html


def test_an_address_that_is_not_mine_does_not_make_me_somebody(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    zoe = Person.objects.create(place=venue.place, name="Zoé", folded="zoe", email="zoe@example.org", created_at=now)
    sent(client_of(people.thomas), asking(venue, venue.room, tuesday), name="Zoé", email="zoe@example.org")
    zoe.refresh_from_db()
    assert zoe.account is None


def test_a_long_series_does_not_hide_what_comes_tomorrow(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    person = Person.objects.create(place=venue.place, name="Thomas", account=people.thomas.user, created_at=now)
    unit = venue.room.units.get()
    given = {"place": venue.place, "person": person, "status": "confirmed", "made_at": now, "changed_at": now}
    weeks = [tuesday + timedelta(days=n) for n in range(120)]
    Booking.objects.bulk_create(
        Booking(**given, space=venue.room, unit=unit, start=day, end=day + timedelta(hours=1), made_by="x")
        for day in weeks
    )
    said = Page(client_of(people.thomas).get(PAGE).content.decode()).text
    assert "Mardi 24 novembre 2026" in said


def test_the_page_asks_the_same_number_of_questions_whatever_is_booked(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    person = Person.objects.create(place=venue.place, name="Thomas", account=people.thomas.user, created_at=now)
    thomas = client_of(people.thomas)
    asked = []
    for n in range(5):
        start = tuesday + timedelta(hours=n)
        booking = Asked(space=venue.room, start=start, end=start + timedelta(hours=1), person=person)
        reserve(asked=booking, by="essai", now=now)
        with CaptureQueriesContext(connection) as captured:
            thomas.get(PAGE)
        asked.append(len(captured))
    assert len(set(asked[1:])) == 1


def test_turns_on_waiting_lists_are_among_what_is_to_come(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    account = people.thomas.user
    mine = Person.objects.create(place=venue.place, name="Thomas", account=account, created_at=now)
    zoe = Person.objects.create(place=venue.place, name="Zoé", created_at=now)
    given = {"space": venue.room, "start": tuesday, "end": tuesday + timedelta(hours=1), "asked_at": now}
    turn = Waiting.objects.create(person=mine, **given)
    Waiting.objects.create(person=zoe, **{**given, "space": venue.desks})
    Waiting.objects.create(person=mine, ended_at=now, **{**given, "space": venue.laser})
    Waiting.objects.create(person=mine, **{**given, "space": venue.whole, "start": now - timedelta(hours=1)})
    said = Page(client_of(people.thomas).get(PAGE).content.decode())
    assert said.problems == []
    assert "Salle du four liste d’attente" in said.text and f"/attente/{token_of(turn)}/" in said.links
    assert not any(name in said.text for name in ("Bureaux", "Découpe laser", "Tout le lieu"))
