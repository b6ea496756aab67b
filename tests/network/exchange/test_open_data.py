"""The pages of open data: the schema, the validator, what may be taken, what portals and indexes read."""

import csv
import gzip
import io
import json
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maillage.journal.queries import aside
from maillage.network.exchange import queries, tasks
from maillage.network.exchange.actions.dumping import write_dumps
from maillage.network.exchange.formats import CHECKED, WRITTEN
from maillage.network.exchange.models import ImportRun
from maillage.network.exchange.rules.tiers_lieux import documents, examples
from maillage.network.exchange.rules.tiers_lieux.definition import definition
from maillage.network.exchange.views import checking, open_data, uploads
from maillage.places.actions import record_many, remove_place
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft
from tests.conftest import NOW
from tests.network.exchange.test_roundtrip import LA_MAILLE, SOURCES
from tests.web.page import Page

pytestmark = pytest.mark.usefixtures("small_ground")
OPEN = Draft("network", "2", {"name": "Le Fil", "commune": "39093"}, {}, "ODbL", place_id=UUID(int=9))
MIXED = Draft("census", "3", {"name": "Le Fil"}, {}, "Licence Ouverte 2.0", place_id=UUID(int=9))


@pytest.fixture(autouse=True)
def still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    aside.clear()
    monkeypatch.setattr(open_data, "FOLDER", tmp_path / "dumps")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def registry() -> None:
    record_many(drafts=[LA_MAILLE, OPEN, MIXED], sources=SOURCES, by="test:Inès", now=NOW)


def whole(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    page = Page(response.content.decode())
    assert page.problems == []
    assert len(page.attributes["h1"]) == 1
    return page.text


class TestSchema:
    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_its_page_tells_every_field_and_every_word_in_both_languages(self, client: Client, language: str) -> None:
        told = " ".join(whole(client, "/schema/" if language == "fr" else "/en/schema/").split())
        for field in definition().fields:
            for text in (field.name, field.title[language], field.say[language]):
                assert " ".join(text.split()) in told
            for word in field.words:
                assert f"{word.code} {word.title[language]}" in told
                assert word.say[language] in told

    @pytest.mark.parametrize("name", list(documents.FILES))
    def test_each_file_is_published_under_its_version_for_every_site(self, client: Client, name: str) -> None:
        response = client.get(reverse("schema_document", args=["1.0.0", name]))
        assert (response.status_code, response["Content-Type"]) == (200, documents.FILES[name])
        assert response["Access-Control-Allow-Origin"] == "*"
        again = client.get(f"/schema/tiers-lieux/1.0.0/{name}", headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304

    @pytest.mark.parametrize("address", ["0.9.0/table-schema.json", "1.0.0/definition.toml", "1.0.0/.."])
    def test_no_other_file_nor_version_is(self, client: Client, address: str) -> None:
        assert client.get(f"/schema/tiers-lieux/{address}").status_code == 404

    def test_what_it_says_of_itself_is_where_it_is(self, client: Client) -> None:
        told = client.get("/schema/tiers-lieux/1.0.0/schema.json").json()
        for address in (told["path"], told["homepage"], told["resources"][0]["path"]):
            assert client.get(address.removeprefix("http://localhost:8000")).status_code == 200


class TestValidator:
    def send(
        self, client: Client, text: str | bytes, *, schema: str = "deviner", language: str = "", name: str = "x.csv"
    ):
        body = text.encode() if isinstance(text, str) else text
        file = SimpleUploadedFile(name, body, content_type="text/csv")
        return client.post(f"{language}/schema/valider/", {"fichier": file, "schema": schema})

    def test_a_file_that_follows_the_schema_is_told_so(self, client: Client) -> None:
        page = Page(self.send(client, examples.valid(definition())).content.decode())
        assert "Ce fichier suit le schéma" in page.text
        assert page.problems == []

    def test_each_problem_has_its_line_its_column_and_its_mend(self, client: Client) -> None:
        response = self.send(client, examples.invalid(definition()))
        page = Page(response.content.decode())
        assert response.status_code == 200
        assert page.problems == []
        for said in ("11 erreurs à corriger", "Le nom manque", "Donnez un nom au lieu.", "coworking|piscine"):
            assert said in page.text
        signed = next(f["value"] for f in page.head("input", type="hidden") if f["name"] == "problemes")
        told = client.post("/schema/valider/problemes.csv", {"problemes": signed})
        rows = list(csv.reader(io.StringIO(told.content.decode("utf-8-sig"), newline="")))
        assert rows[0] == ["ligne", "colonne", "valeur", "problème", "comment réparer", "gravité"]
        assert rows[1] == ["2", "nom", "", "le nom manque", "donnez un nom au lieu", "erreur"]
        assert len(rows) == 12

    def test_lines_may_be_pasted(self, client: Client) -> None:
        text = "id,nom,code_insee,licence\n1,La Maille,39093,ODbL\n"
        response = client.post("/schema/valider/", {"texte": text, "schema": "tiers-lieux"})
        assert "Ce fichier suit le schéma" in response.content.decode()

    def test_nothing_is_kept_and_no_cookie_is_set(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as asked:
            response = self.send(client, examples.valid(definition()))
        written = [q["sql"] for q in asked if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
        assert [sql for sql in written if "maillage_cache" not in sql] == []
        assert not response.cookies
        assert (Place.objects.count(), ImportRun.objects.count()) == (0, 0)
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 422),
            (b"\x00\x01\x02\x00" * 50, 422),
            (b"%PDF-1.7 ...", 422),
            (b"couleur,taille\nvert,3\n", 422),
            (b"{" * 5_000, 422),
            (b"PK\x03\x04" + b"\x00" * 400, 422),
        ],
    )
    def test_what_is_no_list_of_places_is_refused_with_the_reason(
        self, client: Client, body: bytes, status: int
    ) -> None:
        response = self.send(client, body)
        page = Page(response.content.decode())
        assert response.status_code == status
        assert "Rien n’a pu être vérifié" in page.text
        assert page.problems == []

    @pytest.mark.parametrize("schema", sorted(CHECKED))
    def test_every_schema_that_is_checked_may_be_chosen(self, client: Client, schema: str) -> None:
        assert f'<option value="{schema}"' in client.get("/schema/valider/").content.decode()
        assert self.send(client, "id,nom\n1,La Maille\n", schema=schema).status_code in (200, 422)

    def test_a_file_too_heavy_is_refused_before_it_is_read(self, client: Client) -> None:
        response = self.send(client, b"id,nom\n" + b"1,x\n" * (uploads.MOST_BYTES // 4 + 20_000))
        assert response.status_code == 413
        assert "Plus de 5\u202fMo" in response.content.decode() or "Plus de 5 Mo" in response.content.decode()

    def test_what_a_file_holds_is_shown_and_never_run(self, client: Client) -> None:
        page = self.send(client, 'id,nom,code_insee,licence\n1,x,"<script>alert(1)</script>",ODbL\n').content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_problems_that_we_did_not_sign_are_not_given_back(self, client: Client) -> None:
        response = client.post("/schema/valider/problemes.csv", {"problemes": "x:y:z"})
        assert response.status_code == 422
        assert response["Content-Type"].startswith("text/html")

    def test_a_formula_among_the_values_is_made_harmless(self, client: Client) -> None:
        page = Page(self.send(client, "id,nom,code_insee,licence\n1,x,=cmd|'/c calc'!A1,ODbL\n").content.decode())
        signed = next(f["value"] for f in page.head("input", type="hidden") if f["name"] == "problemes")
        told = client.post("/schema/valider/problemes.csv", {"problemes": signed}).content.decode("utf-8-sig")
        assert "'=cmd|" in told

    def test_too_many_checks_in_a_minute_are_slowed(self, client: Client) -> None:
        statuses = [client.post("/schema/valider/", {"texte": "x"}).status_code for _ in range(62)]
        assert (statuses[0], statuses[-1]) == (422, 429)

    def test_the_result_is_bounded_on_the_page_and_in_the_file(self, client: Client) -> None:
        text = "id,nom,code_insee,licence\n" + "".join(f"{n},,39093,ODbL\n" for n in range(6_000))
        page = Page(self.send(client, text).content.decode())
        assert page.html.count('<th scope="row">') == checking.SHOWN
        signed = next(f["value"] for f in page.head("input", type="hidden") if f["name"] == "problemes")
        told = client.post("/schema/valider/problemes.csv", {"problemes": signed}).content.decode("utf-8-sig")
        assert told.count("\n") == checking.TOLD + 1


class TestOpenData:
    def test_an_empty_registry_says_what_to_do(self, client: Client) -> None:
        assert "maillage import" in whole(client, "/donnees/")

    def test_licences_are_counted_apart_and_together(self, client: Client, registry: None) -> None:
        shared = queries.sharing()
        assert (shared.total, shared.mixed) == (2, 1)
        assert [(one.name, one.wholly, one.partly) for one in shared.licences] == [
            ("Licence Ouverte 2.0", 1, 1),
            ("ODbL", 0, 1),
        ]
        told = whole(client, "/donnees/")
        assert "1 lieu est décrit par des sources de licences différentes" in told

    def test_every_link_leads_to_what_it_says(self, client: Client, registry: None) -> None:
        page = Page(client.get("/donnees/").content.decode())
        ours = {link for link in page.links if link.startswith("/") and "mon-compte" not in link}
        assert {link: client.get(link).status_code for link in ours} == dict.fromkeys(ours, 200)
        alone = next(link for link in page.links if "tiers-lieux.csv" in link and "licence=" in link)
        text = b"".join(client.get(alone).streaming_content).decode()  # type: ignore[attr-defined]
        assert ("La Maille" in text, "Le Fil" in text) == (True, False)

    @pytest.mark.parametrize("address", ["/donnees/", "/en/donnees/"])
    def test_each_format_tells_what_it_loses(self, client: Client, registry: None, address: str) -> None:
        told = whole(client, address)
        assert told.count("champs entiers sur") + told.count("whole fields out of") in (0, len(WRITTEN))
        assert Page(client.get(address).content.decode()).html.count("<article") == len(WRITTEN)

    def test_its_questions_are_few_and_do_not_grow(self, client: Client, registry: None) -> None:
        with CaptureQueriesContext(connection) as asked:
            client.get("/donnees/")
        with CaptureQueriesContext(connection) as again:
            client.get("/donnees/")
        assert len(asked) <= 10
        assert len(again) == 3


class TestNights:
    def files(self, folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir())

    def write(self, folder: Path, day: date) -> int:
        return write_dumps(folder=folder, site_url="https://m.example", today=day, now=NOW)

    def test_one_file_per_format_whole_and_served(self, client: Client, registry: None, tmp_path: Path) -> None:
        folder = tmp_path / "dumps"
        assert self.write(folder, NOW.date()) == len(WRITTEN) == len(self.files(folder))
        name = f"lieux-{NOW:%Y-%m-%d}.tiers-lieux.csv.gz"
        response = client.get(f"/donnees/{name}")
        body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        response.close()
        assert response["Content-Type"] == "application/gzip"
        assert b"La Maille" in gzip.decompress(body)
        assert name in whole(client, "/donnees/")

    def test_a_week_is_kept_and_what_we_did_not_write_stays(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("x")
        for day in range(9):
            self.write(tmp_path, NOW.date() + timedelta(days=day))
        days = {name[6:16] for name in self.files(tmp_path) if name != "notes.txt"}
        assert sorted(days) == [(NOW.date() + timedelta(days=day)).isoformat() for day in range(2, 9)]
        assert "notes.txt" in self.files(tmp_path)

    def test_a_second_run_gives_the_same_bytes_and_leaves_no_draft(self, registry: None, tmp_path: Path) -> None:
        self.write(tmp_path, NOW.date())
        first = {name: (tmp_path / name).read_bytes() for name in self.files(tmp_path)}
        self.write(tmp_path, NOW.date())
        assert {name: (tmp_path / name).read_bytes() for name in self.files(tmp_path)} == first

    def test_a_write_that_breaks_leaves_the_former_file_whole(self, registry: None, tmp_path: Path) -> None:
        self.write(tmp_path, NOW.date())
        before = {name: (tmp_path / name).read_bytes() for name in self.files(tmp_path)}
        Place.objects.filter(pk=LA_MAILLE.place_id).update(links=[1])
        with pytest.raises((TypeError, AttributeError)):
            self.write(tmp_path, NOW.date())
        assert self.files(tmp_path) == list(before)
        assert (tmp_path / f"lieux-{NOW:%Y-%m-%d}.tiers-lieux.csv.gz").read_bytes() in before.values()

    def test_the_task_writes_where_the_page_looks(self) -> None:
        assert tasks.daily_dumps() == len(WRITTEN)

    @pytest.mark.parametrize("name", ["lieux-2026-11-01.csv.gz", "..%2Fsecret", "lieux-2026-11-23.csv", "secret"])
    def test_no_other_file_is_served(self, client: Client, name: str) -> None:
        assert client.get(f"/donnees/{name}").status_code == 404


class TestCatalogue:
    def test_one_data_set_per_licence_and_one_of_everything(self, client: Client, registry: None) -> None:
        response = client.get("/catalogue.jsonld")
        told = response.json()
        assert response["Content-Type"] == "application/ld+json"
        assert told["@type"] == "dcat:Catalog"
        everything, alone = told["dcat:dataset"]
        assert "dct:license" not in everything
        assert alone["dct:license"]["@id"] == "https://spdx.org/licenses/etalab-2.0"
        assert all("licence=Licence+Ouverte+2.0" in one["@id"] for one in alone["dcat:distribution"])
        assert all(one["dct:license"]["dct:title"] == "Licence Ouverte 2.0" for one in alone["dcat:distribution"])
        assert all("dct:rights" in one for one in everything["dcat:distribution"])

    def test_every_file_it_names_is_there(self, client: Client, registry: None, tmp_path: Path) -> None:
        write_dumps(folder=tmp_path / "dumps", site_url="x", today=NOW.date(), now=NOW)
        told = client.get("/catalogue.jsonld").json()
        for one in told["dcat:dataset"]:
            for offer in one["dcat:distribution"]:
                address = offer["dcat:downloadURL"]["@id"].removeprefix("http://localhost:8000")
                response = client.get(address)
                response.close()
                assert response.status_code == 200
                assert (
                    response["Content-Type"].partition(";")[0]
                    == offer["dcat:mediaType"]["@id"].partition("media-types/")[2]
                )

    def test_an_empty_registry_has_a_catalogue_too(self, client: Client) -> None:
        assert len(client.get("/catalogue.jsonld").json()["dcat:dataset"]) == 1


class TestMurmurations:
    def test_each_place_has_its_profile_and_the_list_names_them(self, client: Client, registry: None) -> None:
        listed = client.get("/lieux/murmurations.json").json()["profiles"]
        assert [one["profile_url"] for one in listed] == [
            "http://localhost:8000/lieux/le-fil/murmurations.json",
            "http://localhost:8000/lieux/maille/murmurations.json",
        ]
        for one in listed:
            told = client.get(one["profile_url"].removeprefix("http://localhost:8000"))
            assert told.json()["linked_schemas"] == ["organizations_schema-v1.0.0"]
            assert told["Access-Control-Allow-Origin"] == "*"

    def test_what_was_removed_is_gone_and_what_never_was_is_not_found(self, client: Client, registry: None) -> None:
        remove_place(place_id=LA_MAILLE.place_id, reason="demandé", by="test:Inès", now=NOW)
        assert client.get("/lieux/maille/murmurations.json").status_code == 410
        assert client.get("/lieux/rien/murmurations.json").status_code == 404
        assert "maille" not in json.dumps(client.get("/lieux/murmurations.json").json()["profiles"])
