from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.looks import LOOKS, turned

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/lieux/",
    "/lieux/?pres=39093&minutes=30&activite=coworking&minutes=abc",
    "/lieux/?q=rien-de-tel",
    "/lieux/la-boutique-de-nadine/",
    "/lieux/la-boutique-de-nadine/historique/",
    "/schema/",
    "/schema/valider/",
    "/donnees/",
    "/observatoire/",
    "/observatoire/rural/",
    "/observatoire/outside-metropoles/",
    "/doc/",
    "/doc/donnees/",
    "/doc/accessibilite/",
    "/doc/mentions/",
    "/doc/servir/",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary']})" for rule in found for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("path", "language", "width", "scheme"), turned(PAGES, LOOKS, each=2))
def test_axe_finds_nothing(visit: Callable[..., Page], path: str, language: str, width: int, scheme: str) -> None:
    page = visit(language + path, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    assert violations(page) == []


def test_axe_would_find_something(visit: Callable[..., Page]) -> None:
    """The negative control: a page spoilt on purpose must fail."""
    page = visit("/")
    page.evaluate("document.querySelector('label[for=q]').remove()")
    page.evaluate("document.querySelector('.lede').setAttribute('class', 'demo-spoilt')")
    assert any(text.startswith("label:") for text in violations(page))


@pytest.mark.parametrize(("path", "width", "scale"), turned(PAGES, [(320, 1), (640, 2), (1280, 4)]))
def test_nothing_overflows_when_narrow_or_zoomed(visit: Callable[..., Page], path: str, width: int, scale: int) -> None:
    """1280 px at 400 % and 640 px at 200 % are 320 CSS px wide: WCAG 1.4.10."""
    page = visit(path, width=width // scale, device_scale_factor=scale)
    assert page.evaluate("document.documentElement.scrollWidth") <= width // scale


@pytest.mark.parametrize("path", PAGES)
def test_text_twice_as_large_still_fits(visit: Callable[..., Page], path: str) -> None:
    """WCAG 1.4.4: every size follows the reader's own."""
    page = visit(path, width=1280)
    before = page.evaluate("getComputedStyle(document.body).fontSize")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = page.evaluate("getComputedStyle(document.body).fontSize")
    assert float(after[:-2]) == pytest.approx(2 * float(before[:-2]), rel=0.02)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("path", ["/", "/lieux/", "/doc/"])
def test_who_asks_for_less_motion_gets_none(visit: Callable[..., Page], path: str) -> None:
    moving = """[...document.querySelectorAll('*')].filter((element) => {
        const style = getComputedStyle(element), after = getComputedStyle(element, '::after');
        return parseFloat(style.transitionDuration) || style.animationName !== 'none' || after.animationName !== 'none';
    }).length"""
    assert visit(path, reduced_motion="reduce").evaluate(moving) == 0
    assert visit(path, reduced_motion="no-preference").evaluate(moving) > 0


@pytest.mark.parametrize("path", ["/", "/lieux/?pres=39093"])
def test_targets_are_large_enough(visit: Callable[..., Page], path: str) -> None:
    """WCAG 2.5.8: 24 px for every control that is not inside a sentence; 44 px for the main action."""
    page = visit(path, width=390)
    small = page.evaluate(
        """[...document.querySelectorAll('a, button, input, select, summary')].filter((e) => {
            const box = (e.closest('label') ?? e).getBoundingClientRect();
            const inline = getComputedStyle(e).display === 'inline' && e.closest('p, li, td, th, h3, figcaption');
            return box.width && box.height && !inline && !e.closest('.skip, .sr, .map__skip, svg')
                && Math.min(box.width, box.height) < 24;
        }).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert [element for element in small if "skip" not in element] == []
    assert page.locator(".seek .btn").bounding_box()["height"] >= 44


def test_forced_colours_keep_controls_visible(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/", forced_colors="active")
    for control in (".seek .btn", ".seek__line", ".picks a", ".sift > summary"):
        line = page.locator(control).first.evaluate(
            "e => [getComputedStyle(e).borderTopStyle, getComputedStyle(e).borderTopWidth]"
        )
        assert line[0] == "solid"
        assert float(line[1].removesuffix("px")) >= 1
