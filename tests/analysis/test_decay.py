import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.analysis import decay

minutes = st.lists(st.floats(0, 200), min_size=1, max_size=20)
decays = st.one_of(
    st.builds(decay.gaussian, st.floats(1, 60)),
    st.builds(lambda scale, power: decay.gravity(scale, power, least_min=1), st.floats(1, 60), st.floats(0.5, 3)),
    st.lists(st.floats(0, 1), min_size=1, max_size=5).map(
        lambda weights: decay.step({10.0 * (i + 1): weight for i, weight in enumerate(sorted(weights, reverse=True))})
    ),
)


@given(decays, minutes)
def test_farther_never_counts_more(weigh: decay.Decay, times: list[float]) -> None:
    weights = weigh(np.sort(np.array(times)))
    assert weights.dtype == np.float64
    assert (np.diff(weights) <= 1e-12).all()
    assert (weights >= 0).all()


@given(decays, minutes)
def test_an_array_is_weighed_one_by_one(weigh: decay.Decay, times: list[float]) -> None:
    one_by_one = [float(weigh(np.array([time]))[0]) for time in times]
    assert weigh(np.array(times)).tolist() == pytest.approx(one_by_one, rel=1e-12)


@given(st.dictionaries(st.integers(0, 60), st.integers(0, 9), min_size=1, max_size=6), minutes)
def test_a_step_is_the_first_band_that_holds_the_minutes(bands: dict[int, int], times: list[float]) -> None:
    falling = dict(zip(sorted(bands), sorted(bands.values(), reverse=True), strict=True))
    for time, weight in zip(times, decay.step(falling)(np.array(times)), strict=True):
        assert weight == next((value for limit, value in falling.items() if time <= limit), 0)


@given(st.floats(1, 60), st.floats(0, 200))
def test_a_bell_is_the_textbook_one(sigma: float, time: float) -> None:
    assert decay.gaussian(sigma)(np.array([time]))[0] == pytest.approx(math.exp(-(time**2) / (2 * sigma**2)))


@given(st.floats(1, 60), st.floats(0.5, 3), st.floats(0.1, 5), st.floats(0, 200))
def test_a_power_is_the_textbook_one(scale: float, power: float, least: float, time: float) -> None:
    told = decay.gravity(scale, power, least_min=least)(np.array([time]))[0]
    assert told == pytest.approx((max(time, least) / scale) ** -power)


def test_single_precision_minutes_are_weighed_in_double() -> None:
    times = np.array([7.3, 21.9], dtype=np.float32)
    for weigh in (decay.gaussian(15), decay.gravity(20, 2, least_min=1)):
        assert weigh(times).tolist() == weigh(times.astype(np.float64)).tolist()


def test_a_decay_leaves_its_minutes_alone() -> None:
    times = np.array([7.3, 21.9])
    for weigh in (decay.gaussian(15), decay.gravity(20, 2, least_min=10), decay.step({10: 1})):
        weigh(times)
        assert times.tolist() == [7.3, 21.9]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: decay.gaussian(0), "sigma_min must be a finite number of minutes above zero, not 0."),
        (lambda: decay.gaussian(math.nan), "sigma_min must be a finite number of minutes above zero, not nan."),
        (
            lambda: decay.gravity(0, 2, least_min=1),
            "scale_min must be a finite number above zero, not 0.",
        ),
        (lambda: decay.gravity(20, -2, least_min=1), "power must be a finite number above zero, not -2."),
        (lambda: decay.gravity(20, 2, least_min=0), "least_min must be a finite number above zero, not 0."),
        (lambda: decay.gaussian("20"), "sigma_min must be a finite number of minutes above zero, not '20'."),
        (lambda: decay.gaussian(True), "sigma_min must be a finite number of minutes above zero, not True."),
        (lambda: decay.gravity(20, None, least_min=1), "power must be a finite number above zero, not None."),
        (
            lambda: decay.step({"10": 1}),
            "A step maps minutes to weights, all numbers, such as {10: 1, 20: 0.68}, not {'10': 1}.",
        ),
        (
            lambda: decay.step([(10, 1)]),
            "A step maps minutes to weights, all numbers, such as {10: 1, 20: 0.68}, not [(10, 1)].",
        ),
        (
            lambda: decay.step({}),
            "A step needs thresholds in minutes, zero or more: {} has none, or one that is not.",
        ),
        (
            lambda: decay.step({-5: 1}),
            "A step needs thresholds in minutes, zero or more: {-5: 1} has none, or one that is not.",
        ),
        (
            lambda: decay.step({10: 0.5, 20: 0.7}),
            "The weights of a step are finite, zero or more, and never rise with minutes: {10.0: 0.5, 20.0: 0.7}.",
        ),
        (
            lambda: decay.step({10: -1}),
            "The weights of a step are finite, zero or more, and never rise with minutes: {10.0: -1.0}.",
        ),
        (
            lambda: decay.step(dict.fromkeys(range(101), 1)),
            "A step has at most 100 bands, not 101.",
        ),
    ],
)
def test_what_is_no_decay_is_refused(make: Any, message: str) -> None:
    with pytest.raises(decay.DecayError) as refused:
        make()
    assert str(refused.value) == message
