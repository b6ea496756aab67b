"""The optional layer under the live map, seen in a browser: pictures of one host, a file of ours, a file of theirs."""

import io
import struct
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from maillage.config.settings import content_policy
from maillage.territory.queries import ground_layers
from tests.browser.test_map import JURA, shown
from tests.places.test_map_data import outline

pytestmark = pytest.mark.browser

LAVENDER = (150, 111, 214)
CREDIT = "Les cartographes du Jura"
DEEPEST = 10


def picture() -> bytes:
    """A tile of one colour, which nothing else on the site has."""
    file = io.BytesIO()
    Image.new("RGB", (256, 256), LAVENDER).save(file, "PNG")
    return file.getvalue()


def pmtiles(tile: bytes) -> bytes:
    """A PMTiles file of version 3, not compressed: one picture for every tile down to `DEEPEST`."""
    count = (4 ** (DEEPEST + 1) - 1) // 3
    directory = b"".join(map(varint, (1, 0, count, len(tile), 1)))
    about = 127 + len(directory)
    parts = (127, len(directory), about, 2, about + 2, 0, about + 2, len(tile), count, 1, 1)
    header = b"PMTiles\x03" + struct.pack("<11Q", *parts)
    header += struct.pack("<6B", 1, 1, 1, 2, 0, DEEPEST) + struct.pack(
        "<4iB2i", -(180 * 10**7), -85 * 10**7, 180 * 10**7, 85 * 10**7, 0, 0, 0
    )
    return header + directory + b"{}" + tile


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    told = bytearray()
    while number > 127:
        told.append(number & 127 | 128)
        number >>= 7
    return bytes([*told, number])


class Tiles(SimpleHTTPRequestHandler):
    """Another host that lends its tiles to all: pictures by z/x/y, and pieces of a file."""

    def do_GET(self) -> None:
        folder = Path(self.directory)
        asked = self.headers.get("Range", "")
        is_file = self.path.endswith(".pmtiles")
        body = (folder / ("fond.pmtiles" if is_file else "tile.png")).read_bytes()
        self.send_response(206 if asked else 200)
        if asked:
            first, last = (int(number) for number in asked.removeprefix("bytes=").split("-"))
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
            body = body[first : last + 1]
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Type", "application/octet-stream" if is_file else "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[str]:
    """The address of a host of tiles on the loopback; the site's own folder holds the same file."""
    (tmp_path / "tile.png").write_bytes(picture())
    (tmp_path / "fond.pmtiles").write_bytes(pmtiles(picture()))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Tiles, directory=str(tmp_path))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def lent(page: Page, lender: str) -> list[str]:
    """Let the page ask the host of tiles, which the fixture refuses as any other; what it will have asked."""
    asked: list[str] = []
    page.route(lambda url: url.startswith(lender), lambda route: route.continue_())
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(lender) else None)
    return asked


def share_of_layer(page: Page) -> float:
    """Which part of the map, as it is painted, has the colour of the tiles."""
    painted = Image.open(io.BytesIO(page.locator(".live__sheet").screenshot())).convert("RGB")
    return float((np.asarray(painted) == LAVENDER).all(2).mean())


def policy(page: Page) -> dict[str, list[str]]:
    """The content policy that the open page came with."""
    told = page.request.get(page.url).headers["content-security-policy"]
    return {name: sources for name, *sources in (part.split() for part in told.split(";") if part.strip())}


@pytest.fixture
def land(site: str) -> Iterator[None]:
    """The Jura has an outline, whose inside the ground fills where no layer is under it."""
    ground_layers._layer.cache_clear()
    outline("dep", "39", 500_000, 600_000)
    yield
    ground_layers._layer.cache_clear()


@pytest.mark.parametrize("form", ["{lender}/{{z}}/{{x}}/{{y}}.png", "fond.pmtiles", "{lender}/fond.pmtiles"])
def test_the_layer_is_painted_and_only_its_host_is_asked(
    visit: Callable[..., Page], land: None, lender: str, tmp_path: Path, form: str
) -> None:
    setting = form.format(lender=lender)
    given = {"TILES": setting, "TILES_CREDIT": CREDIT, "CONTENT_SECURITY_POLICY": content_policy(setting)}
    with override_settings(HOME=tmp_path, **given):
        page = visit("/doc/")
        asked = lent(page, lender)
        page.goto(page.url.removesuffix("/doc/") + JURA)
        shown(page)
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        assert share_of_layer(page) > 0.5
        expect(page.locator(".live")).to_contain_text(f"Fond\u202f: {CREDIT}.")
        allowed = [lender] if setting.startswith("http") else []
        assert bool(asked) == bool(allowed)
        assert policy(page)["default-src"] == ["'self'"]
        assert policy(page)["img-src"] == ["'self'", "data:", *allowed]
        assert policy(page).get("connect-src", []) == (["'self'", *allowed] if allowed else [])


def test_without_the_setting_there_is_no_layer(visit: Callable[..., Page]) -> None:
    page = shown(visit(JURA))
    assert page.locator(".leaflet-tile").count() == 0
    assert share_of_layer(page) == 0
    assert policy(page)["img-src"] == ["'self'", "data:"]


def test_a_host_that_the_policy_does_not_name_is_never_asked(browser: Browser, site: str, lender: str) -> None:
    told: list[str] = []
    context = browser.new_context(locale="fr-FR")
    with override_settings(TILES=f"{lender}/{{z}}/{{x}}/{{y}}.png"):
        page = context.new_page()
        page.on("console", lambda said: told.append(said.text))
        page.goto(site + JURA)
        shown(page)
        page.wait_for_load_state("networkidle")
        assert (
            page.locator(".leaflet-tile-loaded").evaluate_all("tiles => tiles.filter((t) => t.naturalWidth).length")
            == 0
        )
        assert share_of_layer(page) == 0
    context.close()
    assert any("Content Security Policy" in text for text in told)


def test_a_layer_that_does_not_answer_is_said_and_the_map_goes_on(
    visit: Callable[..., Page], lender: str, tmp_path: Path
) -> None:
    (tmp_path / "fond.pmtiles").write_bytes(b"not tiles")
    with override_settings(TILES="fond.pmtiles", HOME=tmp_path):
        page = shown(visit(JURA))
        expect(page.locator(".live [role=status]").last).to_contain_text("La carte n’a pas pu tout charger.")
        assert page.locator(".node").count() > 0


@pytest.mark.parametrize("body", [b"", b"not a picture"])
def test_pictures_that_do_not_come_are_said(visit: Callable[..., Page], lender: str, body: bytes) -> None:
    setting = f"{lender}/{{z}}/{{x}}/{{y}}.png"
    with override_settings(TILES=setting, CONTENT_SECURITY_POLICY=content_policy(setting)):
        page = visit("/doc/")
        page.route(f"{lender}/**", lambda route: route.fulfill(status=200, body=body, content_type="image/png"))
        page.goto(page.url.removesuffix("/doc/") + JURA)
        shown(page)
        expect(page.locator(".live [role=status]").last).to_have_text(
            "La carte n’a pas pu tout charger. La liste, elle, est complète."
        )
