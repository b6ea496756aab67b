"""`maillage import` and `maillage export`, as a person types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from maillage.cli.export import write_whole
from maillage.cli.main import main
from maillage.network.exchange.models import ImportRun
from maillage.places.models import Place
from tests.network.exchange.breaking import HEADER, row
from tests.network.exchange.test_import_file import EXCERPT

pytestmark = pytest.mark.usefixtures("small_ground")


@pytest.fixture
def census(tmp_path) -> Path:
    path = tmp_path / "cget.csv"
    rows = [row(ID="1"), row(ID="2", NOM_TL=""), row(ID="3", INSEECOM="0", CP="3938")]
    path.write_text("\n".join([",".join(HEADER), *rows, ""]), encoding="utf-8")
    return path


class TestImport:
    def test_the_report_says_what_came_in_and_how_to_mend_the_rest(self, census, capsys):
        assert main(["import", str(census), "--no-match"]) == 0
        assert capsys.readouterr().out.replace("\u202f", " ") == (
            "Import : cget.csv, format cget, 3 lignes.\n"
            "  créés            2\n"
            "  modifiés         0\n"
            "  inchangés        0\n"
            "Signalements, à vérifier par une personne :\n"
            "        1   code Insee absent : commune proposée d’après une autre colonne\n"
            "Valeurs laissées de côté, leurs lignes sont entrées : 1.\n"
            "  ligne 4, CP « 3938 » : un code postal compte 5 chiffres → gardez le zéro de tête : 01400\n"
            "En quarantaine : 1 ligne à corriger, puis à importer à nouveau.\n"
            "  ligne 3, NOM_TL : le nom manque → donnez un nom au lieu\n"
            f"Pour annuler cet import : maillage import --undo {ImportRun.objects.get().pk}\n"
        )

    def test_it_is_undone_as_one_by_its_number(self, census, capsys):
        main(["import", str(census), "--no-match"])
        run = ImportRun.objects.get().pk
        capsys.readouterr()
        assert main(["import", "--undo", str(run)]) == 0
        assert capsys.readouterr().out == f"Import {run} annulé.\n  retirés          2\n  rendus           0\n"
        assert not Place.objects.public().exists()
        assert main(["import", "--undo", str(run)]) == 1
        assert "Cet import est déjà annulé" in capsys.readouterr().err
        assert main(["import", "--undo", "987654"]) == 1
        assert main(["import"]) == 2
        assert main(["import", str(census), "--undo", "1"]) == 2

    def test_a_dry_run_says_so_and_writes_nothing(self, census, capsys):
        assert main(["import", str(census), "--dry-run"]) == 0
        assert capsys.readouterr().out.startswith("Essai à blanc, rien n’est écrit\u202f: cget.csv")
        assert (Place.objects.count(), ImportRun.objects.count()) == (0, 0)

    def test_only_the_first_problems_are_listed(self, tmp_path, capsys):
        path = tmp_path / "cget.csv"
        rows = [row(ID=str(number), NOM_TL="") for number in range(30)]
        path.write_text("\n".join([",".join(HEADER), row(ID="x"), *rows]), encoding="utf-8")
        assert main(["import", str(path)]) == 0
        out = capsys.readouterr().out
        assert out.count("le nom manque") == 20
        assert "  … et 10 de plus\n" in out

    def test_a_refused_file_is_told_on_stderr(self, tmp_path, capsys):
        path = tmp_path / "broken.xlsx"
        path.write_bytes(b"PK\x03\x04" + b"\0" * 200)
        assert main(["import", str(path)]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("maillage import\u202f: Le classeur est abîmé")

    def test_a_file_of_which_no_row_comes_in_is_a_refusal(self, tmp_path, capsys):
        path = tmp_path / "cget.csv"
        path.write_text("\n".join([",".join(HEADER), row(ID="1", NOM_TL="")]), encoding="utf-8")
        assert main(["import", str(path)]) == 1
        assert "aucune ligne n’a pu entrer" in capsys.readouterr().err

    def test_the_format_named_wins(self, census, capsys):
        assert main(["import", str(census), "--format", "places"]) == 1
        assert "colonnes manquent au format «\u202frecueil de sources places.csv\u202f»" in capsys.readouterr().err


class TestExport:
    @pytest.mark.parametrize("name", ["geojson", "csv", "jsonld"])
    def test_the_whole_registry_is_written(self, tmp_path, capsys, name):
        main(["import", str(EXCERPT)])
        target = tmp_path / f"lieux.{name}"
        assert main(["export", str(target), "--format", name]) == 0
        assert "ADE Coworking" in target.read_text(encoding="utf-8")
        assert f"Écrit\u202f: {target} ({target.stat().st_size} octets)." in capsys.readouterr().out
        assert [file.name for file in tmp_path.iterdir()] == [target.name]

    def test_a_dash_writes_to_the_terminal(self, capsys):
        main(["import", str(EXCERPT)])
        capsys.readouterr()
        assert main(["export", "-", "--format", "geojson"]) == 0
        assert len(json.loads(capsys.readouterr().out)["features"]) == 23

    def test_an_unknown_licence_lists_those_of_the_registry(self, tmp_path, capsys):
        main(["import", str(EXCERPT)])
        assert main(["export", str(tmp_path / "x.csv"), "--format", "csv", "--licence", "ODbL"]) == 1
        assert capsys.readouterr().err == (
            "maillage export\u202f: licence inconnue\u202f: «\u202fODbL\u202f». Licences du registre\u202f:\n"
            "  Licence Ouverte 2.0\n"
        )
        assert main(["export", str(tmp_path / "x.csv"), "--format", "csv", "--licence", "Licence Ouverte 2.0"]) == 0

    def test_a_folder_that_does_not_exist_is_told(self, tmp_path, capsys):
        assert main(["export", str(tmp_path / "rien" / "x.csv"), "--format", "csv"]) == 1
        assert capsys.readouterr().err.endswith("n’existe pas. Créez-le d’abord.\n")

    def test_a_failure_half_way_leaves_the_old_file_and_no_other(self, tmp_path):
        target = tmp_path / "lieux.csv"
        target.write_text("avant")

        def pieces():
            yield "moitié"
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space left"):
            write_whole(target, pieces())
        assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("lieux.csv", "avant")]


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on file size")
def test_a_real_limit_on_the_file_leaves_the_old_file(tmp_path):
    target = tmp_path / "lieux.csv"
    target.write_text("avant")
    code = (
        "import resource, pathlib\n"
        "from maillage.cli.export import write_whole\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"write_whole(pathlib.Path({str(target)!r}), ('x' * 1000 for _ in range(1000)))\n"
    )
    source = Path(__file__).parents[2] / "src"
    environment = os.environ | {"PYTHONPATH": str(source)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "File too large" in ran.stderr
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("lieux.csv", "avant")]
