"""The cast and the small ground that every test stands on."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MAILLAGE_OFFLINE", "1")

from django.test import override_settings

from maillage.cli.prepare import compile_translations
from tests import ground

hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues once, before any worker reads them."""
    if not hasattr(config, "workerinput"):
        compile_translations()


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
