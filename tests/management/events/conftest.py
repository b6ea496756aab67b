from datetime import UTC, datetime
from typing import Any

import pytest

from tests.management.bookings.hall import Hall, hall
from tests.management.events.workshop import Workshop, workshop

TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""Ten o’clock in Paris, two days after `now`."""


@pytest.fixture
def tuesday() -> datetime:
    return TUESDAY


@pytest.fixture
def venue(people: Any) -> Hall:
    return hall(people.place)


@pytest.fixture
def repair(people: Any, now: datetime) -> Workshop:
    """Twelve seats, no room."""
    return workshop(people.place, TUESDAY, seats=12, now=now)


@pytest.fixture
def small(people: Any, now: datetime) -> Workshop:
    """Two seats, no room."""
    return workshop(people.place, TUESDAY, seats=2, now=now)
