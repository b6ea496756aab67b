"""The real public files: every row comes in, and the published figures come out."""

import gzip
from pathlib import Path

import pytest

from maillage.network.exchange import formats
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.models import Candidate, ImportRun
from maillage.network.exchange.queries import exported
from maillage.network.exchange.rules.decoding import decode
from maillage.network.exchange.rules.reports import Options, Report
from maillage.network.exchange.sources.official_census import places_from_folder
from maillage.network.observatory import queries as observatory
from maillage.places.models import Place, SourceRecord
from tests.conftest import NOW
from tests.network.exchange.breaking import inject

pytestmark = [pytest.mark.data, pytest.mark.usefixtures("small_ground")]


def bring(path: Path, **more) -> Report:
    return import_file(path=path, by="test:Inès", now=NOW, **more)


def test_the_whole_census_comes_in_and_a_second_run_changes_nothing(data_dir):
    tried = bring(data_dir / "CGET_TiersLieux_2019.csv", dry_run=True)
    assert (tried.created, Place.objects.count(), ImportRun.objects.count()) == (1512, 0, 0)
    report = bring(data_dir / "CGET_TiersLieux_2019.csv")
    assert (report.rows, report.created, report.quarantined) == (1512, 1512, ())
    assert (report.flagged["insee-missing"], report.flagged["insee-conflict"]) == (157, 12)
    assert report.linked == ()  # None of the 64 co-located pairs, nor any other, is made one without asking.
    assert 1 <= len(report.candidates) <= 10
    assert all(type(raw["INSEECOM"]) is str for raw in SourceRecord.objects.values_list("raw", flat=True))
    again = bring(data_dir / "CGET_TiersLieux_2019.csv")
    assert (again.created, again.changed, again.unchanged, ImportRun.objects.count()) == (0, 0, 1512, 1)
    assert (again.candidates, Candidate.objects.count()) == ((), len(report.candidates))
    answer = observatory.count("outside-metropoles", today=NOW.date())
    assert (answer.numerator, answer.denominator, answer.n_missing) == (675, 1463, 0)
    assert len(list(exported(now=NOW))) == 1512


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_broken_rows_in_the_whole_census_stay_out_alone(data_dir, tmp_path, seed):
    lines, broken = inject((data_dir / "CGET_TiersLieux_2019.csv").read_text(encoding="utf-8").splitlines(), 10, seed)
    path = tmp_path / "cget.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    report = bring(path)
    assert report.created == 1512
    assert {refused.problem.line for refused in report.quarantined} == set(broken)


def test_the_grouped_sources_keep_each_row_its_licence_and_the_census_as_it_was(data_dir):
    census, grouped = places_from_folder(data_dir)
    bring(census)
    rows = dict(SourceRecord.objects.values_list("ref", "raw"))
    report = bring(grouped)
    assert (report.rows, report.skipped, report.quarantined) == (18391, 15554, ())
    assert dict(SourceRecord.objects.filter(source__slug="cget-2019").values_list("ref", "raw")) == rows
    assert set(SourceRecord.objects.filter(source__slug="fablabs-io-2017").values_list("licence", flat=True)) == {
        "ODbL (La Poste datanova/fablabs.io; depot Apache-2.0)"
    }
    again = bring(grouped)
    assert (again.created, again.changed) == (0, 0)


def test_every_distinct_place_of_the_grouped_sources_is_read(data_dir):
    text = decode(gzip.decompress((data_dir / "places.csv.gz").read_bytes()))
    reading = formats.detect(text).read(Document("places.csv", text), Options(all_places=True))
    drafts = [draft for entry in reading.entries for draft in entry.drafts]
    assert (len(drafts), reading.refused, len(reading.sources)) == (18391, [], 27)
    assert len({draft.group for draft in drafts}) == 12997
    assert len({(draft.source, draft.ref) for draft in drafts}) == 18391
