"""How the equipment of a commune is kept: a few bytes, kinds it has none of left out."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PAIR = np.dtype("<u2")
MOST = int(np.iinfo(PAIR).max)
"""The largest position and the largest count that can be kept."""


def pack(counts: Mapping[int, int]) -> bytes:
    """Pack counts by position as little-endian pairs of 16-bit numbers, by rising position, zeros left out.

    >>> pack({3: 2, 1: 300, 2: 0}).hex()
    '01002c0103000200'
    """
    kept = sorted((position, count) for position, count in counts.items() if count)
    if any(not 0 <= position <= MOST or not 0 <= count <= MOST for position, count in kept):
        raise ValueError(f"positions and counts go from 0 to {MOST}")
    return np.array(kept, PAIR).tobytes()


def unpack(packed: Sequence[bytes | None]) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint16]]:
    """Unpack the equipment of many communes as the parts of a CSR matrix: indptr, positions, counts.

    An unknown equipment (None) reads as an empty row: tell it apart before.

    >>> indptr, positions, counts = unpack([pack({1: 300, 3: 2}), None, pack({0: 1})])
    >>> indptr.tolist(), positions.tolist(), counts.tolist()
    ([0, 2, 2, 3], [1, 3, 0], [300, 2, 1])
    """
    pairs = np.frombuffer(b"".join(row for row in packed if row), PAIR).reshape(-1, 2)
    lengths = np.fromiter((len(row) // 4 if row else 0 for row in packed), np.int64, len(packed))
    return np.concatenate([[0], np.cumsum(lengths)]), pairs[:, 0], pairs[:, 1]
