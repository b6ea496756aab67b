from math import inf, isnan, log2, nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from maillage.analysis.likeness import LikenessError, Scales, Traits, distances, most_alike

populations = st.integers(0, 3_000_000).map(float)
densities = st.floats(1, 7)
minutes = st.floats(0, 300) | st.just(inf)
rows = st.tuples(populations, densities, minutes)
holed = st.tuples(populations | st.just(nan), densities | st.just(nan), minutes | st.just(nan))
several = st.lists(rows, min_size=2, max_size=8)
some_holed = st.lists(holed, min_size=2, max_size=8)


def traits(told: list[tuple[float, float, float]]) -> Traits:
    return Traits(*(np.array(column, float) for column in zip(*told, strict=True)))


def by_hand(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    gaps = [
        log2(max(one[0], 1)) - log2(max(other[0], 1)),
        one[1] - other[1],
        (min(one[2], 120) - min(other[2], 120)) / 20,
    ]
    known = [gap for gap in gaps if not isnan(gap)]
    return sqrt(sum(gap * gap for gap in known) / len(known)) if known else nan


@given(some_holed, st.integers(0, 7))
def test_distances_are_those_of_a_plain_loop(told: list[Any], own: int) -> None:
    own %= len(told)
    expected = [by_hand(told[own], other) for other in told]
    assert distances(traits(told), own) == pytest.approx(expected, nan_ok=True, abs=1e-9)


@given(some_holed)
def test_likeness_is_mutual_and_nobody_is_unlike_itself(told: list[Any]) -> None:
    known = traits(told)
    square = np.array([distances(known, row) for row in range(len(told))])
    assert square == pytest.approx(square.T, nan_ok=True, abs=1e-9)
    assert np.nan_to_num(np.diag(square)).tolist() == [0] * len(told)
    assert not (square < 0).any()


@given(st.lists(rows, min_size=3, max_size=3))
def test_with_every_trait_known_a_detour_is_never_shorter(told: list[Any]) -> None:
    known = traits(told)
    assert distances(known, 0)[2] <= distances(known, 0)[1] + distances(known, 1)[2] + 1e-9


@given(several, st.floats(1, 50))
def test_ratios_of_people_count_not_their_number(told: list[Any], times: float) -> None:
    assume(all(population >= 1 for population, _, _ in told))
    more = [(population * times, density, city) for population, density, city in told]
    assert distances(traits(more), 0) == pytest.approx(distances(traits(told), 0), abs=1e-6)


@given(some_holed, st.integers(1, 9), st.data())
def test_the_most_alike_are_the_nearest_by_a_plain_sort(told: list[Any], k: int, data: st.DataObject) -> None:
    among = data.draw(st.lists(st.booleans(), min_size=len(told), max_size=len(told)))
    found = most_alike(traits(told), 0, k, among=among)
    far = {row: by_hand(told[0], told[row]) for row in range(1, len(told)) if among[row]}
    expected = sorted(gap for gap in far.values() if not isnan(gap))[:k]
    assert found.distance == pytest.approx(expected, abs=1e-9)
    assert len(set(found.rows.tolist())) == len(found.rows)
    assert all(row in far for row in found.rows.tolist())
    assert found.distance == pytest.approx([far[row] for row in found.rows.tolist()], abs=1e-9)


@given(some_holed, st.randoms(use_true_random=False))
def test_the_order_of_territories_changes_nothing(told: list[Any], random: Any) -> None:
    order = list(range(len(told)))
    random.shuffle(order)
    shuffled = distances(traits([told[row] for row in order]), order.index(0))
    assert shuffled == pytest.approx(distances(traits(told), 0)[order], nan_ok=True, abs=1e-9)


def test_a_distance_of_one_is_told_in_words() -> None:
    """Twice the people, a level of density and twenty minutes more."""
    assert distances(traits([(2000, 6, 30), (4000, 5, 50)]), 0)[1] == pytest.approx(1)


def test_no_city_in_reach_is_as_two_hours() -> None:
    assert distances(traits([(2000, 6, inf), (2000, 6, 120), (2000, 6, 500)]), 0).tolist() == [0, 0, 0]


def test_nothing_in_common_is_unknown_and_never_named() -> None:
    told = traits([(2000, nan, nan), (nan, 6, 30), (8000, 6, 30)])
    assert np.isnan(distances(told, 0)[1])
    assert most_alike(told, 0, 5).rows.tolist() == [2]


def test_of_equals_what_is_better_known_comes_first() -> None:
    told = traits([(2000, 6, 30), (2000, nan, nan), (2000, 6, 30), (2000, 6, 30)])
    assert most_alike(told, 0, 3).rows.tolist() == [2, 3, 1]


def test_a_scale_makes_a_trait_count_less() -> None:
    told = traits([(2000, 6, 30), (4000, 6, 30), (2000, 6, 60)])
    assert most_alike(told, 0, 1).rows.tolist() == [1]
    assert most_alike(told, 0, 1, scales=Scales(city_min=60)).rows.tolist() == [2]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([(-1, 6, 30)],
         "population holds -1 at position 0; it goes from 0 to any number, NaN where unknown"),
        ([(inf, 6, 30)],
         "population holds inf at position 0; it goes from 0 to any number, NaN where unknown"),
        ([(1, 6, 30), (1, 0, 30)], "density holds 0 at position 1; it goes from 1 to 7, NaN where unknown"),
        ([(1, 8, 30)], "density holds 8 at position 0; it goes from 1 to 7, NaN where unknown"),
        ([(1, 6, -3)], "city_min holds -3 at position 0; it goes from 0 to any number, NaN where unknown"),
    ],
)  # fmt: skip
def test_traits_that_mean_nothing_are_refused(told: list[Any], why: str) -> None:
    with pytest.raises(LikenessError) as refusal:
        traits(told)
    assert str(refusal.value) == why


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(LikenessError) as refusal:
        Traits(np.array([1.0]), np.array([6.0, 5.0]), np.array([30.0]))
    assert str(refusal.value) == (
        "population, density and city_min must be columns of one length, a value per territory"
    )


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"own": 2, "k": 1}, "there is no row 2 among 2 territories"),
        ({"own": 0, "k": 0}, "k is 0; ask for 1 territory at least"),
        ({"own": 0, "k": 1, "among": [True]}, "among must be a flag (true or false) for each of the 2 territories"),
        ({"own": 0, "k": 1, "among": [0, 1]}, "among must be a flag (true or false) for each of the 2 territories"),
        ({"own": 0, "k": 1, "scales": Scales(times_population=1)},
         "a scale must be above 0, and times_population above 1"),
    ],
)  # fmt: skip
def test_a_question_that_means_nothing_is_refused(question: dict[str, Any], why: str) -> None:
    with pytest.raises(LikenessError) as refusal:
        most_alike(traits([(1, 6, 30), (2, 6, 30)]), **question)
    assert str(refusal.value) == why
