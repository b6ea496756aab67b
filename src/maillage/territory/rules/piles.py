"""Points that share one estimated position, drawn side by side."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SPACING_M = 3_700.0
"""Distance between neighbouring communes: the root of their median area, 14 km²."""

_METRES_PER_DEGREE = 111_320.0
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def unpiled(lat: Floats, lon: Floats, *, spacing_m: float = SPACING_M) -> tuple[Floats, Floats]:
    """Move points (degrees) that stand exactly on an earlier one around it, as seeds in a sunflower.

    Each takes the room of a square of `spacing_m`; the first of a pile does not move (after H. Vogel,
    Mathematical Biosciences 44, 1979).

    >>> lat, lon = unpiled(np.array([47.0, 47.0, 46.0]), np.array([5.0, 5.0, 5.0]))
    >>> bool(lat[0] == 47.0 and lat[2] == 46.0 and lat[1] != 47.0)
    True
    """
    if not len(lat):
        return lat, lon
    _, pile = np.unique(np.column_stack([lat, lon]), axis=0, return_inverse=True)
    pile = pile.ravel()
    order = np.argsort(pile, kind="stable")
    starts = np.searchsorted(pile[order], pile[order])
    rank = np.empty(len(lat))
    rank[order] = np.arange(len(lat)) - starts
    away = spacing_m / np.sqrt(np.pi) * np.sqrt(rank) / _METRES_PER_DEGREE
    turn = rank * _GOLDEN_ANGLE + pile
    return lat + away * np.sin(turn), lon + away * np.cos(turn) / np.cos(np.radians(lat))
