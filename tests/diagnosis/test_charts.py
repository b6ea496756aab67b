"""Charts say what their tables say: in proportion, in order, within the frame."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.diagnosis.rules.facts import Range
from maillage.diagnosis.views import charts, maps
from maillage.diagnosis.views.words import between, few, minutes_in_words, percent

counts = st.lists(st.integers(0, 10**7), min_size=1, max_size=6).filter(any)


@given(counts)
def test_slices_fill_the_bar_in_proportion(found):
    made = charts.slices(list(enumerate(found)))
    assert [one.kind for one in made] == [kind for kind, count in enumerate(found) if count]
    for one in made:
        assert one.width == pytest.approx(1000 * found[one.kind] / sum(found), abs=0.06)
    for before, after in pairwise(made):
        assert after.x == pytest.approx(before.x + before.width)


def test_nobody_makes_no_bar():
    assert charts.slices([(0, 0), (1, 0)]) == ()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8))
def test_an_axis_holds_every_value_with_few_round_ticks(values):
    axis = charts.axis(values)
    assert axis.top >= max(values)
    ticks = [tick.value for tick in axis.ticks]
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 8
    assert len({after - before for before, after in pairwise(ticks)}) == 1
    assert all(charts.LEFT <= axis.at(value) <= charts.WIDTH - charts.RIGHT for value in values)


@given(st.lists(st.floats(0, 1e4), min_size=3, max_size=3).map(sorted))
def test_a_band_is_in_order(three):
    found = Range(*three)
    band = charts.axis([found.p90]).band(found)
    assert band.left <= band.middle + 0.1 <= band.left + band.width + 0.2


def test_an_axis_of_nothing_known_still_stands():
    assert [tick.value for tick in charts.axis([float("inf")]).ticks] == [0, 1, 2]


@given(st.floats(0, 1e5) | st.just(float("inf")))
def test_classes_of_minutes_cover_everything(minutes):
    kind = maps.band_of(minutes)
    bounds = (0, 10, 15, 20, 30, float("inf"))
    assert bounds[kind] <= minutes <= bounds[kind + 1]


@pytest.mark.parametrize("minutes", [None, float("nan")])
def test_unknown_minutes_are_said(minutes):
    assert maps.band_of(minutes) == maps.UNKNOWN
    assert minutes_in_words(minutes) == "temps inconnu"


def test_figures_are_said_as_they_are_known():
    assert minutes_in_words(float("inf")) == "plus d’une heure"
    assert minutes_in_words(11.6) == "12\u202fmin"
    assert (percent(None), percent(0.0), percent(0.001), percent(0.337)) == (
        "inconnu",
        "0\u202f%",
        "moins de 1\u202f%",
        "34\u202f%",
    )
    assert (few(3.0), few(3.24), few(123.4)) == ("3", "3,2", "123")
    assert between(Range(2.0, 3.1, 6.04)) == "de 2 à 6"
    assert between(Range(2.0, 2.0, 2.0)) == "2"


@given(st.floats(0, 1), st.floats(0, 1))
def test_priority_steps_rise(one, other):
    low, high = sorted((one, other))
    assert 0 <= maps.step_of(low) <= maps.step_of(high) <= 4
    assert (maps.step_of(low) == 0) == (low == 0)
    assert maps.step_of(1.0) == 4
