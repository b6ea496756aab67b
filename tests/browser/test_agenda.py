"""The agenda and registering on a phone, without a script, with the keyboard: what nobody is kept out of."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from maillage.management.events.models import Registration
from maillage.management.events.queries.links import token_of
from maillage.places.models import Place
from tests.browser.test_accessibility import violations
from tests.management.events.workshop import workshop
from tests.people import cookies_of, gather

pytestmark = pytest.mark.browser
BASE = "/lieux/la-boutique-de-nadine/agenda/"


@pytest.fixture
def pages(site: str) -> list[str]:
    """Every page of a visitor: the agenda, empty and not, the programme, events, forms, what a link opens."""
    place, now = Place.objects.get(slug="la-boutique-de-nadine"), timezone.now()
    soon = now + timedelta(days=1)
    open_one = workshop(place, soon, seats=4, now=now, summary="On répare ensemble.", price="open", price_euros="5")
    full = workshop(place, soon, seats=1, now=now, title="Aide aux démarches en ligne, pas à pas")
    workshop(place, soon, seats=None, now=now, title="Café", takes_registrations="")
    seated, waits = full.come("Lila"), full.come("Zoe")
    return [
        "/agenda/",
        "/agenda/?pres=39093&rayon=50&du=hier",
        "/agenda/?genre=culture",
        BASE,
        f"{BASE}{open_one.event.slug}/",
        f"{BASE}{open_one.event.slug}/{open_one.session.pk}/inscription/",
        f"{BASE}{full.event.slug}/{full.session.pk}/inscription/",
        f"/inscription/{token_of(seated)}/",
        f"/inscription/{token_of(seated)}/?annuler=1",
        f"/inscription/{token_of(waits)}/",
    ]


@pytest.mark.parametrize(("language", "width", "scheme"), [("", 390, "light"), ("/en", 1280, "dark")])
def test_axe_finds_nothing(
    visit: Callable[..., Page], pages: list[str], language: str, width: int, scheme: str
) -> None:
    for path in pages:
        page = visit(language + path, width=width, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        assert (path, violations(page)) == (path, [])


def test_nothing_overflows_a_small_phone(visit: Callable[..., Page], pages: list[str]) -> None:
    for path in pages:
        page = visit(path, width=320)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_registering_with_the_keyboard_and_no_script(visit: Callable[..., Page], pages: list[str]) -> None:
    page = visit("/agenda/", width=390, java_script_enabled=False)
    page.get_by_label("Votre commune ou son code postal").fill("Chamblay")
    page.get_by_role("button", name="Chercher").press("Enter")
    page.get_by_role("link", name="Repair café").press("Enter")
    page.get_by_role("link", name="S’inscrire").press("Enter")
    page.get_by_label("Votre nom").fill("Thomas Petit")
    page.get_by_label("Votre adresse électronique").fill("thomas@example.org")
    page.get_by_label("Combien serez-vous").select_option("2")
    page.get_by_role("button", name="M’inscrire").press("Enter")
    assert page.locator("h1").inner_text() == "Inscription faite"
    page.get_by_role("link", name="Annuler cette inscription").press("Enter")
    page.get_by_role("button", name="Oui, annuler").press("Enter")
    assert page.locator("h1").inner_text() == "Inscription annulée"
    assert Registration.objects.get(person__name="Thomas Petit").state == "cancelled"


def test_the_secret_calendar_is_for_everybody_too(visit: Callable[..., Page], site: str) -> None:
    people: Any = gather(timezone.now())
    page = visit("/", width=390)
    page.context.add_cookies(cookies_of(people.thomas, site))
    page.goto(f"{site}/mon-compte/agenda/")
    assert violations(page) == []
    page.get_by_role("button", name="Faire mon adresse secrète").press("Enter")
    assert "/agenda/personnel/" in page.get_by_label("Votre adresse secrète").input_value()
    assert violations(page) == []
