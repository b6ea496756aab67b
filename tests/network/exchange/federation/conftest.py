from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.network.exchange.federation.live import Live, copied, template


@pytest.fixture(scope="session")
def empty_home(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Path:
    with django_db_blocker.unblock():
        return template(tmp_path_factory.mktemp("instances") / "model")


@pytest.fixture
def live(empty_home: Path, tmp_path: Path) -> Iterator[Callable[[str], Live]]:
    """Starts instances of their own, and stops them."""
    started: list[Live] = []

    def start(name: str) -> Live:
        started.append(copied(empty_home, tmp_path / name, name))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()
