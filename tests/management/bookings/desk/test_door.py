"""The code at the door and the code of a booking: two touches, one's own bookings, nobody from home."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.arriving import arrive, set_door
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.reserving import Asked, Refused, reserve
from maillage.management.bookings.models import Booking, Settings, Visit
from maillage.management.bookings.queries.links import token_of
from tests.management.bookings.hall import hours
from tests.people import signed_in
from tests.web.page import Page


@pytest.fixture
def today(tuesday):
    """Tuesday, a quarter to ten at the place, when the booking of ten o’clock comes."""
    with time_machine.travel(tuesday - timedelta(minutes=15), tick=False):
        yield tuesday - timedelta(minutes=15)


@pytest.fixture
def code(venue, chief, now) -> str:
    return set_door(place=venue.place, is_open=True, by=chief, now=now)


@pytest.fixture
def booking(venue, tuesday, now) -> Booking:
    return booked(venue, venue.person("Thomas", now=now), tuesday, now)


def booked(venue, person, at, now) -> Booking:
    start, end = hours(at)
    return reserve(asked=Asked(space=venue.desks, start=start, end=end, person=person), by="page", now=now)


def at(venue) -> str:
    return reverse("arrival", args=[venue.place.slug])


def read(client: Client, address: str, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    page = Page(answer.content.decode())
    assert page.problems == []
    return page


def keep(phone: Client, booking: Booking) -> None:
    """Ask a phone to keep the link; opening it alone leaves nothing there."""
    address = reverse("reservation", args=[token_of(booking)])
    assert "Me reconnaître à la porte" in read(phone, address).text and "maillage_billets" not in phone.cookies
    phone.post(address, {"garder": "1"})
    assert "Ce téléphone est reconnu" in read(phone, address).text


def test_a_phone_that_kept_its_link_scans_the_door_and_touches_once(venue, code, booking, today, now):
    other = booked(venue, venue.person("Zénobie", now=now), booking.start, now)
    phone = Client()
    keep(phone, booking)
    page = read(phone, f"{at(venue)}?porte={code}")
    assert [one["value"] for one in page.head("button", name="reservation")] == [str(booking.pk)]
    assert "Zénobie" not in page.text and "Thomas" not in page.text
    answer = phone.post(at(venue), {"porte": code, "reservation": booking.pk}, follow=True)
    assert "C’est noté\u202f: bienvenue." in Page(answer.content.decode()).text
    booking.refresh_from_db()
    assert booking.arrived_at == today and Visit.objects.get().booking == booking
    assert AuditEvent.objects.get(action="bookings.arrived").detail["door"] is True
    assert phone.post(at(venue), {"porte": code, "reservation": other.pk}).status_code == 404
    assert phone.post(at(venue), {"porte": code, "reservation": "x"}).status_code == 404
    assert Visit.objects.count() == 1


def test_an_account_finds_its_own_bookings_of_today_only(people, venue, code, booking, today, now):
    booking.person.account = people.thomas.user
    booking.person.save()
    booked(venue, booking.person, booking.start + timedelta(days=1), now)
    page = read(signed_in(people.thomas), f"{at(venue)}?porte={code}")
    assert [one["value"] for one in page.head("button", name="reservation")] == [str(booking.pk)]
    stranger = read(signed_in(people.lila), f"{at(venue)}?porte={code}")
    assert "Ce téléphone ne connaît aucune réservation" in stranger.text


def test_without_the_code_of_the_door_nothing_is_shown_nor_noted(venue, code, booking, chief, today, now):
    phone = Client()
    keep(phone, booking)
    for wrong in ("", "?porte=", "?porte=faux", "?porte=%F0%9F%98%80"):
        page = read(phone, at(venue) + wrong)
        assert "Scannez avec votre téléphone" in page.text and not page.head("button", name="reservation")
    assert phone.post(at(venue), {"porte": "faux", "reservation": booking.pk}).status_code == 409
    set_door(place=venue.place, is_open=True, by=chief, now=now)
    refused = phone.post(at(venue), {"porte": code, "reservation": booking.pk})
    assert refused.status_code == 409 and "Ce code n’est plus celui de la porte." in refused.content.decode()
    set_door(place=venue.place, is_open=False, by=chief, now=now)
    with pytest.raises(Refused):
        arrive(place=venue.place, booking_id=booking.pk, code="", by="visiteur", now=today)
    booking.refresh_from_db()
    assert booking.arrived_at is None


def test_another_day_a_cancelled_or_a_past_one_is_refused(people, venue, code, booking, today, now):
    given = {"place": venue.place, "booking_id": booking.pk, "code": code, "by": "visiteur"}
    for moment in (today - timedelta(days=1), booking.end):
        with pytest.raises(Refused, match="pas pour maintenant"):
            arrive(**given, now=moment)
    with pytest.raises(Booking.DoesNotExist):
        code_there = Settings.objects.create(place=people.other, door_code="la-bas").door_code
        arrive(**{**given, "place": people.other, "code": code_there}, now=today)
    cancel(booking_id=booking.pk, by="page", now=now)
    with pytest.raises(Refused):
        arrive(**given, now=today)


def test_the_poster_is_prepared_changed_and_taken_away(people, desk, venue, now):
    assert "Aucun code ne sert" in desk("porte/").page.text
    desk("porte/affiche/", to=302)
    assert "Le code est prêt" in desk("porte/", {"faire": "afficher"}).page.text
    first = Settings.objects.get().door_code
    page = desk("porte/affiche/").page
    assert len(first) >= 16 and "Vous avez réservé" in page.text and page.head("svg")
    desk("porte/", {"faire": "afficher"})
    assert Settings.objects.get().door_code not in ("", first)
    assert "Plus aucun code ne sert" in desk("porte/", {"faire": "retirer"}).page.text
    actions = AuditEvent.objects.filter(action__startswith="bookings.door").values_list("action", flat=True)
    assert sorted(actions) == ["bookings.door_opened", "bookings.door_opened", "bookings.door_shut"]
    with pytest.raises(PermissionDenied):
        host = signature(people.karim.user.pk, "colleague")
        set_door(place=venue.place, is_open=True, by=host, now=now)


def test_the_desk_scans_the_code_of_a_booking_and_touches_once(people, desk, venue, booking, today):
    page = read(Client(), reverse("reservation", args=[token_of(booking)]))
    assert "Mon code pour l’accueil" in page.text and page.head("svg", **{"class": "poster__qr"})
    path = f"accueil/{token_of(booking)}/"
    assert "Thomas" in desk(path, by=people.karim).page.text
    assert "L’arrivée est notée." in desk(path, {}, by=people.karim).page.text
    booking.refresh_from_db()
    assert booking.arrived_at == today
    assert "Mon code" not in read(Client(), reverse("reservation", args=[token_of(booking)])).text
    desk("accueil/1-xxxxxxxxxxxxxxxxxxxxxxxxxxxx/", to=404)


def test_scanned_on_another_day_it_says_so_and_writes_nothing(desk, venue, tuesday, now):
    far = booked(venue, venue.person("Lila", now=now), tuesday, now)
    path = f"accueil/{token_of(far)}/"
    assert "Ce n’est pas pour aujourd’hui." in desk(path).page.text
    assert "on note qui est là le jour même" in desk(path, {}, to=422).page.text.lower()
    assert not Visit.objects.exists()
