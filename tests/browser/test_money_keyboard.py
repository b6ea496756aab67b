"""Money with the keyboard alone, in a place that has nothing yet: who sells, a price, an invoice, its payment."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from maillage.management.billing.models import Invoice, Payment
from maillage.management.billing.queries.invoices import due_of
from tests.people import People, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
MOST_TABS = 150
SEEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const beside = [one.closest('label'), one.nextElementSibling].filter(Boolean).map((other) => getComputedStyle(other));
  const ring = (drawn) => (drawn.outlineStyle !== 'none' && parseFloat(drawn.outlineWidth) > 0)
    || drawn.boxShadow !== 'none';
  return {
    order: [...document.querySelectorAll('*')].indexOf(one),
    said: (one.getAttribute('aria-label') || one.innerText || one.value || one.name || one.tagName).trim().slice(0, 60),
    ringed: [style, ...beside].some(ring),
    inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


class Keys:
    """Somebody who has no mouse; what they could not see or reach on the way is kept."""

    def __init__(self, page: Page, site: str, shots: str) -> None:
        self.page, self.site, self.shots, self.count = page, site, shots, 0
        self.wrong: list[str] = []

    def go(self, selector: str, where: str = "") -> None:
        """Tab to an element: forward, seen, never caught."""
        last = -1
        for _ in range(MOST_TABS):
            if self.page.evaluate("(aim) => !!document.activeElement?.matches(aim)", selector):
                return
            self.page.keyboard.press("Tab")
            seen = self.page.evaluate(SEEN)
            if seen is None:
                last = -1
                continue
            if seen["order"] < last:
                self.wrong.append(f"{self.page.url}: back to {seen['said']}")
            if not (seen["ringed"] and seen["inside"]):
                self.wrong.append(f"{self.page.url}: focus unseen on {seen['said']}")
            last = seen["order"]
        raise AssertionError(f"{selector} is out of reach of the keyboard on {self.page.url} {where}")

    def fill(self, **said: str) -> None:
        """Type in fields, in their order."""
        for name, text in said.items():
            self.go(f"[name='{name}']")
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)

    def enter(self, selector: str) -> None:
        """Press Enter on a link or a button, and wait for what it opens."""
        self.go(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.shot()

    def shot(self) -> None:
        """Keep a picture, where somebody asked for them."""
        if folder := os.environ.get("MAILLAGE_SHOTS"):
            self.count += 1
            self.page.screenshot(path=Path(folder) / f"{self.shots}-{self.count:02}.png", full_page=True)


def sold(keys: Keys, money: str) -> None:
    """A first sale: who sells, a list and its price, a customer, a draft, an invoice, its payment, a statement."""
    page, submit = keys.page, "main form .form__foot button.btn"
    page.goto(f"{keys.site}{money}", wait_until="load")
    keys.shot()
    keys.enter(f"main a[href$='{money}identite/']")
    keys.fill(legal_name="Association La Maille", street="2 place de la Mairie", postal_code="39380", city="Chamblay")
    keys.go("[name='regime']")
    page.keyboard.press("Space")
    keys.enter(submit)
    keys.enter(f"main a[href$='{money}']")
    keys.enter(f"main a[href$='{money}tarifs/']")
    keys.fill(title="Tarifs votés en assemblée")
    keys.enter(submit)
    keys.fill(label="Bureau, demi-journée", price="9")
    keys.enter(submit)
    page.goto(f"{keys.site}{money}", wait_until="load")
    keys.enter(f"main a[href$='{money}factures/nouvelle/']")
    keys.enter(f"main a[href$='{money}clients/ajouter/']")
    keys.fill(name="Thomas Petit")
    keys.enter("main form.form .form__foot button.btn")
    keys.enter("main a[href*='factures/nouvelle/?client=']")
    keys.enter(submit)
    keys.go("[name='tariff']")
    page.keyboard.press("ArrowDown")
    keys.enter(submit)
    keys.enter("main form.still button.btn")
    keys.enter("main a[href*='encaissements/?client=']")
    keys.enter(submit)
    keys.enter(f"main a[href$='{money}releves/']")
    keys.enter(f"main a[href*='{money}releves/']")
    keys.shot()


@pytest.fixture
def nobody(site: str, now: datetime) -> People:
    """The cast of a place that never sold anything."""
    return remembered(("an empty till", now), lambda: gather(now))


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("", 1280, "light"), ("", 390, "light"), ("/en", 1280, "dark")]
)
def test_a_first_sale_needs_no_mouse(
    visit: Callable[..., Page], nobody: People, site: str, language: str, width: int, scheme: str
) -> None:
    page = visit("/doc/mentions/", width=width, color_scheme=scheme)
    page.context.add_cookies(cookies_of(nobody.nadine, site))
    keys = Keys(page, site, f"{language.strip('/') or 'fr'}-{width}")
    sold(keys, f"{language}/gerer/{nobody.place.slug}/argent/")
    assert keys.wrong == []
    invoice = Invoice.objects.get()
    assert (invoice.total_cents, due_of(invoice.pk), Payment.objects.get().amount_cents) == (900, 0, 900)
    settled = "Tout est réglé." if not language else "settled"
    expect(page.locator("main")).to_contain_text(settled)
