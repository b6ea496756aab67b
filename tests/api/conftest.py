from collections.abc import Iterator
from datetime import datetime

import pytest
from django.core.cache import cache

from maillage.accounts import actions as accounts
from maillage.accounts.rules import COLLEAGUE, place_scope
from maillage.api.limits import computed, reads
from maillage.journal.queries import aside
from maillage.places import queries
from tests.web import cast


@pytest.fixture(autouse=True)
def fresh_counters(db: None) -> Iterator[None]:
    aside.clear()
    cache.clear()
    reads.counts.clear()
    computed.counts.clear()
    yield
    cache.clear()


@pytest.fixture
def places(small_ground: None, now: datetime) -> None:
    """The cast's places and a dozen more."""
    cast.load(now=now, more=12)


def id_of(slug: str):
    found = queries.place_by_slug(slug).place
    assert found is not None
    return found.pk


def key_of(slug: str, now: datetime, *, role: str = COLLEAGUE, name: str = "Agenda") -> str:
    """The secret of a new key of a place."""
    scope = place_scope(id_of(slug))
    return accounts.make_key(name=name, role=role, scope=scope, by="compte:1:facilitator", now=now)[1]


def bearer(secret: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", **headers}
