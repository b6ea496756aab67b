"""Places gathered into discs that never overlap: how many, where, how large."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, log, sqrt

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SMALLEST, LARGEST = 31.0, 62.0
"""Radii in units of a map 1,000 wide: a target of 24 px on a map 390 px wide, and twice that."""

MANY = 300
"""From this count on the largest disc of a map has the largest radius."""


@dataclass(frozen=True, slots=True)
class Disc:
    """Some places drawn as one disc, in the map's units; `members` are their positions in what was given."""

    x: float
    y: float
    r: float
    count: int
    members: tuple[int, ...] = ()


def radius(count: int, largest: int, *, smallest: float = SMALLEST, biggest: float = LARGEST) -> float:
    """A radius whose disc has an area proportional to `count`, never under `smallest`; `largest` gets `biggest`.

    >>> radius(1, 100), radius(100, 100), radius(64, 100, biggest=50)
    (31.0, 62.0, 40.0)
    """
    return max(smallest, biggest * min(1.0, sqrt(count / max(largest, 1))))


def biggest_for(largest: int, *, smallest: float = SMALLEST) -> float:
    """The radius of a map's largest disc: a map of few places has no huge discs.

    >>> biggest_for(1), round(biggest_for(13)), biggest_for(300), biggest_for(9_000)
    (31.0, 45, 62.0, 62.0)
    """
    return smallest + smallest * min(1.0, log(max(largest, 1)) / log(MANY))


def cluster(points: Ints, *, cell: int = 62, smallest: float = SMALLEST, gap: float = 2.0) -> list[Disc]:
    """Gather integer points, shape (n, 2), in square cells of `cell` units, then merge the discs that would touch.

    The order of the points does not matter; discs come from top to bottom.

    >>> [(d.count, d.members) for d in cluster(np.array([[10, 10], [12, 14], [500, 500]]))]
    [(2, (0, 1)), (1, (2,))]
    """
    cells: dict[tuple[int, int], list[int]] = {}
    for number, (x, y) in enumerate(points.tolist()):
        cells.setdefault((y // cell, x // cell), []).append(number)
    groups = [_Group(members, points) for _, members in sorted(cells.items())]
    largest = max((len(group.members) for group in groups), default=1)
    biggest = biggest_for(largest, smallest=smallest)

    def size(group: "_Group") -> float:
        return radius(len(group.members), largest, smallest=smallest, biggest=biggest)

    waiting = list(groups)
    settled: list[_Group] = []
    while waiting:
        group = waiting.pop(0)
        reach = size(group) + gap
        touching = []
        for other in settled:
            apart = hypot(group.x - other.x, group.y - other.y)
            if apart < reach + biggest and apart < reach + size(other):
                touching.append((apart, other.y, other.x, other))
        if not touching:
            settled.append(group)
            continue
        nearest = min(touching, key=lambda found: found[:3])[3]
        settled.remove(nearest)
        waiting.insert(0, group.with_(nearest))
    settled.sort(key=lambda group: (group.y, group.x))
    return [
        Disc(round(g.x, 1), round(g.y, 1), round(size(g), 1), len(g.members), tuple(sorted(g.members))) for g in settled
    ]


class _Group:
    """Members of a disc to be; sums are integers, so that no order of adding moves the centre."""

    __slots__ = ("members", "sum_x", "sum_y", "x", "y")

    def __init__(self, members: list[int], points: Ints) -> None:
        sums = points[members].sum(0)
        self._settle(members, int(sums[0]), int(sums[1]))

    def _settle(self, members: list[int], sum_x: int, sum_y: int) -> None:
        self.members, self.sum_x, self.sum_y = members, sum_x, sum_y
        self.x, self.y = sum_x / len(members), sum_y / len(members)

    def with_(self, other: "_Group") -> "_Group":
        merged = object.__new__(_Group)
        merged._settle(self.members + other.members, self.sum_x + other.sum_x, self.sum_y + other.sum_y)
        return merged


Bounds = tuple[float, float, float, float]


def spread(discs: Sequence[Disc], bounds: Sequence[Bounds], *, gap: float = 2.0) -> list[Disc]:
    """Push overlapping discs apart, each inside its own bounds (left, top, right, bottom), as little as is needed.

    For discs that stand for whole territories: none may be merged, and none needs to stand exactly (after
    D. Dorling, Area cartograms, 1996). When there is no room all radii shrink together.
    """
    if not discs:
        return []
    home = np.array([(d.x, d.y) for d in discs], float)
    radii = np.array([d.r for d in discs], float)
    boxes = np.array(bounds, float)
    while True:
        placed, settled = _pushed(home, radii, boxes, gap)
        if settled:
            return [
                Disc(round(float(x), 1), round(float(y), 1), round(float(r), 1), d.count, d.members)
                for d, (x, y), r in zip(discs, placed, radii, strict=True)
            ]
        radii = radii * 0.93


def _pushed(
    home: NDArray[np.float64], radii: NDArray[np.float64], boxes: NDArray[np.float64], gap: float
) -> tuple[NDArray[np.float64], bool]:
    """Relax for at most 300 rounds; the second value says whether every overlap is gone."""
    place = home.copy()
    apart = radii[:, None] + radii[None] + gap
    np.fill_diagonal(apart, 0)
    low = np.minimum(boxes[:, :2] + radii[:, None], (boxes[:, :2] + boxes[:, 2:]) / 2)
    high = np.maximum(boxes[:, 2:] - radii[:, None], (boxes[:, :2] + boxes[:, 2:]) / 2)
    golden = np.arange(len(home)) * 2.399963
    nudge = np.column_stack([np.cos(golden), np.sin(golden)]) * 1e-3
    for _ in range(300):
        place = np.clip(place, low, high)
        offset = (place + nudge)[:, None] - (place + nudge)[None]
        distance = np.hypot(offset[..., 0], offset[..., 1])
        overlap = np.maximum(apart - distance, 0)
        if (overlap < 0.2).all():
            return place, True
        np.fill_diagonal(distance, 1)
        place = place + (offset * (0.55 * (overlap + 0.1 * (overlap > 0)) / np.maximum(distance, 1e-9))[..., None]).sum(
            1
        )
    return place, False
