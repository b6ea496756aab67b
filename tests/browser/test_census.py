"""A census in a real browser: a place answers by keyboard alone on a phone; small or dark, axe has nothing to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from maillage.network.clearance.actions.campaigns import Prepared, open_census, prepare
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.queries.census_links import link_secret, silence_url
from maillage.network.clearance.rules.campaigns import Asked
from tests.browser.walking import WAYS, reach, wrong_on
from tests.people import People, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
QUESTIONS = (
    Asked("emplois", "Combien de personnes y travaillent ?", "number"),
    Asked("chauffage", "Comment chauffez-vous ?", "choice", ("bois", "gaz")),
)
STEPS = ("", "horaires/", "adresse/", "activites/", "questions/", "relire/")
PAGES = {
    "anonymous": [
        *(f"/recensement/{{link}}/{step}" for step in STEPS),
        "/recensement/",
        "{quiet}",
        "{desk}2026/resultats/",
    ],
    "ines": ["{desk}", "{desk}nouveau/", "{desk}2026/", "{desk}2026/apercu/", "{desk}2026/lettres/", "{phone}"],
}


@dataclass(frozen=True)
class Told:
    """The cast, and what the addresses of the pages are filled with."""

    people: People
    names: dict[str, Any]


def _asked(now: datetime) -> Told:
    people, by = gather(now), "essai"
    network = open_network(name="Réseau de Bourgogne", scopes=["reg:27"], by=by, now=now)
    given = Prepared(
        name="Recensement",
        edition="2026",
        fields=["opening_hours", "street", "access", "how_to_join", "phone"],
        questions=QUESTIONS,
        closes_on=timezone.localdate() + timedelta(days=30),
    )
    census = prepare(network=network, given=given, by=by, now=now)
    open_census(campaign=census, by=by, now=now)
    one = census.invitations.get(place=people.place)
    desk = f"/reseaux/{network.slug}/recensements/"
    quiet = silence_url("a@exemple.fr").removeprefix("http://localhost:8000")
    return Told(
        people,
        {"link": link_secret(one.pk), "desk": desk, "quiet": quiet, "phone": f"{desk}2026/telephone/{one.pk}/"},
    )


@pytest.fixture
def told(site: str, now: datetime) -> Told:
    """A place of a network that takes a census."""
    return remembered(("census of the cast", now), lambda: _asked(now))


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS)
@pytest.mark.parametrize("who", list(PAGES))
def test_axe_finds_nothing_and_nothing_overflows(
    visit: Callable[..., Page], told: Told, site: str, who: str, language: str, width: int, scheme: str
) -> None:
    page = visit("/doc/mentions/", width=width, color_scheme=scheme)
    paths = [language + path.format(**told.names) for path in PAGES[who]]
    assert wrong_on(page, paths, site=site, who=getattr(told.people, who), width=width) == {}


def test_a_place_answers_by_keyboard_alone(visit: Callable[..., Page], told: Told) -> None:
    page = visit(f"/recensement/{told.names['link']}/", width=390)

    reach(page, "button[name=commencer]")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[name=garder]")
    for _step in range(8):
        if page.locator("[name=q_emplois]").count():
            break
        reach(page, "button[name=passer]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    reach(page, "[name=q_emplois]")
    page.keyboard.type("3")
    reach(page, "button[name=garder]")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[name=envoyer]")
    reach(page, "button[name=envoyer]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Vos réponses sont bien arrivées")
