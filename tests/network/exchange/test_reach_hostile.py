"""How far the imports of an officer reach: not through a place of hers that was merged into one of somebody else's."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from maillage.network.exchange.actions import import_file
from maillage.network.exchange.queries import reach
from maillage.places.actions import merge_places
from maillage.places.models import SourceRecord
from tests.network.exchange.test_tiers_lieux import row, table
from tests.places.test_record import LA_MAILLE, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]


def test_a_place_of_hers_merged_into_one_elsewhere_opens_no_door(now: datetime, tmp_path: Path) -> None:
    elsewhere = replace(LA_MAILLE, ref="44", dated="2026-10", values={"name": "L’Escale", "commune": "44109"})
    kept = record(elsewhere, now=now).place_ids[0]
    gone = record(replace(LA_MAILLE, ref="39"), now=now).place_ids[0]
    merge_places(kept_id=kept, gone_id=gone, reason="le même", by="essai", now=now)
    path = tmp_path / "lieux.csv"
    cells = {"id": str(gone), "nom": "Volé", "telephone": "+33384000000", "source": "Une autre"}
    path.write_text(table(row(**cells)), encoding="utf-8")
    report = import_file(path=path, by="compte:1:network_officer", now=now, scopes=("dep:39",))
    assert not SourceRecord.objects.filter(place=kept, values__name="Volé").exists()
    assert [one.problem.problem.partition(" hors")[0] for one in report.quarantined] == ["ce lieu est déjà inscrit"]
    assert reach.communes_of([gone]) == {gone: "44109"}
