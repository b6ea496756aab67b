"""The next process takes the ground, the places and their minutes from the disk, and says the same."""

from pathlib import Path

import pytest

from maillage.diagnosis.queries import journeys, peers
from maillage.diagnosis.queries import supply as supplies
from maillage.diagnosis.rules.documents import as_data
from maillage.territory.queries import arrays, stored, zonings
from tests.diagnosis.conftest import ask, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]
KEPT = {"ground.arrays", "supply.arrays", "journeys.arrays", "cities.arrays"}
MEMORY = (arrays._columns, zonings._zoning, supplies._supply, journeys._kept, peers.minutes_to_city, peers._likes)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stored, "folder", lambda: tmp_path)
    return tmp_path


def another_process_says(reference: str = "dep-39"):
    for kept in MEMORY:
        kept.cache_clear()
    return as_data(ask(reference))


def test_what_is_taken_from_the_disk_says_the_same(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = another_process_says()
    assert {one.name for one in cache.iterdir()} == KEPT
    for module, name in ((arrays, "_made"), (supplies, "_made"), (journeys, "_made"), (peers, "_to_city")):
        monkeypatch.setattr(module, name, None)  # nothing is read or computed again
    assert another_process_says() == first


def test_a_broken_copy_changes_no_figure(cache: Path) -> None:
    first = another_process_says()
    for one in cache.iterdir():
        one.write_bytes(one.read_bytes()[:-7])
    assert another_process_says() == first


def test_a_place_that_opens_is_seen_by_the_next_process(cache: Path) -> None:
    before = another_process_says("commune-39300")
    record({"name": "La Halle de Lons", "commune": "39300"})
    after = another_process_says("commune-39300")
    assert [one["name"] for one in after["places"]].count("La Halle de Lons") == 1
    assert after["towns"][0]["minutes"] != before["towns"][0]["minutes"]
