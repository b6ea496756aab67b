"""What we write for data·inclusion is what its own models accept; our check tells what they refuse, and more."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from data_inclusion.schema.v1 import Service, Structure
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from maillage.network.exchange.actions import import_file
from maillage.network.exchange.formats import data_inclusion
from maillage.network.exchange.formats.format import Document, Writing
from maillage.network.exchange.queries import exported
from maillage.network.exchange.rules.inclusion import table, telling, values, words
from maillage.network.exchange.rules.mednum import table as mednum_table
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, Report, RowProblem
from maillage.places.actions import record_many, remove_place
from maillage.places.models import Place, Source, SourceRecord
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.fields import check
from maillage.places.rules.hours import validate
from maillage.places.rules.jsonld import plain_text
from maillage.places.rules.phones import dialled
from tests.conftest import NOW
from tests.network.exchange.leaving import OPEN, TODAY, drawn, of_the_demo, places, written
from tests.network.exchange.test_mednum import MAILLE, RIGHT
from tests.network.exchange.test_mednum_reading import FIL, as_compared
from tests.network.exchange.test_mednum_reading import MAILLE as DRAFT

MODELS: dict[str, type[BaseModel]] = {"structures": Structure, "services": Service}
STRUCTURE = {
    "source": "dora", "id": "dora--42", "nom": "Centre social Le Tournesol", "date_maj": "2025-02-14",
    "code_insee": "39093", "commune": "Chamblay", "code_postal": "39380", "adresse": "1 rue Basse",
    "latitude": 46.99, "longitude": 5.7, "telephone": "+33123456789", "courriel": "exemple@inclusion.gouv.fr",
    "reseaux_porteurs": ["fabrique-de-territoire"], "siret": "43493312300029",
    "horaires_accueil": "Mo-Fr 08:30-12:30", "site_web": "https://exemple.fr/",
    "lien_source": "https://dora.inclusion.beta.gouv.fr/structures/x",
}  # fmt: skip
SERVICE = {
    "source": "dora", "structure_id": "dora--42", "id": "dora--42--1", "nom": "Atelier", "date_maj": "2025-02-14",
    "description": "Un atelier.", "publics": ["jeunes"], "thematiques": ["numerique--acquerir-un-equipement"],
    "frais": "gratuit", "type": "atelier", "zone_eligibilite": ["39"], "modes_mobilisation": ["telephoner"],
}  # fmt: skip
HELPING = places(status="open", services=["wifi", "aide-numerique"])
LOST = {
    "status", "opened_on", "closed_on", "closed_cause", "precision", "links", "operator", "capacity", "how_to_join",
    "how_to_help", "legal_forms", "access",
}  # fmt: skip


def document(structures: list[Any], services: list[Any] = []) -> str:  # noqa: B006
    return json.dumps({"structures": structures, "services": services}, indent=1, ensure_ascii=False)


def checked(text: str) -> list[RowProblem]:
    return data_inclusion.check(Document("x.json", text))


def errors(text: str) -> list[tuple[str, str]]:
    return [(problem.column, problem.problem) for problem in checked(text) if not problem.warning]


def refused_by_the_models(kind: str, found: dict[str, Any]) -> list[str]:
    """The fields that data·inclusion's own models refuse."""
    try:
        MODELS[kind].model_validate_json(json.dumps(found), context={"ignore_warnings": True})
    except ValidationError as refusal:
        return list(dict.fromkeys(str(error["loc"][0]) for error in refusal.errors()))
    return []


def read(text: str, **options: Any) -> Reading:
    return data_inclusion.read(Document("x.json", text), Options(**options))


class TestTranscription:
    """`schema.json` against the published package."""

    @pytest.mark.parametrize(("kind", "mine"), list(table.KINDS.items()))
    def test_the_fields_and_what_is_needed_are_those_of_the_package(self, kind: str, mine: dict[str, Any]) -> None:
        model = MODELS[kind].model_json_schema()
        assert list(mine) == list(model["properties"])
        assert {name for name, rule in mine.items() if rule["required"]} == set(model["required"])

    @pytest.mark.parametrize(("kind", "mine"), list(table.KINDS.items()))
    def test_the_lists_and_bounds_are_those_of_the_package(self, kind: str, mine: dict[str, Any]) -> None:
        model = MODELS[kind].model_json_schema()
        for name, rule in mine.items():
            told = json.dumps(model["properties"][name])
            for bound in ("minLength", "maxLength", "minItems", "minimum"):
                assert (f'"{bound}"' in told and bound != "minLength") <= (bound in rule or rule["type"] == "list"), (
                    name
                )
            if "values" in rule:
                reference = told.split("#/$defs/")[1].split('"')[0]
                assert rule["values"] == sorted(model["$defs"][reference]["enum"])


class TestWhatWeWrite:
    def valid(self, text: str) -> dict[str, Any]:
        told = json.loads(text)
        for kind in MODELS:
            for found in told[kind]:
                assert refused_by_the_models(kind, found) == [], found
        assert [p for p in checked(text) if not p.warning] == []
        return told

    def test_a_hundred_places_and_more_are_accepted_by_the_models(self) -> None:
        leaving = drawn(places(), 60) + drawn(places(status="open"), 180) + drawn(HELPING, 40)
        leaving = [replace(place, id=UUID(int=number + 1)) for number, place in enumerate(leaving)]
        kept = [place for place in leaving if not telling.leaves_out(place)]
        told = self.valid(written(data_inclusion.FORMAT, leaving))
        assert len(told["structures"]) == len(kept) >= 100
        assert len(told["services"]) > 10

    def test_the_demonstration_is_accepted_by_the_models(self) -> None:
        leaving = of_the_demo()
        told = self.valid(written(data_inclusion.FORMAT, leaving))
        assert len(told["structures"]) == sum(not telling.leaves_out(place) for place in leaving) > 200
        assert len(told["provenance"]) == len(told["structures"])

    def test_nothing_to_write_is_a_document_still(self) -> None:
        assert json.loads(written(data_inclusion.FORMAT, [])) == {
            "structures": [], "services": [], "provenance": [], "left_out": {},
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"status": "closed"}, "lieux fermés"),
            ({"status": "project"}, "lieux en projet"),
            ({"name": "A."}, "lieux au nom de moins de 3 signes"),
            ({"street": "", "postal_code": "", "city": ""}, ""),
        ],
    )
    def test_a_place_that_it_cannot_tell_stays_and_it_is_said_why(self, changes: dict[str, str], why: str) -> None:
        place = replace(MAILLE, values=MAILLE.values | changes)
        assert telling.leaves_out(place) == why
        told = json.loads(written(data_inclusion.FORMAT, [place]))
        assert (told["structures"] == []) is (why != "")
        assert told["left_out"] == ({why: 1} if why else {})

    def test_each_structure_has_its_licence_and_whom_to_name(self) -> None:
        told = json.loads(written(data_inclusion.FORMAT, [MAILLE]))
        assert told["provenance"] == [
            {
                "structure_id": "maillage-example--00000000-0000-0000-0000-000000000007",
                "licence": "Licence Ouverte 2.0",
                "attribution": 'Recensement, dit "grand" (=CGET), 2019-06, Licence Ouverte 2.0',
            }
        ]

    def test_specific_publics_are_mapped_each_to_its_own(self) -> None:
        """The pipeline of data·inclusion joins them on the wrong column: all its services say `tous-publics`."""
        told = self.service(publics_specifiquement_adresses="Jeunes|Femmes|Seniors|Étudiants|Familles et/ou enfants")
        assert told["publics"] == [
            "etudiants", "familles", "femmes", "jeunes", "personnes-en-situation-de-handicap", "personnes-exilees",
            "seniors",
        ]  # fmt: skip
        assert self.service(prise_en_charge_specifique="Illettrisme")["publics"] == ["femmes", "jeunes"]

    def test_publics_that_nobody_told_are_not_everybody(self) -> None:
        assert "publics" not in self.service(publics_specifiquement_adresses="", prise_en_charge_specifique="")

    def test_the_official_mapping_is_followed(self) -> None:
        assert self.service() == {
            "source": "maillage-example",
            "structure_id": "maillage-example--00000000-0000-0000-0000-000000000007",
            "id": "maillage-example--00000000-0000-0000-0000-000000000007--mediation-numerique",
            "nom": "Service d'accompagnement au numérique",
            "description": "Service d'accompagnement au numérique",
            "lien_source": "https://maillage.example/lieux/la-maille/",
            "date_maj": "2019-06-01",
            "type": "aide-materielle",
            "thematiques": [
                "numerique--acceder-a-des-services-en-ligne",
                "numerique--maitriser-les-fondamentaux-du-numerique",
                "remobilisation--activites-sportives-et-culturelles",
            ],
            "frais": "payant",
            "frais_precisions": "Payant",
            "publics": ["femmes", "jeunes", "personnes-en-situation-de-handicap", "personnes-exilees"],
            "modes_accueil": ["a-distance", "en-presentiel"],
            "modes_mobilisation": ["se-presenter", "telephoner"],
            "lien_mobilisation": "https://www.rdv-solidarites.fr/",
            "adresse": "1 rue Basse",
            "code_insee": "39093",
            "code_postal": "39380",
            "commune": "Chamblay",
        }

    def test_programmes_are_networks(self) -> None:
        told = json.loads(written(data_inclusion.FORMAT, [self.with_row()]))["structures"][0]
        assert told["reseaux_porteurs"] == ["aidants-connect", "croix-rouge"]
        assert told["accessibilite_lieu"] == "https://acceslibre.beta.gouv.fr/app/x/"

    @pytest.mark.parametrize(
        "mapping", [words.THEMES, words.FEES, words.MOBILISATION, words.TYPES, words.PUBLICS, words.CARE]
    )
    def test_every_word_of_the_mapping_is_one_of_both_standards(self, mapping: dict[str, Any]) -> None:
        known = {value for found in mednum_table.VALUES.values() for value in found}
        theirs = {value for rule in table.SERVICE.values() for value in rule.get("values", [])}
        assert set(mapping) <= known
        assert {v for found in mapping.values() for v in ([found] if isinstance(found, str) else found)} <= theirs

    def test_every_network_is_one_of_theirs(self) -> None:
        listed = set(table.STRUCTURE["reseaux_porteurs"]["values"])
        assert {*words.NETWORKS.values(), *words.TYPOLOGY_NETWORKS.values(), *words.THIRD_PLACES} <= listed
        assert {*words.LABELS, *words.ACTIVITIES} <= listed
        assert set(words.SERVICES) <= set(table.SERVICE["thematiques"]["values"])

    def with_row(self, **changes: str) -> ExportedPlace:
        record = replace(MAILLE.records[0], raw=RIGHT | changes)
        return replace(
            MAILLE, records=(record,), values=MAILLE.values | {"prices": "Payant", "services": ["aide-numerique"]}
        )

    def service(self, **changes: str) -> dict[str, Any]:
        (told,) = json.loads(written(data_inclusion.FORMAT, [self.with_row(**changes)]))["services"]
        assert refused_by_the_models("services", told) == []
        return told


class TestOurCheck:
    def test_a_right_document_has_nothing_wrong(self) -> None:
        assert checked(document([STRUCTURE], [SERVICE])) == []
        assert refused_by_the_models("structures", STRUCTURE) == refused_by_the_models("services", SERVICE) == []

    @pytest.mark.parametrize(
        ("kind", "changes", "problem", "mend"),
        [
            ("structures", {"nom": None}, "valeur obligatoire absente", "complétez-la"),
            ("structures", {"nom": "Le"}, "2 signes, 3 au moins", "complétez"),
            ("structures", {"nom": "x" * 151}, "151 signes, 150 au plus", "raccourcissez"),
            ("structures", {"nom": 7}, "ce n’est pas un texte", "mettez-le entre guillemets"),
            ("structures", {"siret": "123"}, "forme inattendue", "14 chiffres"),
            (
                "structures", {"code_postal": "1400"}, "forme inattendue",
                "5 chiffres\u202f; gardez le zéro de tête\u202f: 01400",
            ),
            ("structures", {"date_maj": "1999-12-31"}, "date d’avant 2000", "vérifiez l’année"),
            ("structures", {"date_maj": "2026-02-31"}, "ce n’est pas une date", "écrivez 2024-04-02"),
            ("structures", {"latitude": "46,9"}, "ce n’est pas un nombre", "écrivez-le sans guillemets, avec un point"),
            ("structures", {"courriel": "a..b@exemple.fr"}, "adresse électronique illisible", "écrivez nom@domaine.fr"),
            ("structures", {"site_web": "exemple.fr"}, "ce n’est pas une adresse de site", "écrivez https://…"),
            ("structures", {"reseaux_porteurs": "caf"}, "ce n’est pas une liste", 'écrivez ["…", "…"]'),
            ("services", {"publics": []}, "liste vide", "écrivez null, ou retirez le champ"),
            (
                "services", {"publics": ["tous-publics", "jeunes"]},
                "«\u202ftous-publics\u202f» ne va avec aucun autre public", "gardez-le seul, ou retirez-le",
            ),
            (
                "services", {"frais": "libre"}, "«\u202flibre\u202f» n’est pas dans la liste",
                "une de\u202f: gratuit, payant",
            ),
            (
                "services", {"zone_eligibilite": ["Jura"]}, "«\u202fJura\u202f» n’est pas dans la liste",
                "une de\u202f: commune, département, EPCI, 99100 ou france",
            ),
            ("services", {"nombre_semaines": 0}, "moins de 1", "au moins 1"),
            ("services", {"volume_horaire_hebdomadaire": -1}, "moins de 0", "au moins 0"),
            ("services", {"description": "Oui"}, "3 signes, 5 au moins", "complétez"),
        ],
    )  # fmt: skip
    def test_what_the_models_refuse_is_told_with_its_mend(
        self, kind: str, changes: dict[str, Any], problem: str, mend: str
    ) -> None:
        found = {"structures": STRUCTURE, "services": SERVICE}[kind] | changes
        assert refused_by_the_models(kind, found) == list(changes)
        text = document([found] if kind == "structures" else [STRUCTURE], [found] if kind == "services" else [])
        (told,) = [found for found in checked(text) if not found.warning]
        assert told.column == f"{kind[:-1]}.{next(iter(changes))}"
        assert (told.problem, told.mend, told.warning) == (problem, mend, False)

    def test_a_date_to_come_is_refused_by_both(self) -> None:
        late = STRUCTURE | {"date_maj": (TODAY + timedelta(days=400)).isoformat()}
        assert refused_by_the_models("structures", late) == ["date_maj"]
        assert errors(document([late])) == [("structure.date_maj", "date à venir")]

    @pytest.mark.parametrize(
        ("changes", "problem", "warning"),
        [
            ({"nom": "Le Tournesol."}, "le nom finit par un point", True),
            ({"telephone": "01 23 45 67 89"}, "le numéro n’est pas écrit comme on l’appelle de partout", True),
            ({"telephone": "+33123456789 / +33123456780"}, "un seul numéro est accepté", False),
            ({"siret": "43493312300028"}, "la clé du Siret est fausse", True),
            ({"longitude": None}, "une seule des deux coordonnées est donnée", True),
            ({"latitude": 5.7, "longitude": 46.99}, "latitude et longitude semblent échangées", True),
            ({"id": "42"}, "l’identifiant ne commence pas par la source", True),
            ({"typologie": "ASSO"}, "champ inconnu du schéma", True),
        ],
    )
    def test_what_the_types_do_not_tell_is_told_too(self, changes: dict[str, Any], problem: str, warning: bool) -> None:
        (told,) = checked(document([STRUCTURE | changes]))
        assert (told.problem, told.warning) == (problem, warning)

    def test_twins_and_services_of_nowhere_are_told_with_their_line(self) -> None:
        text = '{"structures": [\n' + json.dumps(STRUCTURE) + ",\n" + json.dumps(STRUCTURE) + '\n], "services": [\n'
        text += json.dumps(SERVICE | {"structure_id": "dora--43"}) + "]}"
        assert [(p.line, p.column, p.problem) for p in checked(text)] == [
            (3, "structure.id", "identifiant déjà vu à la ligne 2"),
            (5, "service.structure_id", "aucune structure du fichier n’a cet identifiant"),
        ]

    def test_a_line_of_json_lines_condemns_only_itself(self) -> None:
        text = f'{json.dumps(STRUCTURE)}\n{{"id": \n{json.dumps(STRUCTURE | {"id": "dora--43", "nom": "X"})}\n'
        assert [(p.line, p.problem) for p in checked(text)] == [
            (2, "objet JSON mal formé"), (3, "1 signes, 3 au moins"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "text", ['{"structures": [{"id": ', "[1, 2", '[{"id": "a"}] x', '{"structures": []]', "[" * 100_000]
    )
    def test_a_broken_document_is_refused_with_its_line(self, text: str) -> None:
        with pytest.raises(FileRefused, match=r"mal formé à la ligne 1|emboîtés"):
            checked(text)

    @pytest.mark.parametrize("value", ["NaN", "1e999", "9" * 400])
    def test_a_number_that_is_none_is_told(self, value: str) -> None:
        text = document([STRUCTURE]).replace("46.99", value)
        assert errors(text)[0] == ("structure.latitude", "ce n’est pas un nombre")

    def test_a_csv_of_structures_is_checked(self) -> None:
        header = "source,id,nom,date_maj,courriel,reseaux_porteurs\n"
        assert checked(header + 'dora,dora--1,Le Fil,2025-01-01,,"[""caf""]"\n') == []
        assert errors(header + "dora,dora--1,Le,2025-01-01,,caf|x\n") == [
            ("structure.nom", "2 signes, 3 au moins"),
            ("structure.reseaux_porteurs", "«\u202fx\u202f» n’est pas dans la liste"),
        ]

    @settings(max_examples=600, deadline=None, derandomize=True)  # the same addresses against others' rules each time
    @given(st.emails() | st.from_regex(r"[a-z.+'_-]{1,8}@[a-z0-9.-]{1,20}", fullmatch=True))
    def test_no_email_passes_us_that_the_models_refuse(self, email: str) -> None:
        if values.is_email(email):
            assert refused_by_the_models("structures", STRUCTURE | {"courriel": email}) == []

    @settings(max_examples=600, deadline=None, derandomize=True)
    @given(st.from_regex(r"https?://[a-z0-9._-]{1,20}(:[0-9]{1,6})?(/[a-zé|;?=%]{0,8})?", fullmatch=True))
    def test_no_address_passes_us_that_the_models_refuse(self, address: str) -> None:
        if values.is_web(address):
            assert refused_by_the_models("structures", STRUCTURE | {"site_web": address}) == []


def what_comes_back(place: ExportedPlace) -> dict[str, Any]:
    """The values of a place less all that the loss report names, field by field."""
    said = {name: value for name, value in place.values.items() if name not in LOST}
    said["name"] = telling.name_of(said["name"])
    if not values.is_email(said.get("email", "")):
        said.pop("email", None)
    if not values.is_web(said.get("website", "")):
        said.pop("website", None)
    if validate(said.get("opening_hours", "24/7")) is not None:
        del said["opening_hours"]
    if len(plain_text(said.get("description", ""))) < 5:
        said.pop("description", None)
    said["services"] = [word for word in said.get("services", []) if word in ("aide-numerique", "wifi")]
    if not said["services"]:
        said.pop("prices", None)
    said["activities"] = [w for w in said.get("activities", []) if w in ("mediation-numerique", "recyclerie")]
    said["labels"] = [w for w in said.get("labels", []) if w in ("fabrique-de-territoire", "france-services")]
    return {name: value for name, value in said.items() if value not in ("", [], None)}


class TestReading:
    def test_all_that_the_loss_report_does_not_name_comes_back(self) -> None:
        leaving = drawn(places(), 60) + drawn(places(status="open"), 100) + drawn(HELPING, 40)
        leaving = [replace(place, id=UUID(int=number + 1)) for number, place in enumerate(leaving)]
        kept = [place for place in leaving if not telling.leaves_out(place)]
        reading = read(written(data_inclusion.FORMAT, leaving))
        assert (reading.refused, reading.skipped, len(reading.entries)) == ([], 0, len(kept))
        for place, entry in zip(kept, reading.entries, strict=True):
            back = check(entry.drafts[0].values).values
            assert back.pop("status") == "open"
            assert as_compared(back) == as_compared(what_comes_back(place))
            assert entry.drafts[0].place_id == place.id
            assert entry.drafts[0].licence == "; ".join(place.licences)

    def test_the_report_names_only_what_there_is(self) -> None:
        named = {loss.field for loss in data_inclusion.LOSSES}
        assert LOST < named <= {*FIELDS, "slug", "demo", "sources"}

    @pytest.mark.parametrize(
        "text",
        [
            document([STRUCTURE], [SERVICE]),
            json.dumps([STRUCTURE, SERVICE]),
            f"{json.dumps(STRUCTURE)}\n{json.dumps(SERVICE)}\n",
        ],
    )
    def test_a_document_a_list_and_json_lines_say_the_same(self, text: str) -> None:
        (entry,) = read(text).entries
        told = check(entry.drafts[0].values).values
        assert (told["name"], told["commune"], told["labels"]) == (
            "Centre social Le Tournesol", "39093", ["fabrique-de-territoire"],
        )  # fmt: skip
        assert (told["prices"], told["phone"], told["lat"]) == ("Gratuit", "01 23 45 67 89", 46.99)
        assert entry.drafts[0].licence == "Licence Ouverte 2.0 (présumée, à vérifier sur data.gouv.fr)"

    def test_themes_are_services(self) -> None:
        themes = ["numerique--acceder-a-une-connexion-internet", "numerique--maitriser-les-fondamentaux-du-numerique"]
        (entry,) = read(document([STRUCTURE], [SERVICE | {"thematiques": themes}])).entries
        assert entry.drafts[0].values["services"] == ["aide-numerique", "wifi"]

    def test_the_name_of_a_person_is_never_kept(self) -> None:
        (entry,) = read(document([STRUCTURE], [SERVICE | {"contact_nom_prenom": "Nadine"}])).entries
        assert "Nadine" not in json.dumps(entry.drafts[0].raw)

    def test_structures_of_another_kind_come_in_only_when_asked(self) -> None:
        text = document([STRUCTURE | {"reseaux_porteurs": ["ccas-cias"], "nom": "CCAS de Dole"}])
        assert (len(read(text).entries), read(text).skipped) == (0, 1)
        assert len(read(text, all_places=True).entries) == 1

    def test_services_alone_say_no_place(self) -> None:
        with pytest.raises(FileRefused, match="aucune structure"):
            read(json.dumps([SERVICE]))

    @pytest.mark.parametrize("ref", [None, 7, "", "x" * 300])
    def test_a_structure_without_identifier_is_told(self, ref: Any) -> None:
        reading = read(document([STRUCTURE | {"id": ref}]))
        assert [r.problem.problem for r in reading.refused] == ["l’identifiant manque ou est trop long"]

    @pytest.mark.parametrize("value", [7, ["a"], {"a": 1}, True])
    @pytest.mark.parametrize("name", sorted(STRUCTURE.keys() - {"id"}))
    def test_no_type_breaks_the_reading(self, name: str, value: Any) -> None:
        for entry in read(document([STRUCTURE | {name: value}]), all_places=True).entries:
            check(entry.drafts[0].values)


class TestInTheRegistry:
    SITE = "http://localhost:8000"

    def out(self) -> str:
        return written(data_inclusion.FORMAT, exported(now=NOW, rows=True), Writing(self.SITE, NOW.date()))

    @pytest.fixture(autouse=True)
    def registry(self, small_ground: None) -> None:
        record_many(drafts=[DRAFT, FIL], sources={"census": OPEN}, by="essai", now=NOW)

    def wipe(self) -> None:
        Place.objects.all().delete()
        Source.objects.all().delete()

    def test_export_wipe_import_export_is_the_same_file_but_for_the_source(self, tmp_path: Path) -> None:
        out = self.out()
        self.wipe()
        assert brought(out, tmp_path).created == 2
        before, after = json.loads(out), json.loads(self.out())
        assert (after["structures"], after["services"]) == (before["structures"], before["services"])
        assert brought(self.out(), tmp_path).echoes == 2

    def test_what_left_from_here_adds_no_source_when_it_comes_back(self, tmp_path: Path) -> None:
        report = brought(self.out(), tmp_path)
        assert (report.echoes, report.created, report.changed, SourceRecord.objects.count()) == (2, 0, 0, 2)

    def test_nor_does_it_bring_back_a_place_removed_here(self, tmp_path: Path) -> None:
        out = self.out()
        remove_place(place_id=UUID(int=7), reason="demandé", by="essai", now=NOW)
        assert brought(out, tmp_path).echoes == 2

    @override_settings(SITE_URL="https://autre.example")
    def test_another_site_takes_it_in_and_again_changes_nothing(self, tmp_path: Path) -> None:
        out = self.out()
        self.wipe()
        assert brought(out, tmp_path).created == 2
        assert brought(out, tmp_path).unchanged == 2
        assert dialled(Place.objects.get(pk=UUID(int=7)).phone) == "+33384000000"


def brought(text: str, folder: Path) -> Report:
    path = folder / "x.json"
    path.write_text(text, encoding="utf-8")
    return import_file(path=path, by="essai", now=NOW)
