"""A kept diagnosis gives the same figures again, and says what has changed since."""

from datetime import datetime

import pytest
from django.test import Client

from maillage.places.actions import record_many
from maillage.places.rules.drafts import Draft
from tests.web.cast import CENSUS
from tests.web.conftest import registry
from tests.web.page import Page

__all__ = ["registry"]

EPCI = "/territoires/epci-243900420/"


def test_keeping_asks_once_and_gives_an_address(client: Client, registry: datetime) -> None:
    asked = Page(client.get(f"{EPCI}garder/?ouvrir=39546").content.decode())
    assert asked.head("input", name="csrfmiddlewaretoken")
    first = client.post(f"{EPCI}garder/?ouvrir=39546")
    assert first.status_code == 302
    address = first.headers["Location"]
    assert address.startswith(f"{EPCI}constats/")
    assert client.post(f"{EPCI}garder/?ouvrir=39546").headers["Location"] == address
    assert client.post(f"{EPCI}garder/").headers["Location"] != address
    page = Page(client.get(address).content.decode())
    assert page.problems == []
    assert "Constat gardé le 22 novembre 2026" in page.text
    assert "rien n’a changé" in page.text
    assert f"{EPCI}?ouvrir=39546" in page.links
    before = Page(client.get(f"{EPCI}garder/").content.decode())
    assert address in before.links


def test_a_visitor_without_the_token_keeps_nothing(registry: datetime) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{EPCI}garder/").status_code == 403


def test_new_data_says_what_has_changed(client: Client, registry: datetime, now: datetime) -> None:
    address = client.post(f"{EPCI}garder/").headers["Location"]
    figures = client.get(f"{address}constat.json").content
    values = {
        "name": "Le Nouveau Comptoir",
        "commune": "39546",
        "city": "Vaudrey",
        "lat": 46.9662,
        "lon": 5.6292,
        "activities": ["coworking"],
    }
    draft = Draft(source="recensement", ref="new", values=values, raw={}, licence="Licence Ouverte 2.0")
    record_many(drafts=[draft], sources={"recensement": CENSUS}, by="commande:import", now=now)
    page = Page(client.get(address).content.decode())
    assert "Le Nouveau Comptoir" in page.text
    assert "rien n’a changé" not in page.text
    assert client.get(f"{address}constat.json").content == figures


@pytest.mark.parametrize("kind", ["pdf", "json", "csv", "geojson"])
def test_a_kept_diagnosis_is_taken_away_as_it_was(client: Client, registry: datetime, kind: str) -> None:
    address = client.post(f"{EPCI}garder/").headers["Location"]
    assert client.get(f"{address}constat.{kind}").status_code == 200
    assert client.get(f"{address.replace('epci-243900420', 'dep-39')}constat.{kind}").status_code == 404


@pytest.mark.parametrize("end", ["constats/0123456789/", "constats/rien/", "constats/0123456789/constat.pdf"])
def test_an_address_that_keeps_nothing_is_not_found(client: Client, registry: datetime, end: str) -> None:
    assert client.get(EPCI + end).status_code == 404


def test_a_kept_page_belongs_to_its_territory(client: Client, registry: datetime) -> None:
    address = client.post(f"{EPCI}garder/").headers["Location"]
    assert client.get(address.replace("epci-243900420", "dep-39")).status_code == 404
    assert client.get(f"{address}constat.exe").status_code == 404
