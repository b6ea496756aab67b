"""Booking on a phone, without a script, with the keyboard: what nobody is kept out of."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from maillage.management.bookings.models import Booking, Settings, Waiting
from maillage.management.bookings.queries.links import token_of
from maillage.places.models import Place
from tests.browser.test_accessibility import violations
from tests.management.bookings.hall import Hall, hall

pytestmark = pytest.mark.browser
PLACE = "/lieux/la-boutique-de-nadine/"
BASE = f"{PLACE}reserver/"
DOOR = f"{PLACE}arrivee/?porte=essai-de-la-porte"


@pytest.fixture
def venue(site: str) -> Hall:
    made = hall(Place.objects.get(slug="la-boutique-de-nadine"))
    Settings.objects.update(door_code="essai-de-la-porte")
    return made


@pytest.fixture
def booked(venue: Hall) -> Booking:
    """A booking that is going on, at the door of which somebody may stand."""
    now = timezone.now()
    row = {"place": venue.place, "space": venue.room, "unit": venue.room.units.get(), "status": "confirmed"}
    times = {"start": now - timedelta(minutes=5), "end": now + timedelta(minutes=55), "made_at": now, "changed_at": now}
    return Booking.objects.create(**row, **times, person=venue.person("Thomas", now=now), made_by="essai")


@pytest.fixture
def links(venue: Hall, booked: Booking) -> list[str]:
    """What the mails and the code at the door open."""
    turn = Waiting.objects.create(
        space=venue.desks,
        person=venue.person("Zoé", now=booked.made_at),
        start=booked.start + timedelta(days=2),
        end=booked.end + timedelta(days=2),
        asked_at=booked.made_at,
    )
    return [
        f"/reservation/{token_of(booked)}/",
        f"/reservation/{token_of(booked)}/?annuler=1",
        f"/attente/{token_of(turn)}/",
        f"{PLACE}arrivee/",
        DOOR,
    ]


@pytest.fixture
def steps(venue: Hall) -> list[str]:
    """The pages of a visitor: the day, the month, the time, the last step, a time that is closed."""
    day = timezone.now().date() + timedelta(days=2)
    return [
        f"{BASE}?jour={day}",
        f"{BASE}?mois={day:%Y-%m}",
        f"{BASE}?espace=salle&jour={day}",
        f"{BASE}?espace=salle&de={day}T10:00Z&a={day}T11:00Z",
        f"{BASE}?espace=salle&de={day}T22:00Z&a={day}T23:00Z",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing(
    visit: Callable[..., Page], steps: list[str], links: list[str], width: int, scheme: str
) -> None:
    for path in [*steps, *links]:
        assert (path, violations(visit(path, width=width, color_scheme=scheme))) == (path, [])


def test_nothing_overflows_a_small_phone(visit: Callable[..., Page], steps: list[str], links: list[str]) -> None:
    for path in [*steps, *links]:
        page = visit(path, width=320)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_three_steps_with_the_keyboard_and_no_script(visit: Callable[..., Page], steps: list[str]) -> None:
    page = visit(steps[0], width=390, java_script_enabled=False)
    page.get_by_role("link", name="Salle du four").press("Enter")
    page.get_by_label("De", exact=True).select_option(label="10\u202fh")
    page.get_by_label("À", exact=True).select_option(label="11\u202fh")
    page.get_by_role("button", name="Continuer").press("Enter")
    page.get_by_label("Votre nom").fill("Thomas Petit")
    page.get_by_label("Votre adresse électronique").fill("thomas@example.org")
    page.get_by_role("button", name="Réserver").press("Enter")
    assert page.locator("h1").inner_text() == "C’est réservé"
    page.go_back()
    assert page.get_by_label("Votre nom").input_value() in ("Thomas Petit", "")
    page.go_forward()
    page.get_by_role("link", name="Annuler cette réservation").press("Enter")
    page.get_by_role("button", name="Oui, annuler").press("Enter")
    assert page.locator("h1").inner_text() == "Réservation annulée"
    assert Booking.objects.get().status == "cancelled"


def test_a_phone_that_was_asked_to_is_known_at_the_door(visit: Callable[..., Page], booked: Booking, site: str) -> None:
    page = visit(f"/reservation/{token_of(booked)}/", width=390, java_script_enabled=False)
    page.locator("main summary").click()
    page.get_by_role("button", name="Me reconnaître à la porte").click()
    assert {one["name"] for one in page.context.cookies()} == {"csrftoken", "maillage_billets"}
    page.goto(site + DOOR)
    page.get_by_role("button", name="Je suis là").click()
    assert "C’est noté" in page.get_by_role("status").inner_text()
    booked.refresh_from_db()
    assert booked.arrived_at
