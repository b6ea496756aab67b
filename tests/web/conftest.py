from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.core.cache import cache

from tests.web import cast


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def registry(small_ground: None, now: datetime) -> Iterator[datetime]:
    """The cast's places and thirty more, on a clock that stands still on a Sunday at 10:30 in Paris."""
    cast.load(now=now, more=30)
    with time_machine.travel(now, tick=False):
        yield now
