from hypothesis import given
from hypothesis import strategies as st

from maillage.analysis.distance import great_circle_m
from maillage.analysis.travel import crow_fly

densities = st.integers(0, 7)
north_south = st.floats(0.0, 2.0)


@given(st.floats(-60, 60), st.floats(-170, 170), densities, north_south, north_south, densities)
def test_farther_is_never_quicker(lat: float, lon: float, density: int, near: float, far: float, there: int) -> None:
    near, far = sorted((near, far))
    minutes = crow_fly().minutes(lat, lon, density, [lat + near, lat + far], [lon, lon], [there, there])
    assert crow_fly().overhead_min <= minutes[0] <= minutes[1]


@given(st.floats(-60, 60), st.floats(-170, 170), densities, north_south, densities, st.integers(5, 60))
def test_nothing_within_reach_lies_beyond_reach_m(
    lat: float, lon: float, density: int, away: float, there: int, within: int
) -> None:
    minutes = crow_fly().minutes(lat, lon, density, [lat + away], [lon], [there])[0]
    if minutes <= within:
        assert float(great_circle_m(lat, lon, lat + away, lon)) <= crow_fly().reach_m(within) + 1e-6


def test_the_same_trip_is_slower_in_town() -> None:
    town = crow_fly().minutes(48.85, 2.35, 1, [48.95], [2.35], [1])[0]
    country = crow_fly().minutes(48.85, 2.35, 6, [48.95], [2.35], [6])[0]
    assert town > country
