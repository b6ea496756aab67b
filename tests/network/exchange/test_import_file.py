"""An import as a whole: what comes in, what stays out and is told, and that it is all or nothing."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.journal.models import AuditEvent
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.models import ImportRun, QuarantinedRow
from maillage.network.exchange.rules.reports import FileRefused, Options, Report
from maillage.places.actions import remove_place
from maillage.places.models import Place, Revision, Source, SourceRecord
from tests.conftest import NOW
from tests.network.exchange.breaking import HEADER, breakers, inject, row

EXCERPT = Path(__file__).parents[2] / "fixtures" / "cget_excerpt.csv"
TABLES = (Place, SourceRecord, Source, Revision, ImportRun, QuarantinedRow, AuditEvent)
FAR = {("97411", None), ("39546", "46.2")}
"""The communes taken here whose row gives a point far from them, and its latitude where the row changes it."""
pytestmark = pytest.mark.usefixtures("small_ground")


def bring(path: Path, **more) -> Report:
    """Each row a place of its own, however alike: `test_matching_import.py` tells of those that are one."""
    more["options"] = replace(more.get("options") or Options(), match=False)
    return import_file(path=path, by="test:Inès", now=NOW, **more)


def written(tmp_path: Path, *rows: str, header: str = ",".join(HEADER)) -> Path:
    path = tmp_path / "lieux.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8", newline="")
    return path


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in TABLES)


class TestCensus:
    def test_every_row_of_the_excerpt_comes_in_with_its_licence_and_its_doubts(self):
        report = bring(EXCERPT)
        assert (report.format, report.rows, report.created, report.refused_rows) == ("cget", 23, 23, 0)
        assert report.flagged["insee-missing"] == 8
        assert report.flagged["insee-conflict"] == 3
        assert set(SourceRecord.objects.values_list("licence", "dated").distinct()) == {
            ("Licence Ouverte 2.0", "2019-06")
        }
        assert ImportRun.objects.get().counts["created"] == 23
        assert AuditEvent.objects.filter(action="exchange.imported", by="test:Inès").count() == 1

    def test_codes_stay_text_and_zero_is_missing(self):
        bring(EXCERPT)
        paris = SourceRecord.objects.get(ref="2")
        assert (paris.raw["INSEECOM"], paris.values["commune"], paris.place.commune_id) == ("75110", "75056", "75056")
        assert SourceRecord.objects.get(ref="26").raw["CP"] == "0"
        assert "postal_code" not in SourceRecord.objects.get(ref="26").values

    def test_a_missing_code_is_replaced_by_the_proposed_one_and_flagged(self):
        bring(EXCERPT)
        recyclerie = SourceRecord.objects.get(ref="1464")
        assert (recyclerie.raw["INSEECOM"], recyclerie.raw["INSEEMETRO"]) == ("0", "75056")
        assert (recyclerie.values["commune"], recyclerie.flags) == ("75056", ["insee-missing"])

    @pytest.mark.parametrize(
        ("changes", "commune"),
        [
            ({"CP": "97490", "NOMCOM": "Saint-Denis", "INSEEMETRO": "39093"}, "97411"),
            ({"CP": "97490", "NOMCOM": "Le Tampon", "INSEEMETRO": "39093"}, None),
            ({"CP": "0", "NOMCOM": "Saint-Denis", "LAT": "-20.9", "LONG": "55.5", "INSEEMETRO": "39093"}, None),
            ({"CP": "39380", "NOMCOM": "Vaudrey", "LAT": "46.2", "LONG": "5.7"}, "39546"),
            ({"CP": "39380", "NOMCOM": "Vaudrey"}, "39093"),
            ({"CP": "39380", "NOMCOM": "Vaudrey", "INSEEMETRO": ""}, "39546"),
        ],
    )
    def test_a_proposed_code_that_its_row_contradicts_is_never_taken(self, tmp_path, changes, commune):
        report = bring(written(tmp_path, row(ID="1", **({"INSEECOM": "0"} | changes))))
        record = SourceRecord.objects.get()
        flagged = {"insee-missing": 1} | ({"far-from-commune": 1} if (commune, changes.get("LAT")) in FAR else {})
        assert (report.created, report.flagged) == (1, flagged)
        assert (record.values.get("commune"), record.place.commune_id) == (commune, commune)
        assert record.place.lat is not None

    def test_two_codes_that_contradict_are_flagged_and_neither_is_chosen(self, tmp_path):
        report = bring(written(tmp_path, row(ID="1", INSEECOM="39093", INSEEMETRO="39370")))
        record = SourceRecord.objects.get()
        assert report.flagged == {"insee-conflict": 1}
        assert "commune" not in record.values
        assert (record.place.commune_id, record.place.lat) == (None, 46.99)

    def test_two_codes_of_one_commune_of_today_are_flagged_and_agree(self, tmp_path):
        bring(written(tmp_path, row(ID="1", INSEECOM="39999", INSEEMETRO="39093")))
        record = SourceRecord.objects.get()
        assert (record.values["commune"], record.flags) == ("39093", ["insee-conflict"])

    @pytest.mark.parametrize(
        ("changes", "precision"),
        [
            ({"PRECISION": "0.94"}, "address"),
            ({"PRECISION": "0.94", "ADRESSE": ""}, "commune"),
            ({"PRECISION": "0.59"}, "estimated"),
            ({"PRECISION": "9"}, "unknown"),
            ({"PRECISION": ""}, "unknown"),
            ({"PRECISION": "0.2", "GEOCOD": "PLACE A LA MAIN"}, "address"),
        ],
    )
    def test_scores_of_two_scales_are_never_compared(self, tmp_path, changes, precision):
        bring(written(tmp_path, row(ID="1", **changes)))
        assert Place.objects.get().precision == precision

    def test_names_and_mails_of_persons_are_not_kept_anywhere(self, tmp_path):
        persons = {"CONTACT": "Camille Martin", "MAIL": "camille.martin@exemple.fr"}
        rows = [row(ID="1", **persons), row(ID="2", WEB="Camille Martin"), row(ID="3", WEB="camille.martin@exemple.fr")]
        report = bring(written(tmp_path, *rows, row(ID="4", NOM_TL="", **persons)))
        kept = [str(value) for model in TABLES for value in model.objects.values_list()]
        assert report.created == 3
        assert not [line for line in kept if "artin" in line]
        assert not [warning for warning in report.warnings if "artin" in warning.value]

    def test_sites_and_accounts_become_addresses(self, tmp_path):
        bring(written(tmp_path, row(ID="1", WEB="www.lamaille.fr", TWITTER="@lamaille", FACEBOOK="pages/la-maille")))
        place = Place.objects.get()
        assert place.website == "https://www.lamaille.fr"
        assert place.links == ["https://twitter.com/lamaille", "https://www.facebook.com/pages/la-maille"]

    def test_the_type_is_an_activity_and_no_type_says_nothing(self):
        bring(EXCERPT)
        said = {ref: values.get("activities") for ref, values in SourceRecord.objects.values_list("ref", "values")}
        assert (said["1"], said["1195"], said["1512"]) == (["coworking"], ["fablab"], None)

    def test_a_name_in_html_is_a_name_like_another(self, tmp_path):
        bring(written(tmp_path, row(ID="1", NOM_TL="<script>alert(1)</script> & Co")))
        assert Place.objects.get().name == "<script>alert(1)</script> & Co"


class TestTwice:
    def test_the_same_file_again_writes_nothing_at_all(self):
        bring(EXCERPT)
        before = counts()
        again = bring(EXCERPT)
        assert (again.created, again.changed, again.unchanged, again.run) == (0, 0, 23, None)
        assert counts() == before

    def test_the_same_file_again_keeps_its_quarantine_once(self, tmp_path):
        path = written(tmp_path, row(ID="1"), row(ID="2", NOM_TL=""))
        assert bring(path).run
        before = counts()
        assert bring(path).refused_rows == 1
        assert counts() == before

    def test_a_dry_run_tells_the_same_and_writes_nothing(self):
        before = counts()
        tried = bring(EXCERPT, dry_run=True)
        assert counts() == before
        done = bring(EXCERPT)
        assert (tried.created, tried.flagged, tried.run) == (done.created, done.flagged, None)

    def test_a_mended_row_comes_in_and_the_others_stay_as_they_were(self, tmp_path):
        bring(written(tmp_path, row(ID="1"), row(ID="2", NOM_TL="")))
        mended = bring(written(tmp_path, row(ID="1"), row(ID="2", NOM_TL="Le Moulin")))
        assert (mended.created, mended.changed, mended.unchanged) == (1, 0, 1)

    def test_a_removed_place_stays_removed(self, tmp_path):
        path = written(tmp_path, row(ID="1"))
        bring(path)
        remove_place(place_id=Place.objects.get().pk, reason="demandé par le lieu", by="test:Inès", now=NOW)
        bring(written(tmp_path, row(ID="1", NOM_TL="Un autre nom")))
        assert Place.objects.get().removed_at == NOW


class TestBrokenRows:
    @pytest.mark.parametrize("number", range(len(breakers(0))))
    def test_each_way_to_break_a_row_is_told_in_place(self, tmp_path, number):
        broken = breakers(0)[number]
        report = bring(written(tmp_path, row(ID="1"), broken.text, row(ID="2")))
        assert report.created == 2
        told = report.quarantined[0].problem
        assert (told.line, told.column, told.value) == (3, broken.column, broken.value)
        assert told.problem.startswith(broken.problem)
        assert told.mend
        kept = QuarantinedRow.objects.first()
        assert (kept.line, kept.column, kept.value, kept.problem, kept.mend) == (
            told.line, told.column, told.value, told.problem, told.mend,
        )  # fmt: skip

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(seed=st.integers(0, 10**9))
    def test_ten_broken_rows_anywhere_stay_out_and_the_others_come_in(self, tmp_path, seed):
        lines, broken = inject(EXCERPT.read_text(encoding="utf-8").splitlines(), 10, seed)
        with transaction.atomic():
            report = bring(written(tmp_path, *lines[1:], header=lines[0]))
            assert report.created == 23
            assert {refused.problem.line for refused in report.quarantined} == set(broken)
            for refused in report.quarantined:
                assert refused.problem.column == broken[refused.problem.line].column
                assert refused.problem.value == broken[refused.problem.line].value
                assert refused.problem.mend
            transaction.set_rollback(True)

    def test_an_optional_value_that_is_wrong_is_left_out_and_told(self, tmp_path):
        report = bring(written(tmp_path, row(ID="1", CP="3938", TYPO="Tiers lieux", WEB="en cours", INSEECOM="99999")))
        assert report.created == 1
        assert [(w.line, w.column, w.value, w.problem) for w in report.warnings] == [
            (2, "WEB", "", "ce n’est pas une adresse de site"),
            (2, "TYPO", "Tiers lieux", "type inconnu"),
            (2, "CP", "3938", "un code postal compte 5 chiffres"),
        ]
        assert report.flagged == {"insee-conflict": 1}

    def test_an_unknown_commune_is_flagged_and_the_point_kept(self, tmp_path):
        report = bring(written(tmp_path, row(ID="1", INSEECOM="01001", INSEEMETRO="01001")))
        assert report.flagged == {"commune-unknown": 1}
        assert (report.warnings[0].column, report.warnings[0].value) == ("INSEECOM", "01001")
        assert Place.objects.get().commune is None


class TestRefusedFiles:
    def refusal(self, path: Path, **more) -> str:
        before = counts()
        with pytest.raises(FileRefused) as refused:
            bring(path, **more)
        assert counts() == before
        return str(refused.value)

    def test_three_missing_columns_are_all_named(self, tmp_path):
        kept = [column for column in HEADER if column not in ("LAT", "TYPO", "METRO")]
        told = self.refusal(written(tmp_path, header=",".join(kept)))
        assert told.startswith(
            "3 colonnes manquent au format «\u202frecensement CGET 2019\u202f»\u202f: TYPO, LAT, METRO. "
            "Colonnes attendues\u202f: ID, NOM_TL, ADRESSE,"
        )
        assert told.endswith("Remettez les colonnes manquantes (l’ordre est libre), puis relancez l’import.")

    def test_windows_1252_comes_in_and_is_told_another_encoding_is_refused(self, tmp_path):
        path = tmp_path / "latin.csv"
        path.write_bytes(EXCERPT.read_text(encoding="utf-8").encode("cp1252"))
        report = bring(path)
        assert (report.created, report.warnings[0].problem) == (
            23,
            "le fichier n’est pas en UTF-8\u202f: lu comme du Windows-1252",
        )
        path.write_bytes(EXCERPT.read_text(encoding="utf-8").encode("mac-roman", "replace"))
        assert "Le fichier n’est ni en UTF-8 ni en Windows-1252\u202f: octet 0x" in self.refusal(path)

    def test_an_unknown_format_lists_those_that_are_read(self, tmp_path):
        told = self.refusal(written(tmp_path, "1,2", header="x,y"))
        assert "Format inconnu" in told
        assert "cget (recensement CGET 2019)" in told
        assert self.refusal(EXCERPT, format="xlsx").startswith("Format inconnu\u202f: «\u202fxlsx\u202f».")

    def test_a_header_alone_is_told(self, tmp_path):
        assert self.refusal(written(tmp_path)).startswith("Le fichier ne contient aucune ligne de données")

    def test_a_folder_or_nothing_is_told(self, tmp_path):
        assert self.refusal(tmp_path).endswith("n’est pas un fichier. Donnez le fichier CSV ou GeoJSON lui-même.")
        assert self.refusal(tmp_path / "rien.csv").endswith("n’existe pas. Vérifiez le chemin donné.")


def test_a_compressed_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "cget.csv.gz"
    path.write_bytes(gzip.compress(EXCERPT.read_bytes()))
    assert bring(path).created == 23


def test_unmapped_columns_are_told_and_kept_in_the_row(tmp_path):
    path = written(tmp_path, row(ID="1") + ",bleu", header=",".join([*HEADER, "COULEUR"]))
    assert bring(path).unmapped == ("COULEUR",)
    assert SourceRecord.objects.get().raw["COULEUR"] == "bleu"


def test_steps_are_told_as_rows_are_read(tmp_path):
    from contextlib import contextmanager

    seen = []

    class Bar:
        def step(self, count=1):
            seen.append(count)

    @contextmanager
    def progress(total):
        seen.append(f"of {total}")
        yield Bar()

    bring(written(tmp_path, row(ID="1"), row(ID="2")), progress=progress)
    assert seen == ["of 2", 1, 1]


class TestOtherFormats:
    MERGED = (
        "source,source_id,nom,kind,is_tiers_lieu,type_source,adresse,cp,lat,lon,precision,web,date_maj,insee,commune,"
        "place_id,licence,tl_any"
    )

    def merged(self, tmp_path, *rows, **more):
        return bring(written(tmp_path, *rows, header=self.MERGED), **more)

    def test_rows_of_one_group_are_one_place_each_under_its_own_licence(self, tmp_path):
        report = self.merged(
            tmp_path,
            "anct_fabt,f1,La Maille &amp; Co,fabrique_de_territoire,1,,,,46.99,5.7,commune,,2024-09,39093,,p1,LO,1",
            "fablabs_io_2017,9,La Maille,fablab,1,,,00000,46.99,5.7,adresse,lamaille.fr,04/11/2021,39093,,p1,ODbL,1",
            "hinaura,3,France services,france_services,0,,,39330,46.97,5.78,commune(corrige),,,39370,Mouchard,p2,LO,0",
        )
        assert (report.created, report.skipped) == (1, 1)
        place = Place.objects.get()
        records = list(place.records.order_by("source__slug"))
        assert [(r.source.slug, r.ref, r.licence, r.dated) for r in records] == [
            ("anct-fabt", "f1", "LO", "2024-09"),
            ("fablabs-io-2017", "9", "ODbL", "2021-11-04"),
        ]
        assert place.name == "La Maille & Co"
        assert sorted(place.features.values_list("kind", "code")) == [
            ("activities", "fablab"), ("labels", "fabrique-de-territoire"),
        ]  # fmt: skip

    def test_all_brings_the_others_in_with_their_words(self, tmp_path):
        rows = (
            "hinaura,3,France services,france_services,0,,,39330,46.97,5.78,commune(corrige),,,39370,Mouchard,p2,LO,0",
            "hinaura,4,La Biblio,bibliotheque,0,,,39330,46.97,5.78,adresse,,,39370,Mouchard,p3,LO,0",
        )
        report = self.merged(tmp_path, *rows, options=Options(all_places=True))
        assert (report.created, report.flagged) == (2, {"point-moved": 1})
        services = Place.objects.get(name="France services")
        assert sorted(services.features.values_list("kind", "code")) == [
            ("labels", "france-services"), ("services", "france-services"),
        ]  # fmt: skip

    def test_a_reference_given_twice_keeps_both_rows_and_an_identical_row_is_told(self, tmp_path):
        one = "ultra_num,AREP,AREP,mediation_numerique,0,,,,46.99,5.70,adresse,,,39093,Chamblay,p1,LO,1"
        two = one.replace("p1", "p2").replace("46.99", "46.98")
        report = self.merged(tmp_path, one, two, one)
        assert sorted(SourceRecord.objects.values_list("ref", flat=True)) == ["AREP", "AREP#2"]
        assert (report.created, report.flagged) == (2, {"duplicate-ref": 1})
        assert [(r.problem.line, r.problem.problem) for r in report.quarantined] == [
            (4, "ligne identique à la ligne 2")
        ]

    def test_rows_of_the_census_told_again_leave_the_census_as_it_was(self, tmp_path):
        bring(EXCERPT)
        before = SourceRecord.objects.get(ref="1").raw
        report = self.merged(
            tmp_path, "cget2019,1,ADE autrement,coworking,1,,,,47.24,-1.5,adresse,,2019-06,44109,Nantes,p0,LO,1"
        )
        assert (report.created, report.changed, report.unchanged) == (0, 0, 1)
        assert SourceRecord.objects.get(ref="1").raw == before

    def test_the_official_census_is_read_as_its_columns_were_seen(self, tmp_path):
        header = (
            "ID_UNIQUE;NOM;ADRESSE;CODPOST;VILLE;REGION_TL;LATITUDE;LONGITUDE;DESCRI_COU;DATE_OUV;TYPE_STRUCTURE_GEST;"
            "NOM_STRC_GEST;INTERNET;EMAIL;TELEPHONE;RS_FACEBOOK;RS_X;RS_INSTAGRAM;RS_LINKEDIN;RS_MASTODON;RS_MOVILAB;"
            "LIEN_OSM_GOOGLE"
        )
        first = (
            "TL1;La Maille;1 rue du Moulin;39380;Chamblay;BFC;46,9915;5,7035;Un café et des bureaux;03/2019;"
            "Association;Les amis;lamaille.fr;bonjour@lamaille.fr;0384000000;la.maille;lamaille;;;;;"
        )
        second = "TL2;Le Fil;;39330;MOUCHARD;BFC;;;;;Groupement;;;;;;;;;;;"
        path = tmp_path / "fiche.csv"
        path.write_text("\ufeff" + "\n".join([header, first, second]) + "\n", encoding="utf-8")
        report = bring(path)
        assert (report.format, report.proved) == ("recensement", False)
        assert (report.created, report.flagged) == (2, {"commune-from-postal-code": 1})
        maille, fil = Place.objects.get(name="La Maille"), Place.objects.get(name="Le Fil")
        assert (maille.lat, maille.opened_on, maille.operator) == (46.9915, "2019-03", "Les amis")
        assert maille.links == ["https://www.facebook.com/la.maille", "https://x.com/lamaille"]
        assert maille.features.get(kind="legal_forms").code == "association"
        assert (fil.commune_id, fil.precision) == ("39370", "commune")
        assert [w.problem for w in report.warnings] == ["forme juridique inconnue"]
        assert "à vérifier" in SourceRecord.objects.first().licence

    def test_the_census_of_2023_is_known_by_its_columns(self, tmp_path):
        header = "ID_UNIQUE;NOM;Insee;NOM_STRC_PORT;ADRESSE;CODPOST;VILLE;INTERNET"
        path = written(tmp_path, "TL1;La Maille;39093;Les amis;1 rue du Moulin;39380;Chamblay;", header=header)
        assert bring(path).created == 1
        assert Source.objects.get().slug == "recensement-2023"
        assert Place.objects.get().operator == "Les amis"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the limit on pages is SQLite's")
def test_a_full_disk_leaves_nothing_and_a_second_run_completes(small_ground, tmp_path):
    from django.db import OperationalError

    path = written(tmp_path, *(row(ID=str(number), NOM_TL=f"Lieu {number}" + "x" * 90) for number in range(400)))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    before = counts()
    for room in (1, 10, 40, 80):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {pages + room}")
        with pytest.raises(OperationalError, match="full"):
            bring(path)
        assert counts() == before
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")
    assert bring(path).created == 400


def test_without_a_ground_the_import_waits_for_one(tmp_path):
    from maillage.territory.models import Ground

    Ground.objects.all().delete()
    with pytest.raises(FileRefused) as refused:
        bring(EXCERPT)
    assert str(refused.value) == (
        "Aucun territoire n’est chargé\u202f: les communes des lieux ne peuvent pas être reconnues. "
        "Lancez d’abord «\u202fmaillage territory update\u202f», puis relancez l’import."
    )
