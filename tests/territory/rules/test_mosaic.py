"""Communes as shapes: every piece of the territory is drawn once, by itself or with those of its class."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules import drawing, mosaic


def grid(columns, rows):
    """Squares side by side, numbered row by row, as the lines they share; 10 units each."""
    shapes = []
    for row in range(rows):
        for column in range(columns):
            x, y = 10 * column, 10 * row
            shapes.append([np.array([[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10], [x, y]], np.int64)])
    return drawing.borders(shapes)


def area_of(path):
    """The area that closed path data encloses, by the even-odd rule when no ring holds another."""
    total, x, y = 0.0, 0, 0
    for ring in re.findall(r"m([^z]*)z", path):
        steps = np.array([int(n) for n in re.findall(r"-?\d+", ring)]).reshape(-1, 2)
        points = np.cumsum(steps, axis=0) + np.array([x, y])
        x, y = points[0]
        total += abs(drawing.area(points))
    return total


sizes = st.integers(1, 5)


@given(sizes, sizes)
def test_each_shape_is_drawn_whole(columns, rows):
    paths = mosaic.paths(grid(columns, rows), columns * rows)
    assert [area_of(path) for path in paths] == [100.0] * (columns * rows)


@given(sizes, sizes)
def test_shapes_of_one_class_make_one_ring(columns, rows):
    merged = mosaic.merged(grid(columns, rows), [3] * (columns * rows))
    assert list(merged) == [3]
    assert merged[3].count("m") == 1
    assert area_of(merged[3]) == 100 * columns * rows


@given(st.data(), sizes)
def test_classes_share_the_territory_among_them(data, rows):
    """In one column no ring holds another: areas add up."""
    classes = data.draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    merged = mosaic.merged(grid(1, rows), classes)
    assert {kind: area_of(path) for kind, path in merged.items()} == {
        kind: 100.0 * classes.count(kind) for kind in set(classes)
    }


def test_a_shape_without_lines_is_empty():
    assert mosaic.paths(grid(1, 1), 2)[1] == ""


points = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=2, max_size=40, unique=True)


@given(points)
def test_discs_never_cover_each_other_save_the_smallest(found):
    xy = np.array(found, float)
    radii = mosaic.disc_radii(xy)
    assert ((radii >= mosaic.SMALLEST_DISC) & (radii <= mosaic.LARGEST_DISC)).all()
    for i in range(len(xy)):
        for j in range(i):
            if radii[i] > mosaic.SMALLEST_DISC and radii[j] > mosaic.SMALLEST_DISC:
                assert radii[i] + radii[j] <= np.hypot(*(xy[i] - xy[j]))


values = st.floats(0, 90) | st.just(float("inf")) | st.just(float("nan"))


@given(st.data(), points)
def test_the_lattice_stays_between_the_values_it_gathers(data, found):
    xy = np.array(found, np.int64)
    told = np.array(data.draw(st.lists(values, min_size=len(xy), max_size=len(xy))))
    weights = np.array(data.draw(st.lists(st.floats(1, 1e6), min_size=len(xy), max_size=len(xy))))
    where, mean = mosaic.lattice(xy, weights, told, step=30)
    assert len(where) == len(mean) == len(np.unique(xy // 30, axis=0))
    for (x, y), value in zip(where, mean, strict=True):
        own = told[((xy // 30) == ((x - 15) // 30, (y - 15) // 30)).all(1)]
        known = own[~np.isnan(own)]
        if not len(known):
            assert np.isnan(value)
        elif np.isfinite(value):
            finite = known[np.isfinite(known)]
            assert finite.min() - 1e-6 <= value <= finite.max() + 1e-6
        else:
            assert np.isinf(known).any()


def test_unknown_communes_are_never_taken_for_near_ones():
    _, mean = mosaic.lattice(np.array([[1, 1], [2, 2]]), np.array([5.0, 5.0]), np.array([np.nan, 40.0]), step=8)
    assert mean.tolist() == [40.0]


def test_dots_are_drawn_by_class():
    assert mosaic.dots_by_class(np.array([[5, 2], [9, 2]]), [1, 4]) == {1: "m5 2h0", 4: "m9 2h0"}
