import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.outlines import area_e10, outline, rings_of, to_e5

E5_POINTS = st.tuples(st.integers(-18_000_000, 18_000_000), st.integers(-9_000_000, 9_000_000))


@given(st.lists(st.lists(E5_POINTS, min_size=3, max_size=8), min_size=1, max_size=5))
def test_rings_come_back_as_they_went_in(drawn: list[list[tuple[int, int]]]) -> None:
    rings = [np.array([*ring, ring[0]], dtype=np.int32) for ring in drawn]
    packed = outline("commune", "39093", rings)
    assert packed is not None
    back = rings_of(packed)
    assert [ring.tolist() for ring in back] == [ring.tolist() for ring in rings]
    lons = [x / 100_000 for ring in drawn for x, _ in ring]
    assert (packed.min_lon, packed.max_lon) == (min(lons), max(lons))


def test_rings_that_enclose_nothing_are_left_out() -> None:
    flat = np.array([[0, 0], [1, 1], [0, 0]], dtype=np.int32)
    assert outline("dep", "39", [flat]) is None
    assert outline("dep", "39", []) is None


@pytest.mark.parametrize("point", [[181.0, 0.0], [0.0, -91.0], [float("nan"), 0.0], [float("inf"), 0.0]])
def test_points_off_the_earth_are_refused(point: list[float]) -> None:
    with pytest.raises(ValueError, match="un point n’est pas sur Terre"):
        to_e5(np.array([point]))


def test_a_hole_is_taken_off_an_area() -> None:
    outer = np.array([[0, 0], [0, 4], [4, 4], [4, 0], [0, 0]], dtype=np.int32)
    hole = np.array([[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]], dtype=np.int32)
    assert area_e10([outer, hole]) == 12
