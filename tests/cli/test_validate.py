import json
from pathlib import Path

import pytest

from maillage.cli.main import main
from maillage.network.exchange.formats import CHECKED
from tests.network.exchange.leaving import written
from tests.network.exchange.test_data_inclusion import SERVICE, STRUCTURE, document
from tests.network.exchange.test_mednum import MAILLE, RIGHT, file


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "lieux.csv"
    path.write_text(file(RIGHT), encoding="utf-8")
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "lieux.csv"
    path.write_text(file(RIGHT | {"itinerance": "X|Fixe", "pivot": "0" * 14}, RIGHT), encoding="utf-8")
    return path


def test_a_right_file_is_said_so(right: Path, capsys) -> None:
    assert main(["validate", str(right), "--schema", "mednum"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "lieux.csv est conforme au schéma mednum 1.0.2 (lieux de médiation numérique).\n",
        "",
    )


def test_each_problem_has_its_line_column_value_and_mend(wrong: Path, capsys) -> None:
    assert main(["validate", str(wrong), "--schema", "mednum"]) == 1
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.replace("\u202f", " ") == (
        "lieux.csv n’est pas conforme au schéma mednum 1.0.2 (lieux de médiation numérique).\n"
        "À corriger : 2.\n"
        "  ligne 2, itinerance « X|Fixe » : « X » n’est pas dans la liste → une de : Itinérant, Fixe\n"
        "  ligne 3, id « structure-1 » : identifiant déjà vu à la ligne 2 → "
        "donnez un identifiant unique, ou retirez la ligne\n"
        "À regarder, sans que rien ne l’impose : 1.\n"
        "  ligne 2, pivot « 00000000000000 » : pivot inconnu : le lieu sera plus difficile à rapprocher → "
        "donnez le Siret ou le RNA\n"
    )


def test_a_program_gets_json_and_nothing_else(wrong: Path, capsys) -> None:
    assert main(["validate", str(wrong), "--schema", "mednum", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["version"], told["valid"], told["refused"]) == ("mednum", "1.0.2", False, None)
    assert (told["errors"], told["warnings"]) == (2, 1)
    assert {key: told["problems"][0][key] for key in ("line", "column", "value", "warning")} == {
        "line": 2, "column": "pivot", "value": "0" * 14, "warning": True,
    }  # fmt: skip


def test_warnings_alone_leave_the_file_right(tmp_path: Path, capsys) -> None:
    path = tmp_path / "x.csv"
    path.write_text(written(CHECKED["mednum"], [MAILLE]), encoding="utf-8")
    assert main(["validate", str(path), "--schema", "mednum"]) == 0
    assert "pivot inconnu" in capsys.readouterr().out


def test_data_inclusion_is_a_schema_too(tmp_path: Path, capsys) -> None:
    path = tmp_path / "x.json"
    path.write_text(document([STRUCTURE], [SERVICE | {"publics": ["tous-publics", "femmes"]}]), encoding="utf-8")
    assert main(["validate", str(path), "--schema", "data-inclusion"]) == 1
    assert "service.publics" in capsys.readouterr().out


def test_only_the_first_problems_are_listed_and_json_gives_them_all(tmp_path: Path, capsys) -> None:
    path = tmp_path / "x.csv"
    path.write_text(file(*(RIGHT | {"id": str(n), "date_maj": "hier"} for n in range(70))), encoding="utf-8")
    main(["validate", str(path), "--schema", "mednum"])
    assert capsys.readouterr().out.endswith("  … et 20 de plus\u202f; --format json les donne tous\n")
    main(["validate", str(path), "--schema", "mednum", "--format", "json"])
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 70


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Le fichier est vide."),
        (b"\x00\x01", "maillage validate"),
        (b'{"structures": [{', "mal formé à la ligne 1"),
    ],
)
@pytest.mark.parametrize("schema", sorted(CHECKED))
def test_a_file_that_is_none_is_refused_without_a_traceback(
    tmp_path: Path, capsys, content: bytes, why: str, schema: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert main(["validate", str(path), "--schema", schema]) == 1
    told = capsys.readouterr()
    if schema == "data-inclusion":
        assert why in told.err
    assert told.out or told.err.startswith("maillage validate\u202f: ")


def test_a_missing_file_is_told_in_json_too(tmp_path: Path, capsys) -> None:
    assert main(["validate", str(tmp_path / "rien"), "--schema", "mednum", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["valid"], told["problems"]) == (False, [])
    assert "n’existe pas" in told["refused"]


@pytest.mark.parametrize("more", [[], ["--schema", "x"], ["--schema", "mednum", "--format", "xml"]])
def test_wrong_usage_is_code_2(right: Path, more: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["validate", str(right), *more])
    assert stop.value.code == 2
    assert capsys.readouterr().err


def test_help_lists_every_schema_with_its_version(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["validate", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for known in CHECKED.values():
        assert f"{known.name} ({known.title} {known.version})" in said
