"""What we write in the standard of digital mediation passes its validator, and our check refuses what slips past it."""

import csv
import io
import re
from dataclasses import replace
from uuid import UUID

import pytest

from maillage.network.exchange.formats import mednum
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.rules.mednum import table, telling
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.network.exchange.rules.reports import FileRefused, RowProblem
from tests.conftest import NOW
from tests.network.exchange.leaving import (
    OPEN,
    SHARED_ALIKE,
    TODAY,
    at,
    drawn,
    frictionless_says,
    of_the_demo,
    places,
    written,
)

RIGHT = {
    "id": "structure-1", "pivot": "43493312300029", "nom": "Anonymal", "commune": "Reims", "code_postal": "51100",
    "code_insee": "51454", "adresse": "12 BIS RUE DE LECLERCQ", "complement_adresse": "Le patio",
    "latitude": "49.26", "longitude": "4.03", "typologie": "TIERS_LIEUX|ASSO", "telephone": "+33180059880",
    "courriels": "contact@laquincaillerie.tl|responsable@laquincaillerie.tl",
    "site_web": "https://www.laquincaillerie.tl/|https://m.facebook.com/laquincaillerienumerique/",
    "horaires": "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00", "presentation_resume": "Une association.",
    "presentation_detail": "Une association. Elle forme.", "source": "Hubik", "itinerance": "Itinérant",
    "structure_parente": "Ville de Reims", "date_maj": "2024-04-02",
    "services": "Maîtrise des outils numériques du quotidien|Loisirs et créations numériques",
    "publics_specifiquement_adresses": "Jeunes|Femmes",
    "prise_en_charge_specifique": "Surdité|Langues étrangères (anglais)",
    "frais_a_charge": "Gratuit sous condition|Payant",
    "dispositif_programmes_nationaux": "Aidants Connect|La Croix Rouge",
    "formations_labels": "Formé à « Mon Espace Santé »|Étapes numériques(La Poste)",
    "autres_formations_labels": "Label et la bête", "modalites_acces": "Se présenter|Téléphoner",
    "modalites_accompagnement": "À distance|En autonomie",
    "fiche_acces_libre": "https://acceslibre.beta.gouv.fr/app/x/", "prise_rdv": "https://www.rdv-solidarites.fr/",
}  # fmt: skip
WHOLE = places(street="1 rue Basse", postal_code="39380", city="Dole", status="open")
ENUMERATED = sorted(table.VALUES)
MAILLE = ExportedPlace(
    UUID(int=7),
    "la-maille",
    {"name": "La Maille", "street": "1 rue Basse", "postal_code": "39380", "city": "Chamblay", "commune": "39093"},
    "",
    False,
    (ExportedRecord(OPEN, "7", OPEN.licence, "2019-06", (), {}),),
    NOW,
)


def file(*rows: dict[str, str], delimiter: str = ",", columns: tuple[str, ...] = table.COLUMNS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def checked(text: str) -> list[RowProblem]:
    return mednum.check(Document("x.csv", text))


def errors(text: str) -> list[RowProblem]:
    return [problem for problem in checked(text) if not problem.warning]


def told(**changes: str) -> list[tuple[str, str, str, bool]]:
    """What is said of one right row once it is changed: column, problem, mend, whether it is only a warning."""
    return [(p.column, p.problem, p.mend, p.warning) for p in checked(file(RIGHT | changes))]


def cells_of(place: ExportedPlace) -> dict[str, str]:
    return telling.tell(place, "maillage-example", TODAY)


class TestWhatWeWrite:
    def test_a_hundred_places_and_more_pass_the_validator(self) -> None:
        leaving = drawn(places(), 60) + drawn(WHOLE, 200)
        leaving = [replace(place, id=UUID(int=number + 1)) for number, place in enumerate(leaving)]
        kept = [place for place in leaving if not mednum.FORMAT.leaves_out(place)]  # type: ignore[misc]
        assert len(kept) >= 100
        text = written(mednum.FORMAT, leaving)
        assert frictionless_says(text, table.SCHEMA) == []
        assert errors(text) == []
        assert len(list(csv.reader(io.StringIO(text, newline="")))) == len(kept) + 1

    def test_the_demonstration_passes_the_validator(self) -> None:
        leaving = of_the_demo()
        text = written(mednum.FORMAT, leaving)
        kept = [place for place in leaving if not telling.leaves_out(place)]
        assert (len(leaving), len(kept) > 100) == (300, True)
        assert frictionless_says(text, table.SCHEMA) == []
        assert {(p.column, p.problem) for p in checked(text)} == {
            ("pivot", "pivot inconnu\u202f: le lieu sera plus difficile à rapprocher")
        }

    def test_the_header_is_the_table_in_its_order(self) -> None:
        assert written(mednum.FORMAT, []) == ",".join(table.COLUMNS) + "\r\n"
        assert len(table.COLUMNS) == 32

    @pytest.mark.parametrize(
        ("values", "why"),
        [
            ({"status": "closed"}, "lieux fermés"),
            ({"status": "project"}, "lieux en projet"),
            ({"status": "dormant"}, "lieux en sommeil"),
            ({"street": ""}, "lieux sans adresse"),
            ({"postal_code": ""}, "lieux sans code postal"),
            ({"city": ""}, "lieux sans nom de commune"),
            ({}, ""),
        ],
    )
    def test_a_place_that_the_standard_cannot_tell_stays_and_it_is_said_why(self, values: dict, why: str) -> None:
        place = replace(MAILLE, values=MAILLE.values | values)
        assert telling.leaves_out(place) == why
        assert ("La Maille" in written(mednum.FORMAT, [place])) is (why == "")

    def test_nothing_shared_alike_leaves_under_the_licence_of_the_standard(self) -> None:
        mixed = replace(MAILLE, records=(*MAILLE.records, ExportedRecord(SHARED_ALIKE, "2", "ODbL", "", (), {})))
        assert telling.leaves_out(mixed) == "lieux dont une source n’est pas sous Licence Ouverte"

    def test_a_place_without_siret_has_the_pivot_that_means_unknown(self) -> None:
        assert cells_of(MAILLE)["pivot"] == "00000000000000"
        assert (
            cells_of(replace(MAILLE, values=MAILLE.values | {"siret": "43493312300029"}))["pivot"] == "43493312300029"
        )

    @pytest.mark.parametrize(
        ("dated", "confirmed", "day"),
        [
            ("2019-06", None, "2019-06-01"),
            ("2019", None, "2019-01-01"),
            ("2024-04-02", None, "2024-04-02"),
            ("2019-06", "2026-03-04", "2026-03-04"),
            ("2099", None, TODAY.isoformat()),
            ("", None, NOW.date().isoformat()),
        ],
    )
    def test_the_date_never_claims_more_than_a_source_or_a_confirmation(
        self, dated: str, confirmed: str | None, day: str
    ) -> None:
        record = replace(MAILLE.records[0], dated=dated)
        place = replace(MAILLE, records=(record,), confirmed_at=at(confirmed) if confirmed else None)
        assert cells_of(place)["date_maj"] == day

    def test_the_identifier_tells_the_site_and_the_place(self) -> None:
        assert cells_of(MAILLE)["id"] == "maillage-example--00000000-0000-0000-0000-000000000007"

    def test_no_cell_of_free_text_is_a_formula_and_a_number_stays_a_number(self) -> None:
        values = {"name": "=cmd|'/c calc'!A1", "phone": "03 84 00 00 00", "lat": 46.99, "lon": -1.5}
        cells = cells_of(replace(MAILLE, values=MAILLE.values | values))
        assert cells["nom"] == "'=cmd|'/c calc'!A1"
        assert (cells["telephone"], cells["latitude"], cells["longitude"]) == ("+33384000000", "46.99", "-1.5")

    def test_a_long_description_has_a_summary_of_280_signs_cut_at_a_word(self) -> None:
        place = replace(MAILLE, values=MAILLE.values | {"description": f"<p>{'mot ' * 200}</p>"})
        assert len(cells_of(place)["presentation_resume"]) <= 280
        assert cells_of(place)["presentation_resume"].endswith(" mot…")

    def test_what_a_source_of_the_standard_said_leaves_again(self) -> None:
        """Columns without a field of ours, and the values that a sheet still upholds."""
        raw = RIGHT | {"services": "Loisirs et créations numériques;Accès internet et matériel informatique"}
        record = replace(MAILLE.records[0], raw=raw)
        values = MAILLE.values | {"services": ["aide-numerique"], "labels": ["fabrique-de-territoire"]}
        cells = cells_of(replace(MAILLE, values=values, records=(record,)))
        assert cells["publics_specifiquement_adresses"] == "Jeunes|Femmes"
        assert cells["prise_en_charge_specifique"] == "Surdité|Langues étrangères (anglais)"
        assert cells["modalites_acces"] == "Se présenter|Téléphoner"
        assert cells["services"] == "Loisirs et créations numériques|Aide aux démarches administratives"
        assert cells["formations_labels"].endswith("|Fabriques de Territoire")
        assert cells["prise_rdv"] == "https://www.rdv-solidarites.fr/"
        assert frictionless_says(file(cells), table.SCHEMA) == []


class TestOurCheck:
    def test_the_right_row_has_nothing_wrong_for_us_nor_for_the_validator(self) -> None:
        assert checked(file(RIGHT)) == []
        assert frictionless_says(file(RIGHT), table.SCHEMA) == []

    @pytest.mark.parametrize("column", ENUMERATED)
    def test_a_value_out_of_the_list_before_one_of_the_list_is_refused(self, column: str) -> None:
        """The published pattern only anchors the end: a search with it lets `X|Jeunes` pass."""
        listed = table.VALUES[column]
        slips = f"X|{listed[0]}"
        pattern = next(f["constraints"]["pattern"] for f in table.FIELDS if f["name"] == column)
        assert re.search(pattern, slips)
        assert told(**{column: slips}) == [
            (column, "«\u202fX\u202f» n’est pas dans la liste", f"une de\u202f: {', '.join(listed)}", False)
        ]

    @pytest.mark.parametrize("column", ENUMERATED)
    def test_every_listed_value_is_right(self, column: str) -> None:
        assert told(**{column: "|".join(table.VALUES[column])}) == []

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            (
                {"publics_specifiquement_adresses": "Jeunes;Femmes"},
                ("les valeurs sont séparées par «\u202f;\u202f»", "séparez-les par «\u202f|\u202f»", False),
            ),
            (
                {"services": "Comprehension du monde numérique"},
                (
                    "«\u202fComprehension du monde numérique\u202f» n’est pas dans la liste",
                    "écrivez «\u202fCompréhension du monde numérique\u202f»",
                    False,
                ),
            ),
            (
                {"formations_labels": "Étapes numériques (La Poste)"},
                (
                    "«\u202fÉtapes numériques (La Poste)\u202f»\u202f: orthographe de la description, non du motif",
                    "écrivez «\u202fÉtapes numériques(La Poste)\u202f»",
                    True,
                ),
            ),
            (
                {"itinerance": "Fixe||Itinérant"},
                ("valeur vide entre deux séparateurs", "retirez le «\u202f|\u202f» en trop", False),
            ),
            ({"itinerance": "Fixe|Fixe"}, ("«\u202fFixe\u202f» est dit deux fois", "gardez-le une fois", True)),
            (
                {"telephone": "+33180059880|+33180059881"},
                (
                    "un seul numéro est accepté",
                    "un numéro avec son indicatif, sans espace\u202f: +33180059880",
                    False,
                ),
            ),
            (
                {"telephone": "01 80 05 98 80"},
                ("forme inattendue", "un numéro avec son indicatif, sans espace\u202f: +33180059880", False),
            ),
            (
                {"pivot": "123"},
                (
                    "forme inattendue",
                    "9 à 14 lettres ou chiffres\u202f: un Siret (14 chiffres) ou un RNA (W et 9 chiffres)",
                    False,
                ),
            ),
            (
                {"pivot": "00000000000000"},
                (
                    "pivot inconnu\u202f: le lieu sera plus difficile à rapprocher",
                    "donnez le Siret ou le RNA",
                    True,
                ),
            ),
            (
                {"pivot": ""},
                (
                    "valeur obligatoire absente",
                    "donnez le Siret ou le RNA\u202f; 00000000000000 s’il n’est pas connu",
                    False,
                ),
            ),
            (
                {"pivot": "43493312300028"},
                ("la clé du Siret est fausse", "vérifiez les 14 chiffres du Siret", True),
            ),
            (
                {"typologie": "TIERS_LIEU"},
                (
                    "«\u202fTIERS_LIEU\u202f» n’est pas un code en usage",
                    "un code de la cartographie nationale, par exemple TIERS_LIEUX",
                    True,
                ),
            ),
            (
                {"typologie": "AUTRE"},
                ("«\u202fAUTRE\u202f» n’est pas un code en usage", "écrivez «\u202fAutre\u202f»", True),
            ),
            (
                {"id": "Coop_1__Hub_2" * 30},
                (
                    "identifiant de 390 signes\u202f: d’autres catalogues écartent le lieu au-delà de 256",
                    "donnez un identifiant court, qui ne raconte pas les fusions",
                    True,
                ),
            ),
            ({"latitude": "49,26"}, ("ce n’est pas un nombre", "écrivez 49.26", False)),
            ({"longitude": "est"}, ("ce n’est pas un nombre", "écrivez 43.52609", False)),
            ({"latitude": "NaN"}, ("ce n’est pas un nombre", "écrivez 43.52609", False)),
            ({"date_maj": "02/04/2024"}, ("ce n’est pas une date", "écrivez 2024-04-02", False)),
            ({"date_maj": "2024-02-31"}, ("ce n’est pas une date", "écrivez 2024-04-02", False)),
            ({"date_maj": ""}, ("valeur obligatoire absente", "complétez-la", False)),
            ({"presentation_resume": "x" * 281}, ("281 signes, 280 au plus", "raccourcissez", False)),
            (
                {"code_postal": "1400"},
                ("forme inattendue", "5 chiffres\u202f; gardez le zéro de tête\u202f: 01400", False),
            ),
            (
                {"code_insee": "20004"},
                ("forme inattendue", "5 signes\u202f: 01001, 2A004\u202f; gardez le zéro de tête", False),
            ),
        ],
    )  # fmt: skip
    def test_each_fault_is_told_with_its_mend(self, changes: dict[str, str], said: tuple[str, str, bool]) -> None:
        ((column, *rest),) = told(**changes)
        assert (column, *rest) == (next(iter(changes)), *said)

    @pytest.mark.parametrize("column", [f["name"] for f in table.FIELDS if f["constraints"]["required"]])
    def test_every_needed_value_is_asked_for(self, column: str) -> None:
        assert [(found[0], found[1]) for found in told(**{column: " "})] == [(column, "valeur obligatoire absente")]
        assert frictionless_says(file(RIGHT | {column: ""}), table.SCHEMA)

    def test_one_siret_may_have_several_sites(self) -> None:
        assert checked(file(RIGHT, RIGHT | {"id": "structure-2"})) == []

    def test_an_identifier_is_said_once(self) -> None:
        assert errors(file(RIGHT, RIGHT)) == [
            RowProblem(
                3, "id", "structure-1", "identifiant déjà vu à la ligne 2",
                "donnez un identifiant unique, ou retirez la ligne",
            )
        ]  # fmt: skip

    def test_the_line_is_that_of_the_file_even_after_a_cell_of_several(self) -> None:
        text = file(RIGHT | {"presentation_detail": "a\nb\nc"}, RIGHT | {"id": "2", "date_maj": "hier"})
        assert [(p.line, p.column, p.value) for p in errors(text)] == [(5, "date_maj", "hier")]

    def test_the_header_must_be_the_table(self) -> None:
        swapped = (table.COLUMNS[1], table.COLUMNS[0], *table.COLUMNS[2:])
        assert [(p.line, p.column, p.problem) for p in errors(file(RIGHT, columns=swapped))] == [
            (1, "pivot", "les colonnes ne sont pas dans l’ordre du standard")
        ]
        assert [(p.column, p.problem) for p in errors(file(RIGHT, columns=table.COLUMNS[:-1]))] == [
            ("prise_rdv", "cette colonne manque")
        ]

    def test_a_semicolon_between_columns_is_told(self) -> None:
        assert [(p.column, p.value, p.problem, p.mend) for p in errors(file(RIGHT, delimiter=";"))] == [
            ("", ";", "les colonnes ne sont pas séparées par une virgule", "enregistrez avec «\u202f,\u202f»")
        ]

    def test_the_column_that_the_national_map_adds_is_only_worth_a_look(self) -> None:
        columns = (*table.COLUMNS, "structure_coop_id")
        assert [(p.column, p.problem, p.warning) for p in checked(file(RIGHT, columns=columns))] == [
            ("structure_coop_id", "colonne ajoutée par la cartographie nationale", True)
        ]

    def test_the_point_of_the_official_example_is_far_from_nowhere_but_a_swapped_one_is_told(self) -> None:
        assert told(latitude="43.52609", longitude="5.41423") == []
        assert told(latitude="5.41423", longitude="43.52609")[0][:2] == (
            "latitude", "latitude et longitude semblent échangées",
        )  # fmt: skip
        assert told(latitude="")[0][:2] == ("latitude", "une seule des deux coordonnées est donnée")

    def test_a_broken_row_does_not_hide_the_next(self) -> None:
        text = file(RIGHT) + '"jamais fermé,x\n' + file(RIGHT | {"id": "3", "nom": ""}).split("\n", 1)[1]
        assert [(p.line, p.column) for p in errors(text)] == [(3, "(ligne entière)"), (4, "nom")]

    def test_the_list_of_problems_is_bounded(self) -> None:
        header = ",".join(table.COLUMNS)
        found = checked(header + "\n" + ("," * 31 + "\n") * 2_000)
        assert len(found) == 10_001
        assert found[-1].problem == "plus de 10000 problèmes\u202f: la suite n’est pas lue"

    def test_no_table_is_no_file(self) -> None:
        with pytest.raises(FileRefused):
            checked("\x00")
