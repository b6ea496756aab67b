"""Outlines: closed rings of whole numbers, small enough to keep 35,000 of them in a table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maillage.territory.rules.draft import OutlineRow

E5 = 100_000
FEWEST_POINTS = 4


def to_e5(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    """Round (lon, lat) degrees, shape (n, 2), to whole 1e-5 degrees; refuse what is not on Earth.

    >>> to_e5(np.array([[5.70351, 46.99149]])).tolist()
    [[570351, 4699149]]
    """
    limits = np.array([180.0, 90.0])
    if not np.all(np.abs(degrees) <= limits):
        raise ValueError("un point n’est pas sur Terre (longitude de -180 à 180, latitude de -90 à 90)")
    return np.rint(degrees * E5).astype(np.int32)


def outline(kind: str, code: str, rings: Sequence[NDArray[np.int32]]) -> OutlineRow | None:
    """Pack closed rings, each of shape (n, 2) in 1e-5 degree; rings that enclose nothing are left out.

    None when no ring is left.
    """
    kept = [ring for ring in rings if len(ring) >= FEWEST_POINTS]
    if not kept:
        return None
    points = np.concatenate(kept).astype("<i4")
    low, high = points.min(axis=0) / E5, points.max(axis=0) / E5
    return OutlineRow(
        kind=kind,
        code=code,
        points=points.tobytes(),
        ring_lengths=tuple(len(ring) for ring in kept),
        min_lon=float(low[0]),
        min_lat=float(low[1]),
        max_lon=float(high[0]),
        max_lat=float(high[1]),
    )


def rings_of(row: OutlineRow) -> list[NDArray[np.int32]]:
    """Unpack an outline into its closed rings, each of shape (n, 2): lon, lat in 1e-5 degree."""
    points = np.frombuffer(row.points, dtype="<i4").reshape(-1, 2)
    ends = np.cumsum(row.ring_lengths)[:-1]
    return [np.asarray(ring, dtype=np.int32) for ring in np.split(points, ends)]


def area_e10(rings: Sequence[NDArray[np.int32]]) -> float:
    """The area inside rings by the even-odd rule, in square 1e-5 degrees, when no two rings cross.

    Holes are told from outer rings by their opposite winding.

    >>> square = np.array([[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]], dtype=np.int32)
    >>> area_e10([square])
    4.0
    """
    total = 0.0
    for ring in rings:
        x, y = ring[:, 0].astype(np.float64), ring[:, 1].astype(np.float64)
        total += float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)
    return abs(total)
