"""The cast and the small ground that every test stands on."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MAILLAGE_OFFLINE", "1")

from django.core import management
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import override_settings

from maillage.cli.prepare import compile_translations
from maillage.journal import guards
from maillage.journal.queries import aside
from maillage.territory.queries import stored
from tests import ground, migrated
from tests.people import client_of, people

__all__ = ["client_of", "people"]

hypothesis.settings.register_profile("full", deadline=None)
hypothesis.settings.register_profile("short", deadline=None, max_examples=40)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues once, before any worker reads them; long runs try more examples."""
    hypothesis.settings.load_profile("short" if config.getoption("markexpr") == "not full" else "full")
    if not hasattr(config, "workerinput"):
        compile_translations()


@pytest.fixture(scope="session", autouse=True)
def one_connection() -> Iterator[None]:
    """Within a test's transaction no end of a request closes the connection, which the test client forgets at times."""
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            BaseDatabaseWrapper,
            "close_if_unusable_or_obsolete",
            lambda self: None if self.in_atomic_block else close(self),
        )
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[pytest.MonkeyPatch]:
    """The tables come from the copy of a database migrated before, while no migration has changed since."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(management, "call_command", migrated.from_a_copy(management.call_command))
        yield patch


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_modify_db_settings: pytest.MonkeyPatch) -> None:
    """Once the database stands, whoever migrates does."""
    django_db_modify_db_settings.undo()


@pytest.fixture(scope="session", autouse=True)
def guards_let_a_database_be_emptied() -> Iterator[None]:
    """Between tests a database is emptied row by row on SQLite, where guards refuse that anything issued goes."""
    empty = DatabaseOperations.execute_sql_flush

    def unguarded(self: DatabaseOperations, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            for guard in guards.declared():
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
        empty(self, statements)
        guards.install()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", unguarded)
        yield


@pytest.fixture(autouse=True)
def nothing_kept_aside() -> None:
    """A test's transaction is undone, and the age of what was kept aside with it: the next one starts from nothing."""
    aside.clear()


@pytest.fixture(scope="session", autouse=True)
def nothing_kept_on_the_disk() -> Iterator[None]:
    """What a test computes of a ground that it made is nobody else's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "folder", lambda: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_waits_for_a_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests hand over to a platform is in no folder that anybody empties."""
    with override_settings(EINVOICES=tmp_path_factory.mktemp("einvoices")):
        yield


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session", autouse=True)
def plain_static_files() -> Iterator[None]:
    """Static files served from where they are: no test waits for `collectstatic` nor depends on the last one."""
    plain = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=plain, WHITENOISE_AUTOREFRESH=True, WHITENOISE_USE_FINDERS=True):
        yield


@pytest.fixture
def small_ground(db: None) -> None:
    """A dozen real communes around the cast; see `tests/ground.py`."""
    ground.load(now=NOW)


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """The folder of real files; a test that asks for it skips visibly without one, and fails so in CI."""
    given = os.environ.get("MAILLAGE_DATA", "")
    if not given or not Path(given).is_dir():
        if os.environ.get("CI"):
            pytest.fail("CI runs with MAILLAGE_DATA: the real files are missing.")
        pytest.skip("needs the real files: MAILLAGE_DATA=<folder>")
    yield Path(given)
