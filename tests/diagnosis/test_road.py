import os
import sys
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.analysis.coverage import nearest
from maillage.analysis.distance import great_circle_m
from maillage.analysis.travel import CrowFly, TravelError, TravelModel, crow_fly_by_zone
from maillage.cli import refusals
from maillage.diagnosis.queries import travel
from maillage.diagnosis.road import RoadError, RoadNetwork, kept
from maillage.diagnosis.road.mixed import Mixed
from maillage.diagnosis.road.speeds import speeds

STEP = 0.01
"""Degrees between the nodes of the small extract: 1.112 km along a meridian."""


def extract(path: Path, ways: list[tuple[list[int], dict[str, str]]], nodes: dict[int, dict[str, str]] = {}) -> Path:  # noqa: B006
    """Write ways over nodes; node 100 × row + column lies at 47° N + row, 5° E + column, in steps of 0.01°."""
    used = sorted({node for way, _ in ways for node in way})
    lines = ['<osm version="0.6">']
    for node in used:
        at = f'lat="{47 + node // 100 * STEP:.4f}" lon="{5 + node % 100 * STEP:.4f}"'
        lines.append(f'<node id="{node}" version="1" {at}>{tags(nodes.get(node, {}))}</node>')
    for number, (way, told) in enumerate(ways, 1):
        refs = "".join(f'<nd ref="{node}"/>' for node in way)
        lines.append(
            f'<way id="{number}" version="1" timestamp="2020-05-0{number % 9 + 1}T00:00:00Z">{refs}{tags(told)}</way>'
        )
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def tags(told: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in told.items())


def at(*nodes: int) -> tuple[np.ndarray, np.ndarray]:
    number = np.array(nodes)
    return 47 + number // 100 * STEP, 5 + number % 100 * STEP


PRIMARY = {"highway": "primary"}
LINE = [([1, 101, 201, 301], PRIMARY)]


@pytest.fixture
def line(tmp_path: Path) -> RoadNetwork:
    return RoadNetwork.read(extract(tmp_path / "line.osm", LINE))


def test_minutes_are_overhead_and_length_over_speed(line):
    found = line.minutes(at(1), at(1, 101, 301), 60).toarray()[0]
    km = float(great_circle_m(*at(1), *at(101))[0]) / 1000
    assert found == pytest.approx([2, 2 + km / 65 * 60, 2 + 3 * km / 65 * 60], abs=0.01)
    assert found.dtype == np.float32
    assert isinstance(line, TravelModel)
    assert line.name == "route (OpenStreetMap\u202f: line, 2020-05-02)"


def test_the_cutoff_is_honest_and_its_edges_are_absent_trips(line):
    whole = line.minutes(at(1), at(1, 101, 201, 301), 60)
    for cutoff in (1.9, 2.0, 2.5, 3.1, 4.5):
        some = line.minutes(at(1), at(1, 101, 201, 301), cutoff)
        assert some.indices.tolist() == whole.indices[whole.data <= cutoff].tolist()
        assert some.shape == (1, 4)


def test_the_way_from_a_point_to_the_road_is_counted_and_a_far_point_has_no_road(line):
    lat, lon = at(1, 1, 1)
    points = (lat - [0, 0.008, 0.01], lon)
    assert line.unsnapped(points).tolist() == [False, False, True]
    gap_km = float(great_circle_m(lat[0], lon[0], lat[0] - 0.008, lon[0])) / 1000
    found = line.minutes(points, at(1), 60)
    assert found.indptr.tolist() == [0, 1, 2, 2]
    assert found.data == pytest.approx([2.0, 2 + gap_km * 1.3 / 15 * 60], abs=0.01)
    assert line.nearest(points, at(1)).site.tolist() == [0, 0, -1]
    assert line.nearest(at(1), points).site.tolist() == [0]


def minutes_between(
    path: Path, ways: list[tuple[list[int], dict[str, str]]], start: int, end: int, **nodes: dict
) -> float:
    """Minutes on the road, overhead taken off, infinite where there is none."""
    closed = {int(name.removeprefix("n")): told for name, told in nodes.items()}
    model = RoadNetwork.read(extract(path / "case.osm", ways, closed))
    found = model.minutes(at(start), at(end), 600)
    return float(found.data[0]) - 2 if found.nnz else float("inf")


LOOP = [([1, 101, 102, 2], PRIMARY)]
"""Three sides of a square, beside which each case lays the fourth, from 1 to 2."""


@pytest.mark.parametrize(
    ("told", "there", "back"),
    [
        pytest.param({"highway": "primary"}, True, True, id="both ways"),
        pytest.param({"highway": "primary", "oneway": "yes"}, True, False, id="oneway"),
        pytest.param({"highway": "primary", "oneway": "-1"}, False, True, id="against"),
        pytest.param({"highway": "primary", "oneway": "reversible"}, False, False, id="reversible"),
        pytest.param({"highway": "primary", "junction": "roundabout"}, True, False, id="roundabout"),
        pytest.param({"highway": "motorway"}, True, False, id="motorway"),
        pytest.param({"highway": "motorway", "oneway": "no"}, True, True, id="motorway both ways"),
        pytest.param({"highway": "primary", "access": "private"}, False, False, id="private"),
        pytest.param({"highway": "primary", "access": "no", "motor_vehicle": "yes"}, True, True, id="cars may"),
        pytest.param({"highway": "primary", "motor_vehicle": "no"}, False, False, id="cars may not"),
        pytest.param({"highway": "primary", "area": "yes"}, False, False, id="square"),
        pytest.param({"highway": "footway"}, False, False, id="footway"),
        pytest.param({"highway": "construction"}, False, False, id="building site"),
    ],
)
def test_a_way_is_taken_in_the_directions_that_cars_may(tmp_path, told, there, back):
    ways = [*LOOP, ([1, 2], told)]
    round_trip = minutes_between(tmp_path, LOOP, 1, 2)
    assert (minutes_between(tmp_path, ways, 1, 2) < round_trip - 1) == there
    assert (minutes_between(tmp_path, ways, 2, 1) < round_trip - 1) == back


@pytest.mark.parametrize(
    ("told", "kmh"),
    [
        ({"highway": "primary"}, 65),
        ({"highway": "primary", "maxspeed": "50"}, 40),
        ({"highway": "primary", "maxspeed": "110"}, 80),
        ({"highway": "residential", "maxspeed": "FR:zone30"}, 24),
        ({"highway": "residential", "maxspeed": "50"}, 32),
        ({"highway": "unclassified", "surface": "gravel", "maxspeed": "80"}, 40),
        ({"highway": "residential", "surface": "compacted", "maxspeed": "50"}, 32),
        ({"highway": "secondary", "maxspeed": "nonsense"}, 55),
        ({"highway": "secondary", "maxspeed": "none"}, 55),
        ({"highway": "tertiary", "maxspeed:forward": "30", "maxspeed": "70"}, 24),
    ],
)
def test_speed_is_that_of_the_class_or_a_share_of_the_limit(tmp_path, told, kmh):
    km = float(great_circle_m(*at(1), *at(101))[0]) / 1000
    assert minutes_between(tmp_path, [([1, 101], told)], 1, 101) == pytest.approx(km / kmh * 60, abs=0.01)


def test_the_nearest_place_is_the_one_that_one_drives_to(tmp_path):
    """Up is quick, down is the long way round."""
    ways = [*LOOP, ([1, 2], {"highway": "primary", "oneway": "yes"})]
    model = RoadNetwork.read(extract(tmp_path / "loop.osm", ways))
    for start, end in ((1, 2), (2, 1)):
        told = model.minutes(at(start), at(end), 60).data
        assert model.nearest(at(start), at(end)).minutes == pytest.approx(told, abs=0.01)
    assert model.nearest(at(2), at(1)).minutes > model.nearest(at(1), at(2)).minutes + 1


def test_the_way_to_the_road_counts_for_the_cutoff(line):
    lat, lon = at(1)
    off = (lat - 0.008, lon)
    total = float(line.minutes(off, at(101), 60).data[0])
    for model in (line.minutes, line.nearest):
        for cutoff, there in ((total - 0.05, False), (total + 0.05, True)):
            found = model(off, at(101), cutoff)
            assert (found.nnz == 1 if model == line.minutes else np.isfinite(found.minutes[0])) == there


def test_a_bollard_stops_cars_and_a_gate_does_not(tmp_path):
    ways = [*LOOP, ([1, 3, 2], PRIMARY)]
    direct, round_trip = minutes_between(tmp_path, ways, 1, 2), minutes_between(tmp_path, LOOP, 1, 2)
    assert minutes_between(tmp_path, ways, 1, 2, n3={"barrier": "gate"}) == direct
    assert minutes_between(tmp_path, ways, 1, 2, n3={"barrier": "bollard"}) == pytest.approx(round_trip)
    assert direct != pytest.approx(round_trip, abs=0.1)


def test_roads_one_cannot_come_back_from_are_left_out_and_islands_with_roads_are_not(tmp_path):
    trap = [([301, 305], {"highway": "primary", "oneway": "yes"})]
    small, large = [([9001, 9002], PRIMARY)], [([5001, 5101, 5201, *range(5301, 5330)], PRIMARY)]
    long = [([*range(201, 240)], PRIMARY)]
    model = RoadNetwork.read(extract(tmp_path / "parts.osm", [*LINE, *long, *trap, *small, *large]))
    assert model.unsnapped(at(1, 305, 9001, 5101)).tolist() == [False, True, True, False]
    between = model.minutes(at(1, 5101), at(1, 5101), 600)
    assert between.nnz == 2
    assert between.diagonal() == pytest.approx([2, 2])
    assert np.isinf(model.nearest(at(1), at(5101)).minutes).all()


def test_nobody_leaves_a_motorway_in_the_middle(tmp_path):
    ways = [([1, 101], PRIMARY), ([101, 201, 301], {"highway": "motorway", "oneway": "no"}), ([301, 401], PRIMARY)]
    model = RoadNetwork.read(extract(tmp_path / "motorway.osm", ways))
    assert model.unsnapped(at(1, 101, 201, 301)).tolist() == [False, False, True, False]
    assert model.minutes(at(1), at(401), 60).nnz == 1


REFUSED = [
    pytest.param(
        "missing.osm.pbf",
        None,
        "l’extrait de routes «\u202f{path}\u202f» n’existe pas. Vérifiez MAILLAGE_ROADS.",
        id="missing",
    ),
    pytest.param(
        "empty.osm.pbf",
        b"",
        "«\u202f{path}\u202f» n’est pas un extrait OpenStreetMap lisible, ou il est tronqué (PBF error: blob "
        "contains no data or "
        "unknown compression method). Téléchargez-le de nouveau, en entier, au format .osm.pbf.",
        id="empty",
    ),
    pytest.param(
        "noise.osm.pbf",
        b"\x7f" * 300,
        "«\u202f{path}\u202f» n’est pas un extrait OpenStreetMap lisible, ou il est tronqué (PBF error: "
        "invalid BlobHeader size "
        "(> max_blob_header_size)). Téléchargez-le de nouveau, en entier, au format .osm.pbf.",
        id="noise",
    ),
    pytest.param(
        "letter.txt",
        b"Bonjour",
        "«\u202f{path}\u202f» n’est pas un extrait OpenStreetMap lisible, ou il est tronqué (Could not "
        "detect file format for "
        "filename '{path}'.). Téléchargez-le de nouveau, en entier, au format .osm.pbf.",
        id="letter",
    ),
    pytest.param(
        "nothing.osm",
        b'<osm version="0.6"/>',
        "l’extrait «\u202f{path}\u202f» ne contient aucune route pour les voitures. Prenez un extrait entier "
        "du territoire "
        "(.osm.pbf), les routes comprises.",
        id="nothing",
    ),
]


@pytest.mark.parametrize(("name", "content", "said"), REFUSED)
def test_what_is_no_extract_is_refused_in_french(tmp_path, name, content, said):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RoadError) as refusal:
        RoadNetwork.read(path, keep_in=tmp_path / "roads")
    assert str(refusal.value) == said.format(path=path)
    assert isinstance(refusal.value, refusals.expected())
    assert refusals.explain(refusal.value) == str(refusal.value)
    assert not list(tmp_path.glob("roads/*"))


def test_paths_without_cars_are_no_roads(tmp_path):
    with pytest.raises(RoadError, match="ne contient aucune route pour les voitures"):
        RoadNetwork.read(extract(tmp_path / "path.osm", [([1, 101], {"highway": "path"})]))


def test_ways_whose_nodes_are_missing_are_no_roads(tmp_path):
    path = extract(tmp_path / "bare.osm", LINE)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("<node")]
    path.write_text("\n".join(lines))
    with pytest.raises(RoadError, match="ne contient aucune route pour les voitures"):
        RoadNetwork.read(path)


def test_without_its_reader_the_message_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(RoadError) as refusal:
        RoadNetwork.read(extract(tmp_path / "line.osm", LINE))
    assert str(refusal.value) == (
        "lire des routes demande la bibliothèque «\u202fosmium\u202f», qui manque ici. Installez-la\u202f: pip install "
        '"maillage[routing]"\u202f; ou retirez MAILLAGE_ROADS pour mesurer à vol d’oiseau.'
    )


@pytest.mark.parametrize(
    ("points", "cutoff"),
    [(([47.0], [np.nan]), 30), (([5.0], [47.0, 1.0]), 30), (at(1), 0), (at(1), np.nan), (at(1), np.inf), (at(1), -3)],
)
def test_points_and_cutoffs_that_cannot_be_are_refused(line, points, cutoff):
    with pytest.raises(TravelError):
        line.minutes(points, at(1), cutoff)


def test_roads_are_kept_and_read_again_when_anything_changes(tmp_path, monkeypatch):
    folder, path = tmp_path / "roads", extract(tmp_path / "line.osm", LINE)
    first = RoadNetwork.read(path, keep_in=folder)
    (saved,) = folder.iterdir()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "osmium", None)
        again = RoadNetwork.read(path, keep_in=folder)
    assert again.name == first.name
    asked = at(1, 201), at(101, 301), 60
    assert (again.minutes(*asked).toarray() == first.minutes(*asked).toarray()).all()
    saved.write_bytes(saved.read_bytes()[:200])
    mended = RoadNetwork.read(path, keep_in=folder)
    assert (mended.minutes(*asked).toarray() == first.minutes(*asked).toarray()).all()
    extract(path, [*LINE, ([301, 401], PRIMARY)])
    assert RoadNetwork.read(path, keep_in=folder).minutes(at(1), at(401), 60).nnz == 1
    assert len(list(folder.glob("*.npz"))) == 2


def test_a_failure_while_keeping_leaves_nothing_half_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        RoadNetwork.read(extract(tmp_path / "line.osm", LINE), keep_in=tmp_path / "roads")
    assert list((tmp_path / "roads").iterdir()) == []


def test_only_the_last_networks_are_kept(tmp_path):
    for number in range(2, 8):
        extract(tmp_path / "line.osm", [([1, 101, number * 100 + 1], PRIMARY)])
        RoadNetwork.read(tmp_path / "line.osm", keep_in=tmp_path / "roads")
    assert len(list((tmp_path / "roads").iterdir())) == kept.MOST_KEPT


@st.composite
def villages(draw: st.DrawFn) -> list[tuple[list[int], dict[str, str]]]:
    cells = st.integers(0, 4).flatmap(lambda row: st.integers(0, 4).map(lambda column: row * 100 + column + 1))
    kinds = st.sampled_from(["primary", "tertiary", "residential", "service"])
    pieces = st.tuples(st.lists(cells, min_size=2, max_size=5), kinds)
    return [
        (way, {"highway": kind}) for way, kind in [([1, 101, 102], "primary"), *draw(st.lists(pieces, max_size=12))]
    ]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(villages(), st.data())
def test_two_way_roads_are_as_long_back_and_no_detour_shortens(tmp_path, ways, data):
    model = RoadNetwork.read(extract(tmp_path / "villages.osm", ways))
    everywhere = at(*sorted({node for way, _ in ways for node in way}))
    minutes = np.full((len(everywhere[0]),) * 2, np.inf)
    told = model.minutes(everywhere, everywhere, 600).tocoo()
    minutes[told.row, told.col] = told.data
    assert minutes == pytest.approx(minutes.T, abs=0.01)
    assert (minutes[:, None, :] <= minutes[:, :, None] + minutes.T[None].transpose(0, 2, 1) + 0.01).all()
    metres = great_circle_m(everywhere[0][:, None], everywhere[1][:, None], *everywhere)
    assert (minutes >= 2 + metres / 1000 / 80 * 60 - 0.02).all()
    some = data.draw(st.lists(st.integers(0, len(minutes) - 1), min_size=1, max_size=4, unique=True))
    places = tuple(axis[some] for axis in everywhere)
    one, full = model.nearest(everywhere, places), nearest(model.minutes(everywhere, places, 600))
    assert one.minutes == pytest.approx(full.minutes, abs=0.01)
    near = np.isfinite(one.minutes)
    assert ((one.site >= 0) == near).all()
    assert minutes[np.flatnonzero(near), np.array(some)[one.site[near]]] == pytest.approx(one.minutes[near], abs=0.01)


def test_the_road_where_there_is_one_and_crow_fly_elsewhere(line):
    crow = CrowFly(60.0, 1.0, name="vol")
    model = Mixed(line, crow)
    points = at(1, 301, 320, 340)
    found = model.minutes(points, points, 60).toarray()
    road, other = line.minutes(points, points, 60).toarray(), crow.minutes(points, points, 60).toarray()
    assert (found[:2, :2] == road[:2, :2]).all()
    assert (found[2:] == other[2:]).all()
    assert (found[:, 2:] == other[:, 2:]).all()
    assert found[0, 1] != pytest.approx(other[0, 1], abs=0.1)
    assert model.name == "route (OpenStreetMap\u202f: line, 2020-05-02)\u202f; sans route dans cet extrait : vol"


def test_two_islands_with_roads_are_not_joined_by_crow_fly(tmp_path):
    far = [([5001, 5101, 5201, *range(5301, 5330)], PRIMARY)]
    long = [([*range(201, 240)], PRIMARY)]
    model = Mixed(RoadNetwork.read(extract(tmp_path / "two.osm", [*LINE, *long, *far])), CrowFly(600.0, 1.0))
    assert model.minutes(at(1), at(5101), 600).nnz == 0
    assert model.minutes(at(1), at(7000), 600).nnz == 1


@pytest.mark.usefixtures("small_ground")
def test_the_site_uses_the_road_where_its_extract_is_of_use(tmp_path):
    from maillage.territory.queries.arrays import columns

    where = columns()
    first = np.flatnonzero(np.isfinite(where.lat))[0]
    near = (f'lat="{where.lat[first] + d}" lon="{where.lon[first]}"' for d in (0, 0.005))
    nodes = "".join(f'<node id="{n}" version="1" {told}/>' for n, told in enumerate(near, 1))
    way = '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>'
    (tmp_path / "here.osm").write_text(f'<osm version="0.6">{nodes}{way}</osm>')
    extract(tmp_path / "far.osm", [([8001, 8101], PRIMARY)])
    crow = crow_fly_by_zone().name
    with override_settings(ROADS=None, HOME=tmp_path):
        assert (travel.travel_model().name, travel.coverage()) == (crow, None)
    with override_settings(ROADS=tmp_path / "far.osm", HOME=tmp_path):
        told = travel.coverage()
        assert (travel.travel_model().name, told.with_road) == (crow, 0)
    with override_settings(ROADS=tmp_path / "here.osm", HOME=tmp_path):
        told = travel.coverage()
        assert told.with_road == 1
        assert (
            travel.travel_model().name
            == f"route (OpenStreetMap\u202f: here)\u202f; sans route dans cet extrait : {crow}"
        )
        assert list((tmp_path / "roads").glob("*.npz"))
    with override_settings(ROADS=tmp_path / "gone.osm", HOME=tmp_path), pytest.raises(ImproperlyConfigured):
        travel.travel_model()


TOWNS = {
    "Andorra la Vella": (42.5075, 1.5218),
    "Encamp": (42.5348, 1.5820),
    "Canillo": (42.5676, 1.5976),
    "Soldeu": (42.5767, 1.6672),
    "Pas de la Casa": (42.5425, 1.7335),
    "Ordino": (42.5562, 1.5332),
    "Sant Julià": (42.4637, 1.4913),
}


@pytest.mark.data
def test_andorra_is_driven_as_people_drive_it(data_dir):
    model = RoadNetwork.read(data_dir / "osm/andorra-latest.osm.pbf")
    assert model.name == "route (OpenStreetMap\u202f: andorra-latest, 2016-10-12)"
    assert 20_000 < model.roads.graph.nodes < 30_000
    long = model.roads.metres > 100
    kmh = model.roads.metres[long] / 1000 / (model.roads.graph.weights[long] / 36_000)
    assert kmh.min() * 1.02 >= 10
    assert kmh.max() <= 1.02 * 80
    points = tuple(np.array(list(TOWNS.values())).T)
    minutes = model.minutes(points, points, 120).toarray()
    assert 35 <= minutes[0, 4] <= 50, "30 km of valley and pass: about 45 min"
    assert 8 <= minutes[0, 1] <= 15, "7 km of valley: about 12 min"
    assert 8 <= minutes[0, 6] <= 15, "7 km of valley: about 12 min"
    away = ~np.eye(len(TOWNS), dtype=bool)
    assert abs(minutes - minutes.T)[away].max() < 4, "one-way streets cost a few minutes, no more"
    assert (minutes[:, None, :] <= minutes[:, :, None] + minutes[None] + 0.01).all()
    metres = great_circle_m(points[0][:, None], points[1][:, None], *points)
    assert (minutes >= 2 + metres / 1000 / max(most for _, most in speeds().classes.values()) * 60).all()


@pytest.mark.data
def test_a_truncated_extract_is_refused(data_dir, tmp_path):
    half = tmp_path / "half.osm.pbf"
    half.write_bytes((data_dir / "osm/andorra-latest.osm.pbf").read_bytes()[:300_000])
    with pytest.raises(RoadError) as refusal:
        RoadNetwork.read(half)
    assert str(refusal.value) == (
        f"«\u202f{half}\u202f» n’est pas un extrait OpenStreetMap lisible, ou il est tronqué (PBF error: "
        "unexpected EOF). "
        "Téléchargez-le de nouveau, en entier, au format .osm.pbf."
    )


@pytest.mark.data
def test_an_island_has_its_own_roads_and_none_over_the_sea(data_dir):
    model = RoadNetwork.read(data_dir / "osm/saint_barthelemy.osm.pbf")
    gustavia, lorient, saint_martin = (17.8962, -62.8498), (17.9036, -62.8186), (18.0677, -63.0825)
    points = tuple(np.array([gustavia, lorient, saint_martin]).T)
    assert model.unsnapped(points).tolist() == [False, False, True]
    found = model.minutes(points, points, 600)
    assert found.indptr.tolist() == [0, 2, 4, 4]
    assert 6 <= found[0, 1] <= 20
    monaco = RoadNetwork.read(data_dir / "osm/monaco-latest.osm.pbf")
    assert monaco.unsnapped(points).all()
    assert monaco.minutes(points, points, 60).nnz == 0
