"""Files of the standard as they come: separators, spellings, merged identifiers; and our own, back after a wipe."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings

from maillage.network.exchange.actions import import_file
from maillage.network.exchange.formats import mednum
from maillage.network.exchange.formats.format import Document, Writing
from maillage.network.exchange.queries import exported
from maillage.network.exchange.rules.mednum import table, telling
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, Report
from maillage.places.actions import record_many, remove_place
from maillage.places.models import Place, Source, SourceRecord
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS, Draft
from maillage.places.rules.fields import check
from maillage.places.rules.hours import validate
from maillage.places.rules.jsonld import plain_text
from maillage.places.rules.phones import dialled
from tests.conftest import NOW
from tests.network.exchange.leaving import OPEN, drawn, written
from tests.network.exchange.test_mednum import RIGHT, WHOLE, file

OURS = "maillage-example--00000000-0000-0000-0000-000000000007"
COMES_BACK = {"fablab", "mediation-numerique", "recyclerie"}
LOST = {
    "status", "opened_on", "closed_on", "closed_cause", "precision", "capacity", "how_to_join", "how_to_help",
    "legal_forms", "access",
}  # fmt: skip


def read(text: str, **options: Any) -> Reading:
    return mednum.read(Document("x.csv", text), Options(**options))


def values_of(text: str, **options: Any) -> dict[str, Any]:
    """What the registry would keep of the only row of a file."""
    (entry,) = read(text, **options).entries
    return check(entry.drafts[0].values).values


def one(**changes: str) -> dict[str, Any]:
    return values_of(file(RIGHT | changes), all_places=True)


def what_comes_back(place: ExportedPlace) -> dict[str, Any]:
    """The values of a place less all that the loss report names, field by field."""
    values = {name: value for name, value in place.values.items() if name not in LOST}
    values["description"] = plain_text(values.get("description", ""))
    values["phone"] = dialled(values.get("phone", ""))
    if not re.match(r"\+(33|590|594|262|596|269|687|689|508|681)[0-9]{6,9}$", values["phone"]):
        values["phone"] = ""
    if "|" in values.get("email", ""):
        del values["email"]
    addresses = [a.replace("|", "%7C") for a in [values.pop("website", ""), *values.pop("links", [])] if a]
    values |= {"website": addresses[0], "links": addresses[1:]} if addresses else {}
    if validate(values.get("opening_hours", "24/7")) is not None:
        del values["opening_hours"]
    if not all(table.recognised("frais_a_charge", part) for part in values.get("prices", "").split(",")):
        values.pop("prices", None)
    if re.fullmatch("[0-9]{14}", values.get("operator", "")):
        del values["operator"]
    values["activities"] = [word for word in values.get("activities", []) if word in COMES_BACK]
    values["services"] = [s for s in values.get("services", []) if s in ("aide-numerique", "wifi", "france-services")]
    return {name: value for name, value in values.items() if value not in ("", [], None)}


def as_compared(values: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: sorted(value) if name in FEATURE_FIELDS else value for name, value in values.items()}
    told["description"] = plain_text(told.get("description", ""))
    told["phone"] = dialled(told.get("phone", ""))
    return {name: value for name, value in told.items() if value not in ("", [], None)}


class TestRoundTrip:
    def test_all_that_the_loss_report_does_not_name_comes_back(self) -> None:
        leaving = drawn(WHOLE, 200)
        kept = [place for place in leaving if not telling.leaves_out(place)]
        reading = read(written(mednum.FORMAT, leaving))
        assert len(kept) > 80
        assert (reading.refused, reading.skipped, len(reading.entries)) == ([], 0, len(kept))
        for place, entry in zip(kept, reading.entries, strict=True):
            back = check(entry.drafts[0].values).values
            assert back.pop("status") == "open"
            assert as_compared(back) == as_compared(what_comes_back(place))
            assert entry.drafts[0].place_id == place.id
            assert entry.drafts[0].dated == telling.dated(place, NOW.date()).isoformat()

    def test_the_report_names_only_what_there_is(self) -> None:
        named = {loss.field for loss in mednum.LOSSES}
        assert named <= {*FIELDS, "slug", "demo", "sources"}
        assert named > LOST

    @pytest.mark.usefixtures("small_ground")
    def test_export_wipe_import_gives_the_places_again(self, tmp_path: Path) -> None:
        """In the registry itself, with its communes, its choice and its ids; then a second time changes nothing."""
        record_many(drafts=[MAILLE, FIL], sources={"census": OPEN}, by="essai", now=NOW)
        out = self.out()
        before = shown()
        Place.objects.all().delete()
        Source.objects.all().delete()
        assert brought(out, tmp_path).created == 2
        assert shown() == before
        assert rows_without_source(self.out()) == rows_without_source(out)
        again = brought(out, tmp_path)
        assert (again.created, again.changed, again.echoes) == (0, 0, 2)

    def out(self) -> str:
        leaving = exported(now=NOW, rows=True)
        return written(mednum.FORMAT, leaving, Writing("http://localhost:8000", NOW.date()))


class TestLoops:
    """A row that left from here tells nothing new when another catalogue gives it back."""

    pytestmark = pytest.mark.usefixtures("small_ground")

    @pytest.fixture
    def out(self) -> str:
        record_many(drafts=[MAILLE], sources={"census": OPEN}, by="essai", now=NOW)
        return written(mednum.FORMAT, exported(now=NOW), Writing("http://localhost:8000", NOW.date()))

    @pytest.mark.parametrize("prefix", ["", "mediation-numerique--", "Hub-12__"])
    def test_it_adds_no_source_to_a_place_that_is_still_here(self, tmp_path: Path, out: str, prefix: str) -> None:
        report = brought(out.replace("localhost-8000--", f"{prefix}localhost-8000--"), tmp_path)
        assert (report.rows, report.echoes, report.created, report.changed) == (1, 1, 0, 0)
        assert SourceRecord.objects.count() == 1

    def test_it_does_not_bring_back_a_place_removed_here(self, tmp_path: Path, out: str) -> None:
        remove_place(place_id=UUID(int=7), reason="demandé", by="essai", now=NOW)
        assert brought(out, tmp_path).echoes == 1
        assert SourceRecord.objects.count() == 1

    @override_settings(SITE_URL="https://autre.example")
    def test_another_site_takes_it_in_under_the_same_identifier(self, tmp_path: Path, out: str) -> None:
        Place.objects.all().delete()
        Source.objects.all().delete()
        assert brought(out, tmp_path).created == 1
        assert (Place.objects.get().pk, Source.objects.get().slug) == (UUID(int=7), "localhost-8000")
        assert brought(out, tmp_path).unchanged == 1


class TestFilesAsTheyCome:
    def test_a_whole_row(self) -> None:
        assert one() == {
            "status": "open",
            "name": "Anonymal",
            "street": "12 BIS RUE DE LECLERCQ",
            "how_to_come": "Le patio",
            "postal_code": "51100",
            "city": "Reims",
            "commune": "51454",
            "lat": 49.26,
            "lon": 4.03,
            "opening_hours": "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00",
            "description": "<p>Une association. Elle forme.</p>",
            "siret": "43493312300029",
            "operator": "Ville de Reims",
            "phone": "01 80 05 98 80",
            "email": "contact@laquincaillerie.tl",
            "prices": "Gratuit sous condition, Payant",
            "website": "https://www.laquincaillerie.tl/",
            "links": ["https://m.facebook.com/laquincaillerienumerique/"],
            "services": ["aide-numerique"],
        }

    @pytest.mark.parametrize("delimiter", [",", ";"])
    @pytest.mark.parametrize("joint", ["|", ";", " ; ", "|;"])
    def test_both_separators_say_the_same(self, delimiter: str, joint: str) -> None:
        said = RIGHT | {
            column: RIGHT[column].replace("|", joint)
            for column in ("typologie", "services", "courriels", "site_web", "frais_a_charge", "formations_labels")
        }
        told = values_of(file(said, delimiter=delimiter), all_places=True)
        assert told == one()

    def test_hours_keep_their_semicolon_and_an_address_its_own(self) -> None:
        assert one()["opening_hours"] == RIGHT["horaires"]
        assert one(site_web="https://a.fr/?x=1;2")["website"] == "https://a.fr/?x=1;2"

    @pytest.mark.parametrize("spelling", ["Étapes numériques (La Poste)", "Étapes numériques(La Poste)"])
    def test_both_spellings_of_a_label_are_known(self, spelling: str) -> None:
        (entry,) = read(file(RIGHT | {"formations_labels": f"{spelling}|Fabriques de Territoire"})).entries
        assert entry.warnings == (self.second_email,)
        assert entry.drafts[0].values["labels"] == ["fabrique-de-territoire"]

    @property
    def second_email(self) -> Any:
        (entry,) = read(file(RIGHT)).entries
        (warning,) = entry.warnings
        assert (warning.column, warning.value) == ("courriels", "responsable@laquincaillerie.tl")
        return warning

    def test_an_unaccented_service_is_known(self) -> None:
        assert one(services="Comprehension du monde numérique")["services"] == ["aide-numerique"]

    def test_a_wrong_optional_value_is_left_out_and_told_the_place_stays(self) -> None:
        (entry,) = read(file(RIGHT | {"services": "Danse|Accès internet et matériel informatique"})).entries
        assert entry.drafts[0].values["services"] == ["wifi"]
        assert ("services", "Danse", "valeur inconnue du standard") in [
            (w.column, w.value, w.problem) for w in entry.warnings
        ]

    @pytest.mark.parametrize(
        ("typologie", "activities", "services"),
        [
            ("TIERS_LIEUX", [], []),
            ("FABLAB|TIERS_LIEUX", ["fablab"], []),
            ("EPN;RFS", ["mediation-numerique"], ["france-services"]),
            ("ENM", ["mediation-numerique"], []),
            ("RESSOURCERIE|ASSO", ["recyclerie"], []),
        ],
    )
    def test_typologies_are_activities(self, typologie: str, activities: list[str], services: list[str]) -> None:
        told = one(typologie=typologie, services="")
        assert (told.get("activities", []), told.get("services", [])) == (activities, services)

    def test_the_pivot_that_means_unknown_is_no_siret_and_an_rna_is_told(self) -> None:
        assert "siret" not in one(pivot="00000000000000")
        (entry,) = read(file(RIGHT | {"pivot": "W512004831"})).entries
        assert entry.drafts[0].values["siret"] == ""
        assert entry.warnings[0].mend == "le registre ne garde que le Siret\u202f; la ligne d’origine garde tout"

    def test_the_siret_of_a_parent_is_no_name(self) -> None:
        assert "operator" not in one(structure_parente="21510454600012")

    @pytest.mark.parametrize(
        ("changes", "comes"),
        [
            ({"typologie": "CCAS", "nom": "CCAS de Dole"}, False),
            ({"typologie": "BIB|MUNI", "nom": "Médiathèque"}, False),
            ({"typologie": "CCAS", "nom": "Le Tiers Lieu du CCAS"}, True),
            ({"typologie": "MUNI", "nom": "Espace de coworking"}, True),
            ({"typologie": "MUNI", "formations_labels": "Fabriques de Territoire"}, True),
            ({"typologie": "FABLAB"}, True),
            ({"typologie": ""}, True),
            ({"typologie": "CCAS", "id": OURS}, True),
        ],
    )
    def test_places_of_another_kind_come_in_only_when_asked(self, changes: dict[str, str], comes: bool) -> None:
        text = file(RIGHT | changes)
        assert (len(read(text).entries), read(text).skipped) == ((1, 0) if comes else (0, 1))
        assert len(read(text, all_places=True).entries) == 1

    def test_an_identifier_that_tells_its_merges_is_kept_short_and_apart(self) -> None:
        long = "__".join(f"Hub_{number}" for number in range(200))
        entries = read(file(RIGHT | {"id": long}, RIGHT | {"id": f"{long}__x"})).entries
        refs = [entry.drafts[0].ref for entry in entries]
        assert all(len(ref) <= 200 for ref in refs)
        assert len(set(refs)) == 2

    def test_services_that_a_source_writes_by_itself_are_flagged(self) -> None:
        (entry,) = read(file(RIGHT | {"id": "Coop-numérique_0a1b"})).entries
        assert entry.drafts[0].flags == ("services-by-default",)

    def test_the_source_of_a_row_is_the_one_it_names(self) -> None:
        assert read(file(RIGHT)).sources["mednum-hubik"].name == "Hubik"
        assert list(read(file(RIGHT | {"source": ""}), source="Hub du Jura").sources) == ["mednum-hub-du-jura"]
        assert read(file(RIGHT)).entries[0].drafts[0].licence == "Licence Ouverte 2.0"

    def test_an_unmapped_column_is_shown(self) -> None:
        columns = (*table.COLUMNS, "structure_coop_id")
        assert read(file(RIGHT, columns=columns)).unmapped == ("structure_coop_id",)

    def test_a_summary_that_is_not_the_beginning_is_kept(self) -> None:
        told = one(presentation_resume="Un four.", presentation_detail="Le mardi, du pain.")
        assert told["description"] == "<p>Un four.</p><p>Le mardi, du pain.</p>"

    def test_the_whole_row_is_kept_as_it_came(self) -> None:
        assert read(file(RIGHT)).entries[0].drafts[0].raw == RIGHT

    def test_an_empty_line_a_missing_id_and_a_twin_are_told(self) -> None:
        reading = read(file(RIGHT, RIGHT, RIGHT | {"id": ""}))
        assert [(r.problem.line, r.problem.problem) for r in reading.refused] == [
            (3, "identifiant déjà vu à la ligne 2"),
            (4, "l’identifiant manque ou est trop long"),
        ]

    def test_a_table_without_what_is_needed_is_refused(self) -> None:
        with pytest.raises(FileRefused, match="colonnes manquent au format «\u202flieux de médiation numérique\u202f»"):
            read("id,nom\n1,a\n")


MAILLE = Draft(
    "census", "7",
    check({
        "name": "La Maille", "street": "1 rue Basse", "postal_code": "39380", "city": "Chamblay", "commune": "39093",
        "lat": 46.9915, "lon": 5.7035, "services": ["aide-numerique", "wifi"], "labels": ["fabrique-de-territoire"],
        "activities": ["mediation-numerique"], "phone": "03 84 00 00 00", "website": "https://exemple.fr/",
        "description": "<p>Un four.</p><p>À tous.</p>", "operator": "Commune de Chamblay", "prices": "Gratuit",
    }).values,
    {}, "Licence Ouverte 2.0", dated="2026-06-01", place_id=UUID(int=7), slug="la-maille",
)  # fmt: skip
FIL = Draft(
    "census", "8",
    check({
        "name": "Le Fil", "street": "2 rue Haute", "postal_code": "39380", "city": "Chamblay", "commune": "39093",
        "lat": 46.9776, "lon": 5.7893, "activities": ["fablab"], "siret": "73282932000074",
    }).values,
    {}, "Licence Ouverte 2.0", dated="2026-06-01", place_id=UUID(int=8), slug="le-fil",
)  # fmt: skip


def brought(text: str, folder: Path) -> Report:
    path = folder / "mednum.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return import_file(path=path, by="essai", now=NOW)


def rows_without_source(text: str) -> list[dict[str, str]]:
    """After a wipe the source is this site itself: the one column that differs."""
    return [row | {"source": ""} for row in csv.DictReader(io.StringIO(text, newline=""))]


def shown() -> list[tuple[Any, ...]]:
    """All that the registry shows of its places."""
    return [(place.id, place.slug, place.values) for place in exported(now=NOW)]
