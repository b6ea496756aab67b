import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.projection import (
    METROPOLE,
    OUTSIDE,
    OVERSEAS,
    WIDTH,
    Extent,
    extent_of,
    france_frame,
    from_lambert93,
    lambert93,
    territory_frame,
    union,
)

lats = st.floats(METROPOLE.south, METROPOLE.north)
lons = st.floats(METROPOLE.west, METROPOLE.east)


@pytest.mark.parametrize(
    ("lat", "lon", "east_m", "north_m"),
    [
        (46.5, 3.0, 700_000.0, 6_600_000.0),
        (48.8566, 2.3522, 652_469.02, 6_862_035.26),
    ],
)
def test_known_points_of_lambert93(lat: float, lon: float, east_m: float, north_m: float) -> None:
    assert lambert93(lat, lon) == pytest.approx((east_m, north_m), abs=0.02)


@given(lats, lons)
def test_lambert93_reads_back(lat: float, lon: float) -> None:
    assert from_lambert93(*lambert93(lat, lon)) == pytest.approx((lat, lon), abs=1e-9)


@given(lats, lons)
def test_lambert93_keeps_angles(lat: float, lon: float) -> None:
    """Conformal: a small right angle on the ground stays one on the map."""
    east, north = lambert93([lat, lat + 1e-4, lat], [lon, lon, lon + 1e-4])
    upward = np.array([east[1] - east[0], north[1] - north[0]])
    eastward = np.array([east[2] - east[0], north[2] - north[0]])
    cosine = upward @ eastward / np.linalg.norm(upward) / np.linalg.norm(eastward)
    assert abs(cosine) < 1e-4


def test_france_holds_its_corners_and_its_overseas_departements() -> None:
    frame = france_frame()
    corners = {
        "Dunkerque": (51.09, 2.54),
        "Ouessant": (48.46, -5.10),
        "Bonifacio": (41.38, 9.16),
        "Lauterbourg": (48.97, 8.23),
    }
    xy, box = frame.project(*zip(*corners.values(), strict=True))
    assert (box == 0).all()
    assert ((xy >= 0) & (xy <= (frame.width, frame.height))).all()
    for number, (name, extent) in enumerate(OVERSEAS.values(), 1):
        inset = frame.boxes[number]
        assert inset.title == name
        edges, which = frame.project([extent.south, extent.north], [extent.west, extent.east])
        assert (which == number).all()
        assert ((edges >= (inset.x, inset.y)) & (edges <= (inset.x + inset.width, inset.y + inset.height))).all()


def test_insets_do_not_touch_each_other_and_stay_in_the_drawing() -> None:
    frame = france_frame()
    insets = frame.boxes[1:]
    for above, below in itertools.pairwise(insets):
        assert above.y + above.height < below.y
    assert insets[-1].y + insets[-1].height <= frame.height


def test_a_point_of_no_box_is_outside() -> None:
    assert france_frame().project(40.4, -3.7)[1].tolist() == [OUTSIDE]


extents = st.tuples(st.floats(-4.5, 8), st.floats(42, 50.5), st.floats(0.02, 3), st.floats(0.02, 3)).map(
    lambda e: Extent(e[0], e[1], e[0] + e[2], e[1] + e[3])
)


@given(extents)
def test_a_territory_fits_its_frame_and_reads_back(extent: Extent) -> None:
    frame = territory_frame("dep-39", "Jura", extent)
    lat, lon = [extent.south, extent.south, extent.north, extent.north], [extent.west, extent.east] * 2
    xy, box = frame.project(lat, lon)
    assert (box == 0).all()
    assert ((xy >= 0) & (xy <= (frame.width, frame.height))).all()
    assert frame.width == WIDTH
    assert WIDTH * 0.66 <= frame.height <= WIDTH * 1.25
    back = frame.boxes[0].unproject(*frame.boxes[0].project(lat, lon))
    assert back[0] == pytest.approx(lat, abs=1e-7)
    assert back[1] == pytest.approx(lon, abs=1e-7)


def test_an_overseas_territory_reads_back() -> None:
    frame = territory_frame("dep-974", "La Réunion", OVERSEAS["974"][1])
    box = frame.boxes[0]
    assert box.parallel == pytest.approx(-21.13)
    assert box.unproject(*box.project(-21.0, 55.5)) == pytest.approx((-21.0, 55.5))


@given(st.lists(st.tuples(lats, lons), min_size=1, max_size=20))
def test_an_extent_holds_its_points(points: list[tuple[float, float]]) -> None:
    lat, lon = zip(*points, strict=True)
    extent = extent_of(lat, lon)
    assert extent.holds(lat, lon).all()
    assert union([extent, extent]) == extent
