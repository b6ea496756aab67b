import json
import re
import shutil
import signal
import sqlite3
import stat
import time
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from maillage.cli.archive import container
from tests.cli import installs
from tests.cli.installs import Install, sealed, tables

NOTHING = "from maillage.places.models import Place; print(Place.objects.count())"


def restored(install: Install, path: Path) -> str:
    done = install.maillage("restore", path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(install: Install, path: Path) -> str:
    """Restore, see it refused without a traceback, and nothing left behind."""
    done = install.maillage("restore", path)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert "Rien n’a été écrit." in done.stderr
    assert not list((install.home / "media").rglob("*.*"))
    return done.stderr


def again(install: Install, folder: Path) -> dict:
    """The tables of a restored install, through a backup of it."""
    path = folder / "again.zip"
    done = install.maillage("backup", path, "--force")
    assert done.returncode == 0, done.stderr
    return tables(path)


def test_the_same_registry_comes_back(lived_in, backup, fresh, tmp_path):
    said = restored(fresh, backup)
    assert re.search(r"Restauré.*\d+ lignes de \d+ tables et 2 fichiers", said)
    assert fresh.exports() == lived_in.exports()
    assert again(fresh, tmp_path) == tables(backup)
    for name in ("photos",):
        ours, theirs = lived_in.home / "media" / name, fresh.home / "media" / name
        assert {p.name: p.read_bytes() for p in ours.iterdir()} == {p.name: p.read_bytes() for p in theirs.iterdir()}
    assert fresh.maillage("doctor").returncode == 0


def test_it_moves_to_postgresql_and_back_without_losing_a_row(lived_in, backup, on_postgres, fresh, tmp_path):
    restored(on_postgres, backup)
    assert on_postgres.exports() == lived_in.exports()
    assert again(on_postgres, tmp_path) == tables(backup)
    assert on_postgres.maillage("doctor").returncode == 0
    restored(fresh, tmp_path / "again.zip")
    assert fresh.exports() == lived_in.exports()
    assert again(fresh, tmp_path) == tables(backup)


VERIFIED = """
from maillage.journal import guards
from maillage.management.billing.queries.verify import verify
from maillage.places.models import Place
guards.require()
print(verify(Place.objects.get(slug="la-boutique-de-nadine")).faults)
"""


@pytest.mark.parametrize("engine", ["fresh", pytest.param("on_postgres", marks=pytest.mark.full)])
def test_money_comes_back_whole_into_tables_that_are_guarded(install, engine, request, tmp_path):
    """What the guards refuse one row at a time was right when it was written, whatever the order of the tables."""
    install.python(installs.MONEY)
    assert install.maillage("backup", tmp_path / "a.zip").returncode == 0
    other = request.getfixturevalue(engine)
    assert other.maillage("migrate").returncode == 0
    restored(other, tmp_path / "a.zip")
    assert again(other, tmp_path) == tables(tmp_path / "a.zip")
    assert other.python(VERIFIED) == install.python(VERIFIED)


@pytest.mark.full
def test_from_postgresql_to_postgresql(lived_in, backup, on_postgres, tmp_path):
    restored(on_postgres, backup)
    assert on_postgres.maillage("backup", tmp_path / "pg.zip").returncode == 0
    with installs.own_database() as url:
        other = Install(tmp_path / "other", url)
        restored(other, tmp_path / "pg.zip")
        assert other.exports() == lived_in.exports()
        assert again(other, tmp_path) == tables(backup)


NEXT = """
from django.utils import timezone
from maillage.accounts.models import User
from maillage.journal import actions, queries
before = queries.version()
print(User.objects.create(email="apres@example.org").pk)
actions.write(action="essai", by="essai", now=timezone.now())
print(queries.version() - before)
"""


@pytest.mark.parametrize("engine", ["fresh", pytest.param("on_postgres", marks=pytest.mark.full)])
def test_no_number_comes_back_for_somebody_else(install, engine, request, tmp_path):
    """Account 2 was removed before the backup: what is signed `compte:2` must never become another person's."""
    install.python("from maillage.accounts.models import User; User.objects.create(email='x@example.org').delete()")
    install.maillage("backup", tmp_path / "a.zip")
    other = request.getfixturevalue(engine)
    restored(other, tmp_path / "a.zip")
    assert other.python(NEXT).split() == ["3", "1"]


@pytest.mark.full
def test_versions_kept_by_browsers_never_mean_another_state(lived_in, backup, fresh):
    """Pages kept under the numbers of the hours that were lost must not be taken for today's."""
    version = "from maillage.journal.queries import version; print(version())"
    restored(fresh, backup)
    assert int(fresh.python(version)) > int(lived_in.python(version)) + 50_000


@pytest.mark.full
def test_what_remains_to_do_is_said(install, fresh, tmp_path):
    install.more = {"MAILLAGE_SMTP": "smtp://mail.example.org:25", "MAILLAGE_TILES": "/x.pmtiles"}
    install.maillage("backup", tmp_path / "a.zip")
    said = restored(fresh, tmp_path / "a.zip")
    assert "MAILLAGE_SMTP, MAILLAGE_TILES" in said
    assert "secret" in said


@pytest.mark.parametrize(
    ("age", "said"),
    [(timedelta(hours=2), "moins d’un jour"), (timedelta(days=1), "1 jour"), (timedelta(days=9.5), "9 jours")],
)
def test_what_was_undone_since_is_said_with_the_age_of_the_backup(backup, fresh, tmp_path, age, said):
    made_at = (datetime.now(UTC) - age).isoformat(timespec="seconds")
    path = changed(backup, tmp_path / "a.zip", manifest=lambda told: told.update(made_at=made_at))
    assert (
        f"  - Cette sauvegarde a {said} : ce qui a été effacé, retiré ou fermé depuis est revenu. Refaites-le avant "
        "d’ouvrir le site : comptes et valeurs effacés, rôles, invitations et clés de programme retirés, comptes "
        "désactivés, lieux retirés.\n"
    ) in restored(fresh, path)


@pytest.mark.parametrize("made_at", ["hier", "2026-11-22T10:00:00", ""])
def test_a_backup_that_does_not_say_when_it_was_made_is_refused(backup, fresh, tmp_path, made_at):
    path = changed(backup, tmp_path / "a.zip", manifest=lambda told: told.update(made_at=made_at))
    assert "sommaire mal fait" in refused(fresh, path)


@pytest.mark.parametrize(
    "code",
    [
        "from maillage.accounts.models import User; User.objects.create(email='x@example.org')",
        "from maillage.journal.models import Mail; from django.utils import timezone as t; "
        "Mail.objects.create(to='x@example.org', subject='x', asked_at=t.now())",
        "from tests import ground; from datetime import datetime, UTC; ground.load(now=datetime.now(UTC))",
    ],
)
def test_an_install_that_holds_anything_is_left_alone(empty, backup, tmp_path, code):
    there = installs.copied(empty, tmp_path / "there")
    there.python(code)
    there.maillage("backup", tmp_path / "before.zip")
    said = refused(there, backup)
    assert "n’est pas vide" in said
    assert "MAILLAGE_HOME" in said
    assert again(there, tmp_path) == tables(tmp_path / "before.zip")


def test_an_install_with_empty_tables_takes_it(empty, lived_in, backup, tmp_path):
    there = installs.copied(empty, tmp_path / "there")
    restored(there, backup)
    assert there.exports() == lived_in.exports()


def test_tables_that_went_further_are_refused(empty, backup, tmp_path):
    there = installs.copied(empty, tmp_path / "there")
    there.python(
        "from django.db.migrations.recorder import MigrationRecorder as R; "
        "R.Migration.objects.create(app='places', name='0999_later')"
    )
    assert "places.0999_later" in refused(there, backup)


def changed(
    source: Path,
    target: Path,
    change: Callable[[dict[str, bytes]], None] = lambda members: None,
    manifest: Callable[[dict], None] = lambda told: None,
) -> Path:
    """A backup made again with something else inside, its sums and its seal right: what only distrust can refuse."""
    with zipfile.ZipFile(source) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    told = json.loads(members.pop("manifest.json"))
    change(members)
    told["members"] = {name: [len(data), installs.hashlib.sha256(data).hexdigest()] for name, data in members.items()}
    manifest(told)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
        made.writestr("manifest.json", json.dumps(told))
    return sealed(target)


@pytest.mark.full
def test_the_forger_of_these_tests_makes_files_that_restore(lived_in, backup, fresh, tmp_path):
    restored(fresh, changed(backup, tmp_path / "same.zip"))
    assert fresh.exports() == lived_in.exports()


def test_a_newer_format_is_refused_plainly(backup, fresh, tmp_path):
    newer = changed(backup, tmp_path / "a.zip", manifest=lambda told: told.update(format=99))
    assert "plus récent (format 99" in refused(fresh, newer)


def test_a_newer_maillage_is_refused_plainly(backup, fresh, tmp_path):
    newer = changed(
        backup, tmp_path / "a.zip", manifest=lambda told: told["migrations"].append(["places", "0999_later"])
    )
    said = refused(fresh, newer)
    assert "places.0999_later" in said
    assert "git pull" in said


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.9, 0.999, -1, -65])
def test_a_file_that_was_cut_is_refused(backup, fresh, tmp_path, share):
    data = backup.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(data[: int(len(data) * share)] if share >= 0 else data[:share])
    refused(fresh, cut)
    assert not (fresh.home / "maillage.sqlite3").exists()


def test_a_single_changed_bit_anywhere_is_seen(backup, tmp_path):
    """Two hundred places in the file, its ends included."""
    data = backup.read_bytes()
    chance = Random(1)
    flipped = tmp_path / "flipped.zip"
    where = [0, 1, len(data) - 1, len(data) - 64, len(data) - 65, *(chance.randrange(len(data)) for _ in range(195))]
    for place in where:
        wrong = bytearray(data)
        wrong[place] ^= 1 << chance.randrange(8)
        flipped.write_bytes(wrong)
        with pytest.raises(container.BackupRefused), container.read(flipped):
            pass


def test_a_changed_bit_stops_the_command(backup, fresh, tmp_path):
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 4
    (tmp_path / "a.zip").write_bytes(data)
    assert "abîmée" in refused(fresh, tmp_path / "a.zip")
    assert not (fresh.home / "maillage.sqlite3").exists()


def hostile(name: str, path: Path, backup: Path) -> Path:
    """Archives that somebody made on purpose, each with the right seal."""
    if name in ESCAPES:
        return changed(backup, path, lambda members: members.update({ESCAPES[name]: b"#!/bin/sh\n"}))
    shutil.copy(backup, path)
    data = backup.read_bytes()
    if name == "not a zip":
        path.write_bytes(b"bonjour" * 100)
        return path
    if name == "zip without manifest":
        path.unlink()
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("a.txt", "a")
        return sealed(path)
    if name == "twice the same name":
        return changed_raw(path, backup, lambda made: made.writestr("tables/places.Place.jsonl", b""))
    if name == "symlink":
        link = zipfile.ZipInfo("media/photos/" + "a" * 40 + ".webp")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        return changed_raw(path, backup, lambda made: made.writestr(link, "/etc/passwd"))
    if name == "bomb":
        return changed(backup, path, lambda members: members.update({"media/photos/bomb.webp": b"\0" * (64 << 20)}))
    if name == "bomb that hides its size":
        return shrunk(changed(backup, path, lambda m: m.update({"media/photos/bomb.webp": b"\0" * (64 << 20)})))
    if name == "file nobody names":
        return changed(backup, path, lambda members: members.update({"media/photos/stranger.webp": b"x"}))
    if name == "table nobody knows":
        return changed(backup, path, lambda members: members.update({"tables/x.Y.jsonl": b""}))
    if name == "table missing":
        return changed(backup, path, lambda members: members.pop("tables/places.Place.jsonl"))
    if name == "column missing":
        return changed(backup, path, manifest=lambda told: told["tables"]["places.Place"]["fields"].pop())
    if name == "rows missing":
        return changed(backup, path, manifest=lambda told: told["tables"]["places.Place"].update(rows=6))
    if name == "deep manifest":
        deep = b"[" * 200_000 + b"]" * 200_000
        path.unlink()
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("manifest.json", deep)
        return sealed(path)
    if name == "manifest of other things":
        return changed(backup, path, manifest=lambda told: told.update(tables=[1], members={"x": None}))
    rows = {
        "row that is not JSON": b"{{{\n",
        "row of another length": b"[1,2]\n",
        "row without its place": b'[99,"00000000-0000-0000-0000-000000000001","activities","cafe"]\n',
        "row too deep": b"[" * 100_000 + b"]" * 100_000 + b"\n",
        "row against a promise": b'[99,null,"activities","cafe"]\n',
    }
    assert data and name in rows
    return changed(
        backup,
        path,
        lambda members: members.update({"tables/places.Feature.jsonl": rows[name]}),
        lambda told: told["tables"]["places.Feature"].update(rows=1),
    )


def changed_raw(path: Path, backup: Path, add: Callable[[zipfile.ZipFile], None]) -> Path:
    shutil.copy(backup, path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as made:
        warnings.simplefilter("ignore")
        add(made)
    return sealed(path)


def shrunk(path: Path) -> Path:
    """Write a small size for the bomb in the directory of the zip, then seal it again."""
    data = path.read_bytes()
    data = data.replace((64 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))[: -container.SEAL_BYTES]
    path.write_bytes(data + installs.hashlib.sha256(data).hexdigest().encode())
    return path


ESCAPES = {
    "out of the folder": "media/../../evil.sh",
    "absolute": "/tmp/evil.sh",
    "backslashes": "media\\..\\..\\evil.sh",
    "drive": "c:/evil.sh",
    "hidden": "media/.ssh/authorized_keys",
    "folder": "media/photos/",
    "nul": "media/photos/a.webp\0.sh",
}
HOSTILE_FILES = (
    *ESCAPES,
    "not a zip",
    "zip without manifest",
    "twice the same name",
    "symlink",
    "bomb",
    "bomb that hides its size",
    "deep manifest",
    "manifest of other things",
)
HOSTILE_ROWS = (
    "out of the folder",
    "bomb",
    "file nobody names",
    "table nobody knows",
    "table missing",
    "column missing",
    "rows missing",
    "row that is not JSON",
    "row of another length",
    "row without its place",
    "row too deep",
    "row against a promise",
)


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_an_archive_made_to_harm_is_refused_before_anything_is_touched(backup, tmp_path, name):
    path = hostile(name, tmp_path / "a.zip", backup)
    started = time.monotonic()
    with pytest.raises(container.BackupRefused, match=r"Rien n’a été écrit\."), container.read(path):
        pass
    assert time.monotonic() - started < 120


@pytest.fixture(scope="module")
def target(empty, tmp_path_factory) -> Install:
    """An empty install that every refused archive leaves as it was."""
    return installs.copied(empty, tmp_path_factory.mktemp("target") / "home")


@pytest.mark.parametrize("name", HOSTILE_ROWS)
def test_the_command_refuses_what_was_made_to_harm_and_leaves_nothing(backup, target, tmp_path, name):
    refused(target, hostile(name, tmp_path / "a.zip", backup))
    assert not list(target.home.parent.glob("evil*"))
    assert not list(target.home.rglob("evil*"))
    with sqlite3.connect(target.home / "maillage.sqlite3") as base:
        for table in ("places_place", "places_feature", "accounts_user", "journal_auditevent"):
            assert base.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_after_all_those_refusals_the_install_takes_a_true_backup(backup, target, lived_in):
    restored(target, backup)
    assert target.exports() == lived_in.exports()


@pytest.mark.full
def test_a_row_too_long_for_postgresql_is_refused_whole(install, on_postgres, tmp_path):
    """SQLite never minds a length; the move says which table, and leaves nothing half done."""
    install.python("from maillage.places.models import Photo; Photo.objects.update(credit='x' * 500)")
    install.maillage("backup", tmp_path / "a.zip")
    said = refused(on_postgres, tmp_path / "a.zip")
    assert "places.Photo" in said
    assert on_postgres.python(NOTHING) == "0\n"
    install.python("from maillage.places.models import Photo; Photo.objects.update(credit='')")
    install.maillage("backup", tmp_path / "b.zip")
    restored(on_postgres, tmp_path / "b.zip")


SLOW = """
import sys, time
from maillage.cli import restore
from maillage.cli.archive import tables
from maillage.cli.main import main
from django.db.migrations.executor import MigrationExecutor
def slowly(owner, name):
    whole = getattr(owner, name)
    def slow(*args, **kwargs):
        print(name, flush=True)
        time.sleep(0.03)
        return whole(*args, **kwargs)
    setattr(owner, name, slow)
slowly(MigrationExecutor, "apply_migration")
slowly(restore, "_write_file")
slowly(tables, "write")
slowly(restore, "finish_tables")
sys.exit(main(["restore", sys.argv[1]]))
"""


LONG = [pytest.param(step, marks=pytest.mark.full) for step in ("apply_migration:3", "_write_file:2", "write:1")]


@pytest.mark.parametrize("step", ["apply_migration:30", "write:20", *LONG])
def test_killed_before_its_rows_are_in_it_can_be_asked_again(lived_in, backup, fresh, step):
    name, count = step.split(":")
    slow = fresh.start("-c", SLOW, backup)
    left = int(count)
    while left:
        line = slow.stdout.readline()
        assert line, slow.communicate()[1]
        left -= line.strip() == name
    slow.send_signal(signal.SIGKILL)
    slow.communicate()
    restored(fresh, backup)
    assert fresh.exports() == lived_in.exports()
    assert not list((fresh.home / "media").rglob("*.part"))


def test_killed_once_its_rows_are_in_it_is_whole(lived_in, backup, fresh):
    slow = fresh.start("-c", SLOW, backup)
    while (line := slow.stdout.readline()) and line.strip() != "finish_tables":
        pass
    slow.send_signal(signal.SIGKILL)
    slow.communicate()
    assert fresh.maillage("migrate").returncode == 0
    assert fresh.exports() == lived_in.exports()
    done = fresh.maillage("restore", backup)
    assert done.returncode == 1
    assert "n’est pas vide" in done.stderr


def test_a_migrated_base_holds_nothing_that_a_backup_would_bring(empty, tmp_path):
    """A migration that writes rows would make every new install look lived in: `restore` must be taught of it."""
    assert empty.maillage("backup", tmp_path / "a.zip").returncode == 0
    with container.read(tmp_path / "a.zip") as archive:
        full = {label for label, table in archive.manifest.tables.items() if table.rows}
    assert full == {"contenttypes.ContentType", "auth.Permission"}
