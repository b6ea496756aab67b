"""Nadine's day, bookings and spaces in a real browser, on a phone, by keyboard, without JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maillage.management.bookings.actions.desk import note_visit
from maillage.management.bookings.actions.hours import add_closure
from maillage.management.bookings.models import Authorisation, Booking, Feed, OpeningRule, Settings, Unit
from maillage.management.bookings.queries.links import token_of
from tests.browser.test_accessibility import violations
from tests.browser.test_walks import tab_to
from tests.management.bookings.hall import Hall, hall
from tests.people import People, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
SLUG = "la-boutique-de-nadine"
PAGES = [
    "jour/",
    "passages/",
    "reserver/",
    "reservations/{booking}/",
    "reservations/{booking}/annuler/",
    "espaces/",
    "espaces/ajouter/",
    "espaces/{room}/unites/",
    "espaces/unites/{unit}/",
    "espaces/heures/",
    "espaces/fermetures/",
    "espaces/agendas/",
    "espaces/reglages/",
    "espaces/{room}/retirer/",
    "habilitations/",
    "habilitations/donner/",
    "habilitations/{authorisation}/retirer/",
    "porte/",
    "porte/affiche/",
    "accueil/{ticket}/",
]


@pytest.fixture
def cast(site: str, now: datetime) -> tuple[People, Hall, dict[str, Any]]:
    """A place with something on every page: a booking of now that owes a check-in, one outside the hours, a visit."""
    people = remembered(("people in the registry", now), lambda: gather(now))
    venue = hall(people.place)
    OpeningRule.objects.filter(place=people.place, weekday=2).delete()
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    thomas = venue.person("Thomas Un-Nom-Bien-Long-Pour-Un-Tout-Petit-Téléphone", now=now)
    row = {"place": people.place, "person": thomas, "status": "confirmed", "made_by": "page", "purpose": "Réunion"}
    row |= {"made_at": now, "changed_at": now, "space": venue.room, "unit": venue.room.units.get()}
    booking = Booking.objects.create(**row, start=at - timedelta(minutes=5), end=at + timedelta(hours=1))
    midnight = (at + timedelta(days=30)).replace(hour=0, minute=0)
    Booking.objects.create(**row, start=midnight, end=midnight + timedelta(hours=2))
    add_closure(place=people.place, raw={"first_day": "2098-01-05", "reason": "Inventaire"}, by="essai", now=now)
    trouble = {
        "last_problem": "page",
        "failing_since": now,
        "failures": 3,
        "unread": 2,
        "unknown_zones": "Mars/Olympus",
    }
    name = "Agenda-de-la-mairie-et-de-toutes-ses-salles-sans-un-espace"
    given = {"place": people.place, "name": name, "address": f"https://{'mairie-' * 6}.invalid/a.ics"}
    Feed.objects.create(**given, **trouble, added_at=now, added_by="essai", next_read_at=now, last_read_at=now)
    note_visit(place=people.place, raw={"who": "resident"}, by="essai", now=at)
    Settings.objects.filter(place=people.place).update(door_code="essai-de-la-porte")
    learnt = {"person": thomas, "name": "Découpe laser", "given_by": "essai", "given_on": at.date()}
    may = Authorisation.objects.create(**learnt, expires_on=at.date() + timedelta(days=9))
    unit = Unit.objects.filter(space=venue.desks).order_by("pk")[0]
    keys = {"booking": booking.pk, "room": venue.desks.pk, "unit": unit.pk}
    return people, venue, {**keys, "authorisation": may.pk, "ticket": token_of(booking)}


@pytest.fixture
def at_work(visit: Callable[..., Page], cast: tuple[People, Hall, dict[str, Any]], site: str) -> Callable[..., Page]:
    """Open a page of Nadine’s place as Nadine."""
    people, _venue, keys = cast

    def opened(path: str, *, language: str = "", page: Page | None = None, **options: Any) -> Page:
        if page is None:
            page = visit("/doc/mentions/", **options)
            page.context.add_cookies(cookies_of(people.nadine, site))
        page.goto(f"{site}{language}/gerer/{SLUG}/{path.format(**keys)}", wait_until="load")
        return page

    return opened


@pytest.mark.parametrize(("language", "width", "scheme"), [("", 390, "light"), ("/en", 1280, "dark")])
def test_axe_finds_nothing(at_work: Callable[..., Page], language: str, width: int, scheme: str) -> None:
    page, found = None, {}
    for path in PAGES:
        page = at_work(path, language=language, page=page, width=width, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        found[path] = violations(page)
        found[path] += ["too wide"] if page.evaluate("document.documentElement.scrollWidth") > width else []
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_on_a_narrow_phone_nothing_overflows_and_targets_are_large(at_work: Callable[..., Page]) -> None:
    page, found = None, {}
    for path in PAGES:
        page = at_work(path, page=page, width=320)
        wide = page.evaluate("document.documentElement.scrollWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('main .btn, main .text, main select, main input:not([type=hidden]),'
                + ' main textarea, main summary, .comer__name a')]
                .map((e) => e.closest('label') ?? e)
                .filter((e) => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 44)
                .map((e) => e.outerHTML.slice(0, 120))"""
        )
        found[path] = [*small, *([f"{wide} px wide"] if wide > 320 else [])]
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_somebody_is_checked_in_by_keyboard_and_without_javascript(at_work: Callable[..., Page]) -> None:
    page = at_work("jour/", width=390)
    tab_to(page, "Arrivé")
    page.keyboard.press("Enter")
    expect(page.locator(".comer__state")).to_have_text("Arrivé")
    assert Booking.objects.filter(arrived_at__isnull=False).count() == 1
    plain = at_work("passages/", width=390, java_script_enabled=False)
    for answer in ("Habitant", "Se faire aider", "Nulle part"):
        plain.get_by_label(answer, exact=True).check()
    plain.get_by_role("button", name="Noter").click()
    expect(plain.get_by_role("status")).to_contain_text("C’est noté.")
