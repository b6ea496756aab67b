from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.journal.models import AuditEvent
from maillage.journal.queries import aside
from maillage.network.exchange.formats import cget
from maillage.network.observatory import queries, tasks
from maillage.network.observatory.actions import take_snapshot
from maillage.network.observatory.models import Snapshot
from maillage.network.observatory.rules.counts import Count, as_data, grouped, percent
from maillage.network.observatory.rules.definitions import FOLDER, definitions
from maillage.places import queries as places
from maillage.places.actions import remove_place
from maillage.places.rules.drafts import Draft
from tests.conftest import NOW
from tests.network.observatory.told import place, record, row

TODAY = date(2026, 11, 22)


@pytest.mark.usefixtures("small_ground")
class TestOutsideMetropoles:
    def count(self, at=None) -> Count:
        return queries.count("outside-metropoles", today=TODAY, at=at)

    def test_without_the_census_it_is_unknown_and_says_how_to_load_it(self):
        answer = self.count()
        assert (answer.known, answer.numerator, answer.denominator, answer.share) == (False, None, None, None)
        assert answer.reason == "census-not-loaded"

    def test_it_counts_typed_rows_and_tells_what_is_missing(self):
        record(row("1", "0"), row("2", "1"), row("3", "0"), row("4", ""), row("5", "0", typo=""))
        answer = self.count()
        assert (answer.numerator, answer.denominator, answer.n_missing, answer.date) == (2, 4, 1, "2019-06")
        assert answer.share == 0.5
        assert "Licence Ouverte 2.0" in answer.sources[0]

    def test_it_counts_the_census_and_not_the_registry_of_today(self):
        ids = record(row("1", "0"), row("2", "1")).place_ids
        remove_place(place_id=ids[0], reason="n’existe plus", by="test:Paul", now=NOW)
        record(place("9"))
        assert (self.count().numerator, self.count().denominator) == (1, 2)

    def test_rows_of_the_census_told_by_another_file_are_not_the_census(self):
        record(Draft("cget-2019", "1", {"name": "X", "commune": "39093"}, {"type_source": "x", "metropole": "0"}, "LO"))
        assert self.count().reason == "census-not-loaded"

    def test_fictional_places_are_never_counted(self):
        record(Draft("cget-2019", "1", {"name": "X", "commune": "39093"}, {"TYPO": "x", "METRO": "0"}, "LO", demo=True))
        record(replace(row("1", "0"), source="demo"))
        assert not self.count().known

    def test_before_its_publication_there_is_nothing_to_count(self):
        record(row("1", "0"))
        assert self.count(date(2019, 6, 12)).reason == "before-census"
        assert self.count(date(2019, 6, 13)).numerator == 1
        assert self.count(date(2019, 6, 13)).command == "maillage count outside-metropoles --at 2019-06-13"


@pytest.mark.usefixtures("small_ground")
class TestRegistry:
    def count(self, at=None) -> Count:
        return queries.count("registry", today=TODAY, at=at)

    def test_a_registry_of_nothing_but_demo_is_unknown_never_zero(self):
        record(place("1", "demo"))
        answer = self.count()
        assert (answer.known, answer.numerator, answer.reason) == (False, None, "registry-empty")

    def test_it_counts_by_status_and_source_without_demo_nor_removed_places(self):
        ids = record(place("1"), place("2", status="closed"), place("3", status="project"), place("4")).place_ids
        record(place("d", "demo"))
        remove_place(place_id=ids[3], reason="doublon", by="test:Paul", now=NOW)
        same = Draft("cget-2019", "7", {"name": "Lieu 1"}, {}, "LO", place_id=ids[0])
        record(same)
        answer = self.count()
        assert (answer.numerator, answer.denominator, answer.n_missing) == (2, 3, 0)
        told = {detail.kind: {row.name: row.n for row in detail.rows} for detail in answer.details}
        assert told["status"] == {"open": 1, "closed": 1, "project": 1}
        assert told["source"] == {"Réseau BFC": 3, cget.SOURCE.name: 1}

    def test_the_past_is_told_by_snapshots_or_not_at_all(self):
        record(place("1"))
        assert self.count(TODAY - timedelta(days=1)).reason == "no-snapshot"
        take_snapshot(by="test:Paul", now=NOW - timedelta(days=10))
        record(place("2"))
        then = self.count(TODAY - timedelta(days=1))
        assert (then.numerator, then.denominator, then.date) == (1, 1, "2026-11-12")
        assert {detail.kind: [(row.name, row.n) for row in detail.rows] for detail in then.details} == {
            "status": [("open", 1)],
            "source": [("Réseau BFC", 1)],
        }
        assert self.count().numerator == 2
        assert self.count(TODAY - timedelta(days=11)).reason == "no-snapshot"

    def test_the_home_and_data_pages_tell_the_same_number_of_places_by_source(self, client):
        ids = record(place("1"), place("2"), place("3"), row("7", "0")).place_ids
        record(replace(place("again"), place_id=ids[0]))
        remove_place(place_id=ids[2], reason="doublon", by="test:Paul", now=NOW)
        aside.clear()
        told = {detail.kind: tuple((row.name, row.n) for row in detail.rows) for detail in self.count().details}
        assert told["source"] == (("Réseau BFC", 2), (cget.SOURCE.name, 1))
        assert tuple((name, n) for _, name, _, n in places.registry().sources) == told["source"]
        data, home = (client.get(page).content.decode() for page in ("/doc/donnees/", "/"))
        for name, n in told["source"]:
            assert f'<th scope="row">{name}</th><td>{n}</td>' in data
            assert f"<b>{n}</b> {name} " in home


@pytest.mark.usefixtures("small_ground")
class TestSnapshots:
    def test_one_a_day_written_once_with_its_event(self):
        record(place("1"))
        known = [answer.definition.slug for answer in queries.all_counts(today=TODAY) if answer.known]
        assert take_snapshot(by="test:Paul", now=NOW) == len(known) > 5
        assert take_snapshot(by="test:Paul", now=NOW + timedelta(hours=3)) == 0
        assert sorted(Snapshot.objects.values_list("definition", flat=True)) == sorted(known)
        snapshot = Snapshot.objects.get(definition="registry")
        assert (snapshot.definition, snapshot.day, snapshot.numerator) == ("registry", TODAY, 1)
        assert AuditEvent.objects.filter(action="observatory.snapshot_taken").count() == 1

    def test_an_unknown_figure_is_not_kept_as_a_figure(self):
        assert take_snapshot(by="test:Paul", now=NOW) == 1
        (only,) = Snapshot.objects.all()
        assert (only.definition, only.numerator) == ("within-20-minutes", 0), "nobody is near a place: that is known"

    def test_the_day_is_the_one_of_france(self):
        record(place("1"))
        take_snapshot(by="test:Paul", now=NOW.replace(hour=23, minute=30))
        assert set(Snapshot.objects.values_list("day", flat=True)) == {date(2026, 11, 23)}

    def test_what_was_counted_long_ago_in_a_file_needs_no_snapshot(self):
        record(row("1", "0"))
        assert queries.count("outside-metropoles", today=TODAY).known
        take_snapshot(by="test:Paul", now=NOW)
        assert not Snapshot.objects.filter(definition__in=["outside-metropoles", "census-coworking"]).exists()

    def test_a_snapshot_of_the_first_version_is_still_read(self):
        detail = {"missing": 0, "sources": ["x"], "details": {"status": {"closed": 1, "open": 2}}}
        Snapshot.objects.create(
            definition="registry", day=date(2026, 1, 5), numerator=2, denominator=3, detail=detail, taken_at=NOW
        )
        then = queries.count("registry", today=TODAY, at=date(2026, 2, 1))
        assert [(row.name, row.n) for row in then.details[0].rows] == [("open", 2), ("closed", 1)]

    def test_the_job_does_what_its_schedule_names(self):
        record(place("1"))
        assert tasks.daily_snapshot() > 5
        assert tasks.daily_snapshot() == 0


@pytest.mark.django_db
def test_an_unknown_definition_is_refused_with_the_list():
    with pytest.raises(queries.UnknownDefinition) as refused:
        queries.count("deserts", today=TODAY)
    assert str(refused.value) == (
        "définition inconnue\u202f: «\u202fdeserts\u202f». Définitions\u202f: census-coworking, closures, "
        "confirmed-12-months, confirmed-24-months, likely-duplicates, openings, outside-metropoles-today, "
        "outside-metropoles, regions, registry, rural, unknown-commune, within-20-minutes. "
        "Lancez «\u202fmaillage count\u202f» pour les lire."
    )


def test_a_definition_bears_the_name_of_its_file():
    assert [path.stem for path in sorted(FOLDER.glob("*.toml"))] == list(definitions())


@pytest.mark.parametrize("slug", list(definitions()))
def test_every_sentence_is_written_in_both_languages(slug):
    french, english = definitions()[slug].told("fr"), definitions()[slug].told("en")
    for name in ("title", "definition", "population", "numerator", "denominator", "source", "missing"):
        assert getattr(french, name).strip() and getattr(english, name).strip()
        assert getattr(french, name) != getattr(english, name)
    assert len(french.caveats) == len(english.caveats) > 0
    assert len(french.explains) == len(english.explains)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_share_is_what_its_two_numbers_say(numerator, denominator):
    answer = Count(definitions()["outside-metropoles"], date="2026", numerator=numerator, denominator=denominator)
    assert (answer.share is None) == (denominator == 0)
    if denominator:
        assert answer.share == pytest.approx(numerator / denominator)
        assert as_data(answer)["share"] == pytest.approx(numerator / denominator, abs=5e-5)


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_plain_count_is_no_share(numerator, denominator):
    answer = Count(definitions()["registry"], date="2026", numerator=numerator, denominator=denominator)
    assert (answer.share, as_data(answer)["share"]) == (None, None)


@given(st.integers(0, 10**15))
def test_grouping_loses_no_digit(number):
    told = grouped(number)
    assert int(told.replace("\u202f", "")) == number
    assert all(len(group) == 3 for group in told.split("\u202f")[1:])


@given(st.floats(0, 1))
def test_a_percentage_is_within_half_a_tenth(share):
    assert float(percent(share).removesuffix("\u202f%").replace(",", ".")) == pytest.approx(share * 100, abs=0.0501)
