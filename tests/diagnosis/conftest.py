from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from maillage.diagnosis import queries
from maillage.diagnosis.queries import journeys
from maillage.diagnosis.rules.asking import request
from maillage.diagnosis.rules.facts import Diagnosis
from maillage.journal import actions as journal
from maillage.places.actions import record_many
from maillage.places.rules.drafts import Draft
from maillage.territory.queries import arrays, zonings
from tests import ground
from tests.conftest import NOW
from tests.web import cast

CENTRES = {row[0]: (row[5], row[6]) for row in ground.COMMUNES}


@pytest.fixture(autouse=True)
def ground_read_anew() -> Iterator[None]:
    """A test may change a commune behind the back of what is kept in memory."""
    yield
    change_ground()


def change_ground() -> None:
    """Forget the columns of the ground: something of it was just changed."""
    arrays._columns.cache_clear()
    zonings._zoning.cache_clear()
    journeys._kept.cache_clear()


@pytest.fixture
def places(small_ground: None, now: datetime) -> None:
    """The places of the cast, and a dozen more at Besançon: enough to expect some elsewhere."""
    cast.load(now=now, more=12)


def record(*told: dict[str, Any], dated: str = "2026-03", now: datetime = NOW) -> None:
    """Write places of a census of that date; each says its name and its commune."""
    drafts = []
    for one in told:
        lat, lon = CENTRES[one["commune"]]
        values = {"lat": lat, "lon": lon, "activities": ["coworking"], **one}
        drafts.append(Draft("recensement", f"essai-{one['name']}", values, {}, cast.CENSUS.licence, dated=dated))
    record_many(drafts=drafts, sources={cast.CENSUS.slug: cast.CENSUS}, by="essai", now=now)
    journal.write(action="exchange.imported", by="essai", now=now)


def ask(territory: str, **asked: Any) -> Diagnosis:
    """The diagnosis of a territory, on the day of the tests."""
    return queries.diagnose(request(territory, **asked), today=NOW.date())
