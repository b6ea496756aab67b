import re
from datetime import datetime
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from maillage.accounts.adapter import DEVICE_COOKIE
from maillage.management.bookings.views import phone
from maillage.places.labels import LABELS
from maillage.places.rules.vocabulary import INTENTS
from maillage.territory.models import FigureSource, Ground
from tests.web.page import Page

PATHS = ["/doc/", "/doc/donnees/", "/doc/categories/", "/doc/accessibilite/", "/doc/mentions/", "/doc/servir/"]


@pytest.mark.parametrize("path", PATHS)
def test_each_page_says_which_one_it_is(client: Client, registry: datetime, path: str) -> None:
    page = Page(client.get(path).content.decode())
    assert [found["href"] for found in page.head("a", **{"aria-current": "page"})] == [path]
    assert set(PATHS) <= set(page.links)


def test_the_data_page_names_sources_dates_and_licences(client: Client, registry: datetime) -> None:
    FigureSource.objects.create(
        ground=Ground.objects.get(),
        figure="population",
        source="Insee, populations légales",
        vintage="2023",
        licence="Licence Ouverte 2.0",
    )
    page = Page(client.get("/doc/donnees/").content.decode())
    for words in (
        "Recensement d’essai",
        "Licence Ouverte 2.0",
        "Territoire de cette installation\u202f: Petit fond d’essai, millésime 2026, "
        "chargé le dimanche 22 novembre 2026.",
        "Insee, populations légales",
        "2023",
    ):
        assert words in page.text


def test_estimated_centres_are_told_with_the_command_that_mends(client: Client, registry: datetime) -> None:
    Ground.objects.update(estimated_centres=7312)
    text = Page(client.get("/doc/donnees/").content.decode()).text
    assert "les distances qui en partent sont approximatives" in text
    assert "maillage territory update" in text


def test_the_rule_of_categories_lists_every_family(client: Client, registry: datetime) -> None:
    text = Page(client.get("/doc/categories/").content.decode()).text
    assert all(str(name) in text for name in LABELS["activities"].values())


def test_the_rule_of_intents_is_the_one_the_search_applies(client: Client, registry: datetime) -> None:
    html = client.get("/doc/categories/").content.decode()
    told = re.findall(r"<dt>(.*?)</dt><dd>(?:Activités\u202f: (.*?)\.)? ?(?:Services\u202f: (.*?)\.)?</dd>", html)

    def names(kind: str, codes: frozenset[str]) -> set[str]:
        return {str(LABELS[kind][code]) for code in codes}

    def heard(words: str) -> set[str]:
        return set(re.split(", | et (?=[A-ZÀÉ])", unescape(words))) if words else set()

    assert [(unescape(intent), heard(activities), heard(services)) for intent, activities, services in told] == [
        (str(LABELS["intents"][code]), names("activities", activities), names("services", services))
        for code, (activities, services) in INTENTS.items()
    ]


def test_the_accessibility_page_claims_nothing_unproved(client: Client, registry: datetime) -> None:
    text = Page(client.get("/doc/accessibilite/").content.decode()).text
    assert "non conforme au RGAA 4.1" in text
    assert "aucun audit complet n’a été fait" in text


def test_the_legal_page_tells_what_the_operator_must_fill(client: Client, registry: datetime) -> None:
    text = Page(client.get("/doc/mentions/").content.decode()).text
    assert "Cette page est à compléter" in text
    assert text.count("à compléter\u202f:") == 4


@pytest.mark.parametrize(("prefix", "how_many"), [("", "Quatre cookies"), ("/en", "Four cookies")])
def test_the_legal_page_names_every_cookie(client: Client, registry: datetime, prefix: str, how_many: str) -> None:
    text = Page(client.get(f"{prefix}/doc/mentions/").content.decode()).text
    assert how_many in text
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, DEVICE_COOKIE, phone.COOKIE):
        assert re.search(rf"[“«]\s?{name}\s?[”»]", text), name


@pytest.mark.parametrize(
    ("prefix", "said", "name"),
    [
        (
            "",
            "Qui anime un lieu fait ses clés de programme à la page «\u202fClés de programme\u202f» de ce lieu.",
            "Clés de programme",
        ),
        (
            "/en",
            "Whoever runs a place makes its program keys on the “Program keys” page of that place.",
            "Program keys",
        ),
    ],
)
def test_the_api_page_names_the_page_of_keys_as_that_page_does(people, client_of, prefix, said, name) -> None:
    address = reverse("manage_keys", args=[people.place.slug])
    assert said in Page(client_of(people.nadine).get(f"{prefix}/doc/api/").content.decode()).text
    keys = client_of(people.nadine).get(prefix + address).content.decode()
    assert re.search(rf'<a href="{prefix}{address}" aria-current="page"[^>]*>(?:<[^>]*>)*{name}<', keys)
