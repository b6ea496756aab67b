import json
import os
import signal
import stat
import zipfile

import pytest

from maillage.cli import refusals
from maillage.cli.archive import container
from tests.cli.installs import Install, tables

COUNTED = "from maillage.places.models import *; print(Place.objects.count(), Revision.objects.count())"


def manifest(path):
    with container.read(path) as archive:
        return archive.manifest


def test_a_backup_names_settings_and_never_tells_them(install, tmp_path):
    install.more = {
        "MAILLAGE_SECRET": "un-secret-de-soixante-signes-que-personne-ne-doit-jamais-lire",
        "MAILLAGE_SMTP": "smtp://nadine:motdepasse-tres-secret@mail.example.org:587",
    }
    (install.home / "secret").write_text("le-secret-de-ce-poste")
    path = tmp_path / "a.zip"
    assert install.maillage("backup", path).returncode == 0
    told = manifest(path)
    assert told.settings == ["MAILLAGE_HOME", "MAILLAGE_OFFLINE", "MAILLAGE_SECRET", "MAILLAGE_SMTP"]
    with zipfile.ZipFile(path) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
    for secret in (b"personne-ne-doit", b"motdepasse-tres-secret", b"le-secret-de-ce-poste"):
        assert secret not in everything


def test_a_backup_holds_every_table_but_what_lives_only_here(backup):
    told = manifest(backup)
    assert told.tables["places.Place"].rows == 5
    assert told.tables["accounts.User"].rows == 1
    assert told.tables["places.Photo"].rows == 1
    assert told.engine == "sqlite"
    assert ["places", "0001_initial"] in told.migrations
    assert [name for name in told.members if name.startswith("media/photos/")]
    assert not [label for label in told.tables if label.split(".")[0] in ("sessions", "usersessions", "django_q")]
    assert not [name for name in told.members if "cache" in name]
    assert told.missing_files == []


def test_only_its_owner_may_read_it(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_any_unzip_reads_it(backup):
    with zipfile.ZipFile(backup) as opened:
        assert opened.testzip() is None
        assert json.loads(opened.read("manifest.json"))["format"] == container.FORMAT


def test_a_file_is_written_over_only_when_asked(lived_in, tmp_path):
    path = tmp_path / "a.zip"
    path.write_text("autre chose")
    done = lived_in.maillage("backup", path)
    assert (done.returncode, done.stderr) == (
        1,
        f"maillage backup\u202f: {path} existe déjà. Donnez un autre nom, ou --force pour le remplacer.\n",
    )
    assert path.read_text() == "autre chose"
    assert lived_in.maillage("backup", path, "--force").returncode == 0
    assert manifest(path).tables["places.Place"].rows == 5


@pytest.mark.parametrize("name", ["missing/a.zip", "."])
def test_a_place_that_cannot_hold_it_is_refused(lived_in, tmp_path, name):
    done = lived_in.maillage("backup", tmp_path / name)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_base_without_tables_has_nothing_to_save(fresh, tmp_path):
    done = fresh.maillage("backup", tmp_path / "a.zip")
    assert done.returncode == 1
    assert "la base n’a pas de tables" in done.stderr
    assert not (tmp_path / "a.zip").exists()


def test_a_photo_without_its_file_is_told_and_the_rest_is_saved(install, tmp_path):
    photo = next((install.home / "media" / "photos").glob("*-small.webp"))
    photo.unlink()
    done = install.maillage("backup", tmp_path / "a.zip")
    assert done.returncode == 0
    assert f"photos/{photo.name}" in done.stderr
    assert manifest(tmp_path / "a.zip").missing_files == [f"photos/{photo.name}"]


def test_a_backup_waits_for_no_writer_and_no_writer_waits_for_it(install, tmp_path):
    """Another program holds the write lock all along: the backup goes through, and does not see what is not done."""
    code = """
import subprocess, sys
from django.db import transaction
from maillage.places.models import Place
with transaction.atomic():
    Place.objects.update(name="à moitié")
    print(subprocess.run([sys.executable, "-m", "maillage", "backup", sys.argv[1]], check=False).returncode)
"""
    assert install.python(code, tmp_path / "a.zip").strip().endswith("0")
    assert "à moitié" not in str(tables(tmp_path / "a.zip")["places.Place"])


SLOW = """
import sys, time
from pathlib import Path
from maillage.cli.archive import tables
from maillage.cli.main import main
whole = tables.rows
def slow(model, *, using):
    print(model._meta.label, flush=True)
    time.sleep(float(sys.argv[2]))
    while len(sys.argv) > 3 and not Path(sys.argv[3]).exists():
        time.sleep(0.01)
    return whole(model, using=using)
tables.rows = slow
sys.exit(main(["backup", sys.argv[1]]))
"""


def test_a_writer_works_while_a_slow_backup_reads(install, tmp_path):
    slow = install.start("-c", SLOW, tmp_path / "a.zip", "0", tmp_path / "go on")
    assert slow.stdout.readline()
    install.python('from maillage.places.models import Place; Place.objects.update(name="écrit pendant")')
    assert slow.poll() is None, "the backup was over before the write: the test proves nothing"
    (tmp_path / "go on").touch()
    assert slow.wait(600) == 0
    slow.communicate()
    assert "écrit pendant" not in str(tables(tmp_path / "a.zip")["places.Place"])


@pytest.mark.parametrize("after", [0, 1, 5, 12, 25, 34])
def test_killed_at_any_moment_it_leaves_nothing_under_its_name(lived_in, tmp_path, after):
    target = tmp_path / "a.zip"
    slow = lived_in.start("-c", SLOW, target, "0.02")
    for _ in range(after):
        assert slow.stdout.readline()
    slow.send_signal(signal.SIGKILL)
    slow.communicate()
    assert not target.exists()
    if after == 34:
        assert lived_in.maillage("backup", target).returncode == 0
        assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_full_disk_leaves_no_file_and_says_so(lived_in, tmp_path):
    full = tmp_path / "full"
    code = """
import errno, sys
from maillage.cli.archive import container
from maillage.cli.main import main
room = int(sys.argv[2])
class Short(container.Writer):
    def __init__(self, stream):
        real = stream.write
        def write(data):
            if stream.tell() + len(data) > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(data)
        class Small:
            def __getattr__(self, name): return getattr(stream, name)
        small = Small()
        small.write = write
        super().__init__(small)
container.Writer = Short
sys.exit(main(["backup", sys.argv[1]]))
"""
    full.mkdir()
    for room in (0, 100, 5_000, 9_000, 12_000):
        done = lived_in.run("-c", code, full / "a.zip", room)
        assert (done.returncode, done.stderr) == (
            1,
            f"maillage\u202f: {refusals.FULL}\n",
        )
        assert list(full.iterdir()) == []


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_disk_that_fills_at_the_last_moment_leaves_no_file(lived_in, tmp_path):
    code = """
import errno, os, sys
from maillage.cli import backup
from maillage.cli.main import main
def full(descriptor): raise OSError(errno.ENOSPC, "No space left on device")
os.fsync = full
sys.exit(main(["backup", sys.argv[1]]))
"""
    done = lived_in.run("-c", code, tmp_path / "a.zip")
    assert done.returncode == 1
    assert "le disque est plein" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_base_behind_its_code_is_saved_as_it_is(install, tmp_path):
    """The order of an update is: save, then migrate; and a forgotten save is still possible between the two."""
    back = install.run(
        "-c",
        "import django; django.setup(); from django.core.management import call_command; "
        "call_command('migrate', 'observatory', 'zero', verbosity=0)",
    )
    assert back.returncode == 0, back.stderr
    assert install.maillage("backup", tmp_path / "a.zip").returncode == 0
    told = manifest(tmp_path / "a.zip")
    assert "observatory.Snapshot" not in told.tables
    other = Install(tmp_path / "other")
    assert other.maillage("restore", tmp_path / "a.zip").returncode == 0
    assert (
        other.python("from maillage.network.observatory.models import Snapshot; print(Snapshot.objects.count())")
        == "0\n"
    )
    assert other.python(COUNTED) == install.python(COUNTED)


def test_a_base_ahead_of_its_code_is_refused(install, tmp_path):
    install.python(
        "from django.db.migrations.recorder import MigrationRecorder as R; "
        "R.Migration.objects.create(app='places', name='0999_the_future')"
    )
    done = install.maillage("backup", tmp_path / "a.zip")
    assert done.returncode == 1
    assert "places.0999_the_future" in done.stderr
    assert not (tmp_path / "a.zip").exists()


def test_the_last_backup_is_remembered(install, tmp_path):
    install.maillage("backup", tmp_path / "a.zip")
    told = json.loads((install.home / "backup.json").read_text())
    assert told["at"] == manifest(tmp_path / "a.zip").made_at
    assert told["file"] == str(tmp_path / "a.zip")
