"""The team’s photos, people, keys and history, in a real browser."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from maillage.accounts.rules import COLLEAGUE, OBSERVER, signature
from maillage.places.actions.photos import add_photo, remove_photo
from maillage.places.actions.sheet import edit_sheet
from maillage.places.actions.team import invite_colleague, make_key
from maillage.places.models import Photo, Revision
from tests.browser.looks import LOOKS, turned
from tests.browser.test_accessibility import violations
from tests.people import People, cookies_of, gather
from tests.places.test_photos import picture, with_gps
from tests.remembered import remembered

pytestmark = pytest.mark.browser
SLUG = "la-boutique-de-nadine"
PAGES = ["photos/", "equipe/", "cles/", "historique/", "historique/2/reprendre/"]


@pytest.fixture
def cast(site: str, now: datetime, settings: Any, tmp_path: Path) -> People:
    """Nadine’s place with something on every page."""
    settings.MEDIA_ROOT = tmp_path / "media"
    people = remembered(("people in the registry", now), lambda: gather(now))
    by = signature(people.nadine.user.pk, "facilitator")
    values = {"phone": "03 84 00 00 01", "prices": "Libre"}
    edit_sheet(place_id=people.place.pk, values=values, seen=1, by=by, now=now)
    photos = [
        add_photo(
            place_id=people.place.pk,
            data=picture("PNG", (400 + n, 300)),
            alt=alt,
            credit="Nadine",
            licence="CC BY 4.0",
            by=by,
            now=now,
        )
        for n, alt in enumerate(["La façade de l’ancienne école", "Le grand atelier", "Le jardin en été"])
    ]
    remove_photo(place_id=people.place.pk, photo_id=photos[2], by=by, now=now + timedelta(hours=1))
    invite_colleague(place=people.place, email="lise@example.org", role=COLLEAGUE, inviter="Nadine", by=by, now=now)
    make_key(place=people.place, name="Agenda de la commune", role=OBSERVER, by=by, now=now)
    return people


@pytest.fixture
def at_work(visit: Callable[..., Page], cast: People, site: str) -> Callable[..., Page]:
    """Open a page of Nadine’s place as Nadine."""

    def opened(path: str, *, language: str = "", **options: Any) -> Page:
        page = visit("/doc/mentions/", **options)
        page.context.add_cookies(cookies_of(cast.nadine, site))
        page.goto(f"{site}{language}/gerer/{SLUG}/{path}", wait_until="load")
        return page

    return opened


@pytest.mark.parametrize(("path", "language", "width", "scheme"), turned(PAGES, LOOKS[:4]))
def test_axe_finds_nothing(at_work: Callable[..., Page], path: str, language: str, width: int, scheme: str) -> None:
    page = at_work(path, language=language, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_on_a_narrow_phone_nothing_overflows_and_targets_are_large(at_work: Callable[..., Page], path: str) -> None:
    page = at_work(path, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        """[...document.querySelectorAll('main .btn, main .text, main select, main input:not([type=hidden]),'
            + ' main textarea, main summary')]
            .map((e) => e.closest('label') ?? e)
            .filter((e) => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 44)
            .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def fill(page: Page, file: Path) -> None:
    page.set_input_files("#file-1", file)
    page.fill("#alt-1", "Une tablée dans la cour")
    page.select_option("#licence", "CC0")
    page.check("#people")


def test_a_photo_goes_from_the_phone_to_the_sheet(
    at_work: Callable[..., Page], visit: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "IMG_0001.jpg").write_bytes(with_gps())
    page = at_work("photos/", width=390, height=844, java_script_enabled=False)
    fill(page, tmp_path / "IMG_0001.jpg")
    page.click("form.form button.btn")
    assert page.locator(".told__line").count() == 1
    assert page.locator(".album:not(.album--removed) li").count() == 3
    public = visit(f"/lieux/{SLUG}/")
    image = public.locator("img[alt='Une tablée dans la cour']")
    image.scroll_into_view_if_needed()
    public.wait_for_function("document.querySelector(\"img[alt='Une tablée dans la cour']\").naturalWidth > 0")


def test_the_browser_asks_for_what_is_missing_before_it_sends(at_work: Callable[..., Page], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(with_gps())
    page = at_work("photos/", width=390)
    page.set_input_files("#file-1", tmp_path / "a.jpg")
    page.click("form.form button.btn")
    assert page.evaluate("document.activeElement.id") == "alt-1"
    assert Photo.objects.count() == 2


def test_everything_is_done_with_the_keyboard(at_work: Callable[..., Page]) -> None:
    page = at_work("photos/", width=1280)
    page.locator("button[value=down]").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [photo.alt for photo in Photo.objects.order_by("position")] == [
        "Le grand atelier",
        "La façade de l’ancienne école",
    ]
    page.locator(".album--removed button").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Photo.objects.count() == 3


def test_a_change_is_taken_back_without_script(at_work: Callable[..., Page]) -> None:
    page = at_work("historique/", width=390, java_script_enabled=False)
    page.click("a[href$='/historique/2/reprendre/']")
    assert page.locator(".would tbody tr").count() == 2
    page.click("form.acts button")
    assert page.url.endswith("/historique/")
    assert Revision.objects.order_by("number").last().reason == "Retour sur la modification n° 2"


def test_a_key_is_shown_once(at_work: Callable[..., Page]) -> None:
    page = at_work("cles/", width=390, java_script_enabled=False)
    page.fill("#name", "Site de la mairie")
    page.click("form.form button.btn")
    assert page.locator(".secret__key").inner_text().startswith("mlg_")
    page.goto(page.url)
    assert page.locator(".secret__key").count() == 0
