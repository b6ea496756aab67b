"""Road-like graphs for tests and benches: a plane of crossroads, some roads missing, the same for everybody."""

import numpy as np

from maillage.analysis.network import Graph, curve

SEED = 20261122
SPACING_M = 130.0
MISSING = 0.42
ROW_KMH, COLUMN_KMH = (30.0, 90.0), 40.0


def synthetic(nodes: int, *, along: bool = True) -> Graph:
    """About so many crossroads 130 m apart, degree 2.3, one road in sixteen quick, a few crossroads cut off."""
    return laid(nodes, along=along)[0]


def laid(nodes: int, *, along: bool = True) -> tuple[Graph, np.ndarray, np.ndarray]:
    """The same, with the column and row of each crossroads.

    Numbered along a space-filling curve (Morton's), as the reader of extracts numbers them; else at random.
    """
    draw = np.random.default_rng(SEED)
    side = max(2, round(nodes**0.5))
    count = side * side
    number = np.arange(count)
    x, y = number % side, number // side
    east, south = number[x < side - 1], number[y < side - 1]
    tails, heads = np.concatenate([east, south]), np.concatenate([east + 1, south + side])
    quick = np.concatenate([y[east] % 16 == 0, x[south] % 16 == 0])
    kept = draw.random(tails.size) >= MISSING
    tails, heads, quick = tails[kept], heads[kept], quick[kept]
    metres = SPACING_M * draw.uniform(0.7, 1.8, tails.size)
    minutes = metres / 1000 / np.where(quick, ROW_KMH[1], draw.uniform(ROW_KMH[0], COLUMN_KMH + 20, tails.size)) * 60
    order = np.argsort(curve(x, y), kind="stable") if along else draw.permutation(count)
    new = np.empty(count, np.int64)
    new[order] = number
    tails, heads = new[tails], new[heads]
    both = np.concatenate([tails, heads]), np.concatenate([heads, tails]), np.concatenate([minutes, minutes])
    return Graph.of(count, *both), x[order], y[order]


def places(graph: Graph, count: int) -> np.ndarray:
    """Nodes where places stand: the same for the same graph."""
    return np.sort(np.random.default_rng(SEED).choice(graph.nodes, count, replace=False))
