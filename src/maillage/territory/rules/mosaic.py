"""A territory cut into its communes: one shape for each, or one for all the communes of a class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.territory.rules import drawing
from maillage.territory.rules.drawing import NOBODY, Border

Floats = NDArray[np.float64]
SMALLEST_DISC, LARGEST_DISC = 4.0, 30.0
_NEAREST_OF = 400


@dataclass(frozen=True, slots=True)
class Tile:
    """A commune on the map: its outline as path data, or an empty one and a disc of radius `r` around its centre."""

    code: str
    path: str
    x: int
    y: int
    r: int


def paths(lines: Iterable[Border], count: int) -> list[str]:
    """The closed path data of each of `count` shapes, from the lines they share; empty for a shape without any.

    >>> square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]])
    >>> paths([Border(1, NOBODY, square)], 2)
    ['', 'm0 0 4 0 0 4-4 0z']
    """
    sides: list[list[Border]] = [[] for _ in range(count)]
    for line in lines:
        sides[line.left].append(line)
        if line.right != NOBODY:
            sides[line.right].append(line)
    return [drawing.path(drawing.rings_of(own), closed=True) for own in sides]


def merged(lines: Iterable[Border], classes: Sequence[int]) -> dict[int, str]:
    """The closed path data of each class of shapes: lines between two shapes of one class are left out.

    >>> one, two = (np.array([[0, 0], [4, 0], [4, 4]]), np.array([[4, 4], [0, 4], [0, 0]]))
    >>> shared = Border(0, 1, np.array([[4, 4], [0, 0]]))
    >>> merged([Border(0, NOBODY, one), Border(1, NOBODY, two), shared], [7, 7])
    {7: 'm0 0 4 0 0 4-4 0z'}
    """
    sides: dict[int, list[Border]] = {}
    for line in lines:
        left = classes[line.left]
        right = None if line.right == NOBODY else classes[line.right]
        if left == right:
            continue
        sides.setdefault(left, []).append(line)
        if right is not None:
            sides.setdefault(right, []).append(line)
    return {kind: drawing.path(drawing.rings_of(own), closed=True) for kind, own in sorted(sides.items())}


def disc_radii(xy: Floats) -> NDArray[np.int64]:
    """Radii of discs around points, shape (n, 2), that do not cover each other where that is possible.

    >>> disc_radii(np.array([[0., 0.], [20., 0.], [200., 0.]])).tolist()
    [9, 9, 30]
    """
    if len(xy) < 2:
        return np.full(len(xy), round(LARGEST_DISC), np.int64)
    nearest = np.empty(len(xy))
    for start in range(0, len(xy), _NEAREST_OF):
        some = xy[start : start + _NEAREST_OF]
        apart = np.hypot(some[:, 0, None] - xy[None, :, 0], some[:, 1, None] - xy[None, :, 1])
        apart[np.arange(len(some)), start + np.arange(len(some))] = np.inf
        nearest[start : start + _NEAREST_OF] = apart.min(1)
    return np.clip(nearest / 2 - 1, SMALLEST_DISC, LARGEST_DISC).astype(np.int64)


def dots_by_class(xy: NDArray[np.int64], classes: Sequence[int], *, row: int = 1) -> dict[int, str]:
    """Points as dots, one path for each class."""
    kinds = np.asarray(classes)
    return {int(kind): drawing.dots(xy[kinds == kind], row=row) for kind in np.unique(kinds)}


def lattice(xy: NDArray[np.int64], weights: Floats, values: Floats, *, step: int) -> tuple[NDArray[np.int64], Floats]:
    """Gather points on a lattice of `step` units: its points, and the weighted mean of their values (NaN unknown).

    An infinite value makes the mean infinite only where most of the weight is infinitely far.
    """
    cells, inverse = np.unique(xy // step, axis=0, return_inverse=True)
    number = inverse.ravel()
    known = ~np.isnan(values)
    far = np.isinf(values)
    heavy = np.where(known, np.maximum(np.nan_to_num(weights), 1.0), 0.0)
    total = np.bincount(number, heavy, len(cells))
    lost = np.bincount(number, np.where(far, heavy, 0.0), len(cells))
    sums = np.bincount(number, np.where(far | ~known, 0.0, heavy * np.where(far | ~known, 0.0, values)), len(cells))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(total > 0, sums / np.maximum(total - lost, 1e-9), np.nan)
    mean = np.where((total > 0) & (lost > total / 2), np.inf, mean)
    return cells * step + step // 2, mean


def by_code(tiles: Iterable[Tile]) -> Mapping[str, Tile]:
    """The tiles by the code of their commune."""
    return {tile.code: tile for tile in tiles}
