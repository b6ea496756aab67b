"""The persons of Nadine's place in a real browser: on a phone, without JavaScript, with nothing for axe to say."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maillage.management.people.actions.bodies import add_membership, add_organisation
from maillage.management.people.actions.persons import add_person
from maillage.management.people.models import Person
from tests.browser.test_accessibility import violations
from tests.people import People, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
SLUG = "la-boutique-de-nadine"
LONG = "Marie-Antoinette Un-Nom-Bien-Long-Pour-Un-Tout-Petit-Téléphone"
PAGES = [
    "",
    "ajouter/",
    "doublons/",
    "oubli/",
    "emporter/",
    "organisations/",
    "organisations/{body}/",
    "{person}/",
    "{person}/fusionner/{twin}/",
    "{person}/effacer/",
]


@pytest.fixture
def cast(site: str, now: datetime) -> tuple[People, dict[str, int]]:
    """Somebody with something in every part of the page, whom the place knows twice."""
    people = remembered(("people in the registry", now), lambda: gather(now))
    given: dict[str, Any] = {"place": people.place, "by": "essai", "now": now}
    raw = {"name": LONG, "phone": "0612345678", "email": f"{'tres-' * 8}longue@example.org", "note": "vient à vélo"}
    person = add_person(**given, raw=raw)
    twin = add_person(**given, raw={**raw, "email": ""})
    add_person(**given, raw={"name": "Zoé"}, is_child=True, guardian_id=person)
    body = add_organisation(**given, raw={"name": f"Foyer {LONG}", "phone": "0384123456"})
    dated = {"kind": "member", "fee_class": "body", "starts_on": "2026-01-01"}
    add_membership(**given, person_id=person, raw=dated, organisation_id=body)
    return people, {"person": person, "twin": twin, "body": body}


@pytest.fixture
def at_work(visit: Callable[..., Page], cast: tuple[People, dict[str, int]], site: str) -> Callable[..., Page]:
    """Open a page of persons as Nadine."""
    people, keys = cast

    def opened(path: str, *, language: str = "", page: Page | None = None, **options: Any) -> Page:
        if page is None:
            page = visit("/doc/mentions/", **options)
            page.context.add_cookies(cookies_of(people.nadine, site))
        page.goto(f"{site}{language}/gerer/{SLUG}/personnes/{path.format(**keys)}", wait_until="load")
        return page

    return opened


@pytest.mark.parametrize(("language", "width", "scheme"), [("", 320, "light"), ("/en", 1280, "dark")])
def test_axe_finds_nothing_and_nothing_overflows(
    at_work: Callable[..., Page], language: str, width: int, scheme: str
) -> None:
    page, found = None, {}
    for path in PAGES:
        page = at_work(path, language=language, page=page, width=width, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        found[path] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        found[path] += [f"{wide} px wide"] if wide > width else []
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_on_a_narrow_phone_the_tab_of_the_page_is_in_sight(at_work: Callable[..., Page]) -> None:
    page = at_work("", width=320)
    inside = """(() => { const tab = document.querySelector('.manage__nav [aria-current]').getBoundingClientRect();
        return tab.left >= 0 && tab.right <= innerWidth; })()"""
    page.wait_for_function(inside)


def test_somebody_is_added_found_and_forgotten_without_javascript(at_work: Callable[..., Page]) -> None:
    page = at_work("ajouter/", width=390, java_script_enabled=False)
    page.get_by_label("Nom", exact=True).fill("Thomas Petit")
    page.get_by_label("Téléphone", exact=True).fill("03 84 12")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("alert")).to_contain_text("il manque des chiffres à ce numéro")
    page.get_by_label("Téléphone", exact=True).fill("03 84 12 34 56")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("status")).to_contain_text("C’est noté")
    page.get_by_role("link", name="Toutes les personnes").click()
    page.get_by_label("Nom, téléphone ou courriel").fill("petit tho")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Thomas Petit", exact=True).click()
    page.get_by_role("link", name="Effacer cette personne").click()
    page.get_by_role("button", name="Effacer pour toujours").click()
    expect(page.get_by_role("status")).to_contain_text("il ne reste que des dates et des comptes, sans nom")
    assert not Person.objects.filter(name="Thomas Petit").exists()
