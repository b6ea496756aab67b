import subprocess
import sys

import pytest

from maillage.cli.main import COMMANDS, HIDDEN, main


def test_help_lists_every_command_in_french(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    said = capsys.readouterr().out
    assert stop.value.code == 0
    assert "usage\u202f: maillage" in said
    assert all(f"    {name}" in said for name in COMMANDS)
    assert not any(f"    {name}" in said for name in HIDDEN)


@pytest.mark.parametrize("command", [*COMMANDS, *HIDDEN])
def test_every_command_has_its_own_help(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"usage\u202f: maillage {command}" in capsys.readouterr().out


@pytest.mark.parametrize("given", [[], ["inconnue"], ["migrate", "--inconnue"], ["serve", "--port", "http"]])
def test_wrong_usage_is_code_2(given, capsys):
    with pytest.raises(SystemExit) as stop:
        main(given)
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("usage\u202f: ")


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == "maillage 0.1.0\n"


def command(*given, **around):
    import os

    return subprocess.run(
        [sys.executable, "-m", "maillage", *given],
        env=os.environ | around,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_setting_is_one_sentence_and_code_1(tmp_path):
    done = command("doctor", MAILLAGE_HOME=str(tmp_path), MAILLAGE_ENV="production", MAILLAGE_SECRET="")
    assert (done.returncode, done.stderr) == (
        1,
        "maillage\u202f: MAILLAGE_ENV=production demande un secret : donnez MAILLAGE_SECRET, "
        "au moins 50 caractères tirés au hasard, et gardez-le.\n",
    )


def test_a_database_that_is_not_one_is_one_sentence_and_code_1(tmp_path):
    (tmp_path / "maillage.sqlite3").write_bytes(b"ceci n'est pas une base " * 100)
    done = command("migrate", MAILLAGE_HOME=str(tmp_path), DATABASE_URL="")
    assert done.returncode == 1
    assert done.stderr == (
        "maillage\u202f: le fichier de la base n’est pas une base SQLite. Mettez-le de côté, "
        "ou choisissez un autre MAILLAGE_HOME.\n"
    )


def test_a_database_without_tables_is_refused_before_serving(tmp_path):
    done = command("serve", "--port", "58124", MAILLAGE_HOME=str(tmp_path), DATABASE_URL="")
    assert done.returncode == 1
    assert done.stderr.startswith("maillage serve\u202f: la base n’est pas à jour\u202f: ")
    assert done.stderr.endswith("Lancez «\u202fmaillage migrate\u202f».\n")
