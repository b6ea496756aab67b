"""Nadine’s programme in a real browser, on a phone, without JavaScript: a series, an evening, a signed sheet."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions.programme import add_event, publish
from maillage.management.events.actions.registering import register_for
from maillage.management.events.actions.sessions import add_sessions
from maillage.management.events.models import Headcount, Registration, Session
from tests.browser.test_accessibility import violations
from tests.management.bookings.hall import hall
from tests.people import People, cookies_of, gather

pytestmark = pytest.mark.browser
SLUG = "la-boutique-de-nadine"
PAGES = [
    "",
    "ajouter/",
    "{event}/",
    "{event}/modifier/",
    "{event}/retirer/",
    "{event}/seances/ajouter/",
    "seances/{session}/",
    "seances/{session}/annuler/",
    "seances/{session}/feuille/",
    "seances/{session}/{registration}/retirer/",
]


@pytest.fixture
def cast(site: str, now: datetime) -> tuple[People, dict[str, int]]:
    """A session that is about to start, full: somebody with a very long name comes with a friend, another waits."""
    people = gather(now)
    room = hall(people.place).room
    here = datetime.now(UTC).replace(second=0, microsecond=0)
    acts: dict[str, Any] = {"place": people.place, "by": "essai", "now": here}
    raw = {"title": "Permanence numérique", "kind": "digital", "takes_registrations": "1", "description": "Venez."}
    event = add_event(**acts, raw={**raw, "price": "fixed", "price_euros": "2"})
    publish(**acts, event_id=event.pk)
    start = here.replace(minute=0) + timedelta(hours=1)
    span = Span(start, start + timedelta(hours=2))
    (session,) = add_sessions(**acts, event_id=event.pk, spans=[span], capacity=3, space_id=room.pk)
    told = {"session_id": session.pk, **acts}
    long = {"name": "Thomas Un-Nom-Bien-Long-Pour-Un-Tout-Petit-Téléphone", "phone": "03 84 12 34 56"}
    one = register_for(**told, raw=long, party=2)
    register_for(**told, raw={"name": "Odette"}, party=1)
    register_for(**told, raw={"name": "Marcel"}, party=1)
    return people, {"event": event.pk, "session": session.pk, "registration": one.pk}


@pytest.fixture
def at_work(visit: Callable[..., Page], cast: tuple[People, dict[str, int]], site: str) -> Callable[..., Page]:
    """Open a page of the programme as Nadine."""
    people, keys = cast

    def opened(path: str, *, language: str = "", page: Page | None = None, **options: Any) -> Page:
        if page is None:
            page = visit("/doc/mentions/", **options)
            page.context.add_cookies(cookies_of(people.nadine, site))
        page.goto(f"{site}{language}/gerer/{SLUG}/programme/{path.format(**keys)}", wait_until="load")
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


def test_a_weekly_session_is_made_without_javascript(at_work: Callable[..., Page]) -> None:
    page = at_work("ajouter/", width=390, java_script_enabled=False)
    page.get_by_label("Titre").fill("Aide au téléphone")
    page.get_by_label("Genre").select_option("digital")
    page.get_by_role("button", name="Continuer").click()
    first = datetime.now(UTC).date() + timedelta(days=7)
    page.get_by_label("Jour", exact=True).fill(first.isoformat())
    page.get_by_label("Salle").select_option(label="Salle du four")
    page.get_by_label("Places").fill("6")
    page.get_by_text("Plusieurs fois").click()
    page.get_by_label("Jusqu’au").fill((first + timedelta(days=14)).isoformat())
    page.get_by_role("button", name="Voir, puis ajouter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Avant d’écrire")
    assert not Session.objects.filter(event__title="Aide au téléphone").exists()
    kept = page.locator("input[name=pick]").count()
    page.get_by_role("button", name="ajouter").click()
    expect(page.get_by_role("status")).to_contain_text("ajoutée")
    made = Session.objects.filter(event__title="Aide au téléphone")
    assert made.count() == kept >= 1 and all(one.booking_id and one.capacity == 6 for one in made)
    page.get_by_role("button", name="Mettre en ligne").click()
    expect(page.get_by_role("status")).to_contain_text("C’est en ligne")


def test_an_evening_is_kept_without_javascript(at_work: Callable[..., Page]) -> None:
    page = at_work("", width=390, java_script_enabled=False)
    page.get_by_role("link", name="Permanence numérique").first.click()
    page.get_by_role("button", name="Présent : Odette").click()
    expect(page.locator("[data-came=arrived]")).to_contain_text("Odette")
    page.get_by_text("Changer les places, l’heure").click()
    page.get_by_label("Places", exact=True).fill("5")
    page.get_by_role("button", name="Changer les places").click()
    page.get_by_label("Nom", exact=True).fill("Ginette")
    page.get_by_role("button", name="Noter sa venue").click()
    expect(page.get_by_role("status")).to_contain_text("Ginette est là.")
    page.get_by_label("60 à 69 ans").fill("2")
    page.get_by_role("button", name="Noter les âges").click()
    expect(page.get_by_role("status")).to_contain_text("2 personnes comptées.")
    assert Registration.objects.filter(arrived_at__isnull=False).count() == 2
    assert dict(Headcount.objects.values_list("age_band", "count")) == {"60-69": 2}


def test_the_sheet_is_one_page_of_paper_and_keeps_to_what_is_signed(at_work: Callable[..., Page]) -> None:
    page = at_work("seances/{session}/feuille/", width=1280)
    page.emulate_media(media="print")
    for seen in (".sheet__table", ".sheet__facts"):
        expect(page.locator(seen)).to_be_visible()
    for left_out in (".mast", ".foot", ".manage__head", ".sheet__acts"):
        expect(page.locator(left_out).first).to_be_hidden()
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 594.9" in paper and b" 841." in paper, "not a sheet of A4"
