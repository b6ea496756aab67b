"""`maillage count`, as a person types it."""

import csv
import io
import json

import pytest

from maillage.cli.main import main
from maillage.network.observatory.rules.definitions import definitions
from maillage.network.observatory.rules.tables import COLUMNS
from tests.network.exchange.test_import_file import EXCERPT
from tests.network.observatory.told import COUNT, HEAD, WORDS, nowhere, place, record

pytestmark = pytest.mark.usefixtures("small_ground")


@pytest.fixture
def census(capsys):
    main(["import", str(EXCERPT)])
    capsys.readouterr()


def said(capsys) -> list[str]:
    return capsys.readouterr().out.replace("\u202f", " ").splitlines()


def test_alone_it_lists_what_can_be_counted(capsys):
    assert main(["count"]) == 0
    listed = said(capsys)
    assert [line.split()[0] for line in listed] == list(definitions())
    assert "outside-metropoles        Tiers-lieux hors des 22 métropoles, recensement 2018-2019" in listed


def test_the_list_is_data_too(capsys):
    assert main(["count", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["registry"] == "Lieux du registre"
    assert main(["count", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["counter"] for row in rows] == list(definitions())


def test_a_figure_goes_with_its_definition_its_denominator_and_its_date(census, capsys):
    assert main(["count", "outside-metropoles"]) == 0
    told = said(capsys)
    assert told[:2] == [
        "Tiers-lieux hors des 22 métropoles, recensement 2018-2019",
        "12 sur 18, soit 66,7 %",
    ]
    for name in ("Définition", "Population", "Numérateur", "Dénominateur", "Date", "Source", "Manquants", "Réserve"):
        assert any(line.startswith(f"  {name} : ") for line in told)
    assert told[-1] == "Pour refaire ce chiffre : maillage count outside-metropoles"


def test_what_the_number_is_not_is_counted_too_and_a_part_of_the_census_says_so(census, capsys):
    main(["count", "outside-metropoles"])
    told = " ".join(line.strip() for line in said(capsys))
    assert "18 et non 23 : le fichier publié tient 23 lignes, dont 5 sans type" in told
    assert "18 et non 1 800 : 1 800 est le nombre arrondi de la préface" in told
    assert "Réserve : la source publie 1 512 lignes, on n’en tient ici que 23 : ce chiffre n’est pas le sien." in told


def test_json_is_nothing_but_json(census, capsys):
    assert main(["count", "outside-metropoles", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["numerator"], told["denominator"], told["share"], told["date"]) == (12, 18, 0.6667, "2019-06")
    assert (told["figures"]["rows"], told["figures"]["untyped"], told["lacking_rows"]) == (23, 5, 1489)


def test_csv_has_the_answer_then_its_classes(capsys):
    record(place("1"), place("2", commune="25056"), nowhere("3"))
    assert main(["count", "rural", "--format", "csv"]) == 0
    text = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["value"], rows[0]["numerator"], rows[0]["denominator"], rows[0]["missing"]) == (
        "0.5",
        "1",
        "2",
        "1",
    )
    assert [(row["class"], row["label"], row["numerator"]) for row in rows[1:]] == [
        ("1", "1 · grands centres urbains", "1"),
        ("2", "2 · centres urbains intermédiaires", "0"),
        ("3", "3 · petites villes", "0"),
        ("4", "4 · ceintures urbaines", "0"),
        ("5", "5 · bourgs ruraux", "0"),
        ("6", "6 · rural à habitat dispersé", "1"),
        ("", "Non connu", "1"),
    ]


def test_one_territory(census, capsys):
    assert main(["count", "outside-metropoles", "--territory", "reg:27", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["territory"], told["command"]) == (
        "reg:27",
        "maillage count outside-metropoles --territory reg:27",
    )
    assert told["denominator"] is None or told["denominator"] < 18
    record(place("1"), place("2", commune="25056"))
    assert main(["count", "rural", "--territory", "39093"]) == 0
    told = said(capsys)
    assert told[:2] == ["Tiers-lieux des communes rurales, et par densité : Chamblay", "1 sur 1, soit 100,0 %"]
    assert told[-1] == "Pour refaire ce chiffre : maillage count rural --territory commune:39093"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ["rural", "--territory", "dep:99"],
            "territoire inconnu : « dep:99 ». Écrivez par exemple dep:39, reg:27 ou 39093.",
        ),
        (
            ["rural", "--territory", "chambley"],
            "territoire inconnu : « chambley ». Vouliez-vous dire : commune:39093 Chamblay ?",
        ),
        (
            ["unknown-commune", "--territory", "reg:27"],
            "« unknown-commune » ne se compte pas pour reg:27 (Bourgogne-Franche-Comté). "
            "Il se compte pour la France entière.",
        ),
        (
            ["outside-metropoles", "--territory", "39093"],
            "« outside-metropoles » ne se compte pas pour commune:39093 (Chamblay). "
            "Ce qu’il accepte : france, reg, dep.",
        ),
        (
            ["registry", "--at", "2999-01-01"],
            "le 2999-01-01 n’est pas encore venu : un compte se fait au plus tard aujourd’hui.",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused_with_a_reason(given, said, capsys):
    assert main(["count", *given]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.replace("\u202f", " ") == f"maillage count : {said}\n"


def test_a_counter_of_ones_own_needs_a_file_and_no_code(tmp_path, capsys):
    record(place("1"), place("2", status="closed"), place("3", "demo"))
    path = tmp_path / "fermes.toml"
    count = f'{COUNT}where = {{ status = {{ in = ["closed"] }} }}\nby = ["region"]\n'
    path.write_text(f"{HEAD}{count}\n{WORDS}\n", encoding="utf-8")
    assert main(["count", str(path)]) == 0
    told = said(capsys)
    assert told[:2] == ["title fr", "1"]
    assert told[-3:] == [
        "Par région :",
        "         1  Bourgogne-Franche-Comté",
        f"Pour refaire ce chiffre : maillage count {path}",
    ]


def test_a_file_that_says_nothing_right_is_refused_with_its_name(tmp_path, capsys):
    path = tmp_path / "faux.toml"
    path.write_text("slug =", encoding="utf-8")
    assert main(["count", str(path)]) == 1
    assert capsys.readouterr().err.startswith("maillage count\u202f: faux.toml\u202f: ce n’est pas du TOML\u202f: ")
    assert main(["count", str(tmp_path / "rien.toml")]) == 1
    assert capsys.readouterr().err.startswith("maillage\u202f: fichier ou dossier introuvable")


def test_unknown_is_said_and_never_zero(capsys):
    assert main(["count", "outside-metropoles"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[1] == "inconnu"
    assert "maillage import" in told[2]
    assert main(["count", "registry", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["numerator"] is None


def test_an_unknown_definition_is_refused(capsys):
    assert main(["count", "deserts"]) == 1
    assert capsys.readouterr().err.startswith("maillage count\u202f: définition inconnue")


def test_a_date_that_is_none_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["count", "registry", "--at", "hier"])
    assert stopped.value.code == 2
    assert "«\u202fhier\u202f» n’est pas une date" in capsys.readouterr().err
