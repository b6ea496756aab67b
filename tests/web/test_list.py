import gzip
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from maillage.journal.queries import aside
from maillage.territory.models import Commune
from tests.web.page import Page

NO_BREAK = "\xa0"
NARROW = "\u202f"


def ask(client: Client, query: str, language: str = "") -> Page:
    response = client.get(f"{language}/lieux/{query}")
    assert response.status_code == 200
    page = Page(response.content.decode())
    assert page.problems == []
    return page


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "34 lieux"),
        ("?territoire=dep-39", "3 lieux, Jura (39)"),
        ("?territoire=reg-27", "33 lieux, Bourgogne-Franche-Comté"),
        ("?pres=39093", f"3 lieux autour de Chamblay, à 20{NO_BREAK}minutes"),
        ("?pres=39093&minutes=5", f"1 lieu autour de Chamblay, à 5{NO_BREAK}minutes"),
        ("?pres=46.991,5.703&minutes=5", f"1 lieu autour de vous, à 5{NO_BREAK}minutes"),
        ("?q=nadine", f"1 lieu pour «{NARROW}nadine{NARROW}»"),
        ("?q=rien-de-tel", f"Aucun lieu pour «{NARROW}rien-de-tel{NARROW}»"),
        ("?statut=closed", "1 lieu"),
    ],
)
def test_the_title_counts_and_says_where(client: Client, registry: datetime, query: str, title: str) -> None:
    page = ask(client, query)
    assert f"<title>{title} · Maillage</title>" in page.html
    assert title in page.text


def test_times_and_distances_from_an_estimated_centre_are_told_roughly_or_not_at_all(
    client: Client, registry: datetime
) -> None:
    exact = ask(client, "?pres=39093").text
    assert f"Perrin12 min 6,7{NARROW}km" in exact
    Commune.objects.filter(pk="39093").update(centre_kind=Commune.Centre.ESTIMATED)
    aside.clear()
    rough = ask(client, "?pres=39093").text
    assert f"Le centre de Chamblay est estimé d’après ses voisines{NARROW}: les temps sont approximatifs." in rough
    assert "Nadinedans la même commune" in rough
    assert f"Perrinenviron 10 min 5{NARROW}km" in rough
    assert not re.search(rf"\d{NARROW}m\b|\d,\d{NARROW}km", rough)


def test_a_place_known_by_its_commune_is_about_so_far(client: Client, registry: datetime) -> None:
    assert f"Vaudreyenviron 11 min 6{NARROW}km" in ask(client, "?pres=39093").text
    assert "Vaudreydans la même commune" in ask(client, "?pres=39546").text


def test_a_line_says_what_where_when_and_how_old(client: Client, registry: datetime) -> None:
    page = ask(client, "?pres=39093")
    for words in (
        "La Boutique de Nadine",
        "Chamblay, Jura",
        "Bureaux partagés · Aide au numérique · Café associatif",
        f"Ouvert en ce moment, jusqu’à 18{NARROW}h{NARROW}30",
        f"Fermé, ouvre mercredi à 9{NARROW}h",
        "En projet",
        "Donnée de mars 2026",
    ):
        assert words in page.text
    assert page.head("li", **{"data-state": "open"})
    assert page.head("li", **{"data-state": "shut"})
    assert page.head("li", **{"data-state": "project"})
    assert "/lieux/la-boutique-de-nadine/" in page.links


def test_names_are_text_and_never_markup(client: Client, registry: datetime) -> None:
    page = ask(client, "?pres=44109")
    assert "<b>Le Grand</b> & Fils" in page.text
    assert "<script>alert" not in page.html
    page = ask(client, "?q=%3Cscript%3Ealert(1)%3C/script%3E%22%27")
    assert "<script>alert" not in page.html


@pytest.mark.parametrize(
    ("query", "chips"),
    [
        ("?activite=cafe&activite=coworking&service=wifi", 3),
        ("?pres=39093&ouvert=1&intention=travailler", 3),
        ("?territoire=dep-39&statut=project&bbox=5,46,6,48", 3),
    ],
)
def test_each_filter_can_be_taken_away_alone(client: Client, registry: datetime, query: str, chips: int) -> None:
    page = ask(client, query)
    assert page.text.count("Retirer le filtre") == chips
    html = page.html
    start = html.index('class="chips"')
    removals = Page(html[start : html.index("</ul>", start)].partition(">")[2] + "").links
    assert len(removals) == chips + 1
    for address in removals[:-1]:
        fewer = ask(client, address.removeprefix("/lieux/"))
        assert fewer.text.count("Retirer le filtre") == chips - 1


def test_pages_follow_one_another_and_keep_the_question(client: Client, registry: datetime) -> None:
    first = ask(client, "?territoire=dep-25")
    assert "1 à 20, sur 30" in first.text
    (following,) = first.head("a", rel="next")
    assert following["href"] == "/lieux/?territoire=dep-25&page=2"
    second = ask(client, "?territoire=dep-25&page=2")
    assert "21 à 30, sur 30" in second.text
    assert second.head("a", rel="prev")[0]["href"] == "/lieux/?territoire=dep-25"
    assert not second.head("a", rel="next")
    assert "21 à 30, sur 30" in ask(client, "?territoire=dep-25&page=999").text
    assert "1 à 20, sur 30" in ask(client, "?territoire=dep-25&page=-1").text


@pytest.mark.parametrize(
    ("query", "robots", "canonical"),
    [
        ("", [], "/lieux/"),
        ("?territoire=dep-39", [], "/lieux/?territoire=dep-39"),
        ("?territoire=dep-25&page=2", [], "/lieux/?territoire=dep-25&amp;page=2"),
        ("?territoire=dep-39&ouvert=1", ["noindex, follow"], "/lieux/?territoire=dep-39"),
        ("?q=nadine", ["noindex, follow"], "/lieux/"),
        ("?pres=39093", ["noindex, follow"], "/lieux/"),
    ],
)
def test_search_engines_keep_territories_and_leave_questions(
    client: Client, registry: datetime, query: str, robots: list[str], canonical: str
) -> None:
    page = ask(client, query)
    assert [found["content"] for found in page.head("meta", name="robots")] == robots
    assert f'<link rel="canonical" href="http://localhost:8000{canonical}">' in page.html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "?minutes=abc",
            f"Le temps «{NARROW}abc{NARROW}» n’est pas un nombre de minutes{NARROW}: 20 minutes sont retenues.",
        ),
        ("?minutes=999", f"Le temps va de 5 à 60 minutes{NARROW}: la borne la plus proche est retenue."),
        ("?bbox=6,48,5,46", f"Cadre retourné{NARROW}: «{NARROW}6,48,5,46{NARROW}». Il s’écrit ouest,sud,est,nord."),
        ("?bbox=1,2", f"Cadre illisible{NARROW}: «{NARROW}1,2{NARROW}». Il s’écrit ouest,sud,est,nord en degrés."),
        (
            "?territoire=mars",
            f"Territoire illisible{NARROW}: «{NARROW}mars{NARROW}». Il s’écrit comme dep-39 ou commune-39093.",
        ),
        (
            "?pres=ici",
            f"Point illisible{NARROW}: «{NARROW}ici{NARROW}». Donnez un code Insee, ou une latitude et une longitude.",
        ),
        (
            "?activite=patinage",
            f"«{NARROW}patinage{NARROW}» n’est pas un mot connu de «{NARROW}activite{NARROW}»{NARROW}: "
            "il est laissé de côté.",
        ),
        ("?q=" + "a" * 10_000, "La recherche a été coupée à 200 caractères."),
        (
            "?pres=00001",
            f"«{NARROW}00001{NARROW}» n’est le code d’aucun territoire connu{NARROW}: cherchez-le par son nom.",
        ),
        (
            "?territoire=dep-99",
            f"«{NARROW}dep-99{NARROW}» n’est le code d’aucun territoire connu{NARROW}: cherchez-le par son nom.",
        ),
    ],
)
def test_what_is_not_understood_is_said_and_left_aside(
    client: Client, registry: datetime, query: str, said: str
) -> None:
    page = ask(client, query)
    assert said in page.text
    assert "%" not in said


def test_an_empty_answer_says_what_to_try(client: Client, registry: datetime) -> None:
    page = ask(client, "?pres=97411&minutes=10&activite=fablab")
    assert "Aucun lieu ne répond à cette question." in page.text
    ways = [f"Chercher jusqu’à 20{NO_BREAK}minutes", f"Chercher jusqu’à 60{NO_BREAK}minutes"]
    ways += ["Sans le filtre Fablab", "Voir tous les lieux"]
    assert all(way in page.text for way in ways)
    assert "/lieux/?activite=fablab&pres=97411" in page.links
    assert "/lieux/?activite=fablab&pres=97411&minutes=60" in page.links


def test_nothing_open_because_no_hours_are_told_is_said(client: Client, registry: datetime) -> None:
    said = "Aucune source de cette sélection ne donne les horaires."
    assert said in ask(client, "?territoire=dep-44&ouvert=1").text
    assert said not in ask(client, "?territoire=commune-39370&ouvert=1").text
    assert said not in ask(client, "?territoire=dep-975&ouvert=1").text
    assert said not in ask(client, "?territoire=dep-39&activite=fablab").text


def test_filters_that_would_keep_nothing_are_left_out(client: Client, registry: datetime) -> None:
    def boxes(query: str, name: str) -> set[str]:
        return {box["value"] for box in ask(client, query).head("input", name=name, type="checkbox")}

    assert boxes("?territoire=dep-44", "activite") == {"fablab"}
    assert boxes("?territoire=dep-44", "service") == set()
    assert boxes("?territoire=dep-44&service=wifi", "service") == {"wifi"}
    assert {"cafe", "fablab"} < boxes("?territoire=dep-39&activite=cafe", "activite")


def test_what_else_a_postal_code_names_is_said(client: Client, registry: datetime) -> None:
    assert f"Ce code postal est aussi celui de{NARROW}: Vaudrey" in ask(client, "?q=39380").text


@pytest.mark.parametrize(("code", "name"), [("39093", "de Chamblay"), ("25056", "d’Arbois"), ("39370", "du Deschaux")])
def test_an_estimated_centre_is_told_in_good_french(client: Client, registry: datetime, code: str, name: str) -> None:
    bare = {"25056": "Arbois", "39370": "Le Deschaux"}.get(code, "Chamblay")
    Commune.objects.filter(pk=code).update(centre_kind=Commune.Centre.ESTIMATED, name=bare)
    assert f"Le centre {name} est estimé d’après ses voisines" in ask(client, f"?pres={code}").text


def test_a_name_several_communes_bear_offers_the_others(client: Client, registry: datetime) -> None:
    page = ask(client, "?q=chamblai")
    assert "Chamblay, Jura" in page.text
    assert "/lieux/?pres=39093" in page.links


def test_the_form_keeps_what_it_does_not_ask(client: Client, registry: datetime) -> None:
    page = ask(client, "?territoire=dep-39&intention=travailler&tri=recent&activite=cafe")
    sift = Page(page.html.partition('<form class="sift__form"')[2].partition("</form>")[0].partition(">")[2])
    kept = {field["name"]: field["value"] for field in sift.head("input", type="hidden")}
    assert kept == {"territoire": "dep-39", "intention": "travailler", "tri": "recent"}
    assert [box["value"] for box in page.head("input", name="activite") if "checked" in box] == ["cafe"]


def test_new_words_keep_the_filters_and_leave_the_territory_the_page_and_the_order(
    client: Client, registry: datetime
) -> None:
    filters = [("intention", "travailler"), ("activite", "coworking"), ("activite", "cafe"), ("service", "wifi")]
    filters += [("ouvert", "1"), ("statut", "open"), ("minutes", "30")]
    page = ask(client, f"?{urlencode(filters)}&pres=39093&tri=nom&page=2&bbox=5,46,6,48")
    seek = Page(page.html.partition('<form class="seek"')[2].partition("</form>")[0].partition(">")[2])
    assert [(kept["name"], kept["value"]) for kept in seek.head("input", type="hidden")] == filters
    assert Page(client.get("/").content.decode()).head("input", type="hidden") == []


def test_the_same_question_can_be_taken_away(client: Client, registry: datetime) -> None:
    page = ask(client, "?territoire=dep-39&ouvert=1")
    for address in (
        "lieux/flux.rss",
        "lieux/flux.json",
        "api/v1/places.geojson",
        "api/v1/places.csv",
        "api/v1/places.jsonld",
    ):
        assert f"/{address}?ouvert=1&territoire=dep-39" in page.links


def test_a_territory_shows_the_way_up(client: Client, registry: datetime) -> None:
    page = ask(client, "?territoire=commune-39093")
    assert "/lieux/?territoire=reg-27" in page.links
    assert "/lieux/?territoire=dep-39" in page.links


@pytest.mark.parametrize(("path", "budget_kb"), [("/lieux/", 60), ("/lieux/?pres=39093", 60), ("/", 100)])
def test_a_first_visit_stays_light(client: Client, registry: datetime, path: str, budget_kb: int) -> None:
    """Every file of a first load, compressed as a browser gets it; the font is already compressed."""
    page = Page((response := client.get(path)).content.decode())
    total = len(gzip.compress(response.content))
    for name in ("app.css", "app.js", "icons.svg", "favicon.svg", "bricolage.woff2"):
        found = finders.find(f"maillage/{name}")
        if found:
            content = Path(found).read_bytes()
            total += len(content) if name.endswith(".woff2") else len(gzip.compress(content))
    for image in page.attributes.get("image", []):
        total += len(gzip.compress(client.get(image["href"]).content))
    assert total <= budget_kb * 1000


def test_another_reading_of_the_words_is_offered_beside_the_places_that_hold_them(
    client: Client, registry: datetime
) -> None:
    page = ask(client, "?q=café+chamblay")
    assert f"Vouliez-vous dire{NARROW}? Café associatif, autour de Chamblay" in page.text
    assert "/lieux/?activite=cafe&pres=39093" in [link["href"] for link in page.head("a")]
    english = ask(client, "?q=café+chamblay", "/en")
    assert "Community café, around Chamblay" in english.text


def test_what_is_looked_for_somewhere_is_a_title_and_a_chip(client: Client, registry: datetime) -> None:
    page = ask(client, "?q=coworking+mouchard")
    assert f"autour de Mouchard, à 20{NO_BREAK}minutes" in page.text
    assert "Retirer le filtre Bureaux partagés" in page.text


def test_a_misspelt_name_leads_to_its_place(client: Client, registry: datetime) -> None:
    page = ask(client, "?q=la+boutique+de+nadime")
    assert f"Aucun lieu pour «{NARROW}la boutique de nadime{NARROW}»" in page.text
    assert f"Essayez l’une de ces pistes{NARROW}:La Boutique de Nadine, Chamblay" in page.text
    assert "/lieux/la-boutique-de-nadine/" in [link["href"] for link in page.head("a")]
