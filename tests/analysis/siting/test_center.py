from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.analysis.siting import highs
from maillage.analysis.siting.center import center
from maillage.analysis.siting.certificate_distance import CertificateError
from maillage.analysis.siting.checks import SitingInputError
from maillage.analysis.siting.median_search import Search, Step
from tests.analysis.siting.tables import instances, plane, trips

module = import_module("maillage.analysis.siting.center")  # the package shows the function under this name
table = np.array([[1.0, 9.0, 9.0], [9.0, 2.0, 6.0], [9.0, 9.0, 4.0]])


def longest(instance, sites):
    return float(instance.costs(list(sites))[instance.weights > 0].max(initial=0.0))


def asked(instance):
    return instance.asked() | {"weights": instance.weights}


@given(instances())
@settings(max_examples=60)
def test_equals_trying_everything_and_proves_it(instance):
    found = center(instance.minutes, instance.k, **asked(instance))
    assert found.objective == min(longest(instance, sites) for sites in instance.every_choice())
    assert (found.bound, found.gap, found.stopped) == (found.objective, 0.0, "proved")
    assert longest(instance, found.sites) == found.objective
    assert found.sites.tolist() == sorted(set(found.sites)) and found.sites.size == instance.k
    assert set(found.sites) <= set(instance.candidates)


@given(instances())
@settings(max_examples=30)
def test_without_a_quick_look_highs_gives_the_same_answer(instance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "QUICK_STEPS", 0)
        found = center(instance.minutes, instance.k, **asked(instance))
    assert found.objective == found.bound == min(longest(instance, sites) for sites in instance.every_choice())


@pytest.mark.parametrize(("steps", "said"), [(0, ", bound by HiGHS"), (1000, "")])
def test_the_model_names_who_proved_the_last_bound(monkeypatch, steps, said):
    monkeypatch.setattr(module, "QUICK_STEPS", steps)
    found = center(trips(table), 1)
    assert (found.objective, found.bound, found.stopped) == (9.0, 9.0, "proved")
    assert found.model == f"p-center, bisection with covering by Lagrangian relaxation and branching{said}"


@given(instances(), st.data())
@settings(max_examples=30)
def test_a_place_that_exists_already_never_lengthens_the_longest_trip(instance, data):
    spare = sorted(set(range(instance.table.shape[1])) - set(instance.candidates) - set(instance.fixed))
    if not spare:
        return
    more = asked(instance) | {"fixed": [*instance.fixed, data.draw(st.sampled_from(spare))]}
    before = center(instance.minutes, instance.k, **asked(instance))
    assert center(instance.minutes, instance.k, **more).objective <= before.objective


@given(instances(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_rows_and_columns_changes_nothing(instance, shuffle):
    rows, columns = list(range(instance.table.shape[0])), list(range(instance.table.shape[1]))
    shuffle.shuffle(rows)
    shuffle.shuffle(columns)
    place = {column: index for index, column in enumerate(columns)}
    moved = center(
        trips(instance.table[rows][:, columns]),
        instance.k,
        weights=instance.weights[rows],
        fixed=[place[column] for column in instance.fixed],
        candidates=[place[column] for column in instance.candidates],
        unreachable_minutes=np.broadcast_to(instance.price, len(rows))[rows],
    )
    still = center(instance.minutes, instance.k, **asked(instance))
    assert (moved.objective, moved.bound) == (still.objective, still.bound)


@given(instances(), st.integers(1, 5))
@settings(max_examples=30)
def test_a_detour_common_to_all_trips_adds_itself_to_the_longest(instance, detour):
    more = asked(instance) | {"unreachable_minutes": instance.price + detour}
    longer = center(trips(instance.table + detour), instance.k, **more)
    plain = center(instance.minutes, instance.k, **asked(instance))
    assert longer.objective == plain.objective + (detour if instance.weights.any() else 0)


def test_only_rows_that_weigh_something_count():
    assert center(trips(table), 1).objective == 9.0
    assert center(trips(table), 1, weights=[0, 5, 1]).objective == 6.0
    assert center(trips(table), 1, weights=[0, 0, 0]).objective == 0.0


def test_zero_minutes_is_a_trip():
    found = center(trips(np.array([[0.0, 5.0], [7.0, 0.0]])), 2)
    assert (found.objective, found.served_by.tolist()) == (0.0, [0, 1])


def test_a_row_that_no_site_reaches_costs_its_price():
    found = center(trips(np.array([[1.0, 4.0], [np.inf, np.inf]])), 1, unreachable_minutes=20)
    assert (found.objective, found.bound, found.served_by.tolist()) == (20.0, 20.0, [0, -1])


def test_a_row_out_of_reach_needs_a_price():
    with pytest.raises(SitingInputError) as refused:
        center(trips(np.array([[1.0, 4.0], [np.inf, np.inf]])), 1)
    assert str(refused.value) == (
        "Row 1 is reached by no fixed site and by 0 of 2 candidates, so a choice of 1 may leave it without any site "
        "(1 such rows): give unreachable_minutes, what a row costs then, at least the longest trip."
    )


@pytest.mark.parametrize("seed", range(2))
def test_a_middle_sized_instance_is_proved(seed):
    minutes, _ = plane(seed, 50)
    found = center(trips(minutes), 5)
    assert (found.stopped, found.gap) == ("proved", 0.0)
    assert minutes[:, found.sites].min(axis=1).max() == found.objective


def test_a_gap_or_a_time_limit_is_honest():
    minutes, _ = plane(3, 60)
    exact = center(trips(minutes), 5).objective
    rough = center(trips(minutes), 5, gap=0.2)
    assert rough.bound <= exact <= rough.objective and rough.gap <= 0.2
    hasty = center(trips(minutes), 5, time_limit_s=1e-9)
    assert hasty.bound <= exact <= hasty.objective
    assert (hasty.stopped, hasty.gap > 0) == ("time", True)


@pytest.mark.parametrize(("steps", "where"), [(1, (Search, "_climb")), (0, (highs, "solve"))])
def test_ctrl_c_gives_the_best_found_with_an_honest_gap(monkeypatch, steps, where):
    minutes, _ = plane(4, 60)
    exact = center(trips(minutes), 5).objective

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "QUICK_STEPS", steps)
    monkeypatch.setattr(*where, interrupt)
    found = center(trips(minutes), 5)
    assert found.bound <= exact <= found.objective
    assert found.stopped == "interrupted"


def test_a_proof_that_proves_nothing_is_refused(monkeypatch):
    run = module._Bisection.run

    def tamper(search, allowed):
        run(search, allowed)
        rows = np.arange(60)
        search.proof = module._TooShort(search.times[-2], Step(rows, np.full(60, 0.5), 1.0))

    monkeypatch.setattr(module._Bisection, "run", tamper)
    minutes, _ = plane(4, 60)
    with pytest.raises(CertificateError):
        center(trips(minutes), 5)


def test_a_tampered_objective_is_refused(monkeypatch):
    run = module._Bisection.run

    def tamper(search, allowed):
        run(search, allowed)
        search.objective *= 0.9

    monkeypatch.setattr(module._Bisection, "run", tamper)
    with pytest.raises(CertificateError) as refused:
        center(trips(table), 2)
    assert str(refused.value) == (
        "The search says that the longest trip is 5.4, and the unreduced data say 6.0. The answer is withheld; please "
        "report this with the data that gave it."
    )
