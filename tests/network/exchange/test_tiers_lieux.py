"""Our own schema: what it publishes, what it refuses, and that it carries everything there and back."""

import csv as stdlib_csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import pytest
from django.db import transaction
from frictionless import Resource, Schema, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.network.exchange import formats
from maillage.network.exchange.formats import csv, tiers_lieux
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.queries import exported
from maillage.network.exchange.rules.reports import FileRefused, Options
from maillage.network.exchange.rules.tiers_lieux import documents, examples
from maillage.network.exchange.rules.tiers_lieux.cells import shown
from maillage.network.exchange.rules.tiers_lieux.definition import LANGUAGES, VOCABULARY, definition
from maillage.places.actions import record_many
from maillage.places.labels import LABELS
from maillage.places.models import Place, Source, SourceRecord
from maillage.places.rules.drafts import FIELDS
from tests.conftest import NOW
from tests.network.exchange.test_roundtrip import (
    LA_MAILLE,
    RECORDS,
    SOURCES,
    WRITING,
    brought,
    drafts,
    empty_the_registry,
    remembered,
)

SITE = "https://maillage.example"
SCHEMA = definition()
RELEASED = {"1.0.0": "2c999963827efc7d38c18bf550d10fcf70c82c1370128b8e164d1fc6e774fca1"}
"""A version that was published never changes: raise `version`, tell it in `changes`, and add its print here."""


def written() -> str:
    return "".join(tiers_lieux.write(exported(now=NOW), WRITING))


def checked(text: str) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.problem) for problem in tiers_lieux.check(Document("x.csv", text))]


def table(*rows: dict[str, str]) -> str:
    held = io.StringIO()
    writer = stdlib_csv.DictWriter(held, SCHEMA.columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def row(**cells: str) -> dict[str, str]:
    return {"id": "a", "nom": "La Maille", "code_insee": "39093", "licence": "ODbL", "source": "Réseau"} | cells


def judged(text: str, folder: Path) -> list[tuple[int | None, str | None]]:
    """What frictionless says of a file against the published Table Schema: (row, column) of each error."""
    (folder / "judged.csv").write_text(text, encoding="utf-8", newline="")
    schema = Schema.from_descriptor(documents.table_schema(SCHEMA, SITE))
    found = validate(Resource(path="judged.csv", basepath=str(folder), schema=schema))
    return [(line, column) for line, column in found.flatten(["rowNumber", "fieldName"])]


class TestDefinition:
    def test_it_speaks_of_every_field_of_the_registry_once(self) -> None:
        assert sorted(field.ours for field in SCHEMA.fields if field.ours) == sorted(FIELDS)
        assert len(set(SCHEMA.columns)) == len(SCHEMA.columns)
        assert {field.group for field in SCHEMA.fields} == {group.code for group in SCHEMA.groups}

    @pytest.mark.parametrize("ours", sorted(VOCABULARY))
    def test_it_knows_every_word_of_the_vocabulary_in_its_order_and_calls_it_as_the_site_does(self, ours: str) -> None:
        (field,) = (field for field in SCHEMA.fields if field.ours == ours)
        assert tuple(word.ours for word in field.words) == VOCABULARY[ours]
        assert [word.title["fr"] for word in field.words] == [str(LABELS[ours][word.ours]) for word in field.words]

    def test_everything_is_told_in_both_languages(self) -> None:
        told = [SCHEMA, *SCHEMA.groups, *SCHEMA.fields, *(word for field in SCHEMA.fields for word in field.words)]
        assert [one for one in told for text in (one.title, one.say) if set(text) != set(LANGUAGES)] == []
        assert [one for one in told for text in (one.title, one.say) if not all(text.values())] == []
        assert [one for one in told if one.say["fr"] == one.say["en"]] == []

    def test_no_type_is_asked_for_and_only_three_cells_are(self) -> None:
        assert [field.name for field in SCHEMA.fields if field.required] == ["id", "nom", "licence"]
        assert "categorie" not in SCHEMA.columns

    def test_a_published_version_stays_as_it_is(self) -> None:
        made = documents.files(SCHEMA, SITE)
        print_of = hashlib.sha256(made[documents.TABLE]() + made[documents.JSON]()).hexdigest()
        assert print_of == RELEASED[SCHEMA.version]
        assert [change.version for change in SCHEMA.changes] == list(RELEASED)


class TestDocuments:
    def test_the_table_schema_is_one_and_has_what_the_national_list_asks(self) -> None:
        told = documents.table_schema(SCHEMA, SITE)
        assert list(Schema.metadata_validate(told)) == []
        asked = "name title description countryCode homepage path resources sources created lastModified version"
        assert [name for name in [*asked.split(), "contributors", "licence", "fields"] if not told.get(name)] == []
        assert told["path"] == f"{SITE}/schema/tiers-lieux/1.0.0/schema.json"

    def test_the_json_schema_is_one(self) -> None:
        jsonschema_rs.meta.validate(documents.json_schema(SCHEMA, SITE))

    def test_the_examples_are_what_they_say(self, tmp_path: Path) -> None:
        assert checked(examples.valid(SCHEMA)) == []
        assert judged(examples.valid(SCHEMA), tmp_path) == []
        told = {line for line, _column, _problem in checked(examples.invalid(SCHEMA))}
        assert told == set(range(2, 11))

    def test_each_group_is_a_schema_that_others_may_use(self) -> None:
        told = documents.json_schema(SCHEMA, SITE)
        lieu = jsonschema_rs.validator_for({"$schema": told["$schema"], **told["$defs"]["lieu"]})
        assert lieu.is_valid({"id": "1", "nom": "Mairie", "telephone": "03 84 00 00 00", "horaires": "Mo 09:00-12:00"})
        assert not lieu.is_valid({"id": "1", "nom": "Mairie", "acces": ["ascenseur"]})

    def test_the_repository_holds_every_file(self) -> None:
        made = documents.files(SCHEMA, SITE)
        archive = zipfile.ZipFile(io.BytesIO(made[documents.REPOSITORY]()))
        names = [name.removeprefix("schema-tiers-lieux/") for name in archive.namelist()]
        assert names == [
            "schema.json", "json-schema.json", "exemple-valide.csv", "exemple-invalide.csv",
            "CHANGELOG.md", "README.md",
        ]  # fmt: skip
        assert archive.read("schema-tiers-lieux/schema.json") == made["schema.json"]()
        assert made[documents.REPOSITORY]() == made[documents.REPOSITORY]()
        assert set(made) == set(documents.FILES)


CELLS = {
    "statut": st.sampled_from(["ouvert", "open", "ferme", ""]),
    "code_postal": st.sampled_from(["39380", "1400", "39 380"]),
    "code_insee": st.sampled_from(["39093", "2A004", "1001", ""]),
    "latitude": st.sampled_from(["46.9915", "46,9915", "x", "95", ""]),
    "precision": st.sampled_from(["adresse", "address"]),
    "site_web": st.sampled_from(["https://a.example/", "a.example", "pas de site"]),
    "liens": st.sampled_from(["https://a.example https://b.example", "https://a.example, b"]),
    "telephone": st.sampled_from(["+33 3 84 00 00 00", "03.84.00.00.00 / 06"]),
    "acces": st.sampled_from(["velo", "velo|ascenseur", "|", "velo,transport"]),
    "date_ouverture": st.sampled_from(["2019", "2019-06", "06/2019"]),
    "capacite": st.sampled_from(["40", "-1", "quarante", "1000000"]),
    "activites": st.sampled_from(["cafe|fablab", "Café", "cafe|"]),
    "siret": st.sampled_from(["73282932000074", "732 829 320 00074"]),
    "date_confirmation": st.sampled_from(["2026-11-20", "2026-13-20", "hier"]),
    "fictif": st.sampled_from(["true", "false", "oui"]),
    "licence": st.sampled_from(["ODbL", ""]),
    "nom": st.sampled_from(["La Maille", "", "x" * 201]),
}


class TestCheck:
    @settings(max_examples=25, deadline=None)
    @given(cells=st.fixed_dictionaries({}, optional=CELLS))
    def test_whatever_the_table_schema_refuses_we_refuse_in_the_same_cell(self, cells, tmp_path_factory) -> None:
        text = table(row(**cells))
        ours = {column for _line, column, _problem in checked(text)}
        theirs = {column for _line, column in judged(text, tmp_path_factory.mktemp("j")) if column}
        assert theirs <= ours

    @settings(max_examples=25, deadline=None)
    @given(cells=st.fixed_dictionaries({}, optional=CELLS))
    def test_what_the_json_schema_refuses_we_refuse(self, cells) -> None:
        told = {name: cell for name, cell in row(**cells).items() if cell}
        try:
            place = {name: examples.as_json(SCHEMA.field(name), cell) for name, cell in told.items()}
        except ValueError:
            return
        judge = jsonschema_rs.validator_for(documents.json_schema(SCHEMA, SITE), validate_formats=True)
        assert judge.is_valid(place) or checked(table(row(**cells)))

    @pytest.mark.parametrize(
        ("cells", "told"),
        [
            ({"activites": "Coworking"}, ("activites", "mot inconnu : Coworking", "vouliez-vous dire « coworking » ?")),
            ({"latitude": "46,99", "longitude": "5.7"},
             ("latitude", "le nombre est écrit avec une virgule", "écrivez 46.99")),
            ({"site_web": "www.lamaille.fr"},
             ("site_web", "l’adresse ne commence pas par https://", "écrivez https://www.lamaille.fr")),
            ({"date_fermeture": "2024-03"},
             ("date_fermeture", "le lieu n’est pas fermé",
              "mettez « ferme » dans la colonne « statut », ou videz cette cellule")),
            ({"fictif": "oui"}, ("fictif", "ce n’est ni « true » ni « false »", "écrivez true ou false")),
            ({"horaires": "lundi 9h"}, ("horaires", "les horaires sont écrits en français", None)),
            ({"sources": "[{}]", "id": str(UUID(int=1))},
             ("sources.source", "texte absent ou trop long", "au plus 80 caractères")),
            ({"sources": "{"}, ("sources", "la liste des sources n’est pas du JSON",
                                "laissez la colonne « sources » comme à l’export, ou videz-la")),
            ({"code_insee": ""}, ("code_insee", "le lieu ne peut pas être situé",
                                  "donnez le code Insee de la commune, ou la latitude et la longitude")),
            ({"email": ""}, None),
        ],
    )  # fmt: skip
    def test_each_problem_says_where_what_and_how_to_mend_it(self, cells, told) -> None:
        cells = {name: cell for name, cell in cells.items() if name in SCHEMA.columns}
        found = tiers_lieux.check(Document("x.csv", table(row(**cells))))
        if told is None:
            assert found == []
            return
        assert [(p.line, p.column, p.problem) for p in found] == [(2, *told[:2])]
        assert told[2] is None or found[0].mend == told[2]

    def test_columns_that_lack_and_slips_of_the_pen(self) -> None:
        text = "identifiant,nom,code_insée,licence\n1,La Maille,39093,ODbL\n"
        found = tiers_lieux.check(Document("x.csv", text))
        assert [(p.line, p.column, p.problem, p.warning) for p in found if p.line == 1] == [
            (1, "code_insée", "colonne inconnue du schéma", True),
            (1, "id", "la colonne manque", False),
            (1, "code_insee", "la colonne manque", False),
        ]

    def test_columns_of_ones_own_are_allowed(self) -> None:
        assert checked("id,nom,code_insee,licence,couleur\n1,La Maille,39093,ODbL,vert\n") == []

    def test_a_broken_row_never_hides_the_next(self) -> None:
        text = 'id,nom,code_insee,licence\n1,"La,39093,ODbL\n2,Le Fil,1,ODbL\n3,x\x00,39093,ODbL\n'
        assert {line for line, _column, _problem in checked(text)} == {2, 3, 4}

    def test_the_number_of_problems_is_bounded(self) -> None:
        text = "id,nom,code_insee,licence\n" + "".join(f"{n},,1,\n" for n in range(8_000))
        assert len(checked(text)) == 10_000

    def test_what_is_no_table_is_refused(self) -> None:
        with pytest.raises(FileRefused, match="n’est pas un en-tête lisible"):
            checked("\x00\x00")


@pytest.mark.usefixtures("small_ground")
class TestRoundTrip:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(places=st.lists(RECORDS, min_size=1, max_size=3))
    def test_export_wipe_import_gives_the_same_registry(self, tmp_path, places) -> None:
        with transaction.atomic():
            record_many(drafts=drafts(places), sources=SOURCES, by="test:Inès", now=NOW)
            out, before = written(), remembered()
            told, sources = list(exported(now=NOW)), list(Source.objects.order_by("slug").values_list("slug", "rank"))
            empty_the_registry()
            report = brought(out, tmp_path, "csv")
            assert report.format == "tiers-lieux"
            assert (report.created, report.quarantined, report.warnings) == (len(places), (), ())
            assert remembered() == before
            assert list(exported(now=NOW)) == told
            assert list(Source.objects.order_by("slug").values_list("slug", "rank")) == sources
            assert written() == out
            transaction.set_rollback(True)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(places=st.lists(RECORDS, min_size=1, max_size=3))
    def test_into_the_registry_it_came_from_changes_nothing(self, tmp_path, places) -> None:
        with transaction.atomic():
            record_many(drafts=drafts(places), sources=SOURCES, by="test:Inès", now=NOW)
            rows = list(SourceRecord.objects.order_by("pk").values())
            report = brought(written(), tmp_path, "csv")
            assert (report.created, report.changed, report.unchanged) == (0, 0, len(places))
            assert list(SourceRecord.objects.order_by("pk").values()) == rows
            transaction.set_rollback(True)

    def test_what_we_write_follows_the_schema(self, tmp_path) -> None:
        record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
        out = written()
        assert (checked(out), judged(out, tmp_path)) == ([], [])
        (cells,) = stdlib_csv.DictReader(io.StringIO(out, newline=""))
        assert (cells["nom"], cells["telephone"], cells["statut"]) == ("'=La Maille", "+33 3 84 00 00 00", "ferme")
        assert (cells["page"], cells["date_maj"]) == (f"{SITE}/lieux/maille/", "2019-06")
        assert (cells["licence"], cells["fictif"]) == ("Licence Ouverte 2.0", "false")
        assert shown(cells)["name"] == "=La Maille"

    def test_it_is_not_taken_for_another_format_nor_another_for_it(self) -> None:
        assert formats.detect(",".join(SCHEMA.columns) + "\n").name == "tiers-lieux"
        assert formats.detect("id,nom,code_insee,activites,licence\n").name == "tiers-lieux"
        assert formats.detect(",".join(csv.COLUMNS) + "\n").name == "csv"


@pytest.mark.usefixtures("small_ground")
class TestFilesFilledByHand:
    def test_each_row_says_who_says_so_and_under_which_licence(self, tmp_path) -> None:
        text = table(
            row(id="1", date_maj="2026-10", activites="cafe|fablab"),
            row(id="2", nom="Le Fil", source="Région", licence="Licence Ouverte 2.0", fictif="true"),
        )
        report = brought(text, tmp_path, "csv")
        assert (report.created, report.quarantined) == (2, ())
        records = SourceRecord.objects.order_by("pk").values_list("ref", "licence", "source__name", "dated")
        assert list(records) == [("1", "ODbL", "Réseau", "2026-10"), ("2", "Licence Ouverte 2.0", "Région", "")]
        assert Place.objects.get(name="Le Fil").is_demo
        kept = SourceRecord.objects.get(ref="1").raw
        assert (kept["nom"], kept["activites"], kept["date_maj"]) == ("La Maille", "cafe|fablab", "2026-10")
        assert brought(text, tmp_path, "csv").unchanged == 2

    def test_the_same_source_under_two_licences_is_two_sources(self, tmp_path) -> None:
        text = table(row(id="1"), row(id="2", nom="Le Fil", licence="Licence Ouverte 2.0"))
        brought(text, tmp_path, "csv")
        assert sorted(Source.objects.values_list("slug", "licence")) == [
            ("reseau-licence-ouverte-2-0", "Licence Ouverte 2.0"),
            ("reseau-odbl", "ODbL"),
        ]

    @pytest.mark.parametrize(
        ("cells", "column", "problem"),
        [
            ({"licence": ""}, "licence", "la licence manque : on ne sait pas ce qu’on peut en faire"),
            ({"source": ""}, "source", "la source manque : on ne sait pas qui le dit"),
            ({"licence": "ODbL|Licence Ouverte 2.0"}, "licence",
             "plusieurs licences, sans la colonne « sources » qui dit laquelle vaut pour quoi"),
            ({"id": ""}, "id", "l’identifiant manque ou est trop long"),
            ({"date_maj": "hier"}, "date_maj", "ce n’est pas une date"),
            ({"nom": ""}, "nom", "le nom manque"),
            ({"code_insee": "", "latitude": "5.7", "longitude": "46.99"}, "latitude",
             "latitude et longitude semblent échangées"),
        ],
    )  # fmt: skip
    def test_a_row_that_cannot_enter_is_told_in_the_words_of_the_file(self, tmp_path, cells, column, problem) -> None:
        report = brought(table(row(**cells), row(id="b", nom="Le Fil")), tmp_path, "csv")
        assert report.created == 1
        assert [(r.problem.line, r.problem.column, r.problem.problem) for r in report.quarantined] == [
            (2, column, problem)
        ]

    def test_the_options_stand_in_for_what_the_rows_do_not_say(self, tmp_path) -> None:
        text = "id,nom,code_insee,activites\n1,La Maille,39093,cafe\n"
        options = Options(source="Mairie", licence="ODbL")
        assert brought(text, tmp_path, "csv", format="tiers-lieux", options=options).created == 1
        assert Source.objects.get().name == "Mairie"

    def test_columns_to_locate_a_place_are_asked_for(self, tmp_path) -> None:
        with pytest.raises(FileRefused, match="Il manque des colonnes au format « Schéma tiers-lieux »"):
            brought("id,nom\n1,La Maille\n", tmp_path, "csv", format="tiers-lieux")


@pytest.mark.usefixtures("small_ground")
def test_a_forged_list_of_sources_is_told(tmp_path) -> None:
    record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
    (cells,) = stdlib_csv.DictReader(io.StringIO(written(), newline=""))
    records = json.loads(cells["sources"])
    forged = table(cells | {"sources": json.dumps([records[0] | {"rank": 9}])})
    report = brought(forged, tmp_path, "csv")
    assert [(r.problem.column, r.problem.problem) for r in report.quarantined] == [
        ("sources.rank", "rang de confiance inconnu")
    ]
    assert replace(LA_MAILLE).place_id == Place.objects.get().pk


class TestJson:
    """The JSON of the JSON Schema is held to the same check."""

    def place(self, **more: object) -> dict[str, object]:
        return {"id": "1", "nom": "La Maille", "code_insee": "39093", "licence": "ODbL"} | more

    def test_a_place_or_a_list_of_them_follows_the_schema(self) -> None:
        told = self.place(activites=["cafe", "fablab"], liens=["https://a.example"], capacite=40, fictif=False)
        assert checked(json.dumps(told)) == checked(json.dumps([told])) == []
        assert jsonschema_rs.validator_for(documents.json_schema(SCHEMA, SITE)).is_valid(told)

    @pytest.mark.parametrize(
        ("more", "column", "problem"),
        [
            ({"activites": "cafe"}, "activites", "ce n’est pas une liste"),
            ({"activites": ["piscine"]}, "activites", "mot inconnu : piscine"),
            ({"capacite": "40"}, "capacite", "ce n’est pas la sorte de valeur attendue"),
            ({"latitude": True, "longitude": 5.7}, "latitude", "ce n’est pas la sorte de valeur attendue"),
            ({"nom": None}, "nom", "le nom manque"),
            ({"telephone": 384000000}, "telephone", "ce n’est pas un texte"),
        ],
    )
    def test_what_the_json_schema_refuses_is_told_at_the_line_where_the_place_begins(self, more, column, problem):
        bad = self.place(id="2", **more)
        judge = jsonschema_rs.validator_for(documents.json_schema(SCHEMA, SITE))
        assert not judge.is_valid(bad)
        text = "[\n" + json.dumps(self.place()) + ",\n" + json.dumps(bad) + "\n]"
        assert (3, column, problem) in checked(text)

    @pytest.mark.parametrize("text", ["{", "[{}", '[{"id": 1},, nonsense]', "[" * 5_000, '{"id": "1"'])
    def test_json_that_breaks_off_is_refused_or_told(self, text: str) -> None:
        try:
            assert checked(text)
        except FileRefused as refused:
            assert "Le JSON ne se lit plus à partir de la ligne 1" in str(refused)
