"""What anybody proposes and who answers, in a real browser: on a phone and in the dark, nothing for axe to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from maillage.network.clearance.actions.networks import open_network
from maillage.places.actions.suggestions import Proposed, suggest
from maillage.places.actions.trust import ON_THE_SPOT, verify_place
from maillage.places.queries.still import still_token
from tests.browser.walking import WAYS, reach, wrong_on
from tests.people import People, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
ANYBODYS = [
    "/lieux/{slug}/",
    "/lieux/{slug}/proposer/",
    "/lieux/{slug}/proposer/horaires/",
    "/lieux/{slug}/signaler/ferme/",
    "/lieux/{slug}/signaler/doublon/",
    "/lieux/{slug}/signaler/charte/",
    "/lieux/{slug}/vignette/",
    "/proposer/",
    "/proposer/suivre/{follow}/",
    "/toujours-exact/{still}/",
    "/reseaux/",
    "/reseaux/{network}/",
    "/doc/confiance/",
]
TEAMS = ["/gerer/{slug}/", "/gerer/{slug}/suggestions/", "/gerer/{slug}/affiche/"]
OFFICERS = ["/gerer/", "/reseaux/{network}/", "/reseaux/{network}/a-relire/", "/reseaux/{network}/verifier/"]


@dataclass(frozen=True)
class Told:
    """The cast, and what the addresses of the pages are filled with."""

    people: People
    names: dict[str, Any]


def _furnished(now: datetime) -> Told:
    people, by = gather(now), "essai"
    network = open_network(name="Réseau de Bourgogne", scopes=["reg:27"], by=by, now=now)
    verify_place(place_id=people.place.pk, network=network.slug, name=network.name, by=by, now=now - timedelta(days=9))
    values = {"phone": "03 84 11 22 33", "email": "bonjour@exemple.fr"}
    made = suggest(proposed=Proposed(kind="edit", place=people.place, values=values), by="visiteur", now=now)
    missing = {"name": "L’Établi de Lila", "commune": people.place.commune_id, "activities": ["ateliers"]}
    suggest(proposed=Proposed(kind="new", values=missing, said="Derrière l’église."), by="visiteur", now=now)
    still = still_token(people.place, ON_THE_SPOT)
    return Told(people, {"slug": people.place.slug, "network": network.slug, "follow": made.secret, "still": still})


@pytest.fixture
def told(site: str, now: datetime) -> Told:
    """A place with a suggestion that waits and a network that answers for it."""
    return remembered(("suggestions of the cast", now), lambda: _furnished(now))


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS)
@pytest.mark.parametrize(("who", "paths"), [("anonymous", ANYBODYS), ("nadine", TEAMS), ("ines", OFFICERS)])
def test_axe_finds_nothing_and_nothing_overflows(
    visit: Callable[..., Page],
    told: Told,
    site: str,
    who: str,
    paths: list[str],
    language: str,
    width: int,
    scheme: str,
) -> None:
    page = visit("/doc/mentions/", width=width, color_scheme=scheme)
    paths = [language + path.format(**told.names) for path in paths]
    assert wrong_on(page, paths, site=site, who=getattr(told.people, who), width=width) == {}


def test_a_sheet_is_corrected_by_keyboard_alone(visit: Callable[..., Page], told: Told) -> None:
    page = visit(f"/lieux/{told.names['slug']}/proposer/", width=390)

    reach(page, "a[href$='/proposer/contact/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/proposer/contact/")
    reach(page, "[name=phone]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("03 84 55 66 77")
    reach(page, "button[name=relire]")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[name=envoyer]")
    page.wait_for_timeout(3_500)
    reach(page, "button[name=envoyer]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/proposer/suivre/**")
    assert page.get_by_role("heading", level=1).inner_text() == "Merci, c’est bien arrivé"
    assert "03 84 55 66 77" in page.locator(".changes ins").inner_text()


def test_what_a_secret_address_shows_can_be_answered(visit: Callable[..., Page], told: Told) -> None:
    page = visit(f"/toujours-exact/{told.names['still']}/", width=390)
    page.get_by_role("button", name="Oui, toujours exact").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Merci\u202f!"
    page = visit(f"/proposer/suivre/{told.names['follow']}/", width=390)
    page.get_by_role("button", name="Retirer ma suggestion").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Suggestion retirée"
