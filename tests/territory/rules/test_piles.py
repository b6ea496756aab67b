import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.piles import SPACING_M, unpiled
from maillage.territory.rules.projection import lambert93

sites = st.lists(st.tuples(st.sampled_from([46.0, 46.5, 47.0]), st.sampled_from([2.0, 3.0])), min_size=1, max_size=60)


@given(sites)
def test_piles_come_apart_and_the_first_of_each_stays(points: list[tuple[float, float]]) -> None:
    lat, lon = np.array(points).T
    moved_lat, moved_lon = unpiled(lat, lon)
    for number, point in enumerate(points):
        if point not in points[:number]:
            assert (moved_lat[number], moved_lon[number]) == point
    east, north = lambert93(moved_lat, moved_lon)
    apart = np.hypot(east[:, None] - east[None], north[:, None] - north[None]) + np.eye(len(points)) * 1e9
    assert apart.min() > SPACING_M * 0.5


def test_a_pile_takes_the_room_of_its_communes() -> None:
    lat, lon = unpiled(np.full(100, 46.5), np.full(100, 3.0))
    east, north = lambert93(lat, lon)
    reach = np.hypot(east - 700_000, north - 6_600_000).max()
    assert reach < SPACING_M * np.sqrt(100 / np.pi) * 1.01
