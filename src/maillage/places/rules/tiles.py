"""Points gathered for a map that zooms: at each zoom, nodes far enough apart to be seen and touched one by one.

Nodes are cut into square tiles of the Web Mercator plane, as `z/x/y`: each node is in the one tile that holds its
centre, so that the counts of all tiles of a zoom add up to the number of points.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.territory.rules.mercator import WORLD, WORLD_BITS, pixel_bits

Ints = NDArray[np.int64]

CELL_PX, APART_PX = 64, 56
"""Points of one cell are gathered; then nodes nearer than `APART_PX` are, two by two."""

NEAREST_ZOOM = 15
WHOLE_ZOOM = 7
"""From this zoom on, points are gathered block by block: a view never waits for the whole country."""
BLOCK_TILES_BITS = 3

_NUMBER = re.compile(r"[0-9]{1,6}")
_MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Tile:
    z: int
    x: int
    y: int


def read_tile(z: str, x: str, y: str) -> Tile | None:
    """Read the address of a tile; None when there is no such tile.

    >>> read_tile("4", "7", "5"), read_tile("4", "16", "5"), read_tile("-1", "0", "0")
    (Tile(z=4, x=7, y=5), None, None)
    """
    if not all(_NUMBER.fullmatch(number) for number in (z, x, y)):
        return None
    tile = Tile(int(z), int(x), int(y))
    across = 1 << min(tile.z, NEAREST_ZOOM)
    return tile if tile.z <= NEAREST_ZOOM and tile.x < across and tile.y < across else None


def block_of(tile: Tile) -> Tile:
    """The square within which the points of a tile are gathered: the world, or eight tiles by eight.

    >>> block_of(Tile(5, 16, 11)), block_of(Tile(10, 523, 360))
    (Tile(z=0, x=0, y=0), Tile(z=7, x=65, y=45))
    """
    if tile.z <= WHOLE_ZOOM:
        return Tile(0, 0, 0)
    return Tile(tile.z - BLOCK_TILES_BITS, tile.x >> BLOCK_TILES_BITS, tile.y >> BLOCK_TILES_BITS)


def inside(points: Ints, square: Tile) -> Ints:
    """Which points of the plane, by their position in what is given, a tile holds."""
    if square.z == 0:
        return np.arange(len(points))
    shift = WORLD_BITS - square.z
    return np.flatnonzero((points[:, 0] >> shift == square.x) & (points[:, 1] >> shift == square.y))


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes of one zoom, tile by tile, of the world or of one block.

    `at`: centres; `count`: how many points; `low`, `high`: extent of the points; the points of node i are
    `members[starts[i]:starts[i + 1]]`. `tiles` holds the number of each node's tile, in ascending order.
    """

    zoom: int
    at: Ints
    count: Ints
    low: Ints
    high: Ints
    starts: Ints
    members: Ints
    tiles: Ints

    def nodes_in(self, tile: Tile) -> range:
        """The nodes of a tile of this zoom."""
        number = tile_number(tile)
        first, last = np.searchsorted(self.tiles, [number, number + 1])
        return range(int(first), int(last))


def tile_number(tile: Tile) -> int:
    return (tile.y << tile.z) + tile.x


def level(points: Ints, zoom: int) -> Level:
    """Gather points of the plane for one zoom; the order of the points does not matter.

    >>> two_towns = level(np.array([[100, 100], [140, 100], [WORLD // 2, WORLD // 2]]), 3)
    >>> two_towns.count.tolist(), two_towns.at.tolist()
    ([2, 1], [[120, 100], [536870912, 536870912]])
    """
    node = gathered(points, cell=CELL_PX << pixel_bits(zoom), apart=APART_PX << pixel_bits(zoom))
    n = int(node.max()) + 1 if len(node) else 0
    count = np.bincount(node, minlength=n)
    at = _centres(points, node, count)
    shift = WORLD_BITS - zoom
    tiles = ((at[:, 1] >> shift) << zoom) + (at[:, 0] >> shift)
    order = np.lexsort((at[:, 0], at[:, 1], tiles))
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    node = rank[node]
    members = np.argsort(node, kind="stable")
    starts = np.concatenate([[0], np.cumsum(count[order])]).astype(np.int64)
    laid = points[members]
    low = np.minimum.reduceat(laid, starts[:-1]) if n else laid
    high = np.maximum.reduceat(laid, starts[:-1]) if n else laid
    return Level(zoom, at[order], count[order], low, high, starts, members, tiles[order])


def gathered(points: Ints, *, cell: int, apart: int) -> Ints:
    """Number each point's node: first one node for each square cell, then nodes nearer than `apart` are merged.

    Only nearest neighbours of each other merge, round after round, until no two nodes are near (`apart` ≤ `cell`).
    """
    if not len(points):
        return np.empty(0, np.int64)
    node = _renumbered(_cells(points, cell))
    for _ in range(_MOST_ROUNDS):
        at = _centres(points, node, np.bincount(node))
        into = _merged(at, cell=cell, apart=apart)
        if (into == np.arange(len(into))).all():
            break
        node = _renumbered(into[node])
    return node


def _centres(points: Ints, node: Ints, count: Ints) -> Ints:
    """Means of whole numbers whose sums are exact, so that no order of adding moves them."""
    sums = [np.bincount(node, weights=points[:, axis], minlength=len(count)) for axis in (0, 1)]
    return np.column_stack([total // count for total in sums]).astype(np.int64)


def _cells(at: Ints, cell: int) -> Ints:
    return (at[:, 1] // cell) * (2 * WORLD // cell + 4) + at[:, 0] // cell


def _renumbered(labels: Ints) -> Ints:
    return np.unique(labels, return_inverse=True)[1].ravel()


def _merged(at: Ints, *, cell: int, apart: int) -> Ints:
    """Into which node each node goes, itself when it stays: the cell-mates first, else mutual nearest neighbours."""
    keys = _cells(at, cell)
    order = np.lexsort((at[:, 0], at[:, 1], keys))
    ordered = keys[order]
    first = order[np.searchsorted(ordered, ordered)]
    into = np.arange(len(at))
    into[order] = first
    if (into != np.arange(len(at))).any():
        return into
    nearest = _nearest(at, keys, ordered, order, cell=cell, apart=apart)
    mates = (nearest >= 0) & (nearest[nearest] == np.arange(len(at)))
    return np.where(mates, np.minimum(np.arange(len(at)), nearest), np.arange(len(at)))


def _nearest(at: Ints, keys: Ints, ordered: Ints, order: Ints, *, cell: int, apart: int) -> Ints:
    """The nearest node nearer than `apart` among the eight cells around each node's own, -1 for none."""
    row = 2 * WORLD // cell + 4
    best = np.full(len(at), apart * apart, np.int64)
    found = np.full(len(at), -1, np.int64)
    for step in (-row - 1, -row, -row + 1, -1, 1, row - 1, row, row + 1):
        place = np.minimum(np.searchsorted(ordered, keys + step), len(ordered) - 1)
        other = order[place]
        away = ((at - at[other]) ** 2).sum(1)
        nearer = (ordered[place] == keys + step) & ((away < best) | ((away == best) & (found >= 0) & (other < found)))
        best[nearer], found[nearer] = away[nearer], other[nearer]
    return found
