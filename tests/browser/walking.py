"""How a browser goes through pages: what axe says of each, how wide they are, and the way by keyboard alone."""

from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.test_accessibility import violations
from tests.people import Person, cookies_of

WAYS = [("", 320, "light"), ("/en", 1280, "dark")]
"""Language, width and colours in which pages are looked at: the narrowest, and the widest in the other of each."""
MOST_STEPS = 120


def wrong_on(page: Page, paths: Iterable[str], *, site: str, who: Person, width: int) -> dict[str, Any]:
    """What is wrong on pages as somebody sees them, all that is folded opened: nothing when all is well."""
    page.context.add_cookies(cookies_of(who, site))
    found = {}
    for path in paths:
        answer = page.goto(f"{site}{path}", wait_until="load")
        assert answer and answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        wide = page.evaluate("document.documentElement.scrollWidth")
        found[path] = violations(page) + ([f"{wide} px wide"] if wide > width else [])
    return {path: wrong for path, wrong in found.items() if wrong}


def reach(page: Page, selector: str) -> None:
    """Go by the tabulator to what a selector names."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"no way by keyboard to {selector}")
