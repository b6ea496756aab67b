import os
import shutil
from pathlib import Path

import polib
import pytest
from django.db.migrations.recorder import MigrationRecorder

from maillage.cli import prepare, stamps
from maillage.cli.main import main
from maillage.places.queries import registry

EXCERPT = Path(__file__).resolve().parent.parent / "fixtures" / "cget_excerpt.csv"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.STATIC_ROOT = settings.HOME / "static"
    settings.DATA = None
    settings.OFFLINE = True


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    shutil.copy(EXCERPT, settings.DATA / "CGET_TiersLieux_2019.csv")
    return settings.DATA


def test_the_places_of_a_folder_come_once(small_ground, folder, now, capsys):
    assert prepare.prepare_places(demo=True, now=now) == 0
    total = registry().total
    assert total > 0
    assert registry().demo == 0
    assert (
        f"  CGET_TiersLieux_2019.csv\u202f: {total} lieux créés, 0 modifiés, 0 inchangés… " in capsys.readouterr().out
    )
    assert prepare.prepare_places(demo=True, now=now) == 0
    assert capsys.readouterr().out == ""


def test_a_changed_folder_is_read_again_and_changes_only_what_changed(small_ground, folder, now, capsys):
    prepare.prepare_places(demo=True, now=now)
    total = registry().total
    os.utime(folder / "CGET_TiersLieux_2019.csv", (1, 1))
    capsys.readouterr()
    assert prepare.prepare_places(demo=True, now=now) == 0
    assert f"0 lieux créés, 0 modifiés, {total} inchangés" in capsys.readouterr().out


def test_another_database_starts_afresh(small_ground, folder, now):
    prepare.prepare_places(demo=True, now=now)
    kept = stamps.read(prepare._stamps())
    assert prepare._kept() == kept
    stamps.write(prepare._stamps(), kept | {"database": "another"})
    assert prepare._kept() == {}


def test_a_refused_file_is_told_and_tried_again_next_time(small_ground, folder, now, capsys):
    (folder / "CGET_TiersLieux_2019.csv").write_text("rien de connu\n")
    for _ in range(2):
        assert prepare.prepare_places(demo=True, now=now) == 1
        assert capsys.readouterr().err.startswith("  CGET_TiersLieux_2019.csv\u202f: ")
    assert registry().total == 0


def test_without_places_the_demo_stands_in_and_leaves_when_real_ones_come(small_ground, now, capsys, settings, folder):
    data, settings.DATA = settings.DATA, None
    assert prepare.prepare_places(demo=True, now=now) == 0
    assert registry().demo == registry().total > 0
    said = capsys.readouterr().out
    assert said.startswith("  Pas de vrais lieux\u202f: une démonstration prend leur place, et chaque page le dit.\n")
    assert prepare.prepare_places(demo=True, now=now) == 0
    assert capsys.readouterr().out == ""
    settings.DATA = data
    assert prepare.prepare_places(demo=True, now=now) == 0
    assert registry().demo == 0 < registry().total
    assert "lieux fictifs laissent la place aux vrais." in capsys.readouterr().out


def test_no_demo_leaves_the_registry_empty(small_ground, now, capsys):
    assert prepare.prepare_places(demo=False, now=now) == 0
    assert (registry().total, capsys.readouterr().out) == (0, "")


def test_a_folder_without_places_is_told(small_ground, now, capsys, settings, tmp_path):
    settings.DATA = tmp_path
    assert prepare.prepare_places(demo=False, now=now) == 0
    assert capsys.readouterr().out == f"  {tmp_path} ne contient pas de fichier de lieux connu.\n"


def test_a_database_newer_than_the_code_stops_everything(capsys):
    MigrationRecorder.Migration.objects.create(app="places", name="0099_the_future")
    assert main(["prepare"]) == 1
    assert capsys.readouterr().err.startswith("Refus\u202f: la base est plus récente que ce code")


def test_translations_are_compiled_when_late(settings, tmp_path):
    source = tmp_path / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="Les lieux", msgstr="Places"))
    catalogue.save(str(source))
    settings.LOCALE_PATHS = [tmp_path]
    assert prepare.late_translations() == [source]
    prepare.compile_translations()
    assert [entry.msgstr for entry in polib.mofile(str(source.with_suffix(".mo")))] == ["Places"]
    assert prepare.late_translations() == []
    os.utime(source.with_suffix(".mo"), (1, 1))
    assert prepare.late_translations() == [source]
