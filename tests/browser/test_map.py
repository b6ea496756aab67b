"""The live map as people use it: asked for, by hand, by keyboard, beside its list, in the dark, on a phone."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

LIVE = "/lieux/?carte=1"
JURA = "/lieux/?territoire=dep-39&carte=1"


def shown(page: Page) -> Page:
    """Wait until the map shows its points and nothing moves."""
    expect(page.locator("[data-shown]")).to_have_count(1)
    expect(page.locator(".node").first).to_be_visible()
    expect(page.locator(".leaflet-zoom-anim")).to_have_count(0)
    return page


@pytest.fixture(autouse=True)
def built(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/")
    if not page.locator(".to-live").count():
        pytest.skip("needs the built front end: node frontend/build.mjs")


@pytest.mark.parametrize("path", ["/", "/lieux/", "/lieux/?territoire=dep-39"])
def test_nothing_of_the_map_is_fetched_before_it_is_asked_for(visit: Callable[..., Page], path: str) -> None:
    page = visit("/doc/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.removesuffix("/doc/") + path, wait_until="networkidle")
    assert [url for url in asked if "/map" in url or "/carte/lieux/" in url or "/carte/fond/" in url] == []
    page.get_by_role("link", name="Ouvrir la carte interactive").click()
    page.wait_for_url("**carte=1**")
    shown(page)
    assert any("/map" in url and url.endswith(".js") for url in asked)


HELD = "document.activeElement.matches('.live__sheet')"


@pytest.mark.parametrize("width", [390, 1280])
def test_who_opens_the_map_holds_it_and_hears_its_name(visit: Callable[..., Page], width: int) -> None:
    page = visit("/lieux/?territoire=dep-39", width=width)
    page.get_by_role("link", name="Ouvrir la carte interactive").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**carte=1**")
    shown(page)
    assert page.evaluate(HELD)
    held = page.get_by_role("group", name="Carte des lieux. Flèches pour la déplacer")
    expect(held).to_be_focused()
    page.keyboard.press("+")
    page.wait_for_url("**bbox=**")


def test_a_map_opened_by_its_address_leaves_the_page_to_its_reader(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("link", name="Par nom").click()
    shown(page)
    assert not page.evaluate(HELD)


def test_the_wheel_over_a_map_just_opened_scrolls_the_page(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/?territoire=dep-39")
    page.get_by_role("link", name="Ouvrir la carte interactive").click()
    page.wait_for_url("**carte=1**")
    shown(page)
    assert page.evaluate(HELD)
    box = page.locator(".live__sheet").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(600)
    assert page.evaluate("scrollY") > 0
    assert "bbox" not in page.url


def test_without_javascript_nothing_changes(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/?territoire=dep-39", java_script_enabled=False)
    assert not page.locator(".to-live a").is_visible()
    assert not visit("/", java_script_enabled=False).locator(".to-live a").is_visible()
    page = visit(f"{JURA}&bbox=5.6,46.9,5.8,47.1", java_script_enabled=False)
    told = page.locator("noscript .note")
    assert told.is_visible()
    assert told.inner_text().startswith("La carte interactive demande JavaScript. Voici la carte simple")
    assert page.locator(".map__sheet").is_visible()
    assert not page.locator(".live__sheet").is_visible()
    assert page.locator(".place").count() == 3


def test_the_map_counts_every_place_of_the_question(visit: Callable[..., Page]) -> None:
    page = shown(visit(LIVE))
    assert page.locator(".live__sheet").get_attribute("data-shown") == "34"
    names = page.locator(".node").evaluate_all("nodes => nodes.map((node) => node.getAttribute('aria-label'))")
    assert all("lieu" in name or "," in name for name in names)
    assert page.locator("canvas").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value > 0)"
    )


def test_a_disc_leads_closer_and_the_list_follows(visit: Callable[..., Page]) -> None:
    page = shown(visit(LIVE))
    assert "bbox" not in page.url
    page.locator(".node--many").first.click()
    page.wait_for_url("**bbox=**")
    expect(page.locator(".split__list:not([aria-busy])")).to_have_count(1)
    listed = int(page.locator(".tally__n").inner_text())
    assert listed <= 34
    expect(page.locator("#announce")).to_contain_text(f"{listed} lieu")
    again = visit("/" + page.url.split("/", 3)[3])
    assert again.locator(".tally__n").inner_text() == str(listed)
    assert again.locator(".place h3").all_inner_texts() == page.locator(".place h3").all_inner_texts()


def test_the_way_back_leads_to_the_same_view(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    page.locator(".live__sheet").focus()
    page.keyboard.press("-")
    page.wait_for_url("**bbox=**")
    expect(page.locator(".split__list:not([aria-busy])")).to_have_count(1)
    address, names = page.url, page.locator(".place h3").all_inner_texts()
    page.locator(".place h3 a").first.click()
    page.wait_for_url("**/lieux/*/")
    page.go_back()
    shown(page)
    assert page.url == address
    assert page.locator(".place h3").all_inner_texts() == names


def test_points_are_walked_and_opened_by_keyboard(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    page.locator(".live__sheet").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('node')"):
            break
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert first
    assert page.locator(".node[tabindex='0']").count() == 1
    names = {first}
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
        names.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert len(names) > 1
    page.locator(".node:not(.node--many)").first.focus()
    held = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    expect(page.locator(".live__card")).to_be_visible()
    assert page.evaluate("document.activeElement.matches('.live__name')")
    page.keyboard.press("Escape")
    expect(page.locator(".live__card")).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == held
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lieux/*/")


def test_arrows_move_the_map_and_signs_zoom_it(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    page.locator(".live__sheet").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**bbox=**")
    before = page.url
    page.keyboard.press("+")
    page.wait_for_url(lambda address: address != before)


def test_an_item_lights_its_point_and_a_point_its_item(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    page.locator(".place", has_text="Les Communs de Vaudrey").hover()
    expect(page.locator(".node--lit")).to_have_count(1)
    page.mouse.move(2, 2)
    page.locator(".node:not(.node--many)", has=page.locator("span")).first.focus()
    expect(page.locator(".place--lit")).to_have_count(1)


def test_an_approximate_point_looks_and_says_so(visit: Callable[..., Page]) -> None:
    page = shown(visit("/lieux/?territoire=commune-39546&carte=1"))
    vague = page.locator(".node--vague")
    expect(vague).to_have_count(1)
    assert "Position approchée" in vague.get_attribute("aria-label")
    vague.click()
    expect(page.locator(".live__card")).to_contain_text("Position approchée")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing_on_the_open_map(visit: Callable[..., Page], width: int, scheme: str) -> None:
    page = shown(visit(JURA, width=width, color_scheme=scheme))
    assert violations(page) == []
    page.locator(".node:not(.node--many)").first.click()
    expect(page.locator(".live__card")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_map_comes_first_and_fits(visit: Callable[..., Page], width: int) -> None:
    page = shown(visit(JURA, width=width, has_touch=True, is_mobile=True))
    mapped, listed = (page.locator(part).bounding_box() for part in (".live__sheet", ".split__list"))
    assert mapped["y"] + mapped["height"] <= listed["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("scrollY") > 0
    for control in (".node", ".leaflet-control-zoom-in", ".live__full", "#live-go"):
        box = page.locator(control).first.bounding_box()
        assert min(box["width"], box["height"]) >= 43.5, control


def test_one_finger_scrolls_the_page_until_the_map_fills_the_screen(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA, width=390, has_touch=True, is_mobile=True))
    gesture = "getComputedStyle(document.querySelector('.live__sheet')).touchAction"
    assert page.evaluate(gesture) in ("pan-x pan-y", "auto", "manipulation")
    button = page.get_by_role("button", name="Plein écran")
    button.click()
    assert page.evaluate(gesture) == "none"
    assert page.evaluate("document.querySelector('.mast').inert")
    box = page.locator(".live").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Plein écran")).to_be_focused()
    assert not page.evaluate("document.querySelector('.mast').inert")


@pytest.mark.parametrize("leave", ["back", "button", "Escape"])
def test_the_way_back_leaves_the_whole_screen_and_stays_on_the_map(visit: Callable[..., Page], leave: str) -> None:
    page = visit("/lieux/?territoire=dep-39")
    before = page.url
    page.goto(f"{before}&carte=1")
    shown(page)
    steps = page.evaluate("history.length")
    page.get_by_role("button", name="Plein écran").click()
    expect(page.locator(".live--full")).to_have_count(1)
    if leave == "back":
        page.evaluate("history.back()")
    elif leave == "button":
        page.get_by_role("button", name="Quitter le plein écran").click()
    else:
        page.keyboard.press("Escape")
    expect(page.locator(".live--full")).to_have_count(0)
    expect(page.get_by_role("button", name="Plein écran")).to_be_focused()
    assert "carte=1" in page.url
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    expect(page.locator(".live")).to_have_count(0)
    assert page.url == before


def test_the_whole_screen_stands_again_after_a_reload(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    page.get_by_role("button", name="Plein écran").click()
    expect(page.locator(".live--full")).to_have_count(1)
    # A page tells its browser of a new step of the history a moment later: a reload in between forgets the step.
    page.wait_for_timeout(500)
    page.reload()
    shown(page)
    expect(page.locator(".live--full")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".live--full")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1280, 900), (1440, 800), (390, 844)])
def test_a_departement_opens_on_its_own_bounds(visit: Callable[..., Page], width: int, height: int) -> None:
    page = shown(visit(JURA, width=width, height=height))
    west, south, east, north = (float(edge) for edge in page.locator(".live").get_attribute("data-frame").split(","))
    page.locator(".live__sheet").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**bbox=**")
    seen = [float(edge) for edge in parse_qs(urlsplit(page.url).query)["bbox"][0].split(",")]
    across, up = (seen[2] - seen[0]) / (east - west), (seen[3] - seen[1]) / (north - south)
    assert 0.97 <= min(across, up) <= 1.25


def test_between_two_zooms_no_point_hides_another(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA, width=1280, height=720))
    page.locator(".live__sheet").focus()
    centres = """[...document.querySelectorAll('.node')].map((node) => {
        const { x, y, width, height } = node.getBoundingClientRect();
        return [x + width / 2, y + height / 2];
    })"""
    for _ in range(3):
        found = page.evaluate(centres)
        assert int(page.locator(".live__sheet").get_attribute("data-shown")) > 0
        for n, (x, y) in enumerate(found):
            assert all((x - a) ** 2 + (y - b) ** 2 >= 44**2 for a, b in found[n + 1 :])
        before = page.url
        page.keyboard.press("-")
        page.wait_for_url(lambda address, before=before: address != before)
        shown(page)


def test_the_map_is_three_keys_from_the_top(visit: Callable[..., Page]) -> None:
    page = visit("/lieux/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller à la carte")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ouvrir la carte interactive")).to_be_focused()


def test_discs_of_approximate_points_are_explained_and_counted_once(visit: Callable[..., Page]) -> None:
    page = shown(visit("/lieux/?territoire=reg-27&carte=1"))
    key = page.locator(".live__key li", has_text="plusieurs lieux, positions approchées")
    assert key.locator("span").evaluate("dot => getComputedStyle(dot).borderTopStyle") == "dashed"
    names = page.locator(".node--many.node--vague").evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert names
    assert all(re.fullmatch(r"\d+ lieux, positions approchées", name) for name in names)


def test_who_asks_for_less_motion_gets_none(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA, reduced_motion="reduce"))
    moving = """[...document.querySelectorAll('.live *')].filter((element) => {
        const style = getComputedStyle(element);
        return parseFloat(style.transitionDuration) || style.animationName !== 'none';
    }).length"""
    assert page.evaluate(moving) == 0


def test_the_map_follows_the_scheme_of_the_screen(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA, color_scheme="light"))
    pixel = "(() => { const c = document.querySelector('canvas'); return c.toDataURL(); })()"
    light = page.evaluate(pixel)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(400)
    assert page.evaluate(pixel) != light


def test_a_jump_overseas(visit: Callable[..., Page]) -> None:
    page = shown(visit(LIVE))
    page.get_by_label("Aller à").select_option(label="La Réunion")
    page.wait_for_url("**bbox=55**")
    expect(page.locator(".live__sheet")).to_have_attribute("data-shown", "0")


def test_trouble_is_said_and_the_list_stays(visit: Callable[..., Page]) -> None:
    page = visit("/doc/")
    page.route("**/carte/lieux/**", lambda route: route.fulfill(status=200, body="{}"))
    page.goto(page.url.removesuffix("/doc/") + LIVE)
    expect(page.locator(".live [role=status]").last).to_contain_text("La liste, elle, est complète")
    assert page.locator(".place").count() == 20


def test_lines_are_read_as_they_were_packed(visit: Callable[..., Page]) -> None:
    """A line sent as steps is drawn where its points are: the ground's names stand inside the drawn communes."""
    page = shown(visit(JURA))
    told = page.evaluate("fetch('/carte/fond/dep-39.json').then((answer) => answer.json())")
    xy, at = [], [0, 0]
    for line in told["dots"]:
        at = [0, 0]
        for i in range(0, len(line), 2):
            at = [at[0] + line[i], at[1] + line[i + 1]]
            xy.append(tuple(at))
    assert {(x, y) for x, y, *_ in told["names"]} == set(xy)
