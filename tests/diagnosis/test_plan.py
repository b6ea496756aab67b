"""Where to open: against every possible choice, beside what is open, with an honest gap."""

from itertools import combinations

import numpy as np
import pytest

from maillage.analysis import siting
from maillage.diagnosis import labels, queries
from maillage.diagnosis.queries.area import area_of, nearest_now
from maillage.diagnosis.queries.asked import territory_of
from maillage.diagnosis.rules.asking import Refused, request
from maillage.territory.models import Commune
from tests.diagnosis.conftest import ask, change_ground, record

pytestmark = pytest.mark.django_db


def best(territory: str, k: int, **asked):
    objective = asked.pop("objective", "coverage")
    return queries.best_sites(request(territory, best_sites=k, **asked), objective=objective)


def gained(territory: str, codes: tuple[str, ...], within: int = 20) -> int:
    """How many more people are near, were these communes to open, by the diagnosis itself."""
    found = ask(territory, within_min=within, opened=codes)
    return found.reach_now.beyond - found.reach.beyond


@pytest.mark.parametrize("k", [1, 2, 3])
def test_no_other_choice_gains_more(places, k):
    found = best("dep-39", k)
    codes = [town.code for town in ask("dep-39").towns]
    assert found.gained == max(gained("dep-39", chosen) for chosen in combinations(codes, k))
    assert (found.bound, found.gap, found.stopped) == (found.gained, 0.0, "proved")
    assert (
        gained("dep-39", tuple(site.code for site in found.sites)) == found.gained == sum(s.gained for s in found.sites)
    )
    assert [site.rank for site in found.sites] == list(range(1, len(found.sites) + 1))


def test_what_is_open_already_counts_and_closing_it_makes_room(places):
    assert [site.code for site in best("dep-39", 2).sites] == ["39300"]  # the Val d'Amour is served already
    found = best("dep-39", 2, closed=["la-boutique-de-nadine", "l-atelier-de-m-perrin"])
    assert len(found.sites) == 2
    assert found.gained == 16618 + 1873
    assert best("dep-39", 1, opened=["39300"]).sites == ()


def test_the_least_minutes_for_all(places):
    found = best("dep-39", 1, objective="distance")
    area = area_of(territory_of("dep-39"), 20)
    now = np.minimum(nearest_now().minutes[area.sites], 90)
    people = area.where.population[area.sites]
    assert found.mean_now_min == pytest.approx((now * people).sum() / people.sum(), rel=1e-5)
    tried = []
    for code in area.where.code[area.sites]:
        towns = ask("dep-39", opened=[str(code)]).towns
        after = np.array([min(town.minutes, 90) for town in towns])
        tried.append((after * people).sum() / people.sum())
    assert found.mean_min == pytest.approx(min(tried), rel=1e-4)
    assert found.bound_min <= found.mean_min + 1e-9


def test_a_diagnosis_gives_the_same_sites(places):
    assert ask("dep-39", best_sites=1).plan.sites == best("dep-39", 1).sites
    assert ask("dep-39").plan is None


def test_more_sites_than_communes_and_a_territory_without_centres_are_refused(places):
    with pytest.raises(Refused) as refused:
        best("epci-243900420", 4)
    assert labels.refusal(refused.value).startswith("4 lieux à ouvrir, mais seulement 3 communes où en ouvrir")
    Commune.objects.filter(epci="243900420").update(lat=None, lon=None)
    change_ground()
    with pytest.raises(Refused) as refused:
        best("epci-243900420", 1)
    assert labels.refusal(refused.value) == (
        "Aucune commune de CC du Val d'Amour n’a de centre connu\u202f: on ne sait pas où ouvrir."
    )


def test_an_interrupted_search_tells_how_far_it_may_be(places, monkeypatch):
    real = siting.cover

    def stopped(*args, **kwargs):
        from dataclasses import replace

        found = real(*args, **kwargs)
        return replace(found, bound=found.bound + 1000, stopped="interrupted")

    monkeypatch.setattr(siting, "cover", stopped)
    found = best("dep-39", 1)
    assert (found.stopped, found.bound) == ("interrupted", found.gained + 1000)
    assert found.gap == pytest.approx(1000 / (found.gained + 1000))


def test_nobody_is_counted_twice_where_populations_are_unknown(places):
    record({"name": "Lons", "commune": "39300"})
    Commune.objects.filter(code="39370").update(population=None)
    change_ground()
    found = best("dep-39", 2, closed=["la-boutique-de-nadine", "l-atelier-de-m-perrin"])
    assert found.gained == 423 + 355
