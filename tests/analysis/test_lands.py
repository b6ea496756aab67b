import csv
import gzip
from pathlib import Path

import pytest

from maillage.analysis.lands import islands, land, land_name, lands


def test_each_island_has_its_own_land_and_no_commune_two() -> None:
    communes = [code for island in islands() for code in island.communes]
    assert len(set(communes)) == len(communes)
    assert len({land(island.communes[0]) for island in islands()}) == len(islands())
    assert all(len({land(code) for code in island.communes}) == 1 for island in islands())
    assert {island.kind for island in islands()} == {"fact", "assumption"}


def test_mainlands_are_apart() -> None:
    assert lands(["75056", "2A004", "2B033", "97105", "97209", "97302", "97411", "97611", "97501"]).tolist() == [
        0, 1, 1, 3, 4, 5, 6, 8, 7,
    ]  # fmt: skip


def test_islands_have_a_name_and_mainlands_none() -> None:
    assert (land_name(land("97110")), land_name(land("97411")), land_name(-1)) == ("La Désirade", "", "")


@pytest.mark.data
def test_every_code_is_a_commune_of_the_official_list(data_dir: Path) -> None:
    with gzip.open(data_dir / "communes.csv.gz", "rt", encoding="utf-8") as file:
        known = {row["code"]: row["nom"] for row in csv.DictReader(file)}
    named = {code: known.get(code) for island in islands() for code in island.communes}
    assert None not in named.values()
    assert named["22016"] == "Île-de-Bréhat"
    assert named["97362"] == "Papaichton"
