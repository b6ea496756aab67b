import pytest

from maillage.territory.models import Commune, Ground
from maillage.territory.queries import search

pytestmark = pytest.mark.django_db


def test_a_search_over_the_ground_that_stands(small_ground: None) -> None:
    hit = search("chambley")[0]
    assert (hit.reference, hit.name, hit.context, hit.population, hit.typo) == (
        "commune-39093", "Chamblay", "Jura (39)", 423, True,
    )  # fmt: skip


def test_départements_régions_and_epci_are_found_with_their_context(small_ground: None) -> None:
    found = {hit.reference: hit.context for text in ("jura", "bourgogne", "val d'amour") for hit in search(text)}
    assert found["dep-39"] == "Bourgogne-Franche-Comté"
    assert found["reg-27"] == ""
    assert found["epci-243900420"] == "Jura (39)"
    assert {hit.reference: hit.population for hit in search("jura")}["dep-39"] == 423 + 1095 + 355 + 16618


def test_a_search_costs_one_query(small_ground: None, django_assert_num_queries) -> None:
    search("chamblay")
    with django_assert_num_queries(1):
        search("mouchard")


def test_a_new_ground_is_searched_at_once(small_ground: None, now) -> None:
    assert search("villers-farlay") == []
    Commune.objects.create(code="39569", name="Villers-Farlay", departement_id="39", population=700)
    assert search("villers-farlay") == []
    Ground.objects.create(kind="folder", label="suivant", loaded_at=now, fingerprint="2" * 64)
    assert [hit.code for hit in search("villers-farlay")] == ["39569"]


def test_without_a_ground_nothing_is_found(db: None) -> None:
    assert search("chamblay") == []
