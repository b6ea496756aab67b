import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.analysis.distance import box_around, great_circle_m

lats = st.floats(-85, 85)
lons = st.floats(-179, 179)


def law_of_cosines_m(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    phi, to_phi = math.radians(lat), math.radians(to_lat)
    cosine = math.sin(phi) * math.sin(to_phi) + math.cos(phi) * math.cos(to_phi) * math.cos(math.radians(to_lon - lon))
    return 6_371_008.8 * math.acos(max(-1.0, min(1.0, cosine)))


@given(lats, lons, lats, lons)
def test_agrees_with_the_law_of_cosines(lat: float, lon: float, to_lat: float, to_lon: float) -> None:
    expected = law_of_cosines_m(lat, lon, to_lat, to_lon)
    assert float(great_circle_m(lat, lon, to_lat, to_lon)) == pytest.approx(expected, rel=1e-4, abs=300)


@given(lats, lons, lats, lons)
def test_is_the_same_both_ways(lat: float, lon: float, to_lat: float, to_lon: float) -> None:
    there, back = great_circle_m(lat, lon, to_lat, to_lon), great_circle_m(to_lat, to_lon, lat, lon)
    assert float(there) == pytest.approx(float(back), abs=1e-3)


@given(st.floats(-70, 70), st.floats(-170, 170), st.floats(100, 200_000), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_the_box_holds_every_point_within_the_radius(
    lat: float, lon: float, radius_m: float, bearing: float, share: float
) -> None:
    angle = radius_m * share / 6_371_008.8
    phi = math.radians(lat)
    to_phi = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing))
    dlam = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(to_phi)
    )
    west, south, east, north = box_around(lat, lon, radius_m)
    assert south - 1e-9 <= math.degrees(to_phi) <= north + 1e-9
    assert west - 1e-9 <= lon + math.degrees(dlam) <= east + 1e-9
