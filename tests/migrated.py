"""The migrated SQLite database of the tests, kept beside the build: migrating anew takes half a minute."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django_q.models import Schedule

KEPT = Path(__file__).parents[1] / "build" / "test-databases"


def from_a_copy(call: Callable[..., Any]) -> Callable[..., Any]:
    """A `call_command` that gives a database its tables from the copy of one migrated before, where there is one."""

    def called(command: str, *args: Any, **options: Any) -> Any:
        if command != "migrate" or connection.vendor != "sqlite":
            return call(command, *args, **options)
        copy = KEPT / f"{_age()}.sqlite3"
        if copy.exists():
            _fill(copy)
            Schedule.objects.all().delete()  # those of the copy are late by its age: they are made anew
            emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
            return None
        answer = call(command, *args, **options)
        _keep(copy)
        return answer

    return called


def _age() -> str:
    """What the tables depend on: every migration, and the framework that runs them."""
    told = hashlib.sha256(f"{django.VERSION}{sqlite3.sqlite_version}".encode())
    for path in sorted(_migrations()):
        told.update(path.as_posix().encode() + path.read_bytes())
    return told.hexdigest()[:24]


def _migrations() -> Iterator[Path]:
    for app in apps.get_app_configs():
        yield from (Path(app.path) / "migrations").glob("*.py")


def _fill(copy: Path) -> None:
    connection.ensure_connection()
    kept = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
    try:
        kept.backup(connection.connection)
    finally:
        kept.close()


def _keep(copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=copy.parent, suffix=".part")
    os.close(handle)
    kept = sqlite3.connect(name)
    try:
        connection.connection.backup(kept)
    finally:
        kept.close()
    for older in copy.parent.glob("*.sqlite3"):
        older.unlink(missing_ok=True)
    Path(name).replace(copy)
