from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from maillage.journal.queries import aside
from tests import ground
from tests.remembered import remembered
from tests.web import cast


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    aside.clear()


@pytest.fixture
def registry(db: None, now: datetime) -> Iterator[datetime]:
    """The cast's places and thirty more, on a clock that stands still on a Sunday at 10:30 in Paris."""
    remembered(("registry", now), lambda: load_registry(now))
    with time_machine.travel(now, tick=False):
        yield now


def load_registry(now: datetime) -> None:
    ground.load(now=now)
    cast.load(now=now, more=30)
