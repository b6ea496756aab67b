"""The real files: Cherbourg cannot be said, a mountain community is a firm no, and all of it stays quick to ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from maillage.diagnosis import labels
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.sources.official_census import places_from_folder
from maillage.territory.actions import load_folder
from tests.conftest import NOW
from tests.diagnosis.conftest import ask, change_ground

pytestmark = [pytest.mark.data, pytest.mark.django_db]


NEEDED = ("communes.csv.gz", "commune_code_history.csv.gz", "bpe2021_communes.csv.gz", "bpe2021_types.csv")
"""No outlines: no figure rests on them."""


@pytest.fixture(scope="module")
def france(data_dir: Path, tmp_path_factory, django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The whole of it, loaded once for this module, in a transaction that is never committed."""
    folder = tmp_path_factory.mktemp("france")
    for name in NEEDED:
        (folder / name).symlink_to(data_dir.resolve() / name)
    with django_db_blocker.unblock(), transaction.atomic():
        load_folder(folder=folder, by="essai", now=NOW)
        for path in places_from_folder(data_dir):
            import_file(path=path, by="essai", now=NOW)
        change_ground()
        yield
        transaction.set_rollback(True)
    change_ground()


@pytest.mark.parametrize("reference", ["epci-200067205", "50129"])
def test_cherbourg_cannot_be_said(france, reference):
    found = ask(reference)
    assert (found.conclusion.verdict, found.conclusion.if_complete) == ("unknown", "useful")
    assert (found.trust.found, found.trust.evidence) == (0, "none")
    assert found.trust.chance < 0.05
    assert labels.verdict(found).startswith("On ne peut pas conclure")
    assert labels.sentence(found.conclusion.sentences[0]).startswith(
        "Le registre a trop peu de lieux ici pour être cru"
    )
    assert found.demand.desks.p10 > 7


def test_a_mountain_community_is_a_firm_no_with_its_reasons(france):
    found = ask("epci-200072007")
    assert (found.name, found.conclusion.verdict, found.conclusion.if_complete) == (
        "CC Montagne d'Ardèche",
        "not-now",
        None,
    )
    assert found.demand.desks.p90 < 2
    assert found.demand.estimated == 0
    closed = [place.slug for place in found.places if place.status == "open"]
    assert ask("epci-200072007", closed=closed).conclusion.verdict == "not-now"


def test_the_community_of_m_perrin_is_told_smaller_with_a_range(france):
    found = ask("epci-243900420")
    assert found.conclusion.verdict == "smaller"
    assert 1.5 < found.demand.desks.p10 < found.demand.desks.p90 < 8
    assert all(case.source and (case.prices or case.desks or case.closed_on or case.opened_on) for case in found.cases)
    assert {theme.slug for theme in found.surroundings} >= {"serv-commerce", "serv-sante"}
    assert any(town.priority is not None for town in found.towns)
    assert all(town.employed is not None for town in found.towns)


def test_the_same_question_has_the_same_answer_and_a_change_is_undone(france):
    before = ask("epci-243900420")
    ask("epci-243900420", opened=["39370"], closed=[before.places[0].slug])
    assert ask("epci-243900420") == before


def test_a_region_and_france_are_told_whole(france):
    found = ask("reg-27")
    assert (found.reach.communes, len(found.towns)) == (3685, 3685)
    assert found.reach.population == sum(town.population for town in found.towns)
    france = ask("france")
    assert france.reach.communes == 34875
    assert france.reach.population == 66_165_815 + 2_184_983
    assert list(france.reach.bands.values()) == sorted(france.reach.bands.values())


def test_an_island_has_no_road_to_a_place_of_the_mainland(france):
    found = ask("commune-29155")  # Ouessant
    assert found.towns[0].minutes == float("inf")
    assert found.conclusion.verdict == "not-now"
