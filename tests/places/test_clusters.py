from math import hypot

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.clusters import LARGEST, SMALLEST, Disc, biggest_for, cluster, radius, spread

points = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=150)


def overlaps(discs: list[Disc]) -> list[tuple[Disc, Disc]]:
    return [(a, b) for i, a in enumerate(discs) for b in discs[i + 1 :] if hypot(a.x - b.x, a.y - b.y) < a.r + b.r]


@given(points)
def test_every_place_is_in_one_disc(xy: list[tuple[int, int]]) -> None:
    discs = cluster(np.array(xy, int).reshape(-1, 2))
    assert sum(disc.count for disc in discs) == len(xy)
    assert sorted(m for disc in discs for m in disc.members) == list(range(len(xy)))


@given(points)
def test_discs_never_overlap(xy: list[tuple[int, int]]) -> None:
    assert overlaps(cluster(np.array(xy, int).reshape(-1, 2))) == []


@given(points, st.randoms())
def test_the_order_of_the_places_does_not_matter(xy: list[tuple[int, int]], random: object) -> None:
    before = [(d.x, d.y, d.r, d.count) for d in cluster(np.array(xy, int).reshape(-1, 2))]
    random.shuffle(xy)  # type: ignore[attr-defined]
    assert [(d.x, d.y, d.r, d.count) for d in cluster(np.array(xy, int).reshape(-1, 2))] == before


def test_far_places_stay_apart_and_near_ones_are_gathered() -> None:
    discs = cluster(np.array([[100, 100], [110, 100], [100, 113], [700, 700]]))
    assert [(disc.count, disc.members) for disc in discs] == [(3, (0, 1, 2)), (1, (3,))]


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_radii_are_bounded_and_grow(count: int, largest: int) -> None:
    assert SMALLEST <= radius(count, largest) <= max(LARGEST, SMALLEST)
    assert radius(count, largest) <= radius(count + 1, largest)
    assert SMALLEST <= biggest_for(largest) <= LARGEST


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 960), st.floats(19, 45)), max_size=60),
)
def test_territories_are_spread_without_overlap_and_none_is_lost(given_discs: list[tuple[int, int, float]]) -> None:
    discs = [Disc(x, y, r, number + 1) for number, (x, y, r) in enumerate(given_discs)]
    placed = spread(discs, [(0, 0, 1000, 960)] * len(discs))
    assert [disc.count for disc in placed] == [disc.count for disc in discs]
    assert overlaps(placed) == []
    for disc in placed:
        assert disc.r - 0.2 <= disc.x <= 1000.2 - disc.r
        assert disc.r - 0.2 <= disc.y <= 960.2 - disc.r


def test_a_disc_alone_stays_where_it_is() -> None:
    assert spread([Disc(300, 400, 31, 5)], [(0, 0, 1000, 960)]) == [Disc(300, 400, 31, 5)]


def test_discs_that_have_no_room_shrink() -> None:
    placed = spread([Disc(50, 50, 40, n) for n in range(6)], [(0, 0, 150, 100)] * 6)
    assert overlaps(placed) == []
    assert placed[0].r < 40
