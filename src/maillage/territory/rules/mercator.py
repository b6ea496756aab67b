"""The Web Mercator plane in whole units, and lines packed as steps on it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WORLD_BITS = 30
WORLD = 1 << WORLD_BITS
"""The plane is a square of this many units, counted from its north-west corner."""

TILE_BITS = 9
"""Tiles are 512 pixels wide; at zoom 0 one of them is the world."""

EDGE_LATITUDE = 85.05
"""The plane ends here: a point beyond stands on its edge."""


def plane(lat: Floats, lon: Floats) -> Ints:
    """Lay degrees on the plane: whole units, shape (n, 2), x eastward and y southward.

    >>> plane(np.array([0.0, 90.0]), np.array([0.0, 180.0])).tolist()
    [[536870912, 536870912], [1073741823, 39022]]
    """
    at = np.radians(np.clip(lat, -EDGE_LATITUDE, EDGE_LATITUDE))
    x = (lon / 360 + 0.5) * WORLD
    y = (0.5 - np.arctanh(np.sin(at)) / (2 * np.pi)) * WORLD
    return np.clip(np.column_stack([x, y]), 0, WORLD - 1).astype(np.int64)


def pixel_bits(zoom: int) -> int:
    """The base-two logarithm of the units of one pixel at a zoom.

    >>> pixel_bits(0), pixel_bits(15)
    (21, 6)
    """
    return WORLD_BITS - TILE_BITS - zoom


def packed(lines: Iterable[Ints]) -> list[list[int]]:
    """Write each line as its first point, then the steps from point to point, in one flat list.

    >>> packed([np.array([[10, 10], [13, 8], [13, 9]])])
    [[10, 10, 3, -2, 0, 1]]
    """
    return [np.vstack([line[:1], np.diff(line, axis=0)]).ravel().tolist() for line in lines]
