from datetime import datetime

import pytest
from django.test import Client

from maillage.accounts.rules import signature
from tests.management.billing.till import Till
from tests.people import People, signed_in


@pytest.fixture
def till(people: People, now: datetime) -> Till:
    """The till of Nadine’s place, which has not said who sells."""
    return Till(people.place, signature(people.nadine.user.pk, "facilitator"), now)


@pytest.fixture
def open_till(till: Till) -> Till:
    """The till of Nadine’s place, an association under the threshold of VAT."""
    return till.opens()


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)
