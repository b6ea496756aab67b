import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from maillage.analysis.siting import set_cover
from tests.analysis.siting.instances import Small, smalls, town


@settings(max_examples=60, deadline=None)
@given(smalls())
def test_no_fewer_places_serve_everyone(small: Small) -> None:
    plan = set_cover(
        small.minutes, within=small.within, fixed=small.fixed, candidates=small.candidates, weights=small.weights
    )
    assert plan.objective == plan.bound == len(plan.sites) == small.fewest()
    assert plan.stopped == "proved"
    usable = [*small.fixed, *small.candidates]
    assert ((plan.served_by >= 0) | ~small.near[:, usable].any(axis=1) | (small.weights == 0)).all()


def test_rows_out_of_reach_are_named() -> None:
    minutes = sparse.csr_array(np.array([[1.0, 0.0], [0.0, 9.0], [2.0, 3.0]]))
    plan = set_cover(minutes, within=5)
    assert plan.sites.tolist() == [0]
    assert plan.served_by.tolist() == [0, -1, 0]
    assert plan.model == "set cover within 5, 1 rows out of everyone's reach"


def test_nothing_is_needed_where_fixed_places_serve_everyone() -> None:
    plan = set_cover(sparse.csr_array(np.array([[1.0, 2.0]])), within=5, fixed=[1])
    assert (plan.sites.size, plan.objective, plan.bound, plan.gap) == (0, 0.0, 0.0, 0.0)
    assert plan.served_by.tolist() == [1]


@pytest.mark.parametrize("limit", [1e-9, 0.2])
def test_a_time_limit_gives_a_cover_and_an_honest_bound(limit: float) -> None:
    minutes = town(300, 300, seed=5, reach=0.1)
    stopped = set_cover(minutes, within=0.1, time_limit_s=limit)
    assert (stopped.served_by >= 0).all()
    assert 0 < stopped.bound <= stopped.objective


def test_a_town_is_served_by_as_few_as_the_plain_model_says() -> None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    minutes = town(120, 120, seed=9, reach=0.2)
    reach = np.eye(120) + (minutes.toarray() > 0)
    plain = milp(
        np.ones(120), constraints=LinearConstraint(reach, 1, np.inf), integrality=np.ones(120), bounds=Bounds(0, 1)
    )
    plan = set_cover(minutes, within=0.2)
    assert plan.objective == plan.bound == round(plain.fun)
