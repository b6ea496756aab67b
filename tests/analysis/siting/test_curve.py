import numpy as np
import pytest
from hypothesis import given, settings

from maillage.analysis.siting import curve
from tests.analysis.siting.instances import Small, smalls, town


@settings(max_examples=40, deadline=None)
@given(smalls())
def test_each_place_adds_less_than_the_one_before(small: Small) -> None:
    steps = curve(
        small.minutes, small.weights, small.k, within=small.within, fixed=small.fixed, candidates=small.candidates
    )
    assert steps.already == small.worth(small.fixed)
    assert (steps.gains >= 0).all()
    assert (np.diff(steps.gains) <= 0).all()
    assert len(set(steps.order)) == small.k
    for places in range(1, small.k + 1):
        plan = steps.best[places - 1]
        assert steps.nested[places - 1] == small.worth([*small.fixed, *steps.order[:places]])
        assert plan.objective == pytest.approx(small.best(places))
        assert plan.bound >= plan.objective >= steps.nested[places - 1]
        added = plan.objective - steps.already
        assert steps.nested[places - 1] - steps.already >= (1 - 1 / np.e) * added - 1e-9


def test_a_time_limit_is_for_the_whole_curve() -> None:
    steps = curve(town(), np.ones(300), 5, within=0.12, time_limit_s=1e-9)
    assert [len(plan.sites) for plan in steps.best] == [1, 2, 3, 4, 5]
    assert all(plan.objective >= nested for plan, nested in zip(steps.best, steps.nested, strict=True))
