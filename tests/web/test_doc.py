import re
from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from maillage.places.labels import LABELS
from maillage.places.rules.vocabulary import INTENTS
from maillage.territory.models import FigureSource, Ground
from tests.web.page import Page

PATHS = ["/doc/", "/doc/donnees/", "/doc/categories/", "/doc/accessibilite/", "/doc/mentions/"]


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
