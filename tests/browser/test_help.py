"""Asking, answering and showing figures, in a real browser: small or dark, axe has nothing to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page

from maillage.accounts.rules import signature
from maillage.network.clearance.actions import helping
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.models import Grant
from maillage.network.clearance.rules.helping import SHARES
from tests.browser.walking import WAYS, reach, wrong_on
from tests.network.clearance.helped import plea
from tests.people import People, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
PAGES = {
    "nadine": ["/gerer/{slug}/aide/", "/gerer/{slug}/aide/{need}/", "/gerer/{slug}/acces/"],
    "ines": ["/reseaux/{network}/", "/reseaux/{network}/aide/", "/reseaux/{network}/aide/{need}/", "/partages/"],
    "perrin": ["/gerer/", "/aide/", "/aide/{need}/", "/partages/{grant}/"],
}


@dataclass(frozen=True)
class Told:
    """The cast, and what the addresses of the pages are filled with."""

    people: People
    names: dict[str, Any]


def _asked(now: datetime) -> Told:
    people, by = gather(now), "essai"
    network = open_network(name="Réseau de Bourgogne", scopes=["reg:27"], by=by, now=now)
    readers = (f"reseau:{network.pk}", "epci:243900420")
    signed = signature(people.nadine.user.pk, "facilitator")
    need = helping.ask(place=people.place, asked=plea(*readers, shares=SHARES), by=signed, now=now)
    helping.answer(request_id=need.pk, network=network, text="On s’appelle ?", seen=0, by=by, now=now)
    grant = Grant.objects.get(network=None)
    return Told(people, {"slug": people.place.slug, "network": network.slug, "need": need.pk, "grant": grant.pk})


@pytest.fixture
def told(site: str, now: datetime) -> Told:
    """A place that asked a network and its mayor, with an answer and figures to read."""
    return remembered(("help of the cast", now), lambda: _asked(now))


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS)
@pytest.mark.parametrize("who", list(PAGES))
def test_axe_finds_nothing_and_nothing_overflows(
    visit: Callable[..., Page], told: Told, site: str, who: str, language: str, width: int, scheme: str
) -> None:
    page = visit("/doc/mentions/", width=width, color_scheme=scheme)
    paths = [language + path.format(**told.names) for path in PAGES[who]]
    assert wrong_on(page, paths, site=site, who=getattr(told.people, who), width=width) == {}


def test_help_is_asked_by_keyboard_alone(visit: Callable[..., Page], told: Told, site: str) -> None:
    page = visit("/doc/mentions/", width=390)
    page.context.add_cookies(cookies_of(told.people.nadine, site))
    page.goto(f"{site}/gerer/{told.names['slug']}/aide/", wait_until="load")

    reach(page, "details.more > summary")
    page.keyboard.press("Enter")
    reach(page, "[name=theme]")
    page.keyboard.press("Space")
    reach(page, "[name=says]")
    page.keyboard.type("La chaudière est en panne.")
    reach(page, "form.help__form .form__foot .btn")
    page.keyboard.press("Enter")
    page.wait_for_selector(".told__line")
    assert "Vous n’êtes pas seuls" in page.inner_text(".told")
