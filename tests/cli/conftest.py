"""Installs that several tests start from: made once, copied for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import installs
from tests.cli.installs import Install


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """An install whose tables are there, and empty."""
    made = Install(tmp_path_factory.mktemp("empty") / "home")
    done = made.maillage("migrate")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="session")
def lived_in(empty: Install, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """An install with the cast: places, a photo, accounts, an invitation, revisions. Read it, never write to it."""
    made = installs.copied(empty, tmp_path_factory.mktemp("lived_in") / "home")
    made.python(installs.CAST)
    return made


@pytest.fixture(scope="session")
def backup(lived_in: Install, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of `lived_in`."""
    path = tmp_path_factory.mktemp("backup") / "whole.zip"
    done = lived_in.maillage("backup", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def install(lived_in: Install, tmp_path: Path) -> Install:
    """A copy of `lived_in`, to write to."""
    return installs.copied(lived_in, tmp_path / "home")


@pytest.fixture
def fresh(tmp_path: Path) -> Install:
    """An install where nothing has been done yet."""
    return Install(tmp_path / "fresh")


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[Install]:
    """An install where nothing has been done yet, on PostgreSQL."""
    if installs.postgres() is None:
        pytest.skip("needs a PostgreSQL server")
    with installs.own_database() as url:
        yield Install(tmp_path / "on_postgres", url)
