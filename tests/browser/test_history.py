"""The history of a place, taking a change back and a refused photo, in a real browser."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from maillage.accounts.rules import signature
from maillage.places.actions.sheet import edit_sheet
from tests.browser.test_accessibility import violations
from tests.people import People, cookies_of, gather

pytestmark = pytest.mark.browser
SLUG = "la-boutique-de-nadine"
WORD = "anticonstitutionnellement" * 8
TOLD = "<p>" + "On y répare, on y lit, on y mange. " * 30 + "{}</p>"
PAGES = [
    f"/lieux/{SLUG}/historique/",
    f"/gerer/{SLUG}/historique/",
    f"/gerer/{SLUG}/historique/3/reprendre/",
    f"/gerer/{SLUG}/",
]


@pytest.fixture
def open_page(
    visit: Callable[..., Page], site: str, now: datetime, settings: Any, tmp_path: Path
) -> Callable[..., Page]:
    """Open a page as Nadine, whose place was described twice in words without end."""
    settings.MEDIA_ROOT = tmp_path / "media"
    people: People = gather(now)
    by = signature(people.nadine.user.pk, "facilitator")
    for n, end in enumerate(("Entrée libre.", f"Entrée {WORD}."), start=1):
        values = {"description": TOLD.format(end), "name": WORD[: 60 + n], "prices": WORD}
        at = now + timedelta(hours=n)
        edit_sheet(place_id=people.place.pk, values=values, seen=n, by=by, now=at, reason=WORD)

    def opened(path: str, **options: Any) -> Page:
        page = visit("/doc/mentions/", **options)
        page.context.add_cookies(cookies_of(people.nadine, site))
        page.goto(site + path, wait_until="load")
        return page

    return opened


@pytest.mark.parametrize("path", PAGES)
def test_a_word_without_end_is_cut_at_the_edge(open_page: Callable[..., Page], path: str) -> None:
    for width in (320, 1280):
        page = open_page(path, width=width)
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
@pytest.mark.parametrize("path", PAGES[:3])
def test_axe_finds_nothing_in_marked_passages(
    open_page: Callable[..., Page], path: str, scheme: str, width: int
) -> None:
    page = open_page(path, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    assert page.locator(".side ins").count() and page.locator(".side del").count()
    assert violations(page) == []


def test_a_refused_photo_brings_the_eye_and_the_keyboard_to_why(open_page: Callable[..., Page], tmp_path: Path) -> None:
    file = tmp_path / "facade.jpg"
    file.write_text("Ceci n’est pas une photo.")
    page = open_page(f"/gerer/{SLUG}/photos/", width=390)
    page.set_input_files("#file-1", file)
    page.fill("#alt-1", "La façade")
    page.check("#people")
    page.get_by_role("button", name="Ajouter", exact=True).click()
    page.wait_for_load_state("load")
    assert page.title().startswith("À revoir")
    assert page.evaluate("document.activeElement.id") == "wrongs"
    box = page.locator("#wrongs").bounding_box()
    assert box and 0 <= box["y"] < 900
    page.locator("#wrongs a").first.click()
    assert page.evaluate("document.activeElement.id") == "file-1" or page.url.endswith("#file-1")
