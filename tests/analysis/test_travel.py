import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from maillage.analysis.accessibility import two_sfca
from maillage.analysis.coverage import nearest
from maillage.analysis.distance import great_circle_m
from maillage.analysis.lands import land, lands
from maillage.analysis.travel import (
    CrowFly,
    Matrix,
    TravelError,
    TravelModel,
    checked,
    crow_fly,
    crow_fly_at,
    crow_fly_by_zone,
    keep,
    zone_of,
)

densities = st.integers(0, 7)
north_south = st.floats(0.0, 2.0)
places = st.tuples(st.floats(44.0, 46.0), st.floats(1.0, 3.0), densities, st.sampled_from([-1, 0, 0, 0, 20]))


def as_points(rows: list[tuple[float, float, int, int]]) -> Any:
    return tuple(np.array([row[i] for row in rows], dtype=float if i < 2 else int) for i in range(4))


def by_double_loop(model: CrowFly, origins: Any, destinations: Any, cutoff_min: float) -> dict[tuple[int, int], float]:
    """The same minutes, one pair at a time."""
    speeds = model.speed_kmh if isinstance(model.speed_kmh, tuple) else (model.speed_kmh,) * 8
    found = {}
    for i, (lat, lon, density, here) in enumerate(zip(*origins, strict=True)):
        for j, (to_lat, to_lon, to_density, there) in enumerate(zip(*destinations, strict=True)):
            km = float(great_circle_m(lat, lon, to_lat, to_lon)) / 1000
            minutes = model.overhead_min + km * model.detour * 60 / ((speeds[density] + speeds[to_density]) / 2)
            if minutes <= cutoff_min and (here == there or -1 in (here, there)):
                found[i, j] = minutes
    return found


def as_dict(minutes: sparse.csr_array) -> dict[tuple[int, int], float]:
    rows = np.repeat(np.arange(minutes.shape[0]), np.diff(minutes.indptr))
    return {(int(i), int(j)): float(v) for i, j, v in zip(rows, minutes.indices, minutes.data, strict=True)}


@given(st.lists(places, max_size=12), st.lists(places, max_size=12), st.integers(1, 90), st.booleans())
def test_a_radius_search_finds_what_a_double_loop_finds(here: Any, there: Any, cutoff_min: int, constant: bool) -> None:
    model = CrowFly(50, 1.25) if constant else crow_fly()
    origins, destinations = as_points(here), as_points(there)
    found = model.minutes(origins, destinations, cutoff_min)
    assert found.shape == (len(here), len(there))
    assert found.dtype == np.float32
    expected = by_double_loop(model, origins, destinations, cutoff_min)
    assert as_dict(found).keys() == expected.keys()
    for pair, minutes in as_dict(found).items():
        assert minutes == pytest.approx(expected[pair], rel=1e-6, abs=1e-6)


@given(st.lists(places, min_size=1, max_size=10), st.randoms())
def test_permuting_points_permutes_minutes(rows: Any, draw: Any) -> None:
    order = list(range(len(rows)))
    draw.shuffle(order)
    found = as_dict(crow_fly().minutes(as_points(rows), as_points(rows), 60))
    shuffled = [rows[i] for i in order]
    again = as_dict(crow_fly().minutes(as_points(shuffled), as_points(rows), 60))
    assert {(order[i], j): minutes for (i, j), minutes in again.items()} == found


@given(st.lists(places, min_size=1, max_size=10), st.floats(-3, 3))
def test_moving_everything_eastwards_changes_nothing(rows: Any, east: float) -> None:
    moved = [(lat, lon + east, density, there) for lat, lon, density, there in rows]
    before, after = (as_dict(crow_fly().minutes(as_points(one), as_points(one), 61.7)) for one in (rows, moved))
    for pair in before.keys() & after.keys():
        assert after[pair] == pytest.approx(before[pair], abs=1e-3)
    for pair in before.keys() ^ after.keys():
        assert (before | after)[pair] == pytest.approx(61.7, abs=1e-3)


@given(st.lists(places, min_size=1, max_size=10))
def test_the_same_both_ways(rows: Any) -> None:
    found = as_dict(crow_fly().minutes(as_points(rows), as_points(rows), 60))
    assert found == {(j, i): minutes for (i, j), minutes in found.items()}


@given(st.lists(places, max_size=10), st.integers(1, 60), st.integers(1, 60))
def test_a_longer_cutoff_only_adds_trips(rows: Any, one: int, other: int) -> None:
    short, long = sorted((one, other))
    model = crow_fly()
    few, many = (as_dict(model.minutes(as_points(rows), as_points(rows), cutoff)) for cutoff in (short, long))
    assert {pair: minutes for pair, minutes in many.items() if minutes <= short} == few


def test_many_origins_are_searched_in_pieces_without_a_seam() -> None:
    draw = np.random.default_rng(7)
    origins = (draw.uniform(46, 47, 9_000), draw.uniform(2, 3, 9_000), draw.integers(0, 8, 9_000))
    destinations = tuple(values[:40] for values in origins)
    whole = crow_fly().minutes(origins, destinations, 30)
    rows = np.arange(0, 9_000, 7)
    assert (whole[rows] != crow_fly().minutes(tuple(values[rows] for values in origins), destinations, 30)).nnz == 0
    assert whole.indices.dtype == np.int32
    assert whole.has_sorted_indices


def test_an_explicit_zero_is_zero_minutes() -> None:
    found = CrowFly(60, 1.0).minutes(([48.0, 49.0], [2.0, 2.0]), ([48.0], [2.0]), 5)
    assert (found.nnz, found.data.tolist(), found.indices.tolist()) == (1, [0.0], [0])


def test_empty_points_give_an_empty_matrix() -> None:
    assert crow_fly().minutes(([], []), ([48.0], [2.0]), 5).shape == (0, 1)
    assert crow_fly_by_zone().minutes(([48.0], [2.0]), ([], []), 5).shape == (1, 0)


def test_a_cutoff_shorter_than_the_overhead_reaches_nothing() -> None:
    assert crow_fly().minutes(([48.0], [2.0]), ([48.0], [2.0]), 1).nnz == 0


def test_no_road_crosses_the_sea() -> None:
    # Groix, Larmor-Plage on the coast in front of it, Le Palais and Bangor on Belle-Île
    codes = ["56069", "56107", "56152", "56009"]
    points = ([47.637, 47.711, 47.341, 47.315], [-3.465, -3.386, -3.166, -3.194], [6, 3, 5, 6], lands(codes))
    found = as_dict(crow_fly().minutes(points, points, 90))
    assert sorted(found) == [(0, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3)]


def test_a_point_of_no_known_commune_is_joined_to_all() -> None:
    points = ([47.637], [-3.465], [6], [-1])
    assert crow_fly().minutes(points, ([47.637], [-3.465], [6], [land("56069")]), 90).nnz == 1


def test_each_zone_has_its_own_speeds() -> None:
    codes = ["97411", "54395", "97105", "97302", "97611", "97123"]
    points = (
        [-20.90, 48.69, 16.00, 4.94, -12.79, 17.90],
        [55.45, 6.18, -61.73, -52.33, 45.20, -62.83],
        [1, 1, 1, 1, 1, 1],
        lands(codes),
    )
    near = (np.array(points[0]) + 0.05, *points[1:])
    found = crow_fly_by_zone().minutes(points, near, 90)
    assert sorted(as_dict(found)) == [(i, i) for i in range(6)]
    zones = [zone_of(code) for code in codes]
    assert zones == ["reunion", "metro", "antilles", "guyane", "mayotte", "antilles"]
    for i, zone in enumerate(zones):
        own = crow_fly(zone).minutes(*([[one[i]] for one in ends] for ends in (points, near)), 90)
        assert own.data.tolist() == [as_dict(found)[i, i]]
        assert crow_fly_at(points[0][i], points[1][i]) == crow_fly(zone)
    assert len(set(found.data.tolist())) == 5


def test_a_point_of_no_zone_travels_nowhere() -> None:
    assert crow_fly_by_zone().minutes(([0.0], [0.0]), ([0.0], [0.0]), 60).nnz == 0
    assert crow_fly_by_zone().zone_at([0.0], [0.0]).tolist() == [-1]


@given(st.lists(places, max_size=8), st.lists(places, max_size=8))
def test_in_metropolitan_france_the_model_by_zone_is_the_metropolitan_one(here: Any, there: Any) -> None:
    ends = as_points(here), as_points(there)
    assert as_dict(crow_fly_by_zone().minutes(*ends, 45)) == as_dict(crow_fly().minutes(*ends, 45))


@given(st.floats(-60, 60), st.floats(-170, 170), densities, north_south, north_south, densities)
def test_farther_is_never_quicker(lat: float, lon: float, density: int, near: float, far: float, there: int) -> None:
    near, far = sorted((near, far))
    minutes = crow_fly().minutes_from(lat, lon, density, [lat + near, lat + far], [lon, lon], [there, there])
    assert crow_fly().overhead_min <= minutes[0] <= minutes[1]


@given(st.floats(-60, 60), st.floats(-170, 170), densities, north_south, densities, st.integers(5, 60))
def test_nothing_within_reach_lies_beyond_reach_m(
    lat: float, lon: float, density: int, away: float, there: int, within: int
) -> None:
    minutes = crow_fly().minutes_from(lat, lon, density, [lat + away], [lon], [there])[0]
    if minutes <= within:
        assert float(great_circle_m(lat, lon, lat + away, lon)) <= crow_fly().reach_m(within) + 1e-6


@given(places, st.lists(places, min_size=1, max_size=8))
def test_one_point_to_a_few_is_a_row_of_the_matrix(here: Any, there: Any) -> None:
    _, _, density, _ = here
    lat, lon, densities_there, _ = as_points(there)
    row = crow_fly().minutes_from(here[0], here[1], density, lat, lon, densities_there)
    matrix = crow_fly().minutes(([here[0]], [here[1]], [density]), (lat, lon, densities_there), 1_000)
    assert row.tolist() == pytest.approx(matrix.toarray()[0].tolist(), rel=1e-6, abs=1e-6)


def test_the_same_trip_is_slower_in_town() -> None:
    town = crow_fly().minutes_from(48.85, 2.35, 1, [48.95], [2.35], [1])[0]
    country = crow_fly().minutes_from(48.85, 2.35, 6, [48.95], [2.35], [6])[0]
    assert town > country


def test_the_metropolitan_speeds_are_those_that_were_published() -> None:
    model = crow_fly()
    assert (model.detour, model.overhead_min, model.dated) == (1.3, 2.0, "2026-11-22")
    assert model.speed_kmh == (45.0, 22.0, 28.0, 36.0, 42.0, 50.0, 55.0, 55.0)


def test_every_model_follows_the_protocol() -> None:
    for model in (crow_fly(), crow_fly_by_zone(), Matrix([[1.0]], name="given")):
        assert isinstance(model, TravelModel)
        assert model.name


@pytest.mark.parametrize(
    ("lat", "lon", "message"),
    [
        (
            [48.85, float("nan")],
            [2.35, 2.0],
            "Point 1 (lat nan, lon 2.0) is not on the Earth: latitudes go from -90 to 90, longitudes from -180 to "
            "180; leave out points without coordinates.",
        ),
        (
            [91.0],
            [2.35],
            "Point 0 (lat 91.0, lon 2.35) is not on the Earth: latitudes go from -90 to 90, longitudes from -180 to "
            "180; leave out points without coordinates.",
        ),
        (
            [48.85, 2.35],
            [2.35, 48.85],
            "Point 1 (lat 2.35, lon 48.85): latitude and longitude look swapped; give latitude first.",
        ),
        ([55.5], [-21.1], "Point 0 (lat 55.5, lon -21.1): latitude and longitude look swapped; give latitude first."),
        ([48.85], [2.0, 2.1], "Latitudes and longitudes must be two lists of one length, not (1,) and (2,)."),
        (48.85, 2.0, "Latitudes and longitudes must be two lists of one length, not () and ()."),
    ],
)
def test_points_that_cannot_be_are_refused(lat: Any, lon: Any, message: str) -> None:
    for model in (crow_fly(), crow_fly_by_zone()):
        with pytest.raises(TravelError) as refused:
            model.minutes((lat, lon), ([48.0], [2.0]), 20)
        assert str(refused.value) == message


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (([48.0],), "Points are two to four arrays (lat, lon, density, land), not 1."),
        (([48.0], [2.0], [8]), "Densities are 1 to 7, 0 for unknown; here from 8 to 8."),
        (([48.0], [2.0], [1, 2]), "There are 1 points but density has the shape (2,): give one value a point."),
        (([48.0], [2.0], [math.nan]), "density must be whole numbers, 0 for unknown."),
        (([48.0], [2.0], [1], [0.5]), "land must be whole numbers, -1 for unknown."),
    ],
)
def test_other_columns_are_checked(points: Any, message: str) -> None:
    with pytest.raises(TravelError) as refused:
        crow_fly().minutes(([48.0], [2.0]), points, 20)
    assert str(refused.value) == message


@pytest.mark.parametrize("cutoff_min", [0, -5, math.nan, math.inf])
def test_a_cutoff_is_a_finite_number_above_zero(cutoff_min: float) -> None:
    for model in (crow_fly(), crow_fly_by_zone()):
        with pytest.raises(TravelError) as refused:
            model.minutes(([48.0], [2.0]), ([48.0], [2.0]), cutoff_min)
        assert str(refused.value) == f"cutoff_min must be a finite number of minutes above zero, not {cutoff_min}."


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"speed_kmh": 0, "detour": 1.3}, "speed_kmh must be finite and above zero, not 0."),
        (
            {"speed_kmh": (1.0, 2.0), "detour": 1.3},
            "speed_kmh holds 2 speeds: give one number, or eight (unknown density, then INSEE density 1 to 7).",
        ),
        (
            {"speed_kmh": 50, "detour": 0.9},
            "detour is road distance over great-circle distance: at least 1 and finite, not 0.9.",
        ),
        (
            {"speed_kmh": 50, "detour": 1.3, "overhead_min": math.nan},
            "overhead_min must be zero or more minutes, not nan.",
        ),
    ],
)
def test_parameters_that_cannot_be_are_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(TravelError) as refused:
        CrowFly(**given_)
    assert str(refused.value) == message


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(TravelError) as refused:
        crow_fly("corse")
    assert str(refused.value) == (
        "No crow-fly speeds for the zone “corse”: give one of metro, antilles, guyane, reunion, mayotte."
    )
    with pytest.raises(TravelError) as refused:
        zone_of("98818")
    assert str(refused.value) == "No crow-fly speeds for the commune 98818: crow_fly.toml has no zone 988."


class TestMatrix:
    points = ([48.0, 48.1], [2.0, 2.0])

    def test_a_dense_matrix_leaves_out_what_is_not_there(self) -> None:
        minutes = Matrix([[0.0, math.inf], [math.nan, 7.0]]).minutes(self.points, self.points, 60)
        assert as_dict(minutes) == {(0, 0): 0.0, (1, 1): 7.0}
        assert minutes.dtype == np.float32

    def test_a_sparse_matrix_keeps_its_zeros_and_loses_what_is_too_long(self) -> None:
        given_ = sparse.csr_array((np.array([0.0, 9.0, 70.0]), np.array([0, 1, 0]), np.array([0, 2, 3])), shape=(2, 2))
        assert as_dict(Matrix(given_).minutes(self.points, self.points, 60)) == {(0, 0): 0.0, (0, 1): 9.0}

    def test_another_number_of_points_is_refused(self) -> None:
        with pytest.raises(TravelError) as refused:
            Matrix([[1.0, 2.0]]).minutes(self.points, self.points, 60)
        assert str(refused.value) == (
            "The matrix has 1 rows and 2 columns, but there are 2 origins and 2 destinations: give minutes for the "
            "same points, in the same order."
        )

    @pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
    def test_a_sparse_matrix_holds_finite_minutes(self, value: float) -> None:
        given_ = sparse.csr_array((np.array([1.0, value]), np.array([0, 1]), np.array([0, 1, 2])), shape=(2, 2))
        with pytest.raises(TravelError) as refused:
            Matrix(given_)
        assert str(refused.value) == (
            f"Minutes of row 1, column 1 are {value}: give a finite number, zero or more, and leave out the trips that "
            "do not exist."
        )

    def test_a_negative_dense_value_is_refused(self) -> None:
        with pytest.raises(TravelError, match=r"Minutes of row 0, column 1 are -2\.0"):
            Matrix([[1.0, -2.0]])

    def test_a_list_is_no_matrix(self) -> None:
        with pytest.raises(TravelError) as refused:
            Matrix([1.0, 2.0])
        assert str(refused.value) == "Minutes must be a matrix demand × sites; this has 1 dimension(s)."

    def test_a_cutoff_of_zero_is_refused(self) -> None:
        with pytest.raises(TravelError) as refused:
            Matrix([[1.0]]).minutes(([48.0], [2.0]), ([48.0], [2.0]), 0)
        assert str(refused.value) == "cutoff_min must be a number of minutes above zero, not 0."


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=3, max_size=3), min_size=1, max_size=5))
def test_keeping_entries_keeps_each_in_its_place(rows: list[list[int | None]]) -> None:
    dense = np.array([[math.nan if value is None else value for value in row] for row in rows])
    whole = checked(dense)
    few = keep(whole, whole.data < 5)
    assert as_dict(few) == {pair: minutes for pair, minutes in as_dict(whole).items() if minutes < 5}
    assert all(start <= end for start, end in pairwise(few.indptr))


TWICE = (np.array([5.0, 7.0]), (np.array([0, 0]), np.array([1, 1])))


@pytest.mark.parametrize(
    "minutes",
    [
        sparse.coo_array(TWICE, shape=(1, 2)),
        sparse.coo_matrix(TWICE, shape=(1, 2)),
        sparse.csr_array((TWICE[0], TWICE[1][1], np.array([0, 2])), shape=(1, 2)),
        sparse.csr_matrix((TWICE[0], TWICE[1][1], np.array([0, 2])), shape=(1, 2)),
        sparse.csr_array((np.array([5.0, 1, 7]), np.array([1, 0, 1]), np.array([0, 3])), shape=(1, 2)),
        sparse.csc_array((TWICE[0], np.array([0, 0]), np.array([0, 0, 2])), shape=(1, 2)),
    ],
    ids=["coo", "coo matrix", "csr", "csr matrix", "csr not sorted", "csc"],
)
def test_a_pair_given_twice_is_refused_and_not_added_up(minutes: Any) -> None:
    for call in (checked, Matrix, nearest, lambda same: two_sfca(same, [1, 1], [1], within=30)):
        with pytest.raises(TravelError) as refused:
            call(minutes)
        assert str(refused.value) == (
            "minutes gives the same demand row and site column twice: keep one time for each pair, the shortest."
        )


def test_columns_need_not_be_sorted() -> None:
    given_ = sparse.csr_array((np.array([5.0, 7.0]), np.array([1, 0]), np.array([0, 2])), shape=(1, 2))
    assert checked(given_) is given_
    assert given_.indices.tolist() == [1, 0]


@pytest.mark.parametrize(("cutoff", "said"), [("20", "'20'"), (None, "None")])
def test_a_cutoff_that_is_no_number_is_refused(cutoff: Any, said: str) -> None:
    points = ([48.0], [2.0])
    for model, kind in ((crow_fly(), "a finite"), (crow_fly_by_zone(), "a finite"), (Matrix([[1.0]]), "a")):
        with pytest.raises(TravelError) as refused:
            model.minutes(points, points, cutoff)
        assert str(refused.value) == f"cutoff_min must be {kind} number of minutes above zero, not {said}."
