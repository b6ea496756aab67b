"""Outlines and dots written as compact SVG path data."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Ring = NDArray[np.int64]
Owner = TypeVar("Owner")
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Border:
    """A line between two territories, or between one and nobody (`right == NOBODY`): a coast, a frontier."""

    left: int
    right: int
    points: Ints = field(compare=False)

    @property
    def is_closed(self) -> bool:
        return bool((self.points[0] == self.points[-1]).all())


def unpack_rings(points: bytes, ring_lengths: Sequence[int]) -> list[Ring]:
    """Read little-endian int32 (lon, lat) pairs in 1e-5 degree, ring by ring, shape (n, 2) each."""
    pairs = np.frombuffer(points, "<i4").reshape(-1, 2).astype(np.int64)
    return np.split(pairs, np.cumsum(ring_lengths)[:-1])


def borders(shapes: Sequence[Sequence[Ring]]) -> list[Border]:
    """Cut the rings of neighbouring shapes into the lines they share, each line once, so that neighbours fit.

    Shapes share a line where they share its vertices exactly. Vertices are (lon, lat) pairs; a line ends where
    three shapes meet or where its pair of shapes changes.
    """
    ends, owners = _segments(shapes)
    if not len(ends):
        return []
    unique, inverse, counts = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    left = owners[order[first]]
    right = np.where(counts > 1, owners[order[np.minimum(first + 1, len(order) - 1)]], NOBODY)
    return _chains(unique, np.column_stack([np.minimum(left, right), np.maximum(left, right)]))


def _segments(shapes: Sequence[Sequence[Ring]]) -> tuple[Ints, Ints]:
    ends, owners = [], []
    for owner, rings in enumerate(shapes):
        for ring in rings:
            key = (ring[:, 0] << 32) + (ring[:, 1] + (1 << 31))
            following = np.roll(key, -1)
            moves = key != following
            pair = np.column_stack([np.minimum(key, following), np.maximum(key, following)])[moves]
            ends.append(pair)
            owners.append(np.full(len(pair), owner))
    if not ends:
        return np.empty((0, 2), np.int64), np.empty(0, np.int64)
    return np.concatenate(ends), np.concatenate(owners)


def _chains(segments: Ints, pairs: Ints) -> list[Border]:
    """Walk from junction to junction along segments of one pair of owners; what is left are closed loops."""
    at: dict[int, list[int]] = {}
    for number, (a, b) in enumerate(segments.tolist()):
        at.setdefault(a, []).append(number)
        at.setdefault(b, []).append(number)
    owner_of = [tuple(pair) for pair in pairs.tolist()]
    ends = segments.tolist()
    junction = {
        vertex for vertex, around in at.items() if len(around) != 2 or owner_of[around[0]] != owner_of[around[1]]
    }
    used = bytearray(len(ends))

    def walk(vertex: int, number: int) -> list[int]:
        chain = [vertex]
        while True:
            used[number] = 1
            a, b = ends[number]
            vertex = b if vertex == a else a
            chain.append(vertex)
            onward = [n for n in at[vertex] if not used[n]]
            if vertex in junction or not onward:
                return chain
            number = onward[0]

    starts = [(vertex, number) for vertex in sorted(junction) for number in at[vertex]]
    starts += [(a, number) for number, (a, _) in enumerate(ends)]
    found = []
    for vertex, number in starts:
        if not used[number]:
            keys = np.array(walk(vertex, number), np.int64)
            low, high = sorted(owner_of[number])
            points = np.column_stack([keys >> 32, (keys & 0xFFFFFFFF) - (1 << 31)])
            found.append(Border(high, NOBODY, points) if low == NOBODY else Border(low, high, points))
    return found


def simplified(line: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """Keep the points of an open or closed line that stand more than `tolerance` off (Douglas–Peucker).

    A closed line keeps its first point and the one farthest from it.

    >>> simplified(np.array([[0, 0], [5, .2], [10, 0], [10, 9.]]), 1).tolist()
    [[0.0, 0.0], [10.0, 0.0], [10.0, 9.0]]
    """
    last = len(line) - 1
    if last < 2:
        return line
    keep = np.zeros(last + 1, bool)
    keep[[0, last]] = True
    if (line[0] == line[last]).all():
        middle = int(np.argmax(((line - line[0]) ** 2).sum(1)))
        keep[middle] = True
        waiting = [(0, middle), (middle, last)]
    else:
        waiting = [(0, last)]
    while waiting:
        a, b = waiting.pop()
        if b - a < 2:
            continue
        away = _distances(line[a + 1 : b], line[a], line[b])
        far = int(np.argmax(away))
        if away[far] > tolerance:
            middle = a + 1 + far
            keep[middle] = True
            waiting += [(a, middle), (middle, b)]
    return line[keep]


def _distances(points: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    along = b - a
    length = float(along @ along)
    rest = points - a
    if length == 0:
        return np.hypot(rest[:, 0], rest[:, 1])
    share = np.clip(rest @ along / length, 0, 1)[:, None]
    off = rest - share * along
    return np.hypot(off[:, 0], off[:, 1])


def drawn(
    lines: Iterable[Border],
    project: Callable[[Ints], NDArray[np.float64]],
    *,
    tolerance: float,
    smallest: float = 0.0,
) -> list[Border]:
    """Project each line once, simplify it and round it to the grid; drop lone rings under `smallest` units²."""
    result = []
    for line in lines:
        points = np.rint(simplified(project(line.points), tolerance)).astype(np.int64)
        moved = np.ones(len(points), bool)
        moved[1:] = (points[1:] != points[:-1]).any(1)
        points = points[moved]
        if len(points) < 2 or (line.is_closed and abs(area(points)) < smallest):
            continue
        result.append(Border(line.left, line.right, points))
    return result


def area(ring: Ints) -> float:
    """Signed area of a ring, in the drawing's units².

    >>> area(np.array([[0, 0], [4, 0], [4, 3], [0, 3]]))
    12.0
    """
    x, y = ring[:, 0].astype(float), ring[:, 1].astype(float)
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def rings_of(lines: Iterable[Border]) -> list[Ints]:
    """Join lines end to end into closed rings; a line that finds no continuation is left out."""
    rings = [line.points for line in lines if line.is_closed]
    opened = [line.points for line in lines if not line.is_closed]
    at: dict[tuple[int, int], list[int]] = {}
    for number, points in enumerate(opened):
        for end in (points[0], points[-1]):
            at.setdefault(_key(end), []).append(number)
    used = bytearray(len(opened))
    for number in range(len(opened)):
        if not used[number]:
            ring = _joined(number, opened, at, used)
            if _key(ring[0]) == _key(ring[-1]):
                rings.append(ring)
    return rings


def _key(point: Ints) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def _joined(number: int, lines: list[Ints], at: dict[tuple[int, int], list[int]], used: bytearray) -> Ints:
    start, parts = _key(lines[number][0]), [lines[number]]
    used[number] = 1
    end = _key(lines[number][-1])
    while end != start:
        onward = next((n for n in at[end] if not used[n]), None)
        if onward is None:
            break
        used[onward] = 1
        points = lines[onward]
        points = points if _key(points[0]) == end else points[::-1]
        parts.append(points[1:])
        end = _key(points[-1])
    return np.concatenate(parts)


def path(lines: Iterable[Ints], *, closed: bool = False) -> str:
    """Write lines as SVG path data: integers, relative moves, as few bytes as the grammar allows.

    >>> path([np.array([[10, 10], [13, 8], [13, 9]]), np.array([[20, 9], [20, 12]])])
    'm10 10 3-2 0 1m7 0 0 3'
    """
    out, pen = [], np.zeros(2, np.int64)
    for line in _by_nearness(list(lines)):
        points = line[:-1] if closed and (line[0] == line[-1]).all() else line
        steps = np.diff(np.vstack([pen, points]), axis=0)
        out.append("m" + _numbers(steps.ravel().tolist()) + ("z" if closed else ""))
        pen = points[0] if closed else points[-1]
    return "".join(out)


def _numbers(values: Sequence[int]) -> str:
    return " ".join(map(str, values)).replace(" -", "-")


def _by_nearness(lines: list[Ints]) -> list[Ints]:
    """Order lines in bands of the drawing, so that the moves between them stay short."""
    return sorted(lines, key=lambda line: (int(line[0][1]) // 40, int(line[0][0]), int(line[0][1])))


def dots(xy: Ints, *, row: int = 1) -> str:
    """Write points as path data, row by row: with round caps each zero-length stroke is a dot.

    Rows `row` units apart gather the points around them: fewer bytes, at most half a row of error.

    >>> dots(np.array([[5, 2], [9, 2], [3, 5]]), row=2)
    'm5 2h0m4 0h0m-6 2h0'
    """
    if not len(xy):
        return ""
    rows = xy[:, 1] // row * row
    distinct = np.unique(np.column_stack([rows, xy[:, 0]]), axis=0)[:, ::-1]
    steps = np.diff(np.vstack([np.zeros(2, np.int64), distinct]), axis=0)
    return "".join(f"m{_numbers(step)}h0" for step in steps.tolist())
