from datetime import datetime

import pytest
from django.test import Client

from tests.management.passes.shelf import Shelf, furnished
from tests.people import People, signed_in


@pytest.fixture
def shelf(people: People, now: datetime) -> Shelf:
    """Nadine's place with an office, an open space and a room, its prices, and the carnet of ten."""
    return furnished(people, now)


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)
