"""Counters of the registry on places whose answer is known by hand."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from maillage.diagnosis.queries.supply import supply
from maillage.network.observatory import queries
from maillage.network.observatory.rules.counts import Count
from maillage.places.actions import remove_place
from maillage.places.models import Place
from maillage.territory.models import Commune
from tests.conftest import NOW
from tests.network.observatory.told import COUNT, HEAD, definition, nowhere, place, record, row

pytestmark = pytest.mark.usefixtures("small_ground")
TODAY = date(2026, 11, 22)


def count(slug: str, **more) -> Count:
    return queries.count(slug, today=TODAY, **more)


def classes(answer: Count, kind: str) -> dict[str, int]:
    (detail,) = [detail for detail in answer.details if detail.kind == kind]
    return {row.name: row.n for row in detail.rows}


def spread(*communes: str):
    record(*(place(f"{n}", commune=code) for n, code in enumerate(communes)))


def test_rural_is_five_six_seven_of_those_whose_density_is_known():
    spread("39093", "39370", "25056", "44154")
    record(nowhere("x"))
    answer = count("rural")
    assert (answer.numerator, answer.denominator, answer.n_missing, answer.members) == (2, 4, 1, 5)
    assert classes(answer, "density") == {"1": 1, "2": 0, "3": 1, "4": 0, "5": 1, "6": 1, "": 1}


def test_rates_are_of_the_people_whose_number_is_known():
    spread("39093", "39093", "25056")
    Commune.objects.filter(pk="25056").update(population=None)
    answer = count("regions")
    assert (answer.numerator, answer.n_missing) == (2, 1)
    people = sum(Commune.objects.filter(population__isnull=False).values_list("population", flat=True))
    assert answer.denominator == people
    assert answer.rate == pytest.approx(2 / people * 100_000)
    (detail,) = answer.details
    (here,) = [row for row in detail.rows if row.name == "27"]
    inhabitants = 423 + 1095 + 355 + 16618
    assert (here.n, here.inhabitants, here.rate) == (3, inhabitants, pytest.approx(2 / inhabitants * 100_000))
    assert answer.figures["unknown_communes"] == 1
    assert {row.name for row in detail.rows} == {"27", "52", "11", "04"}


def test_without_a_density_nor_a_population_it_is_unknown():
    spread("39093")
    Commune.objects.update(density_7=None, population=None)
    for slug in ("rural", "regions"):
        answer = count(slug)
        assert (answer.known, answer.reason) == (False, "communes-unknown")
        assert (answer.n_missing, answer.members) == (1, 1)


def test_openings_of_which_no_year_is_known_are_missing_and_no_ground_would_tell():
    record(place("1"), place("2"))
    answer = count("openings")
    assert (answer.known, answer.reason, answer.n_missing, answer.members) == (False, "nothing-known", 2, 2)


def test_places_of_no_use_here_are_left_out():
    counter = place("fs", labels=["france-services"], activities=[])
    help_only = place("aide", activities=["mediation-numerique"])
    closed = place("closed", status="closed")
    ids = record(place("1"), counter, help_only, closed, place("d", "demo"), place("gone")).place_ids
    remove_place(place_id=ids[-1], reason="doublon", by="test:Paul", now=NOW)
    assert count("rural").members == count("unknown-commune").denominator == 1
    assert count("registry").denominator == 4


def test_no_definition_can_reach_a_fictional_place():
    record(place("d", "demo"), replace(row("1", "0"), demo=True), replace(row("2", "0"), source="demo"))
    assert [answer for answer in queries.all_counts(today=TODAY) if answer.numerator] == []


def test_openings_by_year_with_those_not_known():
    record(place("1", opened_on="2019"), place("2", opened_on="2019-06-01"), place("3"), place("4", status="project"))
    answer = count("openings")
    assert (answer.numerator, answer.n_missing, answer.members) == (2, 1, 3)
    assert classes(answer, "opened") == {"2019": 2, "": 1}


def test_closures_by_year_and_none_told_is_no_zero():
    record(place("1"))
    assert count("closures").reason == "population-empty"
    record(place("2", status="closed", closed_on="2021-03"), place("3", status="closed"))
    answer = count("closures")
    assert (answer.numerator, answer.n_missing) == (2, 1)
    assert classes(answer, "closed") == {"2021": 1, "": 1}


@pytest.mark.parametrize(("days", "within"), [(1, (1, 1)), (364, (1, 1)), (367, (0, 1)), (729, (0, 1)), (732, (0, 0))])
def test_confirmed_within_a_year_or_two(days, within):
    record(place("1"), place("2"))
    Place.objects.filter(name="Lieu 1").update(confirmed_at=NOW - timedelta(days=days), confirmed_by="Nadine")
    told = [count(f"confirmed-{months}-months") for months in (12, 24)]
    assert tuple(answer.numerator for answer in told) == within
    assert {(answer.denominator, answer.n_missing) for answer in told} == {(2, 1)}


def test_a_confirmation_counts_on_the_day_of_france():
    record(place("1"))
    late = datetime.fromisoformat("2025-11-21T23:30:00+00:00")
    Place.objects.update(confirmed_at=late, confirmed_by="Nadine")
    assert count("confirmed-12-months").numerator == 1


def test_unknown_commune_and_likely_duplicates():
    again = place("2")
    record(place("1"), replace(again, values={**again.values, "name": "lieu 1"}), nowhere("3"))
    assert (count("unknown-commune").numerator, count("unknown-commune").denominator) == (1, 3)
    answer = count("likely-duplicates")
    assert (answer.numerator, answer.denominator, answer.n_missing) == (1, 2, 1)


def test_outside_the_metropoles_of_today():
    spread("39093", "44109", "25056")
    record(nowhere("x"))
    answer = count("outside-metropoles-today")
    assert (answer.numerator, answer.denominator, answer.n_missing) == (2, 3, 1)
    assert classes(answer, "metropole") == {"no": 2, "yes": 1, "": 1}


def test_a_territory_is_counted_alone_and_the_parts_make_the_whole():
    spread("39093", "39370", "25056", "44154", "97413")
    whole = count("rural")
    parts = [count("rural", where=f"reg:{code}") for code in ("27", "52", "04")]
    assert sum(part.denominator for part in parts) == whole.denominator
    assert sum(part.numerator for part in parts) == whole.numerator
    assert count("rural", where="epci:243900420").denominator == 2
    assert count("rural", where="reg:11").reason == "territory-empty"
    assert count("rural", where="dep:39").command == "maillage count rural --territory dep:39"
    assert count("rural", where="39999").territory == "commune:39093"


def test_the_sources_of_a_territory_are_those_that_told_of_it():
    record(place("1"), row("2", "0"))
    record(replace(row("3", "1"), values={"name": "Nantes", "commune": "44109", "status": "open"}))
    told = count("registry", where="reg:52")
    assert classes(told, "source") == {"Recensement des tiers-lieux 2018-2019 (mission Coworking)": 1}


def test_the_past_of_a_territory_is_not_known():
    record(place("1"))
    assert count("rural", where="dep:39", at=TODAY - timedelta(days=1)).reason == "no-snapshot-there"


def test_the_future_is_not_counted():
    with pytest.raises(queries.Refused) as refused:
        count("rural", at=TODAY + timedelta(days=1))
    assert str(refused.value) == (
        "le 2026-11-23 n’est pas encore venu\u202f: un compte se fait au plus tard aujourd’hui."
    )


def test_all_counts_together_are_each_counter_alone():
    record(
        *(place(f"{n}", commune=code, opened_on="2020") for n, code in enumerate(("39093", "25056", "44109", "75056"))),
        place("closed", status="closed", closed_on="2022"),
        row("c1", "0"),
        nowhere("x"),
    )
    for answer in queries.all_counts(today=TODAY):
        assert answer == count(answer.definition.slug)


def test_several_values_are_asked_of_the_database():
    record(place("1", activities=["coworking", "fablab"]), place("2", activities=["cafe"]), row("3", "0"))

    def members(where: str) -> int:
        asked = definition(f"where = {{ {where} }}", head=HEAD, base=COUNT)
        return queries.answered(asked, today=TODAY).members or 0

    assert members('activities = { in = ["fablab", "cafe"] }') == 2
    assert members('activities = { not_in = ["fablab"] }') == 2
    assert members('sources = { in = ["cget-2019"] }') == 1


def test_a_third_place_is_what_the_diagnosis_holds_for_one():
    record(
        place("1", activities=["coworking"]),
        place("2", activities=["mediation-numerique"]),
        place("3", labels=["france-services"]),
        place("4", activities=["mediation-numerique"], labels=["fabrique-de-territoire"]),
        place("5"),
        row("6", "0"),
    )
    held = {name for name, fictional in zip(supply().name, supply().is_demo, strict=True) if not fictional}
    assert held == {"Lieu 1", "Lieu 4", "Lieu 5", "Lieu 6"}
    assert count("unknown-commune").denominator == len(held)
