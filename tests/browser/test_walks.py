"""What people do: Thomas looks for a place by keyboard, without JavaScript, on paper."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from maillage.places.actions import remove_place, restore_place
from maillage.places.queries import place_by_slug

pytestmark = pytest.mark.browser

NADINE = "/lieux/la-boutique-de-nadine/"


def tab_to(page: Page, text: str, most: int = 90) -> None:
    """Press Tab until the focused element shows `text`; focus must be visible all the way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(
            """() => {
                const e = document.activeElement, line = e.closest('.place') || e.closest('.seek__line') || e;
                const style = getComputedStyle(line), self = getComputedStyle(e), inside = e.querySelector?.('circle');
                const mark = inside && getComputedStyle(inside).strokeWidth;
                return [(e.innerText ?? e.textContent ?? '').trim(),
                        [style.outlineWidth, self.outlineWidth].some((px) => parseFloat(px) >= 2)
                            || parseFloat(mark) >= 4];
            }"""
        )
        assert outlined, f"focus is not visible on « {name} »"
        if text in name:
            return
    raise AssertionError(f"« {text} » was not reached in {most} presses of Tab")


def test_from_search_to_a_place_by_keyboard(visit: Callable[..., Page], site: str) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Aller au contenu")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("name", "q")
    page.keyboard.type("Chamblay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lieux/?q=Chamblay")
    expect(page.locator("h1")).to_contain_text("3 lieux autour de Chamblay")
    tab_to(page, "La Boutique de Nadine")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{NADINE}")
    expect(page.locator("h1")).to_contain_text("La Boutique de Nadine")


def test_suggestions_are_walked_with_arrows(visit: Callable[..., Page]) -> None:
    page = visit("/")
    field = page.get_by_role("combobox")
    field.focus()
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("chambl")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Chamblay")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("chambl")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lieux/**")


def test_everything_works_without_javascript(visit: Callable[..., Page]) -> None:
    page = visit("/", java_script_enabled=False)
    assert not page.get_by_role("button", name="Autour de moi").is_visible()
    page.get_by_label("Commune, code postal, nom ou activité").fill("39380")
    page.get_by_role("button", name="Chercher").click()
    assert page.locator("h1").inner_text().strip()
    page.goto(page.url.split("/lieux/")[0] + "/lieux/?pres=39093")
    page.locator("summary", has_text="Affiner").click()
    page.get_by_label("Café associatif").check()
    page.get_by_role("button", name="Voir les lieux").click()
    assert "activite=cafe" in page.url
    assert "pres=39093" in page.url
    assert page.locator("h1").inner_text().startswith("1 lieu")
    page.get_by_role("link", name="Retirer le filtre Café associatif").click()
    assert page.locator("h1").inner_text().startswith("3 lieux")
    page.get_by_role("link", name="La Boutique de Nadine", exact=True).first.click()
    assert page.url.endswith(NADINE)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_filters_open_under_a_finger(visit: Callable[..., Page], width: int) -> None:
    page = visit("/lieux/?pres=39093", width=width)
    page.get_by_role("button", name="Autour de moi").click(trial=True)
    page.locator("summary", has_text="Affiner").click()
    page.get_by_label("Café associatif").check()
    page.get_by_role("button", name="Voir les lieux").click()
    expect(page.locator("h1")).to_contain_text("1 lieu autour de Chamblay")


def test_around_me_rounds_the_position(visit: Callable[..., Page]) -> None:
    page = visit("/", geolocation={"latitude": 46.99151234, "longitude": 5.70351234}, permissions=["geolocation"])
    page.get_by_role("button", name="Autour de moi").click()
    page.wait_for_url("**/lieux/?pres=46.992,5.704&minutes=20")
    expect(page.locator("h1")).to_contain_text("3 lieux autour de vous")


def test_a_refused_position_is_said(visit: Callable[..., Page]) -> None:
    page = visit("/", permissions=[])
    page.get_by_role("button", name="Autour de moi").click()
    expect(page.locator(".seek__near [role=status]")).to_contain_text("Votre position n’est pas disponible")


def test_an_address_is_copied_where_it_cannot_be_shared(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/?pres=39093", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Partager").click()
    expect(page.get_by_text("Adresse copiée")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_paper_keeps_the_list_and_leaves_the_tools(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/?pres=39093")
    page.emulate_media(media="print")
    assert page.get_by_text("La Boutique de Nadine").first.is_visible()
    for tool in (".seek", ".picks", ".take", ".menu"):
        assert not page.locator(tool).first.is_visible()


def test_list_and_map_stand_side_by_side_or_one_after_the_other(visit: Callable[..., Page]) -> None:
    wide = visit("/lieux/?pres=39093", width=1280)
    listed, mapped = (wide.locator(part).bounding_box() for part in (".split__list", ".split__map"))
    assert mapped["x"] >= listed["x"] + listed["width"]
    narrow = visit("/lieux/?pres=39093", width=390)
    listed, mapped = (narrow.locator(part).bounding_box() for part in (".split__list", ".split__map"))
    assert mapped["y"] >= listed["y"] + listed["height"]
    assert mapped["x"] + mapped["width"] <= 390


def test_a_place_that_comes_back_is_seen_by_who_saw_it_gone(site: str, browser: Browser, now: datetime) -> None:
    """Chromium would keep the answer 410 for ever, and give it again without asking."""
    nadine = place_by_slug("la-boutique-de-nadine").place
    assert nadine
    context = browser.new_context()
    page = context.new_page()
    try:
        remove_place(place_id=nadine.pk, reason="doublon", by="test", now=now)
        gone = page.goto(f"{site}{NADINE}")
        assert gone and gone.status == 410
        restore_place(place_id=nadine.pk, by="test", now=now)
        page.goto(f"{site}/lieux/")
        back = page.goto(f"{site}{NADINE}")
        assert back and back.status == 200
    finally:
        context.close()
