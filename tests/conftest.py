"""The cast and the small ground that every test stands on."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

os.environ.setdefault("MAILLAGE_OFFLINE", "1")

from tests import ground  # noqa: E402

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


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
