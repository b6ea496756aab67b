import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from maillage.analysis.accessibility import two_sfca
from maillage.analysis.coverage import (
    CoverageError,
    Nearest,
    Reach,
    curve,
    lost,
    nearest,
    nearest_crow_fly,
    newly_covered,
    within,
)
from maillage.analysis.lands import lands
from maillage.analysis.siting import cover
from maillage.analysis.travel import CrowFly, Matrix, TravelError, checked, crow_fly, crow_fly_by_zone
from tests.analysis.test_travel import as_points, places

minute = st.one_of(st.just(math.inf), st.integers(0, 40).map(float))


@st.composite
def instances(draw: Any) -> tuple[np.ndarray[Any, Any], list[int]]:
    """Dense minutes demand × sites, and the people of each row."""
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    minutes = draw(st.lists(st.lists(minute, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    return np.array(minutes), draw(st.lists(st.integers(0, 1_000), min_size=rows, max_size=rows))


@given(instances())
def test_nearest_is_the_least_of_each_row(instance: Any) -> None:
    minutes, _ = instance
    found = nearest(minutes)
    for row, told, site in zip(minutes, found.minutes, found.site, strict=True):
        assert told == min(row)
        assert site == (row.tolist().index(min(row)) if min(row) < math.inf else -1)


@given(instances(), st.integers(5, 30))
def test_adding_a_place_never_lowers_coverage(instance: Any, limit: int) -> None:
    minutes, people = instance
    few, many = nearest(minutes[:, :-1]) if minutes.shape[1] > 1 else None, nearest(minutes)
    if few is not None:
        assert (many.minutes <= few.minutes).all()
        assert within(many.minutes, people, [limit]).within >= within(few.minutes, people, [limit]).within


@given(instances(), st.randoms())
def test_permuting_rows_or_columns_changes_no_figure(instance: Any, draw: Any) -> None:
    minutes, people = instance
    rows, columns = list(range(len(people))), list(range(minutes.shape[1]))
    draw.shuffle(rows)
    draw.shuffle(columns)
    shuffled = nearest(minutes[np.ix_(rows, columns)])
    assert shuffled.minutes.tolist() == nearest(minutes).minutes[rows].tolist()
    shuffled_people = [people[row] for row in rows]
    assert within(shuffled.minutes, shuffled_people) == within(nearest(minutes).minutes, people)


@given(instances())
def test_bands_curve_and_total_tell_one_story(instance: Any) -> None:
    minutes, people = instance
    least = nearest(minutes).minutes
    reach, drawn = within(least, people), curve(least, people)
    assert list(reach.within) == sorted(reach.within)
    assert reach.total == sum(people)
    assert reach.beyond == sum(weight for weight, told in zip(people, least, strict=True) if told > 30)
    for band, counted in zip(reach.bands_min, reach.within, strict=True):
        upto = drawn.weights[drawn.minutes <= band]
        assert counted == (upto[-1] if upto.size else 0)
    assert (np.diff(drawn.minutes) > 0).all()


@given(instances(), st.integers(5, 30))
def test_an_opening_changes_what_counting_again_tells(instance: Any, limit: int) -> None:
    minutes, people = instance
    before, new = minutes[:, :-1].min(axis=1, initial=math.inf), minutes[:, -1]
    change = newly_covered(before, new, people, within=limit)
    again = nearest(minutes).minutes
    assert change.after.tolist() == again.tolist()
    assert change.people == within(again, people, [limit]).within[0] - within(before, people, [limit]).within[0]
    assert change.minutes_people <= 0


@given(instances(), st.integers(5, 30), st.data())
def test_closing_changes_what_counting_again_tells(instance: Any, limit: int, data: Any) -> None:
    minutes, people = instance
    closed = data.draw(st.lists(st.integers(0, minutes.shape[1] - 1), max_size=3))
    change = lost(minutes, closed, people, within=limit)
    left = np.delete(minutes, closed, axis=1).min(axis=1, initial=math.inf)
    assert change.after.tolist() == left.tolist()
    assert change.people == (within(change.before, people, [limit]).within[0] - within(left, people, [limit]).within[0])
    assert change.minutes_people >= 0


@given(instances(), st.integers(5, 30))
def test_closing_what_has_just_opened_gives_back_what_was_there(instance: Any, limit: int) -> None:
    minutes, people = instance
    before = minutes[:, :-1].min(axis=1, initial=math.inf)
    opening = newly_covered(before, minutes[:, -1], people, within=limit)
    closing = lost(minutes, minutes.shape[1] - 1, people, within=limit)
    assert (closing.people, closing.rows.tolist()) == (opening.people, opening.rows.tolist())
    assert closing.minutes_people == -opening.minutes_people


@given(st.lists(places, max_size=12), st.lists(places, max_size=12), st.sampled_from([5.0, 20.0, 90.0]))
def test_nearest_by_trees_is_nearest_by_matrix(here: Any, there: Any, cutoff_min: float) -> None:
    origins, destinations = as_points(here), as_points(there)
    for model in (crow_fly(), CrowFly(50, 1.2, overhead_min=1.0), crow_fly_by_zone()):
        direct = nearest_crow_fly(model, origins, destinations, cutoff_min)
        matrix = nearest(model.minutes(origins, destinations, cutoff_min))
        assert direct.minutes.tolist() == pytest.approx(matrix.minutes.tolist(), rel=1e-6, abs=1e-6)
        for row in np.flatnonzero(direct.site != matrix.site):
            two = model.minutes(origins, destinations, cutoff_min).toarray()[row]
            assert two[direct.site[row]] == pytest.approx(two[matrix.site[row]], rel=1e-6)


def test_without_a_cutoff_the_nearest_is_found_however_far() -> None:
    found = nearest_crow_fly(crow_fly(), ([48.8], [2.3]), ([43.3, 50.6], [5.4, 3.1]))
    assert found.site.tolist() == [1]
    assert 330 < found.minutes[0] < 370


def test_the_nearest_of_an_island_is_on_it() -> None:
    # Bangor on Belle-Île; places at Quiberon, at Le Palais, and one of no known commune across the strait
    origins = ([47.315], [-3.194], [6], lands(["56009"]))
    destinations = ([47.30, 47.341, 47.49], [-3.19, -3.166, -3.13], [5, 5, 5], lands(["56186", "56152", ""]))
    assert nearest_crow_fly(crow_fly(), origins, destinations).site.tolist() == [1]
    assert nearest_crow_fly(crow_fly(), origins, tuple(one[2:] for one in destinations)).site.tolist() == [0]
    assert nearest_crow_fly(crow_fly(), origins, tuple(one[:1] for one in destinations)).site.tolist() == [-1]


def test_among_places_at_one_spot_the_first_is_told() -> None:
    draw = np.random.default_rng(7)
    spots = draw.integers(0, 5, 200)
    destinations = (48 + spots / 100, 2 + spots / 100, draw.integers(1, 8, 200))
    origins = (48 + np.arange(5) / 100, 2 + np.arange(5) / 100, np.zeros(5, dtype=int))
    found = nearest_crow_fly(crow_fly(), origins, destinations)
    assert found.site.tolist() == [int(np.argmax(spots == spot)) for spot in range(5)]
    assert found.site.tolist() == nearest(crow_fly().minutes(origins, destinations, 20)).site.tolist()


def test_an_explicit_zero_is_the_nearest() -> None:
    found = nearest(checked([[3.0, 0.0]]))
    assert (found.minutes.tolist(), found.site.tolist()) == ([0.0], [1])


def test_no_place_at_all_reaches_nobody() -> None:
    found = nearest(np.empty((2, 0)))
    assert (found.minutes.tolist(), found.site.tolist()) == ([math.inf, math.inf], [-1, -1])
    assert nearest_crow_fly(crow_fly(), ([48.0], [2.0]), ([], [])).site.tolist() == [-1]
    assert within(found.minutes, [10, 20]) == Reach((10, 15, 20, 30), (0, 0, 0, 0), 30)


def test_where_nobody_lives_shares_are_unknown() -> None:
    assert all(math.isnan(share) for share in within([5.0], [0]).shares)


def test_results_are_frozen() -> None:
    with pytest.raises(AttributeError):
        nearest([[1.0]]).minutes = np.zeros(1)  # type: ignore[misc]
    assert isinstance(nearest([[1.0]]), Nearest)


@pytest.mark.parametrize(
    ("minutes", "weights", "message"),
    [
        ([1.0, 2.0], [5], "Give one weight per demand row: minutes are (2,), weights (1,)."),
        (
            [1.0, math.nan],
            [5, 5],
            "Minutes of row 1 are nan: give zero or more, infinite where nothing is in reach.",
        ),
        ([-1.0], [5], "Minutes of row 0 are -1.0: give zero or more, infinite where nothing is in reach."),
        (
            [1.0],
            [math.nan],
            "The weight of row 0 is nan: give zero or more; leave out rows whose weight is not known.",
        ),
        ([1.0], [-5], "The weight of row 0 is -5.0: give zero or more; leave out rows whose weight is not known."),
        (
            [1.0],
            [math.inf],
            "The weight of row 0 is inf: give zero or more; leave out rows whose weight is not known.",
        ),
    ],
)
def test_rows_that_cannot_be_are_refused(minutes: Any, weights: Any, message: str) -> None:
    for call in (within, curve):
        with pytest.raises(CoverageError) as refused:
            call(minutes, weights)
        assert str(refused.value) == message


@pytest.mark.parametrize("bands", [[], [10, 10], [20, 10], [0, 10], [math.nan], [10, math.inf]])
def test_bands_ascend(bands: list[float]) -> None:
    with pytest.raises(CoverageError) as refused:
        within([1.0], [1], bands)
    assert str(refused.value) == (f"Bands must be minutes above zero, each longer than the one before, not {bands}.")


@pytest.mark.parametrize("limit", [0, math.nan, math.inf])
def test_a_threshold_is_a_finite_number_above_zero(limit: float) -> None:
    message = f"within must be a finite number of minutes above zero, not {limit}."
    with pytest.raises(CoverageError) as refused:
        newly_covered([1.0], [1.0], [1], within=limit)
    assert str(refused.value) == message
    with pytest.raises(CoverageError) as refused:
        lost([[1.0]], 0, [1], within=limit)
    assert str(refused.value) == message


def test_a_place_that_is_not_there_cannot_close() -> None:
    with pytest.raises(CoverageError) as refused:
        lost([[1.0, 2.0]], [1, 2], [1], within=20)
    assert str(refused.value) == "There are 2 places, columns 0 to 1: cannot close [1, 2]."


def test_minutes_that_cannot_be_are_refused() -> None:
    with pytest.raises(TravelError):
        nearest([[-1.0]])
    with pytest.raises(CoverageError) as refused:
        nearest_crow_fly(crow_fly(), ([48.0], [2.0]), ([48.0], [2.0]), 0)
    assert str(refused.value) == "cutoff_min must be a number of minutes above zero, not 0."


@given(st.integers(1, 900), st.integers(-2, 2))
def test_a_threshold_means_the_same_in_every_function(tenths: int, ulps: int) -> None:
    limit = tenths / 10
    away = np.float32(limit)
    for _ in range(abs(ulps)):
        away = np.nextafter(away, np.float32(math.copysign(math.inf, ulps)))
    minutes = sparse.csr_array((np.array([away]), np.array([0]), np.array([0, 1])), shape=(1, 1))
    expected = 7.0 if ulps <= 0 else 0.0
    least = nearest(minutes).minutes
    assert within(least, [7], [limit]).within == (expected,)
    assert newly_covered([math.inf], least, [7], within=limit).people == expected
    assert lost(minutes, 0, [7], within=limit).people == expected
    assert cover(minutes, [7], 1, within=limit).objective == expected
    assert (two_sfca(minutes, [1], [7], within=limit) > 0).tolist() == [expected > 0]
    assert Matrix(minutes).minutes(([48.0], [2.0]), ([48.0], [2.0]), np.float64(limit)).nnz == (expected > 0)


def test_no_threshold_reaches_what_nothing_reaches() -> None:
    assert within([math.inf, 5.0], [1, 2], [1e39]).within == (2.0,)


@pytest.mark.parametrize(
    ("closed", "given_"),
    [
        ([True, False], "bool of shape (2,)"),
        ([0.0, 1.0], "float64 of shape (2,)"),
        (0.5, "float64 of shape (1,)"),
        ([[0], [1]], "int64 of shape (2, 1)"),
        ("x", "<U1 of shape (1,)"),
        (None, "object of shape (1,)"),
    ],
)
def test_what_closes_is_named_by_column_numbers(closed: Any, given_: str) -> None:
    with pytest.raises(CoverageError) as refused:
        lost([[1.0, 2.0]], closed, [1], within=20)
    assert str(refused.value) == (
        f"closed must be column numbers, integers from 0 to 1, not {given_}: for a mask give np.flatnonzero(mask)."
    )


def test_closing_nothing_changes_nothing() -> None:
    assert lost([[1.0, 2.0]], [], [1], within=20).rows.tolist() == []


@pytest.mark.parametrize(("limit", "said"), [("x", "'x'"), (None, "None"), (True, "True")])
def test_a_threshold_that_is_no_number_is_refused(limit: Any, said: str) -> None:
    message = f"within must be a finite number of minutes above zero, not {said}."
    for call in (
        lambda: newly_covered([1.0], [1.0], [1], within=limit),
        lambda: lost([[1.0]], 0, [1], within=limit),
    ):
        with pytest.raises(CoverageError) as refused:
            call()
        assert str(refused.value) == message
    with pytest.raises(CoverageError) as refused:
        within([1.0], [1], [limit])
    assert str(refused.value) == f"Bands must be minutes above zero, each longer than the one before, not {[limit]}."
    with pytest.raises(CoverageError) as refused:
        nearest_crow_fly(crow_fly(), ([48.0], [2.0]), ([48.0], [2.0]), limit)
    assert str(refused.value) == f"cutoff_min must be a number of minutes above zero, not {said}."
