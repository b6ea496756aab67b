"""The live map loses no place and shows none that is gone."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from maillage.journal.actions import write
from maillage.journal.queries import aside
from maillage.places.actions import remove_place, restore_place
from maillage.places.models import Place
from maillage.places.queries import listing, live_map, map_version, place_tile, points, ready_tile
from maillage.places.queries.points import points_version
from maillage.places.rules import tiles
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.tiles import NEAREST_ZOOM, Tile
from maillage.territory.rules.mercator import WORLD, pixel_bits, plane
from tests.web import cast

POINTS = arrays.arrays(np.int64, st.tuples(st.integers(0, 60), st.just(2)), elements=st.integers(0, WORLD - 1))
TOWN = POINTS.map(lambda points: points // 4096 + WORLD // 2)


@pytest.fixture
def registry(small_ground: None, now: datetime) -> Iterator[datetime]:
    """The cast's places and thirty more at one spot, on a clock that stands still."""
    aside.clear()
    cast.load(now=now, more=30)
    with time_machine.travel(now, tick=False):
        yield now


def told(filter: PlaceFilter, tile: Tile, now: datetime) -> dict:
    return json.loads(gzip.decompress(place_tile(filter, tile, now=now)))


def every_tile(zoom: int, at: np.ndarray) -> set[Tile]:
    return {Tile(zoom, int(x), int(y)) for x, y in at >> (30 - zoom)}


@given(st.one_of(POINTS, TOWN), st.integers(0, NEAREST_ZOOM))
def test_every_point_is_in_one_node_of_one_tile(points: np.ndarray, zoom: int) -> None:
    level = tiles.level(points, zoom)
    assert level.count.sum() == len(points)
    assert sorted(level.members.tolist()) == list(range(len(points)))
    seen = [node for tile in every_tile(zoom, level.at) for node in level.nodes_in(tile)]
    assert sorted(seen) == list(range(len(level.count)))


@given(st.one_of(POINTS, TOWN), st.integers(0, NEAREST_ZOOM))
def test_nodes_can_be_touched_one_by_one(points: np.ndarray, zoom: int) -> None:
    at = tiles.level(points, zoom).at
    away = ((at[:, None] - at[None]) ** 2).sum(2)
    np.fill_diagonal(away, WORLD * WORLD)
    assert not len(at) or away.min() >= (tiles.APART_PX << pixel_bits(zoom)) ** 2


@given(st.one_of(POINTS, TOWN), st.integers(0, NEAREST_ZOOM), st.randoms(use_true_random=False))
def test_the_order_of_points_changes_nothing(points: np.ndarray, zoom: int, draw) -> None:
    order = list(range(len(points)))
    draw.shuffle(order)
    first, second = tiles.level(points, zoom), tiles.level(points[order], zoom)
    assert first.at.tolist() == second.at.tolist()
    assert first.count.tolist() == second.count.tolist()


@given(POINTS, st.integers(tiles.WHOLE_ZOOM + 1, NEAREST_ZOOM))
def test_blocks_share_the_points_without_loss(points: np.ndarray, zoom: int) -> None:
    blocks = {tiles.block_of(tile) for tile in every_tile(zoom, points)}
    held = [i for block in blocks for i in tiles.inside(points, block).tolist()]
    assert sorted(held) == list(range(len(points)))


def test_a_node_holds_the_extent_of_its_points() -> None:
    points = plane(np.array([46.99, 46.98]), np.array([5.70, 5.79]))
    level = tiles.level(points, 3)
    assert level.count.tolist() == [2]
    assert level.low.tolist() == [points.min(0).tolist()]
    assert level.high.tolist() == [points.max(0).tolist()]


QUESTIONS = [
    PlaceFilter(),
    PlaceFilter(activities=("coworking",)),
    PlaceFilter(territory="dep-39"),
    PlaceFilter(near="39093", minutes=30),
    PlaceFilter(q="atelier"),
    PlaceFilter(q="Chamblay"),
    PlaceFilter(status="tous"),
    PlaceFilter(status="project"),
    PlaceFilter(open_now=True),
]


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.query_string() or "all")
@pytest.mark.parametrize("zoom", [0, 5, 9, NEAREST_ZOOM])
def test_the_map_counts_what_the_list_counts(registry: datetime, asked: PlaceFilter, zoom: int) -> None:
    points = np.array(Place.objects.filter(lat__isnull=False).values_list("lat", "lon"))
    answers = [told(asked, tile, registry) for tile in every_tile(zoom, plane(points[:, 0], points[:, 1]))]
    counted = sum(node[2] for answer in answers for node in answer["groups"] + answer["spots"])
    view = live_map(asked, now=registry)
    assert counted == view.placed
    assert view.placed + view.unplaced == listing(asked, page=1, now=registry).total


def test_what_the_map_frames_is_not_part_of_its_question(registry: datetime) -> None:
    view = live_map(PlaceFilter(bbox=(5.0, 46.5, 6.0, 47.5), activities=("coworking",), sort="recent"), now=registry)
    assert view.question == "activite=coworking"
    assert view.frame == (5.0, 46.5, 6.0, 47.5)


def test_a_lone_place_is_named_with_its_state_and_how_sure_its_point_is(registry: datetime) -> None:
    at = plane(np.array([46.9662]), np.array([5.6292]))
    (tile,) = every_tile(12, at)
    (spot,) = told(PlaceFilter(), tile, registry)["spots"]
    assert spot[2:4] == [1, 1]
    assert spot[4:] == [["les-communs-de-vaudrey", "Les Communs de Vaudrey", "Vaudrey", "project", "nourricier", 1]]


def test_places_of_one_spot_are_told_together_by_name_and_the_rest_counted(registry: datetime) -> None:
    there = Place.objects.filter(slug__startswith="bureau-")
    there.filter(slug="bureau-30").update(name="Abri")
    at = plane(np.array([47.2602]), np.array([6.0123]))
    (tile,) = every_tile(14, at)
    (spot,) = told(PlaceFilter(), tile, registry)["spots"]
    assert spot[2] == 30
    names = [(name, slug) for slug, name, *_ in spot[4:]]
    assert names == sorted(there.values_list("name", "slug"))[:25]


def test_a_removed_place_disappears_at_once_and_a_restored_one_comes_back(registry: datetime) -> None:
    everywhere = Tile(0, 0, 0)
    place = Place.objects.get(name="L’Atelier de M. Perrin")
    before = live_map(PlaceFilter(), now=registry).placed
    told(PlaceFilter(), everywhere, registry)
    version = map_version()
    remove_place(place_id=place.pk, reason="essai", by="essai", now=registry)
    assert live_map(PlaceFilter(), now=registry).placed == before - 1
    assert map_version() != version
    answer = told(PlaceFilter(), everywhere, registry)
    assert sum(node[2] for node in answer["groups"] + answer["spots"]) == before - 1
    restore_place(place_id=place.pk, by="essai", now=registry)
    assert live_map(PlaceFilter(), now=registry).placed == before


def test_acts_that_move_no_place_leave_what_was_gathered(registry: datetime) -> None:
    version = points_version()
    write(action="accounts.key_made", by="essai", now=registry, subject="x")
    assert points_version() == version
    write(action="places.anything", by="essai", now=registry, subject="x")
    assert points_version() > version


def test_the_second_look_asks_the_database_only_for_its_age(registry: datetime) -> None:
    first = place_tile(PlaceFilter(), Tile(5, 16, 11), now=registry)
    with CaptureQueriesContext(connection) as asked:
        assert place_tile(PlaceFilter(), Tile(5, 16, 11), now=registry) == first
    assert len(asked) <= 2


def test_a_tile_nobody_asked_yet_only_asks_whether_anything_was_written(registry: datetime) -> None:
    at = plane(np.array([46.9662, 47.2602]), np.array([5.6292, 6.0123]))
    first, *others = sorted(every_tile(12, at), key=lambda tile: tile.x)
    ready_tile(first, now=registry)
    for tile in others:
        with CaptureQueriesContext(connection) as asked:
            answer = json.loads(gzip.decompress(ready_tile(tile, now=registry).packed))
        assert answer["spots"]
        assert len(asked) == 1


def test_a_new_name_is_told_at_once(registry: datetime) -> None:
    (tile,) = every_tile(12, plane(np.array([46.9662]), np.array([5.6292])))
    ready_tile(tile, now=registry)
    Place.objects.filter(slug="les-communs-de-vaudrey").update(name="Les Communs d’ici")
    write(action="places.edited", by="essai", now=registry, subject="x")
    (spot,) = json.loads(gzip.decompress(ready_tile(tile, now=registry).packed))["spots"]
    assert spot[4][:2] == ["les-communs-de-vaudrey", "Les Communs d’ici"]


def test_what_is_kept_of_many_questions_is_bounded_by_their_places(
    registry: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(points.points_of(PlaceFilter(), now=registry))
    monkeypatch.setattr(points, "MOST_POINTS", 2 * whole)
    for intent in range(6):
        points.points_of(PlaceFilter(minutes=20 + intent), now=registry)
    assert len(points._kept) == 2
    monkeypatch.setattr(points, "MOST_POINTS", 1)
    assert len(points.points_of(PlaceFilter(minutes=50), now=registry)) == whole
    assert len(points._kept) == 1


def test_a_tile_costs_the_same_number_of_queries_whatever_it_holds(small_ground: None, now: datetime) -> None:
    counts = []
    for more in (1, 40):
        cast.load(now=now, more=more)
        aside.clear()
        with CaptureQueriesContext(connection) as asked:
            place_tile(PlaceFilter(), Tile(5, 16, 11), now=now)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6
