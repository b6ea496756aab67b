"""Pages of a diagnosis: the straight answer first, every figure in words, and nothing that a visitor may break."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.diagnosis.queries.diagnose import diagnose
from maillage.diagnosis.queries.plan import plan_of
from maillage.diagnosis.rules.facts import Plan, Request
from maillage.diagnosis.views import shown
from maillage.journal.queries import aside
from maillage.territory.models import Outline
from maillage.territory.rules.outlines import outline
from tests.web.conftest import registry
from tests.web.page import Page
from tests.web.test_every_page import forget_what_processes_keep

__all__ = ["registry"]

EPCI = "/territoires/epci-243900420/"
PAGES = [
    "/territoires/",
    "/territoires/?q=saint",
    EPCI,
    f"{EPCI}?seuil=10&ouvrir=39546&tri=commune",
    f"{EPCI}?fermer=la-boutique-de-nadine",
    "/territoires/commune-39093/",
    "/territoires/dep-39/",
    "/territoires/reg-27/",
    "/territoires/france/",
    f"{EPCI}garder/",
    "/doc/methodes/",
]
ENGLISH = ["/en/territoires/", f"/en{EPCI}?ouvrir=39546", "/en/territoires/france/", "/en/doc/methodes/"]


@pytest.fixture
def squares(registry: datetime) -> Iterator[datetime]:
    """The three communes of the Val d'Amour as squares side by side around their centres."""
    for code, lon, lat in (("39546", 562920, 4696620), ("39093", 570350, 4699150), ("39370", 578930, 4697760)):
        west, east = {"39546": (559000, 566000), "39093": (566000, 574000), "39370": (574000, 582000)}[code]
        ring = np.array([[west, lat - 4000], [east, lat - 4000], [east, lat + 4000], [west, lat + 4000]], np.int32)
        made = outline("commune", code, [np.vstack([ring, ring[:1]])])
        assert made is not None
        assert west < lon < east
        names = ("kind", "code", "points", "ring_lengths", "min_lon", "min_lat", "max_lon", "max_lat")
        Outline.objects.create(**{name: getattr(made, name) for name in names})
    forget_what_processes_keep()
    yield registry
    forget_what_processes_keep()


def page_of(client: Client, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return Page(response.content.decode())


@pytest.mark.parametrize(
    "path", [*PAGES, "/en/territoires/", f"/en{EPCI}?ouvrir=39546", "/en/territoires/france/", "/en/doc/methodes/"]
)
def test_a_page_is_whole_in_both_languages(client: Client, registry: datetime, path: str) -> None:
    page = page_of(client, path)
    assert page.problems == []
    language = "en" if path.startswith("/en/") else "fr"
    assert page.attributes["html"] == [{"lang": language}]
    assert len(page.attributes["h1"]) == len(page.attributes["main"]) == len(page.attributes["title"]) == 1
    assert "nan" not in page.text.lower().split()
    assert "None" not in page.text
    assert "inf" not in page.text.split()


@pytest.mark.parametrize("path", ["/territoires/", f"{EPCI}?seuil=10&ouvrir=39546&tri=commune", "/territoires/reg-27/"])
def test_every_link_of_ours_leads_somewhere(client: Client, registry: datetime, path: str) -> None:
    page = page_of(client, path)
    ours = {
        link for link in page.links if link.startswith("/") and not link.startswith(("/lieux/?", "/territoires/dep"))
    }
    answers = {}
    for link in sorted(ours):
        aside.clear()  # nobody follows every link within a minute: each is followed as by the first visitor
        answers[link] = client.get(link).status_code
    assert {link for link, status in answers.items() if status not in (200, 302)} == set()
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.ids)
    here = path.partition("?")[0]
    asked = [link for link in page.links if link.startswith("?")][:4]
    assert [client.get(here + link).status_code for link in asked] == [200] * len(asked)


def test_the_answer_comes_first_with_its_reasons_and_their_rules(client: Client, registry: datetime) -> None:
    page = page_of(client, EPCI)
    assert page.text.index("La réponse") < page.text.index("Pourquoi") < page.text.index("À combien de minutes")
    rules = [link for link in page.links if link.startswith("/doc/methodes/#")]
    assert len(rules) >= 2
    chapters = set(page_of(client, "/doc/methodes/").ids)
    assert {link.partition("#")[2] for link in rules} <= chapters


def test_every_chapter_that_a_rule_may_cite_exists(client: Client, registry: datetime) -> None:
    from maillage.diagnosis import labels

    chapters = {labels.chapter(rule) for rule in labels.SENTENCES}
    assert chapters <= set(page_of(client, "/doc/methodes/").ids)


def test_each_commune_is_a_shape_where_there_are_outlines(client: Client, squares: datetime) -> None:
    page = page_of(client, EPCI)
    tried = [a["href"] for a in page.attributes["a"] if "data-try" in a and "ouvrir" in a["href"]]
    assert tried == ["?ouvrir=39093", "?ouvrir=39370", "?ouvrir=39546"]
    assert 'class="k0" fill-rule="evenodd"' in page.html
    assert "mosaic--dots" not in page.html


def test_each_commune_is_a_disc_where_there_is_no_outline(client: Client, registry: datetime) -> None:
    html = page_of(client, EPCI).html
    assert html.count('<circle class="k') >= 3
    assert "mosaic--dots" in html


def test_what_is_beyond_the_threshold_is_hatched_and_not_only_coloured(client: Client, squares: datetime) -> None:
    assert 'class="m-far"' not in page_of(client, f"{EPCI}?seuil=60").html
    closed = f"{EPCI}?fermer=la-boutique-de-nadine&fermer=l-atelier-de-m-perrin&seuil=10"
    page = page_of(client, closed)
    assert 'class="m-far"' in page.html


def test_the_table_is_ordered_as_asked(client: Client, registry: datetime) -> None:
    def order(sort: str) -> list[str]:
        text = page_of(client, f"{EPCI}?tri={sort}").html.partition('id="tableau"')[2].partition("</table>")[0]
        names = {"Chamblay", "Mouchard", "Vaudrey"}
        return sorted(names, key=lambda name: text.index(f">{name}</a>"))

    assert order("commune") == ["Chamblay", "Mouchard", "Vaudrey"]
    assert order("habitants") == ["Mouchard", "Chamblay", "Vaudrey"]
    assert order("minutes")[0] == "Vaudrey"
    sorted_by = [th["aria-sort"] for th in page_of(client, f"{EPCI}?tri=commune").attributes["th"] if "aria-sort" in th]
    assert sorted_by == ["ascending"]


def test_what_is_tried_is_said_with_the_way_back(client: Client, registry: datetime) -> None:
    page = page_of(client, f"{EPCI}?ouvrir=39546&fermer=la-boutique-de-nadine")
    assert "Ouvrir à Vaudrey" in page.text
    assert "Fermer « La Boutique de Nadine »" in page.text.replace("\u202f", " ")
    assert "?fermer=la-boutique-de-nadine" in page.links
    assert "?ouvrir=39546" in page.links
    assert page.head("meta", name="robots") == [{"name": "robots", "content": "noindex"}]


def test_a_commune_is_opened_by_its_name(client: Client, registry: datetime) -> None:
    response = client.get(EPCI, {"commune": "mouchard", "seuil": "15"})
    assert (response.status_code, response.headers["Location"]) == (302, f"{EPCI}?seuil=15&ouvrir=39370")
    page = page_of(client, f"{EPCI}?commune=rien-de-tel")
    assert "Aucune commune ne s’appelle" in page.text
    several = page_of(client, f"{EPCI}?commune=saint")
    assert "Quelle commune" in several.text


def test_an_opening_out_of_reach_is_refused_by_its_name(client: Client, registry: datetime) -> None:
    page = page_of(client, f"{EPCI}?ouvrir=44184&ouvrir=39546")
    said = "Saint-Nazaire est hors de portée de ce territoire\u202f: y ouvrir un lieu n’y changerait rien."
    assert said in page.text
    assert "Ouvrir à Vaudrey" in page.text
    assert "44184" not in page.text
    assert "hors de portée" not in page_of(client, "/territoires/france/?ouvrir=44184").text


def test_an_opening_outside_the_territory_but_near_is_named(client: Client, registry: datetime) -> None:
    page = page_of(client, "/territoires/commune-39093/?ouvrir=39370")
    assert "Ouvrir à Mouchard" in page.text
    assert "hors de portée" not in page.text


@pytest.mark.parametrize("end", ["", "constat.json"])
def test_a_search_that_was_stopped_says_so_and_is_kept_by_nobody(
    client: Client, registry: datetime, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    asked = import_module("maillage.diagnosis.queries.diagnose")

    def stopped(*args: Any, **named: Any) -> Plan:
        return replace(plan_of(*args, **named), gained=100, bound=150, gap=1 / 3, stopped="time", seconds=2.04)

    path = f"{EPCI}{end}?seuil=5&sites=2"
    monkeypatch.setattr(asked, "plan_of", stopped)
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    assert "ETag" not in first.headers
    if not end:
        assert "Recherche arrêtée après 2\u202fs, avant la preuve" in Page(first.content.decode()).text
        assert "jusqu’à 50\u202f% de personnes de plus" in Page(first.content.decode()).text
    monkeypatch.undo()
    again = client.get(path)
    assert again.headers["Cache-Control"] == "public, no-cache"
    if not end:
        assert "Prouvé\u202f: aucun autre choix ne fait mieux." in Page(again.content.decode()).text


def test_fewer_sites_than_asked_say_why(registry: datetime) -> None:
    plan = diagnose(Request("epci-243900420", sites=1, closed=("la-boutique-de-nadine",)), today=registry.date()).plan
    assert plan is not None
    assert shown.enough(plan, 1) == ""
    assert shown.enough(plan, 3) == "Un seul suffit\u202f: les autres ne rapprocheraient personne."
    two = replace(plan, sites=plan.sites * 2)
    assert shown.enough(two, 3) == "2 suffisent\u202f: les autres ne rapprocheraient personne."
    assert shown.enough(replace(two, gap=0.1), 3) == ""


def test_communes_of_the_territory_are_suggested_first(client: Client, registry: datetime) -> None:
    from maillage.diagnosis.queries.opening import nearest_first
    from maillage.territory import queries as territory

    hits = [hit for name in ("saint-nazaire", "lons", "vaudrey") for hit in territory.search(name, limit=1)]
    ordered = [hit.name for hit in nearest_first("epci-243900420", hits)]
    assert ordered == ["Vaudrey", "Lons-le-Saunier", "Saint-Nazaire"]


def test_communes_are_suggested_for_an_opening(client: Client, registry: datetime) -> None:
    html = client.get(f"{EPCI}communes/", {"q": "mouch"}).content.decode()
    assert f'data-href="{EPCI}?ouvrir=39370"' in html
    assert client.get(f"{EPCI}communes/", {"q": "m"}).content.decode().strip() == ""


def test_territories_are_suggested_and_found(client: Client, registry: datetime) -> None:
    html = client.get("/territoires/suggestions/", {"q": "jura"}).content.decode()
    assert 'data-href="/territoires/dep-39/"' in html
    response = client.get("/territoires/", {"q": "chamblay"})
    assert (response.status_code, response.headers["Location"]) == (302, "/territoires/commune-39093/")
    assert "Aucun territoire ne s’appelle" in page_of(client, "/territoires/?q=zzzzzz").text


def test_a_commune_that_merged_is_followed_and_said(client: Client, registry: datetime) -> None:
    page = page_of(client, "/territoires/commune-39999/")
    assert "Chamblay" in page.text
    assert "39999" in page.text


def test_an_unknown_territory_is_not_found(client: Client, registry: datetime) -> None:
    for reference in ("commune-99999", "epci-1", "dep-00", "rien", "commune-", "reg-99", "x" * 300, "bv-39"):
        response = client.get(f"/territoires/{reference}/")
        assert (reference, response.status_code) == (reference, 404)
        assert "Aucun territoire n’a ce code" in response.content.decode()
    for end in ("constat.pdf", "constat.json", "garder/"):
        assert client.get(f"/territoires/commune-99999/{end}").status_code == 404


def test_an_unknown_code_proposes_those_that_resemble_it(client: Client, registry: datetime) -> None:
    for reference, near in (("commune-39095", "commune-39093"), ("chambley", "commune-39093"), ("frnce", "france")):
        response = client.get(f"/territoires/{reference}/")
        assert response.status_code == 404
        assert (reference, f'href="/territoires/{near}/"' in response.content.decode()) == (reference, True)


def test_more_than_twenty_changes_are_refused(client: Client, registry: datetime) -> None:
    for name in ("ouvrir", "open", "fermer", "close"):
        many = "&".join(f"{name}={39000 + n}" for n in range(21))
        for end in ("", "constat.pdf", "garder/"):
            response = client.get(f"{EPCI}{end}?{many}")
            assert response.status_code == 400
            assert "On peut essayer 20 ouvertures et fermetures ensemble" in response.content.decode()
        assert client.get(f"{EPCI}?{'&'.join(f'{name}={n}' for n in range(3000))}").status_code == 400
    mixed = "&".join([*(f"ouvrir={39000 + n}" for n in range(11)), *(f"fermer=lieu-{n}" for n in range(10))])
    assert client.get(f"{EPCI}?{mixed}").status_code == 400


SENSELESS = (
    "seuil=0", "seuil=-5", "seuil=nan", "seuil=1e9", "seuil=99999999999999999999", "seuil=²0", "tri=x%22onclick",
    "sites=11", "sites=-1", "sites=abc", "ouvrir=99999", "ouvrir=%3Cscript%3E", "fermer=rien",
    "ouvrir=" + "9" * 5000, "commune=%3Cscript%3Ealert(1)%3C/script%3E", "commune=" + "x" * 9000,
)  # fmt: skip


def test_a_question_without_a_meaning_is_said_and_never_breaks_the_page(client: Client, registry: datetime) -> None:
    for query in SENSELESS:
        response = client.get(f"{EPCI}?{query}")
        assert (query, response.status_code) == (query, 200)
        page = Page(response.content.decode())
        assert page.problems == []
        assert "<script>alert" not in page.html
        assert 'class="note"' in page.html
    assert client.get(f"{EPCI}?ouvrir=75056").status_code == 200


def test_the_same_question_is_one_page_however_it_was_typed(client: Client, registry: datetime) -> None:
    first = client.get(f"{EPCI}?ouvrir=39546&ouvrir=39370&x=1")
    again = client.get(f"{EPCI}?ouvrir=39370&ouvrir=39546&ouvrir=39370")
    assert first.headers["ETag"] == again.headers["ETag"]
    assert b"x=1" not in first.content
    unchanged = client.get(f"{EPCI}?ouvrir=39370&ouvrir=39546", headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304


@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("/territoires/", 2),
        (EPCI, 3),
        ("/territoires/dep-39/", 3),
        ("/territoires/france/", 2),
        (f"{EPCI}constat.csv", 3),
    ],
)
def test_a_page_that_is_known_asks_little_of_the_database(
    client: Client, registry: datetime, path: str, again: int
) -> None:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    assert len(captured) == again


def test_a_page_asks_the_database_a_bounded_number_of_questions(client: Client, registry: datetime) -> None:
    """Whatever is tried: what a process knows already is not asked again."""
    client.get(EPCI)
    asked = []
    for code in ("39546", "39370"):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{EPCI}?ouvrir={code}")
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 45


def test_fictional_places_are_said_on_top(client: Client, small_ground: None, now: datetime) -> None:
    from maillage.places.models import Place
    from tests.web import cast

    cast.load(now=now)
    Place.objects.update(is_demo=True)
    page = page_of(client, EPCI)
    assert page.text.index("Des lieux fictifs comptent dans ces chiffres") < page.text.index("La réponse")


def test_nothing_is_known_of_an_empty_site(client: Client, db: None) -> None:
    assert client.get("/territoires/").status_code == 200
    assert client.get("/territoires/france/").status_code == 404


def test_without_any_place_the_page_stands(client: Client, small_ground: None) -> None:
    page = page_of(client, EPCI)
    assert page.problems == []
    assert "Aucun tiers-lieu connu à portée" in page.text


@pytest.mark.parametrize("kind", ["json", "csv", "geojson"])
def test_the_same_figures_are_taken_away(client: Client, registry: datetime, kind: str) -> None:
    response = client.get(f"{EPCI}constat.{kind}?seuil=15")
    assert response.status_code == 200
    assert "constat-epci-243900420" in response.headers["Content-Disposition"]
    assert "Mouchard" in response.content.decode()
    assert response.headers["Content-Type"].startswith(
        {"json": "application/json", "csv": "text/csv", "geojson": "application/geo+json"}[kind]
    )


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_only_read(client: Client, registry: datetime, method: str) -> None:
    for path in ("/territoires/", EPCI, f"{EPCI}communes/", f"{EPCI}constat.pdf"):
        assert getattr(client, method)(path).status_code == 405


def test_shares_of_an_unconfirmed_registry_are_never_said_bare(client: Client, registry: datetime) -> None:
    here = diagnose(Request("epci-243900420"), today=registry.date())
    said = [shown.doubt(replace(here, trust=replace(here.trust, evidence=one))) for one in ("none", "thin", "solid")]
    assert said == ["d’après un registre non confirmé", "d’après un registre en partie confirmé", ""]
    assert shown.doubt(here) in page_of(client, EPCI).text
    for path in ("/territoires/dep-39/", "/territoires/reg-27/", "/territoires/france/"):
        page = page_of(client, path)
        assert "d’après un registre que personne n’a confirmé partout" in page.text
        table = page.html.index('class="towns"')
        assert page.html.index("Ce registre n’est pas à l’image de la France") < table
        assert "/observatoire/" in page.links
    assert "n’est pas à l’image" not in page_of(client, EPCI).text


def test_places_are_counted_one_way_and_all_those_to_confirm_are_named(client: Client, registry: datetime) -> None:
    here = diagnose(Request("epci-243900420"), today=registry.date())
    assert shown.counted(here).startswith(f"{here.trust.found} tiers-lieu")
    near = replace(here.places[0], status="open", minutes=12.0)
    three = replace(here, places=(near, replace(near, minutes=28.0), replace(near, slug="b", status="closed")))
    said = "1 tiers-lieu ouvert connu à moins de 20\u202fminutes, 2 plus loin ou fermés"
    assert shown.counted(three) == said
    shut = replace(three, request=replace(three.request, closed=(near.slug,)))
    assert shown.counted(shut) == "Aucun tiers-lieu ouvert connu à moins de 20\u202fminutes, 3 plus loin ou fermés"
    asked = replace(here, trust=replace(here.trust, to_confirm=("la-boutique-de-nadine", "rien", "autre")))
    assert [one["name"] for one in shown.answer(asked)["confirm"]] == ["La Boutique de Nadine"]


def test_minutes_to_a_place_mean_nothing_for_a_region(client: Client, registry: datetime) -> None:
    def heads(path: str) -> str:
        return page_of(client, path).html.partition('id="lieux-autour"')[2].partition("</thead>")[0]

    assert ">Temps</th>" in heads(EPCI)
    assert ">Temps</th>" not in heads("/territoires/reg-27/")
    caption = heads("/territoires/reg-27/").partition("<caption>")[2].partition("</caption>")[0]
    assert "connu" in caption
    assert "minutes" not in caption


def test_the_action_stands_beside_the_name(client: Client, registry: datetime) -> None:
    for row in page_of(client, EPCI).html.split("<tr>"):
        if 'form="essai"' in row and '<th scope="row">' in row:
            assert 'form="essai"' in row.partition("</th>")[0]


def test_a_list_that_is_cut_says_so(client: Client, registry: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillage.diagnosis.views.index.MOST_FOUND", 2)
    page = page_of(client, "/territoires/?q=saint")
    assert "Les 2 premiers territoires pour «\u202fsaint\u202f»" in page.text
    assert "Il y en a d’autres" in page.text
    monkeypatch.undo()
    assert "premiers territoires" not in page_of(client, "/territoires/?q=saint").text
