"""Valhalla on real extracts; skipped where Python has no wheel of it (before 3.12)."""

import sys

import numpy as np
import pytest

from maillage.analysis.travel import TravelError, TravelModel
from maillage.diagnosis.road import RoadError, RoadNetwork
from maillage.diagnosis.road.isochrones import Modes

CAPITAL, ENCAMP, PAS, SEA = (42.5075, 1.5218), (42.5348, 1.5820), (42.5425, 1.7335), (42.0, 4.5)
POINTS = tuple(np.array([CAPITAL, ENCAMP, PAS, SEA]).T)


@pytest.fixture(scope="module")
def andorra(data_dir, tmp_path_factory):
    pytest.importorskip("valhalla", reason="pyvalhalla has no wheel for this Python")
    return Modes.read(data_dir / "osm/andorra-latest.osm.pbf", keep_in=tmp_path_factory.mktemp("roads"))


def area(geometry):
    """Signed by ring, in square degrees: enough to compare."""
    rings = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    corners = [np.array(polygon[0]) for polygon in rings]
    return sum(abs(np.sum(c[:-1, 0] * c[1:, 1] - c[1:, 0] * c[:-1, 1])) / 2 for c in corners)


@pytest.mark.data
def test_a_longer_trip_reaches_farther_and_a_car_farther_than_feet(andorra):
    drawn = andorra.isochrones(*CAPITAL, (20, 10))
    assert [one.minutes for one in drawn] == [20, 10]
    assert area(drawn[0].geometry) > area(drawn[1].geometry) > 0
    assert area(drawn[1].geometry) > area(andorra.isochrones(*CAPITAL, [10], mode="pedestrian")[0].geometry)
    assert andorra.isochrones(*SEA, [10]) == ()


@pytest.mark.data
def test_minutes_of_each_mode_and_none_without_a_road(andorra):
    car, bicycle, feet = (andorra.by(mode) for mode in ("auto", "bicycle", "pedestrian"))
    assert isinstance(car, TravelModel)
    assert car.name == "Valhalla, auto (OpenStreetMap\u202f: andorra-latest)"
    found = car.minutes(POINTS, POINTS, 60)
    assert found.dtype == np.float32
    assert found.indptr.tolist() == [0, 3, 6, 9, 9]
    assert found.diagonal().tolist() == [0, 0, 0, 0]
    assert 25 <= found[0, 2] <= 45
    here, there = ([CAPITAL[0]], [CAPITAL[1]]), ([42.4637], [1.4913])
    asked = [model.minutes(here, there, 120).data for model in (car, bicycle, feet)]
    assert [told.size for told in asked] == [1, 1, 1]
    assert 5 < asked[0] < asked[1] < asked[2] < 100, "Sant Julià, 7 km down the valley"
    assert car.minutes(POINTS, POINTS, 20).max() <= 20
    assert bicycle.minutes(POINTS, POINTS, 60)[0, 2] == 0, "more than an hour: absent"


@pytest.mark.data
def test_our_minutes_by_car_are_near_those_of_valhalla(andorra, data_dir):
    ours = RoadNetwork.read(data_dir / "osm/andorra-latest.osm.pbf")
    told = ours.minutes(POINTS, POINTS, 120).toarray()[:3, :3] - ours.speeds.overhead_min
    theirs = andorra.by("auto").minutes(POINTS, POINTS, 120).toarray()[:3, :3]
    away = ~np.eye(3, dtype=bool)
    assert 0.8 < np.median(told[away] / theirs[away]) < 1.4


@pytest.mark.data
def test_tiles_are_built_once(andorra, data_dir, monkeypatch, tmp_path):
    first = Modes.read(data_dir / "osm/saint_barthelemy.osm.pbf", keep_in=tmp_path)
    monkeypatch.setattr("subprocess.run", None)
    again = Modes.read(data_dir / "osm/saint_barthelemy.osm.pbf", keep_in=tmp_path)
    assert first.isochrones(17.8962, -62.8498, [10]) == again.isochrones(17.8962, -62.8498, [10])
    assert [path.suffix for path in tmp_path.iterdir()] == [".valhalla"]


@pytest.mark.data
def test_what_is_no_extract_is_refused_and_leaves_nothing(andorra, tmp_path):
    noise = tmp_path / "noise.osm.pbf"
    noise.write_bytes(b"\x7f" * 300)
    with pytest.raises(RoadError) as refusal:
        Modes.read(noise, keep_in=tmp_path / "roads")
    assert str(refusal.value) == (
        f"Valhalla ne lit pas l’extrait «\u202f{noise}\u202f». Téléchargez-le de nouveau, en entier, au "
        "format .osm.pbf."
    )
    assert list((tmp_path / "roads").iterdir()) == []
    for contours in ([], [0], [121], [1, 2, 3, 4, 5], [float("nan")]):
        with pytest.raises(TravelError):
            andorra.isochrones(*CAPITAL, contours)
    for cutoff in (0, 121, float("nan")):
        with pytest.raises(TravelError):
            andorra.by("auto").minutes(POINTS, POINTS, cutoff)


def test_without_valhalla_the_message_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "valhalla", None)
    with pytest.raises(RoadError) as refusal:
        Modes.read(tmp_path / "any.osm.pbf", keep_in=tmp_path)
    assert str(refusal.value) == (
        "les autres modes et les isochrones demandent Valhalla, qui manque ici. Avec Python 3.12 ou plus, installez-le"
        '\u202f: pip install "maillage[routing]".'
    )
