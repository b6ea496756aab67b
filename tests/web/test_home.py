from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from maillage.places.actions import record_many
from maillage.places.rules.vocabulary import INTENTS
from maillage.territory.models import Commune, Ground
from tests.web import cast
from tests.web.page import Page


def test_the_front_door_asks_one_question_and_tells_what_it_stands_on(client: Client, registry: datetime) -> None:
    page = Page(client.get("/").content.decode())
    (form,) = [found for found in page.attributes["form"] if found.get("role") == "search"]
    assert form["action"] == "/lieux/"
    assert form["method"] == "get"
    assert page.head("input", name="q", type="search")
    assert page.head("label", **{"for": "q"})
    assert [link for link in page.links if "intention=" in link] == [f"/lieux/?intention={code}" for code in INTENTS]
    for words in (
        "34 lieux recensés",
        "35 Recensement d’essai",
        "Licence Ouverte 2.0",
        "Registre modifié pour la dernière fois le dimanche 22 novembre 2026.",
        "Petit fond d’essai (2026)",
    ):
        assert words in page.text


def test_the_map_leads_to_lists(client: Client, registry: datetime) -> None:
    page = Page(client.get("/").content.decode())
    assert "/lieux/?territoire=reg-27" in page.links
    assert "33 lieux, Bourgogne-Franche-Comté" in page.text


def test_a_registry_without_demo_says_nothing_of_it(client: Client, registry: datetime) -> None:
    assert "Démonstration." not in client.get("/").content.decode()


def test_fictional_places_are_told_on_every_page(client: Client, registry: datetime, now: datetime) -> None:
    fictional = cast.CENSUS.__class__(
        slug="demo", name="Démo", publisher="", url="", licence="CC0 1.0", rank=1, is_demo=True
    )
    values = {"name": "Lieu de Lila", "commune": "44109", "city": "Nantes", "lat": 47.2, "lon": -1.5}
    draft = cast.Draft(source="demo", ref="1", values=values, raw={}, licence="CC0 1.0", demo=True)
    record_many(drafts=[draft], sources={"demo": fictional}, by="essai", now=now)
    for path in ("/", "/lieux/", "/doc/", "/observatoire/"):
        assert "Les lieux marqués «\u202ffictif\u202f» sont inventés" in client.get(path).content.decode()
    assert "fictif" in Page(client.get("/lieux/?q=lila").content.decode()).text


@pytest.mark.django_db
def test_an_empty_house_still_opens_and_says_what_to_do(client: Client) -> None:
    for path in ("/", "/lieux/", "/doc/", "/doc/donnees/", "/observatoire/"):
        assert client.get(path).status_code == 200
    page = Page(client.get("/").content.decode())
    assert "Le registre est encore vide" in page.text
    assert "«\u202fmaillage import\u202f»" in page.text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cham", ("Chamblay", "/lieux/?pres=39093")),
        ("loire-atl", ("Loire-Atlantique", "/lieux/?territoire=dep-44")),
        ("fabl", ("Fablab", "/lieux/?activite=fablab")),
        ("nadine", ("La Boutique de Nadine", "/lieux/la-boutique-de-nadine/")),
        ("la boutiqe de na", ("La Boutique de Nadine", "/lieux/la-boutique-de-nadine/")),
    ],
)
def test_suggestions_name_territories_activities_and_places(
    client: Client, registry: datetime, typed: str, expected: tuple[str, str]
) -> None:
    response = client.get(reverse("suggestions"), {"q": typed})
    page = Page(response.content.decode())
    options = page.head("li", role="option")
    assert page.problems == []
    assert expected[1] in [option["data-href"] for option in options]
    assert expected[0] in page.text
    assert [option["id"] for option in options] == [f"suggestion-{n}" for n in range(1, len(options) + 1)]
    assert "max-age" in response.headers["Cache-Control"]


def test_places_that_begin_so_are_offered_beside_communes_and_before_typos(
    client: Client, registry: datetime, now: datetime
) -> None:
    named = ["La Maille", "Le fil de la Maille", "Nantex"]
    drafts = [
        cast.Draft(
            source="recensement", ref=f"s{n}", values={"name": name, "commune": "44109"}, raw={}, licence="CC0 1.0"
        )
        for n, name in enumerate(named)
    ]
    record_many(drafts=drafts, sources={cast.CENSUS.slug: cast.CENSUS}, by="essai", now=now)
    communes = [Commune(code=f"5900{n}", name=f"La Madeleine {n}", departement_id="44") for n in range(9)]
    Commune.objects.bulk_create(communes)
    Ground.objects.create(kind="folder", label="suivant", loaded_at=now, fingerprint="3" * 64)

    def offered(typed: str) -> list[str]:
        page = Page(client.get(reverse("suggestions"), {"q": typed}).content.decode())
        return [option["data-href"] for option in page.head("li", role="option")]

    assert offered("la ma")[4:] == ["/lieux/la-maille/", "/lieux/le-fil-de-la-maille/"]
    assert offered("nantex")[:2] == ["/lieux/nantex/", "/lieux/?pres=44109"]


def test_a_keystroke_costs_two_queries(
    client: Client, registry: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(reverse("suggestions"), {"q": "nad"})
    with django_assert_num_queries(2):
        client.get(reverse("suggestions"), {"q": "nadi"})


@pytest.mark.parametrize("typed", ["", "a", " ", "zzzzzzzz", "%", "<script>", "a" * 10_000])
def test_suggestions_survive_anything_typed(client: Client, registry: datetime, typed: str) -> None:
    response = client.get(reverse("suggestions"), {"q": typed})
    assert response.status_code == 200
    assert b"<script" not in response.content
