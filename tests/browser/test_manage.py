"""Nadine's pages in a real browser: with a phone, a keyboard, no script, in both languages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from maillage.places.actions.sheet import edit_sheet
from maillage.places.models import Place
from maillage.places.queries.team import desk
from tests.browser.looks import turned
from tests.browser.test_accessibility import violations
from tests.people import People, Person, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
SECTIONS = ("presentation", "adresse", "horaires", "contact", "activites", "venir", "structure")


@pytest.fixture
def cast_in(site: str, now: datetime) -> People:
    return remembered(("people in the registry", now), lambda: gather(now))


@pytest.fixture
def come(visit: Callable[..., Page], site: str, cast_in: People) -> Callable[..., Page]:
    """Open a page as somebody, on a phone unless told."""

    def opened(path: str, who: Person | None = None, *, width: int = 390, **options: Any) -> Page:
        page = visit("/doc/mentions/", width=width, height=844, **options)
        page.context.add_cookies(cookies_of(who or cast_in.nadine, site))
        page.goto(site + path, wait_until="load")
        return page

    return opened


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


CROWDED = """() => {
  const words = "main :is(dt, dd, legend, label:is(.pick, .kind, .check), button, summary, input, p)";
  const shown = [...document.querySelectorAll(words)]
    .filter((one) => one.checkVisibility() && !one.closest(".sr, .skip, [type=radio], [type=checkbox]"));
  const named = (one) => `${one.tagName} ${one.name ?? one.className} ${one.innerText.slice(0, 30)}`;
  const room = parseFloat(getComputedStyle(document.documentElement).fontSize) * 3;
  const boxes = [...document.querySelectorAll("main :is(button, summary, input:not([type=radio], [type=checkbox]))")]
    .filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()]);
  const over = boxes.filter(([one, box]) => boxes.some(([other, there]) => other !== one && box.left < there.right - 1
    && there.left < box.right - 1 && box.top < there.bottom - 1 && there.top < box.bottom - 1));
  const left = (one) => one.clientWidth - parseFloat(getComputedStyle(one).paddingLeft);
  const thin = shown.filter((one) => (one.tagName === "INPUT" ? left(one) < room
    : one.innerText.trim().length > 8 && one.getBoundingClientRect().width < room));
  return [...thin.map(named), ...over.map(([one]) => `over: ${named(one)}`)];
}"""
"""What is too narrow for its own words, or lies over something else one touches."""


def looked_at(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    assert violations(page) == []
    assert fits(page)


DESK = "/gerer/la-boutique-de-nadine/"
PAGES = [DESK, *(f"{DESK}fiche/{section}/" for section in SECTIONS), f"{DESK}etat/"]


@pytest.mark.parametrize(("path", "language", "scheme"), turned(PAGES, [("", "light"), ("/en", "dark")]))
def test_axe_finds_nothing_and_all_fits_a_phone(
    come: Callable[..., Page], path: str, language: str, scheme: str
) -> None:
    page = come(language + path, color_scheme=scheme)
    looked_at(page)
    for choice in (".by-hand", ".by-text", ".is-closed", ".day__open"):
        if page.locator(choice).count():
            page.locator(choice).first.check()
    looked_at(page)


@pytest.mark.parametrize(("language", "scheme"), [("", "dark"), ("/en", "light")])
def test_axe_finds_nothing_in_what_goes_wrong(
    come: Callable[..., Page], cast_in: People, language: str, scheme: str
) -> None:
    page = come(f"{language}{DESK}fiche/contact/", color_scheme=scheme)
    page.fill("#id-phone", "appelez-moi")
    page.click(".form__save")
    assert page.locator(".wrongs").is_visible()
    looked_at(page)
    page.fill("#id-phone", "03 84 22 22 22")
    place = Place.objects.get(pk=cast_in.place.pk)
    edit_sheet(
        place_id=place.pk,
        values={"phone": "03 84 11 11 11"},
        seen=desk(place).seen,
        by=f"compte:{cast_in.karim.user.pk}:colleague",
        now=timezone.now(),
    )
    page.click(".form__save")
    assert page.locator(".both").count() == 1
    looked_at(page)
    page.click(".choose .btn:not(.btn--quiet)")
    assert page.locator(".told").is_visible()
    looked_at(page)
    page.goto(page.url + "fiche/adresse/")
    page.fill("#id-commune_cherche", "39380")
    page.click(".form__save")
    looked_at(page)


@pytest.mark.parametrize(("language", "scheme"), [("", "light"), ("/en", "dark")])
def test_axe_finds_nothing_on_the_lists_of_places(
    come: Callable[..., Page], cast_in: People, language: str, scheme: str
) -> None:
    for who in (cast_in.ines, cast_in.operator, cast_in.thomas):
        looked_at(come(f"{language}/gerer/", who, color_scheme=scheme))
    looked_at(come(language + DESK, cast_in.perrin, color_scheme=scheme))


def test_a_closing_is_confirmed_on_a_page_of_its_own(come: Callable[..., Page], cast_in: People) -> None:
    page = come(f"{DESK}etat/")
    page.check(".is-closed")
    page.fill("#id-closed_on", "2026")
    page.click(".form__foot .btn")
    looked_at(page)
    page.click(".form__foot .btn")
    assert Place.objects.get(pk=cast_in.place.pk).status == "closed"
    looked_at(page)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_nadine_confirms_edits_and_says_her_hours(come: Callable[..., Page], cast_in: People, script: bool) -> None:
    page = come(DESK, java_script_enabled=script)
    yes = page.locator(".still__yes")
    assert yes.bounding_box()["height"] >= 56
    yes.click()
    assert Place.objects.get(pk=cast_in.place.pk).confirmed_at is not None
    page.click("a[href$='/fiche/horaires/']:not(.lacking a)")
    page.check("input[name=jour0][value=ouvert]", force=True)
    page.fill("#id-h00", "09:00")
    page.fill("#id-h01", "12:30")
    for day in range(1, 7):
        page.check(f"input[name=jour{day}][value=ferme]", force=True)
    page.click("button[name=apercu]")
    assert page.locator(".preview .clockwork").is_visible()
    page.click(".form__save")
    assert Place.objects.get(pk=cast_in.place.pk).opening_hours == "Mo 09:00-12:30"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_day_says_which_days_follow_it(come: Callable[..., Page], script: bool) -> None:
    page = come(f"{DESK}fiche/horaires/", java_script_enabled=script)

    def told(day: int) -> str:
        said = page.locator(f"#also-{day}")
        return said.inner_text() if said.is_visible() else ""

    assert told(0) == "Vaut aussi pour mardi, mercredi, jeudi, vendredi, samedi, dimanche"
    assert told(1) == ""
    page.check("input[name=jour1][value=ouvert]", force=True)
    assert (told(0), told(1)) == ("", "Vaut aussi pour mercredi, jeudi, vendredi, samedi, dimanche")
    page.check("input[name=jour4][value=ferme]", force=True)
    assert (told(1), told(4)) == ("Vaut aussi pour mercredi, jeudi", "Vaut aussi pour samedi, dimanche")


@pytest.mark.parametrize("path", [*PAGES, "/lieux/"])
def test_text_twice_as_large_fits_a_phone(come: Callable[..., Page], path: str) -> None:
    page = come(path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    for choice in (".by-hand", ".is-closed", ".day__open"):
        if page.locator(choice).count():
            page.locator(choice).first.check(force=True)
    assert page.evaluate(CROWDED) == []
    assert fits(page)


def test_one_edit_with_the_keyboard_alone(come: Callable[..., Page], cast_in: People) -> None:
    page = come(DESK, width=1280)

    def tab_to(target: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("(target) => document.activeElement.matches(target)", target):
                return
        raise AssertionError(f"the keyboard never reached {target}")

    tab_to("a[href$='/fiche/contact/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fiche/contact/")
    tab_to("#id-phone")
    page.keyboard.type("03 84 00 00 00")
    tab_to(".form__save")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DESK}")
    assert Place.objects.get(pk=cast_in.place.pk).phone == "03 84 00 00 00"


def test_the_position_is_asked_only_on_a_tap_and_no_more_exact_than_it_is(
    come: Callable[..., Page], cast_in: People
) -> None:
    place = {"latitude": 46.99201, "longitude": 5.70412, "accuracy": 120}
    page = come(f"{DESK}fiche/adresse/", geolocation=place, permissions=["geolocation"])
    assert page.input_value("#id-lat") == ""
    page.check(".by-hand")
    page.click("[data-locate]")
    page.wait_for_function("document.querySelector('#id-lat').value !== ''")
    assert (page.input_value("#id-lat"), page.input_value("#id-lon")) == ("46.99201", "5.70412")
    assert page.is_checked("input[name=precision][value=street]")
    looked_at(page)
    page.click(".form__save")
    assert Place.objects.get(pk=cast_in.place.pk).precision == "street"


@pytest.mark.parametrize("path", [DESK, f"{DESK}fiche/horaires/", f"{DESK}fiche/activites/"])
def test_targets_are_made_for_a_thumb(come: Callable[..., Page], path: str) -> None:
    small = come(path).evaluate(
        """[...document.querySelectorAll('.manage__body :is(a.btn, button, .check, .pick, .kind, .lacking a, summary)')]
        .filter((e) => e.offsetHeight && e.getBoundingClientRect().height < 40)
        .map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert small == []
