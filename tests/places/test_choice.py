from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.choice import Record, choose, is_fresh, months_between
from maillage.places.rules.drafts import FIELDS

TODAY = date(2026, 11, 22)
dates = st.sampled_from(["", "2012", "2019-06", "2024-09", "2025", "2026-01-15"])
values = st.dictionaries(st.sampled_from(FIELDS), st.text(min_size=1, max_size=4), max_size=8)
records = st.lists(st.tuples(st.integers(1, 3), dates, values), max_size=5).map(
    lambda rows: [Record(f"s:{n}", rank, dated, said) for n, (rank, dated, said) in enumerate(rows)]
)


@given(records)
def test_every_value_shown_was_said_by_the_record_named(given_records: list[Record]) -> None:
    said = {record.key: record.values for record in given_records}
    for name, chosen in choose(given_records, today=TODAY).items():
        assert said[chosen.record][name] == chosen.value


@given(records)
def test_a_place_is_believed_before_any_dataset(given_records: list[Record]) -> None:
    own = Record("place", 3, "2026-11-01", {"name": "Chez nous", "phone": "03 84 00 00 00"})
    others = [Record(r.key, min(r.rank, 2), r.dated, r.values) for r in given_records]
    chosen = choose([*others, own], today=TODAY)
    assert chosen["name"].record == chosen["phone"].record == "place"


@given(records)
def test_saying_nothing_new_changes_nothing(given_records: list[Record]) -> None:
    silent = Record("silent", 3, "2026-11-01", {})
    assert choose([*given_records, silent], today=TODAY) == choose(given_records, today=TODAY)


@given(records)
def test_a_position_comes_from_one_source(given_records: list[Record]) -> None:
    chosen = choose(given_records, today=TODAY)
    if "lat" in chosen:
        speakers = {chosen[name].record for name in ("lat", "lon", "street", "commune") if name in chosen}
        leader = chosen["lat"].record
        spoken = next(r.values for r in given_records if r.key == leader)
        assert all(chosen[n].record == leader for n in ("lon", "street") if n in spoken)
        assert leader in speakers


def test_a_fresh_source_is_believed_before_a_stale_one() -> None:
    stale = Record("a", 1, "2019-06", {"name": "Ancien nom", "phone": "01 99 00 00 01"})
    fresh = Record("b", 1, "2026-01", {"name": "Nouveau nom"})
    chosen = choose([stale, fresh], today=TODAY)
    assert (chosen["name"].value, chosen["phone"].value) == ("Nouveau nom", "01 99 00 00 01")


def test_an_unknown_date_is_never_fresh() -> None:
    assert not is_fresh("", TODAY)
    assert months_between("", TODAY) is None


def test_a_status_and_its_closing_date_stay_together() -> None:
    closed = Record("a", 1, "2019", {"status": "closed", "closed_on": "2018", "closed_cause": "locaux"})
    reopened = Record("b", 1, "2026", {"status": "open"})
    chosen = choose([closed, reopened], today=TODAY)
    assert "closed_on" not in chosen
    assert chosen["status"].value == "open"
