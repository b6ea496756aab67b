from datetime import UTC, datetime

import pytest

from tests.management.bookings.hall import Hall, hall

TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""Ten o’clock in Paris, two days after `now`."""


@pytest.fixture
def tuesday() -> datetime:
    return TUESDAY


@pytest.fixture
def venue(people) -> Hall:
    return hall(people.place)
