from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from tests.management.bookings.desk.conftest import chief, desk
from tests.management.bookings.feeds.hosts import Host, host

__all__ = ["chief", "desk"]


@pytest.fixture
def outside() -> Iterator[tuple[str, type[Host]]]:
    with host() as found:
        yield found


@pytest.fixture
def online(settings: Any, now: datetime) -> Iterator[None]:
    """On the network, as far as this machine; it is Sunday, half past ten at the place."""
    settings.OFFLINE, settings.FEEDS_FROM_LOOPBACK = False, True
    with time_machine.travel(now, tick=False):
        yield
