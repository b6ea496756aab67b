"""TopoJSON: outlines that share their borders, read into rings and merged without a geometry library.

The form is the TopoJSON specification's (https://github.com/topojson/topojson-specification), with a transform.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.territory.rules.outlines import to_e5


@dataclass(frozen=True, slots=True)
class Topology:
    """Arcs laid end to end: `points` of shape (n, 2) in 1e-5 degree; arc i is `points[starts[i]:starts[i + 1]]`."""

    points: NDArray[np.int32]
    starts: NDArray[np.int64]
    objects: dict[str, Any]

    def arc(self, index: int) -> NDArray[np.int32]:
        """Arc `index`; a negative index is the arc `~index` walked backwards."""
        positive = _arc(index)
        if positive >= len(self.starts) - 1:
            raise ValueError(f"l’arc {positive} n’existe pas")
        piece = self.points[self.starts[positive] : self.starts[positive + 1]]
        return piece if index >= 0 else piece[::-1]

    def ring(self, arcs: Iterable[int]) -> NDArray[np.int32]:
        """Join arcs into one closed ring; refuse arcs that do not meet."""
        pieces = [self.arc(index) for index in arcs]
        if not pieces:
            raise ValueError("un anneau est vide")
        ends = [piece[-1] for piece in pieces]
        for end, following in zip(ends, pieces[1:] + pieces[:1], strict=True):
            if end[0] != following[0, 0] or end[1] != following[0, 1]:
                raise ValueError("les arcs d’un anneau ne se rejoignent pas")
        return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def decode(document: Any) -> Topology:
    """Read a parsed TopoJSON document with a transform (delta-encoded whole numbers); ValueError says what is wrong."""
    if not isinstance(document, dict) or document.get("type") != "Topology":
        raise ValueError("ce n’est pas un TopoJSON (type « Topology »)")
    transform, arcs, objects = document.get("transform"), document.get("arcs"), document.get("objects")
    if not isinstance(transform, dict) or not isinstance(arcs, list) or not isinstance(objects, dict):
        raise ValueError("il manque « transform », « arcs » ou « objects »")
    scale, translate = _pair(transform.get("scale")), _pair(transform.get("translate"))
    lengths = np.fromiter(map(len, arcs), dtype=np.int64, count=len(arcs))
    if lengths.size and lengths.min() < 2:
        raise ValueError("un arc a moins de deux points")
    flat = list(chain.from_iterable(chain.from_iterable(arcs)))
    if len(flat) != 2 * int(lengths.sum()) or not all(type(number) is int for number in flat):
        raise ValueError("les points des arcs doivent être des paires de nombres entiers")
    steps = np.array(flat, dtype=np.int64).reshape(-1, 2)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    sums = np.concatenate([[[0, 0]], np.cumsum(steps, axis=0)])
    quantised = sums[1:] - np.repeat(sums[starts[:-1]], lengths, axis=0)
    return Topology(to_e5(quantised * scale + translate), starts, objects)


def geometries(topology: Topology) -> Iterator[tuple[dict[str, Any], list[list[int]]]]:
    """Each polygon's properties and its rings (lists of arc numbers, holes among them); the rest is skipped."""
    for group in topology.objects.values():
        for geometry in group["geometries"]:
            arcs = geometry.get("arcs")
            if geometry.get("type") == "Polygon":
                yield geometry.get("properties") or {}, arcs
            elif geometry.get("type") == "MultiPolygon":
                yield geometry.get("properties") or {}, list(chain.from_iterable(arcs))


def dissolve(topology: Topology, rings: Iterable[list[int]]) -> list[list[int]]:
    """Merge polygons that share arcs: drop the arcs used twice, stitch those used once into rings.

    Arcs keep the direction in which their polygon ran through them, so that holes go on winding the other way; where
    polygons wind differently they are joined by their ends, whichever way they run.
    """
    used = [index for ring in rings for index in ring]
    counts = Counter(map(_arc, used))
    border = sorted((index for index in used if counts[_arc(index)] == 1), key=_arc)
    starting: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for directed in [*border, *(~index for index in border)]:
        starting[_end(topology, ~directed)].append(directed)
    left = set(map(_arc, border))
    return [_walk(topology, index, left, starting) for index in border if _arc(index) in left]


def _walk(topology: Topology, first: int, left: set[int], starting: dict[tuple[int, int], list[int]]) -> list[int]:
    origin = _end(topology, ~first)
    chained, directed = [], first
    while True:
        chained.append(directed)
        left.discard(_arc(directed))
        here = _end(topology, directed)
        if here == origin:
            return chained
        following = next((candidate for candidate in starting[here] if _arc(candidate) in left), None)
        if following is None:
            raise ValueError("une frontière ne se referme pas")
        directed = following


def _arc(directed: int) -> int:
    return directed if directed >= 0 else ~directed


def _end(topology: Topology, directed: int) -> tuple[int, int]:
    x, y = topology.arc(directed)[-1]
    return int(x), int(y)


def _pair(value: Any) -> NDArray[np.float64]:
    if not isinstance(value, list) or len(value) != 2 or not all(type(v) in (int, float) for v in value):
        raise ValueError("« transform » doit donner deux nombres pour « scale » et pour « translate »")
    return np.array(value, dtype=np.float64)
