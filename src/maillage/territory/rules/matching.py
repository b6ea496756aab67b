"""One typo forgiven, over all names at once: how a search compares a query with 35,000 keys.

A key is a normalised name without its spaces. A typo is one letter too many, missing or wrong, or two neighbours
swapped (the Damerau–Levenshtein distance 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
LONGEST_KEY = 64
UNKNOWN = b"\x01"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys laid in columns: `columns[i, k]` is the i-th byte of key k, 0 beyond its end; two spare columns."""

    columns: NDArray[np.uint8]
    lengths: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matches:
    """For each key, how it meets the query: equal, begun by it, one typo away, begun by it but for one typo."""

    exact: Mask
    prefix: Mask
    typo: Mask
    typo_prefix: Mask


def key_of(normalised: str) -> str:
    """The key of a normalised name: its letters and digits alone, cut at 64.

    >>> key_of("l hay les roses")
    'lhaylesroses'
    """
    return normalised.replace(" ", "")[:LONGEST_KEY]


def lay(keys: Sequence[str]) -> Keys:
    """Lay keys in columns; a sign outside ASCII becomes one that no query holds.

    >>> lay(["ain", "y"]).columns.shape
    (5, 2)
    """
    encoded = [key.encode("ascii", "replace").replace(b"?", UNKNOWN) for key in keys]
    width = max(1, *map(len, encoded)) if encoded else 1
    matrix = np.array(encoded, dtype=f"S{width}").view(np.uint8).reshape(len(keys), width)
    columns = np.zeros((width + 2, len(keys)), dtype=np.uint8)
    columns[:-2] = matrix.T
    return Keys(columns, np.fromiter(map(len, encoded), dtype=np.int64, count=len(keys)))


def compare(query: str, keys: Keys) -> Matches:
    """Compare a query with every key, letter by letter, keeping for each key the ways it may still match.

    After i letters of the query a key may have been followed exactly, or with one typo already spent: a wrong or
    swapped letter (same place in the key), a letter too many (one place behind), a letter missing (one ahead).
    """
    letters = np.frombuffer(query.encode("ascii", "replace"), dtype=np.uint8)
    count, width = len(letters), len(keys.columns) - 2
    nothing = np.zeros(keys.columns.shape[1], dtype=bool)
    if not count or count > width + 1:
        return Matches(nothing, nothing, nothing, nothing)
    exact, level, behind, ahead, swapping = ~nothing, nothing, nothing, nothing, nothing
    for place, letter in enumerate(letters):
        here = keys.columns[place] == letter
        before = keys.columns[place - 1] == letter if place else nothing
        after = keys.columns[place + 1] == letter
        level = (level & here) | (exact & ~here) | (swapping & before)
        behind = (behind & before) | exact
        ahead = (ahead | exact) & after
        swapping, exact = exact & after, exact & here
    length = keys.lengths
    equal = exact & (length == count)
    typo = (level & (length == count)) | (behind & (length == count - 1)) | ((ahead | exact) & (length == count + 1))
    begun = (level & (length >= count)) | (behind & (length >= count - 1)) | (ahead & (length > count))
    return Matches(equal, exact, typo & ~equal, begun & ~exact)
