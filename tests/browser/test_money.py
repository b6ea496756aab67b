"""Money, carnets and schemes in a real browser: on a phone and in the dark, with nothing for axe to say."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.authorisation.world import HERE, _furnish
from tests.browser.test_accessibility import violations
from tests.people import People, Person, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
MONEY = "/gerer/{slug}/argent/"
VOUCHERS = "/gerer/{slug}/passes/"
TRAVELS = "/gerer/{slug}/itinerance/"
HERS = [
    MONEY,
    MONEY + "identite/",
    MONEY + "clients/",
    MONEY + "clients/ajouter/",
    MONEY + "clients/{customer}/",
    MONEY + "factures/",
    MONEY + "factures/nouvelle/",
    MONEY + "factures/{invoice}/",
    MONEY + "factures/{invoice}/avoir/",
    MONEY + "brouillons/{draft}/",
    MONEY + "brouillons/{draft}/jeter/",
    MONEY + "tarifs/",
    MONEY + "tarifs/{tariff}/",
    MONEY + "tarifs/lignes/{price}/",
    MONEY + "recues/",
    MONEY + "recues/{received}/",
    MONEY + "tirage/",
    MONEY + "comptes/",
    MONEY + "comptes/lignes/",
    MONEY + "comptes/ouverture/",
    MONEY + "recus/",
    MONEY + "recus/donner/{gift}/",
    MONEY + "encaissements/",
    MONEY + "encaissements/?client={customer}",
    MONEY + "encaissements/{payment}/",
    MONEY + "remises/",
    MONEY + "remises/{slip}/",
    MONEY + "banque/",
    MONEY + "banque/{line}/",
    MONEY + "releves/",
    MONEY + "releves/{customer}/",
    MONEY + "relances/",
    MONEY + "relances/{customer}/",
    MONEY + "prelevements/",
    MONEY + "prelevements/{run}/",
    MONEY + "prelevements/mandats/{customer}/",
    MONEY + "formules/",
    MONEY + "formules/{formula}/retirer/",
    MONEY + "abonnements/",
    MONEY + "carnets/",
    MONEY + "carnets/vendre/?q=canari",
    MONEY + "carnets/compter/?q=canari",
    MONEY + "carnets/{carnet}/",
    MONEY + "carnets/{carnet}/annuler/",
    VOUCHERS,
    VOUCHERS + "porte/",
    VOUCHERS + "releves/{scheme}/{month_text}/",
    TRAVELS,
    TRAVELS + "proposer/",
    TRAVELS + "porte/",
    TRAVELS + "{agreement}/",
    TRAVELS + "{agreement}/mois/{month_text}/",
    "/lieux/{slug}/tarifs/",
    "/mon-compte/factures/",
]
HIS = [
    "/dispositifs/",
    "/dispositifs/ajouter/",
    "/dispositifs/{scheme}/",
    "/dispositifs/{scheme}/modifier/",
    "/dispositifs/{scheme}/arreter/",
    "/dispositifs/{scheme}/lieux/{accreditation}/",
    "/dispositifs/{scheme}/remettre/",
    "/dispositifs/{scheme}/carte/{card}/",
    "/dispositifs/{scheme}/planche/{batch}/",
    "/dispositifs/{scheme}/bilan/",
    "/dispositifs/remettre/{link}/",
    "/dispositifs/passe/{signed}/",
]
WAYS = [("", 320, "light"), ("/en", 1280, "dark")]


def _furnished(now: datetime) -> tuple[People, dict[str, Any]]:
    people = gather(now)
    things, _, _ = _furnish(people.place, people.nadine, HERE, now)
    parts = (things.tariffs, things.papers, things.gifts, things.till, things.vouchers, things.travels)
    return people, {"slug": things.slug, **{name: one for part in parts for name, one in asdict(part).items()}}


@pytest.fixture
def cast(site: str, now: datetime) -> tuple[People, dict[str, Any]]:
    """A place with an invoice, a carnet, a cheque, a scheme and a pass that served."""
    return remembered(("money of the cast", now), lambda: _furnished(now))


@pytest.fixture
def complaints_of(
    visit: Callable[..., Page], cast: tuple[People, dict[str, Any]], site: str
) -> Callable[..., dict[str, list[Any]]]:
    """What axe and the eye have to say about pages that somebody opens."""

    def asked(somebody: Person, paths: list[str], language: str, width: int, scheme: str) -> dict[str, list[Any]]:
        page = visit("/doc/mentions/", width=width, color_scheme=scheme)
        page.context.add_cookies(cookies_of(somebody, site))
        found = {}
        for path in paths:
            answer = page.goto(f"{site}{language}{path.format(**cast[1])}", wait_until="load")
            assert answer and answer.status == 200, path
            page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
            wide = page.evaluate("document.documentElement.scrollWidth")
            found[path] = violations(page) + ([f"{wide} px wide"] if wide > width else [])
        return {path: wrong for path, wrong in found.items() if wrong}

    return asked


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS)
def test_axe_finds_nothing_in_what_nadine_opens_and_nothing_overflows(
    complaints_of: Callable[..., dict[str, list[Any]]],
    cast: tuple[People, dict[str, Any]],
    language: str,
    width: int,
    scheme: str,
) -> None:
    assert complaints_of(cast[0].nadine, HERS, language, width, scheme) == {}


@pytest.mark.parametrize(("language", "width", "scheme"), WAYS)
def test_axe_finds_nothing_in_what_a_funder_opens_and_nothing_overflows(
    complaints_of: Callable[..., dict[str, list[Any]]],
    cast: tuple[People, dict[str, Any]],
    language: str,
    width: int,
    scheme: str,
) -> None:
    assert complaints_of(cast[0].perrin, HIS, language, width, scheme) == {}
