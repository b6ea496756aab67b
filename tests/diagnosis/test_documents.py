"""A diagnosis written as data, table and map, kept as bytes and read again, compared with another day's."""

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.diagnosis import labels
from maillage.diagnosis.rules.changes import changes
from maillage.diagnosis.rules.documents import as_csv, as_data, as_geojson, as_json, plan_geojson
from maillage.diagnosis.rules.facts import Conclusion, Diagnosis, Sentence, Town
from maillage.diagnosis.rules.packing import Unreadable, fingerprint, pack, unpack
from tests.diagnosis.made import demand, diagnosis

numbers = st.none() | st.floats(allow_nan=False)
towns = st.lists(
    st.builds(
        Town,
        code=st.from_regex("[0-9]{5}", fullmatch=True), name=st.text(max_size=20), lat=numbers, lon=numbers,
        population=st.none() | st.integers(0, 10**7), employed=numbers, density=st.none() | st.integers(1, 7),
        minutes=numbers, minutes_now=numbers, nearest=st.text(max_size=9), nearest_name=st.text(max_size=9),
        vulnerability=numbers, priority=numbers,
    ),
    max_size=4,
)  # fmt: skip


def test_what_is_packed_is_read_again_figure_for_figure():
    made = diagnosis()
    assert unpack(pack(made)) == made
    empty = diagnosis(demand=None, plan=None, towns=(), remarks=(), conclusion=Conclusion("unknown", ()))
    assert unpack(pack(empty)) == empty


@given(towns)
def test_any_commune_survives(rows):
    made = diagnosis(towns=tuple(rows))
    assert unpack(pack(made)).towns == made.towns


@pytest.mark.parametrize("data", [b"", b"x", pack(diagnosis())[:-9]])
def test_bytes_that_hold_no_diagnosis_are_refused(data):
    with pytest.raises(Unreadable, match=r"^these bytes hold no diagnosis$"):
        unpack(data)


def test_the_fingerprint_is_that_of_the_figures_and_of_nothing_else():
    made = diagnosis()
    assert fingerprint(replace(made, today="2027-01-01", registry=99)) == fingerprint(made)
    assert made.plan is not None
    assert fingerprint(replace(made, plan=replace(made.plan, seconds=9.0))) == fingerprint(made)
    assert fingerprint(replace(made, demand=demand(4.1))) != fingerprint(made)
    assert fingerprint(replace(made, travel="route")) != fingerprint(made)


def test_unknown_and_out_of_reach_are_told_apart_and_neither_is_zero():
    rows = as_data(diagnosis())["towns"]
    assert [(row["minutes"], row["reach"]) for row in rows] == [
        (12.5, "known"),
        (None, "past-an-hour"),
        (None, "unknown"),
    ]
    table = list(csv.DictReader(io.StringIO(as_csv(diagnosis()))))
    assert [(row["minutes"], row["reach"]) for row in table] == [
        ("12.5", "known"),
        ("", "past-an-hour"),
        ("", "unknown"),
    ]
    assert table[2]["lat"] == ""
    assert table[2]["name"] == "'=Vaudrey"


def test_all_formats_tell_the_same_figures():
    made = diagnosis()
    data, table = json.loads(as_json(made)), list(csv.DictReader(io.StringIO(as_csv(made))))
    shapes = json.loads(as_geojson(made))["features"]
    communes = [one["properties"] for one in shapes if one["properties"]["kind"] == "commune"]
    assert len(data["towns"]) == len(table) == len(communes) == 3
    for town, row, drawn in zip(data["towns"], table, communes, strict=True):
        assert town["code"] == row["code"] == drawn["code"]
        assert town["minutes"] == drawn["minutes"]
        assert row["minutes"] == ("" if town["minutes"] is None else str(town["minutes"]))
    assert [one["geometry"] for one in shapes][2] is None
    places = [one["properties"] for one in shapes if one["properties"]["kind"] == "place"]
    assert [place["minutes"] for place in places] == [2.0, None]
    assert json.loads(plan_geojson(made.plan))["features"][0]["geometry"]["coordinates"] == [5.78, 46.97]


def rules(before: Diagnosis, after: Diagnosis) -> list[str]:
    return [one.rule for one in changes(before, after)]


def test_the_same_figures_changed_nothing():
    assert changes(diagnosis(), diagnosis(today="2027-01-01", registry=99)) == ()


def test_what_changed_is_told_the_answer_first():
    before = diagnosis()
    after = replace(
        before,
        conclusion=Conclusion("useful", ()),
        reach=replace(before.reach, population=900, beyond=0),
        demand=demand(8.0),
        travel="route",
        ground="1" * 64,
        places=(replace(before.places[0], status="closed"), replace(before.places[0], slug="neuf", name="Neuf")),
        towns=before.towns[:2],
    )
    assert rules(before, after) == [
        "changed-verdict", "changed-population", "changed-beyond", "changed-communes", "changed-desks", "place-new",
        "place-gone", "place-status", "changed-travel", "changed-ground",
    ]  # fmt: skip
    said = [labels.change(one) for one in changes(before, after)]
    assert said[0] == "La réponse était «\u202fPlus petit\u202f»\u202f; elle est «\u202fUtile ici\u202f»."
    assert said[5] == "Apparu à portée\u202f: «\u202fNeuf\u202f» (Chamblay)."
    assert all("%(" not in one for one in said)


def test_a_demand_that_becomes_known_changed_and_one_that_hardly_moves_did_not():
    assert rules(diagnosis(demand=None), diagnosis()) == ["changed-desks"]
    assert rules(diagnosis(demand=demand(4.0)), diagnosis(demand=demand(4.1))) == []
    assert "inconnu" in labels.change(changes(diagnosis(demand=None), diagnosis())[0])


def test_many_places_are_not_all_named():
    place = diagnosis().places[0]
    many = tuple(replace(place, slug=f"lieu-{n}") for n in range(30))
    told = changes(diagnosis(places=()), diagnosis(places=many))
    assert len(told) == 11
    assert told[-1] == Sentence("places-more", {"count": 20})
