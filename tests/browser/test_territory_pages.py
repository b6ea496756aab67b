"""Diagnoses in a browser: read by everybody, tried with the keyboard, with or without JavaScript, on any screen."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import LOOKS, turned
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

EPCI = "/territoires/epci-243900420/"
PAGES = [
    "/territoires/",
    EPCI,
    f"{EPCI}?ouvrir=39546&fermer=la-boutique-de-nadine",
    "/territoires/france/",
    "/doc/methodes/",
]
OTHERS = [f"{EPCI}garder/", "/territoires/reg-27/", "/territoires/?q=saint"]


@pytest.mark.parametrize(("path", "language", "width", "scheme"), turned(PAGES, LOOKS, each=2))
def test_axe_finds_nothing(visit: Callable[..., Page], path: str, language: str, width: int, scheme: str) -> None:
    page = visit(language + path, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    assert violations(page) == []


@pytest.mark.parametrize("path", OTHERS)
def test_axe_finds_nothing_elsewhere(visit: Callable[..., Page], path: str) -> None:
    assert violations(visit(path, width=390)) == []


@pytest.mark.parametrize(("path", "width", "scale"), turned([*PAGES, *OTHERS], [(320, 1), (1280, 4)]))
def test_nothing_overflows_when_narrow_or_zoomed(visit: Callable[..., Page], path: str, width: int, scale: int) -> None:
    page = visit(path, width=width // scale, device_scale_factor=scale)
    assert page.evaluate("document.documentElement.scrollWidth") <= width // scale


@pytest.mark.parametrize("path", PAGES)
def test_targets_are_large_enough(visit: Callable[..., Page], path: str) -> None:
    page = visit(path, width=390)
    small = page.evaluate(
        """[...document.querySelectorAll('main a, main button, main input, main select, main summary')].filter((e) => {
            const box = (e.closest('label') ?? e).getBoundingClientRect();
            const inline = getComputedStyle(e).display === 'inline'
                && e.closest('p, li, td, th, h3, h4, dd, figcaption');
            return box.width && box.height && !inline && !e.closest('.skip, .sr, .map__skip, svg')
                && Math.min(box.width, box.height) < 24;
        }).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_an_opening_is_tried_with_the_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit(EPCI)
    button = page.locator(".towns").get_by_role("button", name="Ouvrir ici : Vaudrey")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tried")).to_contain_text("Ouvrir à Vaudrey")
    assert page.url.endswith("?ouvrir=39546")
    expect(page.locator(".tried")).to_be_focused()
    page.go_back()
    expect(page.locator(".tried")).to_have_count(0)
    assert page.url.endswith(EPCI)


def test_an_opening_is_tried_by_a_click_on_the_map_without_leaving_the_page(visit: Callable[..., Page]) -> None:
    page = visit(EPCI)
    page.evaluate("window.stayed = true")
    page.locator(".m-tiles a[href*='39546']").click()
    expect(page.locator(".tried")).to_contain_text("Ouvrir à")
    assert page.evaluate("window.stayed") is True
    expect(page.locator("main > [role=status]")).not_to_be_empty()


def test_a_closure_is_tried_and_taken_back(visit: Callable[..., Page]) -> None:
    page = visit(EPCI)
    page.get_by_role("button", name="Fermer : La Boutique de Nadine").click()
    expect(page.locator(".tried")).to_contain_text("Fermer")
    page.locator(".tried .chips a").first.click()
    expect(page.locator(".tried")).to_have_count(0)


def test_another_threshold_redraws_the_same_page(visit: Callable[..., Page]) -> None:
    page = visit(EPCI)
    page.evaluate("window.stayed = true")
    page.locator(".gauge").get_by_text("10 min").click()
    expect(page.locator(".gauge [aria-current]")).to_have_text("10\u202fmin")
    assert page.evaluate("window.stayed") is True


def test_everything_is_tried_without_javascript(visit: Callable[..., Page]) -> None:
    page = visit(EPCI, java_script_enabled=False)
    page.get_by_role("button", name="Ouvrir ici : Vaudrey").click()
    assert page.url.endswith("?ouvrir=39546")
    page.locator("#commune").fill("mouchard")
    page.locator(".what-if__seek .btn").click()
    assert page.url.endswith("?ouvrir=39370&ouvrir=39546")
    page.get_by_role("button", name="Fermer : La Boutique de Nadine").click()
    assert "fermer=la-boutique-de-nadine" in page.url
    expect(page.locator(".tried .chips li")).to_have_count(4)


def test_a_territory_is_suggested_while_one_types(visit: Callable[..., Page]) -> None:
    page = visit("/territoires/")
    page.locator("#q").press_sequentially("chambl")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Chamblay")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoires/commune-39093/")


def test_a_commune_is_opened_by_its_name_with_the_keyboard(visit: Callable[..., Page]) -> None:
    page = visit(f"{EPCI}?seuil=15")
    page.locator("#commune").press_sequentially("vaudr")
    expect(page.get_by_role("option").first).to_contain_text("Vaudrey")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".tried")).to_contain_text("Ouvrir à Vaudrey")
    expect(page.locator(".tried")).to_be_focused()
    assert page.url.endswith("?ouvrir=39546&seuil=15")
    assert "Quelle commune" not in page.locator("main").inner_text()


def test_the_map_can_be_passed_and_none_of_its_shapes_stops_the_keyboard(visit: Callable[..., Page]) -> None:
    page = visit(EPCI)
    stops = page.evaluate("[...document.querySelectorAll('.mosaic a')].filter((link) => link.tabIndex >= 0).length")
    assert stops == 0
    page.locator(".map__skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#apres-carte")).to_be_focused()


def test_a_diagnosis_is_kept_and_found_again(visit: Callable[..., Page]) -> None:
    page = visit(EPCI)
    page.get_by_role("link", name="Garder ce constat").click()
    page.get_by_role("button", name="Garder").click()
    page.wait_for_url("**/constats/*/")
    expect(page.locator(".kept")).to_contain_text("Constat gardé")
    assert violations(page) == []


def test_colours_stay_where_the_reader_forces_his_own(visit: Callable[..., Page]) -> None:
    page = visit(EPCI, forced_colors="active")
    fills = page.locator(".key .swatch rect:first-child").evaluate_all(
        "all => all.map((e) => getComputedStyle(e).fill)"
    )
    assert len(set(fills)) == len(fills) == 5


def test_the_classes_are_told_apart_without_seeing_colours(visit: Callable[..., Page]) -> None:
    """Neighbouring classes differ in lightness, by WCAG's measure, in both schemes; beyond the threshold is hatched."""
    luminance = """(colour) => {
        const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92
            : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }"""
    for scheme in ("light", "dark"):
        page = visit(EPCI, color_scheme=scheme)
        lights = page.evaluate(
            f"[0, 1, 2, 3, 4].map((n) => ({luminance})(getComputedStyle(document.querySelector(`.key .k${{n}}`)).fill))"
        )
        near = lights[:3]
        assert all((b + 0.05) / (a + 0.05) > 1.4 for a, b in pairwise(near)), (scheme, lights)
        assert (lights[3] + 0.05) / (lights[4] + 0.05) > 1.7, (scheme, lights)
