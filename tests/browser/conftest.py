"""A real browser on a real server: Debian's Chromium, the cast's places, and no other host within reach."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer
from scripts.launch import chromium

from maillage.journal.queries import aside
from tests.remembered import remembered
from tests.web.conftest import load_registry

# Playwright keeps an event loop in the thread of the tests, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# What a page must do, it must do; how fast is measured in bench, on a quiet machine.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

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
    aside.clear()
    remembered(("registry", now), lambda: load_registry(now))
    return live_server.url


def is_complaint(said: ConsoleMessage) -> bool:
    """An error of a script, a style or a file; not that the server has refused what a form sent."""
    refused = said.text.endswith(("(Unprocessable Entity)", "(Conflict)"))
    return said.type == "error" and not refused


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
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        context.route(lambda url: not url.startswith((site, "data:", "blob:")), refuse)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.goto(site + path, wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert outside == []
    assert complaints == []
