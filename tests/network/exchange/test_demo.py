import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.network.exchange.sources import demo
from maillage.network.exchange.sources.demo_cast import cast
from maillage.network.exchange.sources.demo_pictures import PICTURES
from maillage.places.rules.drafts import FIELDS, Draft
from maillage.places.rules.fields import check
from maillage.places.rules.hours import validate
from maillage.places.rules.photos import draw_again
from maillage.territory.queries.towns import towns
from maillage.territory.rules.names import normalise
from maillage.territory.rules.towns import Town

TODAY = date(2026, 11, 22)
FICTION_PHONE = re.compile(r"(01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98)( \d\d){2}")


def town(number: int, kind: str, **changes: Any) -> Town:
    given = {
        "code": f"{number:05}",
        "name": f"Commune {number}",
        "departement": "39",
        "region": "27",
        "postal_code": "39380",
        "lat": 45 + number % 40 / 10,
        "lon": 1 + number % 37 / 10,
        "estimated": False,
        "population": {"rural": 600, "town": 12_000, "metropole": 90_000}[kind] + number,
        "rural": kind == "rural",
        "metropole": kind == "metropole",
    }
    return Town(**(given | changes))


FRANCE = [town(n, ("rural", "rural", "rural", "town", "metropole")[n % 5]) for n in range(1, 2001)]
BY_CODE = {t.code: t for t in FRANCE}


@pytest.fixture(scope="module")
def drawn() -> list[Draft]:
    return list(demo.drafts(FRANCE, today=TODAY))


def firsts(drafts: list[Draft]) -> list[Draft]:
    return [draft for draft in drafts if draft.source == "demo"]


def test_three_hundred_places_with_the_shares_of_the_census(drawn: list[Draft]) -> None:
    places = firsts(drawn)
    assert len(places) == 300
    told = Counter(activity for draft in places for activity in draft.values["activities"])
    for activity, share in demo.ACTIVITY_SHARES.items():
        assert told[activity] == pytest.approx(300 * share, abs=20), activity
    forms = Counter(draft.values["legal_forms"][0] for draft in places)
    assert forms["association"] == 153
    where = [BY_CODE[draft.values["commune"]] for draft in places]
    assert sum(t.rural for t in where) == 102
    assert sum(not t.metropole for t in where) == 186
    states = Counter(draft.values["status"] for draft in places)
    assert (states["project"], states["closed"], states["dormant"]) == (18, 21, 9)


def test_every_draft_is_clean_fictional_and_free(drawn: list[Draft]) -> None:
    for draft in drawn:
        checked = check(draft.values)
        assert {problem.field for problem in checked.problems} <= {"opening_hours"}, draft
        assert checked.values == draft.values
        assert draft.demo and draft.licence == "CC0 1.0 (fiction)" and demo.SOURCES[draft.source].is_demo
        assert FICTION_PHONE.fullmatch(draft.values.get("phone", "06 39 98 00 00"))
        assert draft.values.get("email", "x@a.example.org").endswith(".example.org")
        assert draft.values.get("website", "https://a.example.org").endswith(".example.org")


def test_names_and_references_are_each_used_once(drawn: list[Draft]) -> None:
    names = Counter(draft.values["name"] for draft in firsts(drawn))
    assert max(names.values()) == 1
    refs = Counter((draft.source, draft.ref) for draft in drawn)
    assert max(refs.values()) == 1


def test_a_closed_place_says_when_and_why_and_lived_before(drawn: list[Draft]) -> None:
    closed = [draft.values for draft in firsts(drawn) if draft.values["status"] == "closed"]
    assert all(v["opened_on"][:4] <= v["closed_on"][:4] and v["closed_cause"] for v in closed)
    assert max(v["closed_on"] for v in closed) <= TODAY.isoformat()[:7]


def test_some_sources_disagree_some_hours_cannot_be_read_and_dates_are_spread(drawn: list[Draft]) -> None:
    others = [draft for draft in drawn if draft.source == "demo-reseau"]
    assert 15 <= len(others) <= 60
    places = {draft.ref: draft.values for draft in firsts(drawn)}
    assert any(d.values.get("phone") != places[d.ref].get("phone") for d in others)
    hours = [d.values["opening_hours"] for d in firsts(drawn) if "opening_hours" in d.values]
    assert 150 <= len(hours) <= 230
    unread = [oh for oh in hours if validate(oh)]
    assert 1 <= len(unread) <= 20
    months = {draft.dated[:7] for draft in drawn}
    assert len(months) > 20 and min(months) >= "2024-04" and max(draft.dated for draft in drawn) <= "2026-11-22"


def test_every_timetable_of_the_demo_can_be_read() -> None:
    assert [oh for _, oh in demo.words()["hours"] if validate(oh)] == []


def test_an_estimated_centre_gives_no_exact_point() -> None:
    vague = [town(n, "rural", estimated=True) for n in range(1, 30)]
    drafts = list(demo.drafts(vague, today=TODAY, count=40))
    assert len(drafts) >= 40
    assert not any("lat" in draft.values for draft in drafts)


@given(st.integers(0, 10_000), st.integers(0, 60))
@settings(max_examples=12, deadline=None)
def test_the_same_seed_gives_the_same_places(seed: int, count: int) -> None:
    first = list(demo.drafts(FRANCE[:50], today=TODAY, seed=seed, count=count))
    assert first == list(demo.drafts(FRANCE[:50], today=TODAY, seed=seed, count=count))
    assert len({draft.ref for draft in first}) == count


def test_without_communes_there_is_nothing_to_draw() -> None:
    assert list(demo.drafts([], today=TODAY)) == []


@given(st.sampled_from(["11", "27", "53", "75", "84", "04", ""]), st.integers(0, 1000))
def test_phone_numbers_are_of_the_ranges_kept_for_fiction(region: str, seed: int) -> None:
    assert FICTION_PHONE.fullmatch(demo.phone(Random(seed), region))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 300))
def test_months_before(day: date, months: int) -> None:
    before = demo.months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months


def test_the_cast_lives_where_its_communes_are(small_ground: None, now: Any) -> None:
    places = {place.key: place for place in cast(towns(), now=now)}
    assert set(places) == {
        "la-maille",
        "le-quai-d-en-face",
        "la-consigne-du-lavoir",
        "le-chantier-des-marees",
        "le-comptoir-des-sept-ponts",
        "la-table-des-matieres",
        "la-varangue-ouverte",
    }
    maille = places["la-maille"]
    assert len(maille.steps) == 5 and len(maille.photos) == 3 and maille.confirmed_by == "Nadine, animatrice"
    assert [step.at for step in maille.steps] == sorted(step.at for step in maille.steps)
    rich = maille.steps[-1].draft.values
    left_out = {"closed_on", "closed_cause", "siret"}
    assert set(rich) == {name for name in FIELDS if name not in left_out}
    assert list(cast([], now=now)) == []


def test_the_texts_of_the_cast_are_clean(small_ground: None, now: Any) -> None:
    for place in cast(towns(), now=now):
        for step in place.steps:
            assert check(step.draft.values).problems == ()
            assert FICTION_PHONE.fullmatch(step.draft.values.get("phone", "06 39 98 00 00"))
            assert step.at <= now


@pytest.mark.parametrize("name", list(PICTURES))
def test_pictures_are_drawn_and_weigh_little(name: str) -> None:
    drawn = draw_again(PICTURES[name]())
    assert (drawn.width, drawn.height) == (1500, 1000)
    assert len(drawn.small) < 25_000


@pytest.mark.data
def test_no_real_place_bears_a_name_of_the_demo(data_dir: Path, drawn: list[Draft]) -> None:
    with (data_dir / "CGET_TiersLieux_2019.csv").open(encoding="utf-8") as file:
        real = {normalise(row["NOM_TL"]) for row in csv.DictReader(file)}
    assert real
    invented = {f"{head} {words}" for head in demo.words()["heads"] for words in demo.words()["complements"]}

    assert not real & {normalise(name) for name in invented}


@pytest.mark.data
def test_no_real_place_bears_a_name_of_the_cast(data_dir: Path, small_ground: None, now: Any) -> None:
    with (data_dir / "CGET_TiersLieux_2019.csv").open(encoding="utf-8") as file:
        real = {normalise(row["NOM_TL"]) for row in csv.DictReader(file)}
    ours = {normalise(step.draft.values["name"]) for place in cast(towns(), now=now) for step in place.steps}
    assert len(ours) == 9 and not real & ours
