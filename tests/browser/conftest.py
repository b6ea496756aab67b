"""A real browser on a real server: Debian's Chromium, the cast's places, and no other host within reach."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from pytest_django.live_server_helper import LiveServer
from scripts.launch import chromium

from tests import ground
from tests.web import cast

# Playwright keeps an event loop in the thread of the tests, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser(live_server: LiveServer) -> Iterator[Browser]:
    """Chromium, closed before the server so that no connection is left open on its side."""
    path = chromium.find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has a Chromium: none was found.")
        pytest.skip("needs Chromium: apt install chromium, or MAILLAGE_CHROMIUM=<path>")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, now: datetime) -> str:
    """The address of a running site that knows the cast's places and thirty more."""
    cache.clear()
    ground.load(now=now)
    cast.load(now=now, more=30)
    return live_server.url


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site; at the end, nothing was asked of another host and no script complained."""
    contexts: list[BrowserContext] = []
    outside: list[str] = []
    complaints: list[str] = []

    def refuse(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    def opened(path: str, *, width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR", **options)
        contexts.append(context)
        context.route(lambda url: not url.startswith((site, "data:", "blob:")), refuse)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(site + path, wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert outside == []
    assert complaints == []
