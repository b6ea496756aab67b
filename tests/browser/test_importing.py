"""A file on its way in, in a real browser: sent from the page, read field by field; axe has nothing to say."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Page

from maillage.network.exchange.models import Intake
from maillage.places.models import Place
from tests.browser.walking import WAYS, reach, wrong_on
from tests.network.exchange.test_intake import OTHERS, OURS
from tests.people import People, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    with override_settings(HOME=tmp_path):
        yield tmp_path


@pytest.fixture
def cast(site: str, now: datetime) -> People:
    return remembered(("cast that imports", now), lambda: gather(now))


def send(page: Page, site: str, text: str, *, licence: str = "Licence Ouverte 2.0") -> int:
    """Send a file from the page; the number of what came of it."""
    page.goto(f"{site}/importer/", wait_until="load")
    page.set_input_files("[name=fichier]", {"name": "lieux.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.fill("[name=source]", "Réseau du Jura")
    page.fill("[name=licence]", licence)
    with page.expect_navigation():
        page.click("form[enctype] button")
    return Intake.objects.latest("pk").pk


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS)
def test_axe_finds_nothing_and_nothing_overflows(
    visit: Callable[..., Page], cast: People, site: str, language: str, width: int, scheme: str
) -> None:
    page = visit("/doc/mentions/", width=width, color_scheme=scheme)
    page.context.add_cookies(cookies_of(cast.operator, site))
    tried, unknown = send(page, site, OURS), send(page, site, OTHERS)
    paths = [f"/importer/{tried}/", f"/importer/{unknown}/colonnes/", "/importer/", "/importer/adresse/"]
    paths += ["/importer/sources/", "/importer/instances/", "/proposer/voix/"]
    assert wrong_on(page, [language + path for path in paths], site=site, who=cast.operator, width=width) == {}


def test_a_file_comes_in_and_goes_back_by_keyboard_alone(visit: Callable[..., Page], cast: People, site: str) -> None:
    page = visit("/doc/mentions/", width=390)
    page.context.add_cookies(cookies_of(cast.operator, site))
    before = Place.objects.public().count()
    send(page, site, OURS)
    assert Place.objects.public().count() == before
    reach(page, "button[name=entrer]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("text=C’est entré")
    assert Place.objects.public().count() == before + 2
    reach(page, "a[href$='/annuler/']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, "main form button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Place.objects.public().count() == before
