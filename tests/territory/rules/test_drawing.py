import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules import drawing
from maillage.territory.rules.drawing import NOBODY, borders, drawn, rings_of, simplified, unpack_rings

LEFT = np.array([[0, 0], [40, 0], [40, 20], [38, 30], [40, 40], [0, 40]])
RIGHT = np.array([[40, 0], [80, 0], [80, 40], [40, 40], [38, 30], [40, 20]])
ISLAND = np.array([[100, 100], [110, 100], [105, 110]])


def as_is(points: np.ndarray) -> np.ndarray:
    return points.astype(float)


def read(path: str) -> list[list[tuple[int, int]]]:
    """A tiny reader of the grammar that `drawing` writes: relative moves, lines, h0, z."""
    pen, found = (0, 0), []
    for move in re.findall(r"m([^m]*)", path):
        closed = move.endswith("z")
        steps = [int(n) for n in re.findall(r"-?\d+", move.removesuffix("h0"))]
        line = []
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            pen = (pen[0] + dx, pen[1] + dy)
            line.append(pen)
        if closed:
            pen = line[0]
        found.append(line)
    return found


def test_neighbours_share_their_border_once() -> None:
    lines = borders([[LEFT], [RIGHT], [ISLAND]])
    sides = sorted((line.left, line.right) for line in lines)
    assert sides == [(0, NOBODY), (0, 1), (1, NOBODY), (2, NOBODY)]
    shared = next(line for line in lines if line.right == 1)
    assert sorted(map(tuple, shared.points.tolist())) == [(38, 30), (40, 0), (40, 20), (40, 40)]


def test_the_coast_closes_around_both_neighbours() -> None:
    coast = [line for line in borders([[LEFT], [RIGHT], [ISLAND]]) if line.right == NOBODY]
    areas = sorted(abs(drawing.area(ring[:-1])) for ring in rings_of(coast))
    assert areas == [50.0, 80.0 * 40.0]


@given(st.integers(2, 7), st.integers(2, 7), st.floats(0, 30), st.randoms())
def test_a_mosaic_keeps_its_area_whatever_the_tolerance(across: int, up: int, tolerance: float, random: object) -> None:
    """A wavy mosaic of cells inside a straight frame: simplified or not, the cells still tile it."""
    wave = {
        (x, y): (x * 100 + (random.randint(-20, 20) if 0 < x < across and 0 < y < up else 0), y * 100)  # type: ignore[attr-defined]
        for x in range(across + 1)
        for y in range(up + 1)
    }
    cells = [
        [np.array([wave[x, y], wave[x + 1, y], wave[x + 1, y + 1], wave[x, y + 1]])]
        for y in range(up)
        for x in range(across)
    ]
    lines = drawn(borders(cells), as_is, tolerance=tolerance)
    total = sum(
        abs(drawing.area(ring[:-1]))
        for cell in range(len(cells))
        for ring in rings_of([line for line in lines if cell in (line.left, line.right)])
    )
    assert total == pytest.approx(across * up * 100 * 100)


points = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=40)


@given(points, st.floats(0.1, 50))
def test_a_simplified_line_stays_near_and_keeps_its_ends(line: list[tuple[int, int]], tolerance: float) -> None:
    before = np.array(line, float)
    after = simplified(before, tolerance)
    assert after[0].tolist() == before[0].tolist()
    assert after[-1].tolist() == before[-1].tolist()
    for point in before:
        away = min(drawing._distances(point[None], a, b)[0] for a, b in itertools.pairwise(after))
        assert away <= tolerance + 1e-9


def test_tiny_islands_are_dropped_and_large_ones_are_kept() -> None:
    lines = borders([[ISLAND]])
    assert drawn(lines, as_is, tolerance=0.5, smallest=60) == []
    assert len(drawn(lines, as_is, tolerance=0.5, smallest=40)) == 1


@given(st.lists(points, max_size=6))
def test_a_path_reads_back_as_its_lines(lines: list[list[tuple[int, int]]]) -> None:
    written = drawing.path([np.array(line) for line in lines])
    assert sorted(read(written)) == sorted(lines)


def test_a_closed_path_ends_where_it_began() -> None:
    ring = np.vstack([LEFT, LEFT[:1]])
    assert read(drawing.path([ring, ISLAND], closed=True)) == [
        list(map(tuple, LEFT.tolist())),
        list(map(tuple, ISLAND.tolist())),
    ]


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), max_size=60), st.integers(1, 5), st.randoms())
def test_dots_are_each_point_once_in_any_order(xy: list[tuple[int, int]], row: int, random: object) -> None:
    written = drawing.dots(np.array(xy, int).reshape(-1, 2), row=row)
    wanted = {(x, y // row * row) for x, y in xy}
    assert sorted(tuple(line[0]) for line in read(written)) == sorted(wanted)
    random.shuffle(xy)  # type: ignore[attr-defined]
    assert drawing.dots(np.array(xy, int).reshape(-1, 2), row=row) == written


def test_rings_are_unpacked_as_the_database_keeps_them() -> None:
    packed = np.vstack([LEFT, ISLAND]).astype("<i4").tobytes()
    assert [ring.tolist() for ring in unpack_rings(packed, [6, 3])] == [LEFT.tolist(), ISLAND.tolist()]


def test_nothing_draws_nothing() -> None:
    assert borders([]) == []
    assert drawing.path([]) == ""
    assert drawing.dots(np.empty((0, 2), int)) == ""
