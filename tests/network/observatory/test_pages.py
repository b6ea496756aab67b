"""The observatory's pages and files."""

import csv
import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.journal.queries import aside
from maillage.network.observatory.actions import take_snapshot
from maillage.network.observatory.rules.definitions import definitions
from maillage.places.models import Place
from tests.conftest import NOW
from tests.network.observatory.told import nowhere, place, plainly, record, row
from tests.web.page import Page

pytestmark = pytest.mark.usefixtures("small_ground")


@pytest.fixture(autouse=True)
def still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def told():
    record(
        row("1", "0"),
        row("2", "1"),
        row("3", "1"),
        place("10", opened_on="2019"),
        place("11", commune="25056", opened_on="2019-05"),
        place("12", commune="44109"),
        place("13", status="closed", closed_on="2021-03-01"),
        nowhere("14"),
        place("d", "demo", commune="75056"),
    )


class TestIndex:
    def test_an_empty_observatory_says_unknown_and_what_to_do(self, client):
        page = client.get("/observatoire/").content.decode()
        assert page.count("<strong>Inconnu</strong>") == len(definitions()) - 1
        assert "maillage import CGET_TiersLieux_2019.csv" in page
        assert page.count("<strong>0") == 1, "nobody within reach of any place is the one zero that is known"

    def test_each_figure_carries_its_words_its_command_and_its_files(self, client, told):
        page = client.get("/observatoire/").content.decode()
        for slug, definition in definitions().items():
            words = definition.told("fr")
            for sentence in (words.title, words.definition, words.numerator, words.denominator, words.source):
                assert sentence in page
            assert f"<code>maillage count {slug}</code>" in page
            for link in (f"{slug}/", f"{slug}.csv", f"{slug}.json"):
                assert f'href="/observatoire/{link}"' in page
        assert "33,3" in page
        assert '<time datetime="2019-06">juin 2019</time>' in page

    def test_the_registry_is_a_number_and_no_percentage(self, client, told):
        page = client.get("/observatoire/").content.decode()
        assert '<p class="figure__n"><strong>7</strong></p>' in page
        assert "Lieux dont la commune n’est pas connue\u202f: 1</dd>" in page

    def test_bars_say_in_numbers_what_they_draw(self, client, told):
        page = Page(client.get("/observatoire/").content.decode())
        assert page.problems == []
        bars = page.head("svg", **{"class": "bars__bar"})
        assert len(bars) >= 10 and all(bar["aria-hidden"] == "true" for bar in bars)
        assert "6 · rural à habitat dispersé" in page.text

    def test_where_the_registry_is_not_france_is_told_with_figures(self, client, told):
        page = plainly(client.get("/observatoire/").content.decode())
        assert "Ce registre n’est pas à l’image de la France." in page
        assert '<span lang="fr">Bourgogne-Franche-Comté</span> (83,3 % contre 4,0 %)' in page
        assert '<span lang="fr">52</span>' not in page

    def test_it_is_told_in_english_too(self, client, told):
        page = client.get("/en/observatoire/").content.decode()
        for definition in definitions().values():
            assert definition.told("en").definition in page

    def test_its_questions_are_these_and_do_not_grow(self, client, told):
        asked = []
        for n in (0, 30):
            record(*(place(f"more{number}") for number in range(n)))
            for _ in range(2):
                with CaptureQueriesContext(connection) as captured:
                    client.get("/observatoire/")
                asked.append(len(captured))
        assert asked == [30, 2, 28, 2]

    def test_only_reading_is_possible(self, client):
        for path in ("", "rural/", "rural.csv", "rural.json"):
            assert client.post(f"/observatoire/{path}").status_code == 405


class TestCounter:
    def page(self, client, slug: str, query: str = "") -> str:
        answer = client.get(f"/observatoire/{slug}/{query}")
        assert answer.status_code == 200
        return plainly(answer.content.decode())

    @pytest.mark.parametrize("slug", list(definitions()))
    @pytest.mark.parametrize("language", ["", "/en"])
    def test_the_page_of_a_counter_is_whole(self, client, told, slug, language):
        page = Page(client.get(f"{language}/observatoire/{slug}/").content.decode())
        words = definitions()[slug].told(language[1:] or "fr")
        assert page.problems == []
        assert len(page.attributes["h1"]) == 1
        for sentence in (words.definition, words.population, words.numerator, words.denominator, words.source):
            assert sentence in page.text
        assert f"maillage count {slug}" in page.text
        assert [link for link in page.links if link.endswith((".csv", ".json"))] == [
            f"{language}/observatoire/{slug}.csv",
            f"{language}/observatoire/{slug}.json",
        ]

    def test_it_says_why_this_number_and_how_to_cite_it(self, client, told):
        page = self.page(client, "outside-metropoles")
        assert "3 et non 1 800 : 1 800 est le nombre arrondi de la préface" in page
        assert "3 et non 1 512" not in page, "the rows are counted, never told by hand"
        cited = "Maillage, « Tiers-lieux hors des 22 métropoles, recensement 2018-2019 », juin 2019 : 33,3 % (1 sur 3)."
        assert cited in page

    def test_a_year_is_told_and_so_is_how_many_are_not_known(self, client, told):
        page = self.page(client, "openings")
        assert '<p class="figure__n"><strong>2</strong></p>' in page
        assert "Lieux dont l’année d’ouverture n’est pas connue : 6</dd>" in page
        assert "<span>2019</span>" in page and "<span>Non connu</span>" in page

    def test_a_figure_of_which_nothing_is_known_says_who_can_tell(self, client):
        record(place("1"), nowhere("2"))
        page = self.page(client, "openings")
        assert (
            "Lieux dont l’année d’ouverture n’est pas connue : tous. Aucune source ne l’a dit ; l’équipe de chaque "
            "lieu le peut, sur sa fiche."
        ) in page
        assert "Lieux dont l’année d’ouverture n’est pas connue : 2</dd>" in page
        Place.objects.update(commune=None)
        aside.clear()
        assert (
            "Lieux dont la commune, ou sa densité, n’est pas connue : tous. Leur commune n’est pas connue, ou le "
            "territoire chargé ici ne dit pas d’elle ce qu’il faut pour compter. « maillage territory update » charge "
            "un territoire officiel."
        ) in self.page(client, "rural")

    def test_one_territory(self, client, told):
        page = self.page(client, "rural", "?territoire=dep-39")
        assert '<option value="dep-39" selected>Jura</option>' in page
        assert "100,0 %" in page
        assert 'href="/observatoire/rural.csv?territoire=dep-39"' in page
        assert "<code>maillage count rural --territory dep:39</code>" in page
        assert "recensement de 2023 publiait" not in page
        assert "Ce registre n’est pas à l’image de la France." in page
        assert '<span lang="fr">Bourgogne-Franche-Comté</span> (83,3 % contre 4,0 %)' in page, "that of all its places"

    def test_where_no_place_is_known_the_registry_is_told_not_to_be_france_too(self, client, told):
        page = self.page(client, "rural", "?territoire=dep-974")
        assert "Aucun lieu connu dans ce territoire" in page
        assert '<span lang="fr">Bourgogne-Franche-Comté</span> (83,3 % contre 4,0 %)' in page

    def test_a_territory_that_is_none_says_so_and_shows_france(self, client, told):
        page = self.page(client, "rural", "?territoire=<b>99")
        assert "« &lt;b&gt;99 » n’est pas un territoire pour lequel ce chiffre se compte." in page
        assert "<code>maillage count rural</code>" in page

    def test_snapshots_are_its_past_one_a_month(self, client, told):
        assert "Aucun relevé n’a encore été pris." in self.page(client, "registry")
        for days in (70, 45, 44, 0):
            take_snapshot(by="test:Paul", now=NOW - timedelta(days=days))
            record(place(f"s{days}"))
        page = self.page(client, "registry")
        assert [day for day in ("13 septembre 2026", "8 octobre 2026", "9 octobre 2026") if day in page] == [
            "13 septembre 2026",
            "9 octobre 2026",
        ]
        assert "Relevés, le dernier de chaque mois" in page
        assert "Relevés" not in self.page(client, "outside-metropoles")

    def test_its_questions_are_few(self, client, told):
        asked = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                client.get("/observatoire/rural/?territoire=dep-39")
            asked.append(len(captured))
        assert asked == [19, 2]

    def test_a_counter_that_is_none_is_not_found(self, client):
        for path in ("deserts/", "deserts.csv", "deserts.json"):
            assert client.get(f"/observatoire/{path}").status_code == 404


class TestFiles:
    def test_csv(self, client, told):
        answer = client.get("/observatoire/regions.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert rows[0]["command"] == "maillage count regions"
        assert sum(int(line["numerator"]) for line in rows[1:]) == int(rows[0]["members"]) == 7
        assert rows[-1]["label"] == "Non connu"

    def test_json_with_its_history(self, client, told):
        take_snapshot(by="test:Paul", now=NOW - timedelta(days=40))
        answer = client.get("/observatoire/registry.json")
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        told = json.loads(answer.content)
        assert (told["numerator"], told["denominator"], told["missing"]) == (7, 8, 1)
        assert told["history"] == [{"day": "2026-10-13", "numerator": 7, "denominator": 8, "missing": 1}]

    def test_a_past_day(self, client, told):
        take_snapshot(by="test:Paul", now=NOW - timedelta(days=40))
        record(place("new"))
        told = json.loads(client.get("/observatoire/registry.json?date=2026-11-01").content)
        assert (told["numerator"], told["date"]) == (7, "2026-10-13")

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("date=hier", "« hier » n’est pas une date ; écrivez par exemple 2026-09-01."),
            ("date=2999-01-01", "le 2999-01-01 n’est pas encore venu : un compte se fait au plus tard aujourd’hui."),
            ("territoire=dep-99", "territoire inconnu : « dep-99 ». Écrivez par exemple dep:39, reg:27 ou 39093."),
        ],
    )
    def test_what_cannot_be_counted_is_refused(self, client, query, said):
        answer = client.get(f"/observatoire/rural.csv?{query}")
        assert (answer.status_code, plainly(answer.content.decode())) == (400, f"{said}\n")
        answer = client.get(f"/observatoire/rural.json?{query}")
        assert (answer.status_code, plainly(json.loads(answer.content)["error"])) == (400, said)

    def test_unchanged_is_said_until_something_changes(self, client, told):
        for name in ("rural.csv", "rural.json", "rural/", ""):
            mark = client.get(f"/observatoire/{name}").headers["ETag"]
            assert client.get(f"/observatoire/{name}", headers={"If-None-Match": mark}).status_code == 304
        record(place("new"))
        aside.clear()
        assert client.get("/observatoire/rural.csv", headers={"If-None-Match": mark}).status_code == 200
