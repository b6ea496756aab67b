"""A territory drawn commune by commune, for maps that colour each; kept in memory for as long as the ground stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from maillage.territory.models import Outline
from maillage.territory.queries import base_maps, maps
from maillage.territory.rules import drawing, lettering, mosaic, projection
from maillage.territory.rules.drawing import NOBODY, Border
from maillage.territory.rules.lettering import Label, Name
from maillage.territory.rules.mosaic import Tile
from maillage.territory.rules.prefectures import PREFECTURES
from maillage.territory.rules.projection import OUTSIDE, Extent, Frame

Floats = NDArray[np.float64]
MOST_TILES = 900
"""Beyond, communes are no longer shapes of their own: those of one class are drawn together."""
_AIR_DEGREES = 0.012
_AROUND_ONE_DEGREES = 0.09
_LATTICE = 8
_AT_ONCE = 900
_POINTS_PER_DEGREE = 1e5
_BEYOND = 60


@dataclass(frozen=True, slots=True)
class Mosaic:
    """The drawing of a territory's communes. `near` and `edge`: path data of the communes around, and of the limit.

    `base`: the key of the base drawing to lay under it (`reg-27`, `france`), empty where it is drawn here.
    """

    frame: Frame
    codes: tuple[str, ...]
    tiles: Mapping[str, Tile]
    lines: tuple[Border, ...]
    xy: NDArray[np.int64]
    near: str
    hair: str
    edge: str
    base: str
    outlined: bool

    @property
    def is_fine(self) -> bool:
        """Whether each commune is a shape of its own, which may be a link."""
        return bool(self.tiles)

    @property
    def base_url_key(self) -> tuple[str, str]:
        """The key and the version of the base drawing."""
        return self.base, base_maps.version()

    def merged(self, classes: Mapping[str, int]) -> dict[int, str]:
        """One path for each class of communes: areas where there are outlines, else dots."""
        kinds = [classes.get(code, -1) for code in self.codes]
        if self.outlined:
            return mosaic.merged(self.lines, kinds)
        return mosaic.dots_by_class(self.xy, kinds)

    def lattice(self, values: Mapping[str, float], weights: Mapping[str, float]) -> tuple[NDArray[np.int64], Floats]:
        """The mean value of the communes around each point of a lattice, weighted; NaN where none is known."""
        found = np.array([values.get(code, np.nan) for code in self.codes], float)
        heavy = np.array([weights.get(code, np.nan) for code in self.codes], float)
        return mosaic.lattice(self.xy, heavy, found, step=_LATTICE)

    def dots(self, points: NDArray[np.int64], classes: Sequence[int]) -> dict[int, str]:
        """Points of the drawing as dots, one path for each class."""
        return mosaic.dots_by_class(points, classes)

    def project(self, lat: float, lon: float) -> tuple[int, int] | None:
        """Where a point stands, None out of the drawing."""
        xy, box = self.frame.project([lat], [lon])
        x, y = xy[0].tolist()
        seen = box[0] != OUTSIDE and 0 <= x <= self.frame.width and 0 <= y <= self.frame.height
        return (int(x), int(y)) if seen else None

    def names(self, discs: Sequence[tuple[float, float, float]], *, most: int = 8) -> list[Label]:
        """The names of its most populated communes, clear of the discs (x, y, r) and of each other."""
        if self.frame.key == "france":
            return []
        known = maps.communes()
        own = np.flatnonzero(np.isin(known.code, np.array(self.codes, str)))[: 3 * most]
        xy, _ = self.frame.project(known.lat[own], known.lon[own])
        wanted = [
            Name(str(known.name[i]), float(x), float(y), known.code[i] in PREFECTURES)
            for i, (x, y) in zip(own.tolist(), xy.tolist(), strict=True)
        ]
        return lettering.place(
            wanted, width=self.frame.width, height=self.frame.height, discs=discs, most=min(most, max(2, len(own)))
        )


def mosaic_of(reference: str, title: str, codes: Sequence[str]) -> Mosaic | None:
    """The drawing of the communes of a territory; None when none of them has a centre on the current ground."""
    return _mosaic(maps.edition(), reference, title, tuple(sorted(codes)))


@lru_cache(maxsize=64)
def _mosaic(edition: str, reference: str, title: str, codes: tuple[str, ...]) -> Mosaic | None:
    known = maps.communes()
    own = np.isin(known.code, np.array(codes, str))
    if not own.any():
        return None
    if reference == "france" or len(codes) > MOST_TILES:
        return _coarse(reference, title, own)
    return _fine(reference, title, own)


def _frame(reference: str, title: str, own: NDArray[np.bool_]) -> Frame:
    """The frame of a département, a région or France as on other maps; for any other, one that fits its communes."""
    kept = maps.frame(reference)
    if kept:
        return kept
    known = maps.communes()
    extent = projection.extent_of(known.lat[own], known.lon[own])
    boxes = _boxes(known.code[own].tolist())
    if boxes:
        extent = projection.union([extent, *boxes])
    air = _AROUND_ONE_DEGREES if own.sum() == 1 else _AIR_DEGREES if boxes else 4 * _AIR_DEGREES
    return projection.territory_frame(reference, title, extent.padded(air))


def _boxes(codes: Sequence[str]) -> list[Extent]:
    rows = Outline.objects.filter(kind="commune", code__in=codes)
    return [Extent(*row) for row in rows.values_list("min_lon", "min_lat", "max_lon", "max_lat")]


def _borders(frame: Frame, codes: Sequence[str], tolerance: float) -> tuple[list[str], list[Border]]:
    """The outlines of communes, cut into shared lines and drawn; the codes that have one."""
    found: list[tuple[str, Any, Any]] = []
    for start in range(0, len(codes), _AT_ONCE):
        rows = Outline.objects.filter(Q(kind="commune") & Q(code__in=codes[start : start + _AT_ONCE])).order_by("code")
        found += list(rows.values_list("code", "points", "ring_lengths"))
    shapes = [drawing.unpack_rings(bytes(points), lengths) for _, points, lengths in found]
    lines = drawing.drawn(
        drawing.borders(shapes), base_maps.projector(frame, beyond=4 * frame.width), tolerance=tolerance, smallest=6
    )
    return [code for code, _, _ in found], lines


def _fine(reference: str, title: str, own: NDArray[np.bool_]) -> Mosaic:
    """Each commune a shape, among its neighbours."""
    known, frame = maps.communes(), _frame(reference, title, own)
    xy, box = frame.project(known.lat, known.lon)
    seen = (box != OUTSIDE) & ((xy >= -_BEYOND) & (xy <= (frame.width + _BEYOND, frame.height + _BEYOND))).all(1)
    base = frame.key if maps.frame(frame.key) else ""
    codes = sorted(known.code[own if base else own | seen].tolist())
    mine = set(known.code[own].tolist())
    drawn, lines = _borders(frame, codes, 0.8)
    place = {code: (int(x), int(y)) for code, (x, y) in zip(known.code[own].tolist(), xy[own].tolist(), strict=True)}
    inside = [n for n, code in enumerate(drawn) if code in mine]
    shapes = mosaic.paths(lines, len(drawn)) if inside else []
    path_of = {drawn[n]: shapes[n] for n in inside}
    radius = dict(zip(place, mosaic.disc_radii(np.array(list(place.values()), float)).tolist(), strict=True))
    tiles = [Tile(code, path_of.get(code, ""), *place[code], radius[code]) for code in sorted(place)]
    is_mine = [code in mine for code in drawn]
    edge = [b for b in lines if is_mine[b.left] != (b.right != NOBODY and is_mine[b.right])]
    around = [b for b in lines if b.right != NOBODY and not is_mine[b.left] and not is_mine[b.right]]
    index = {code: n for n, code in enumerate(drawn)}
    ordered = tuple(tile.code for tile in tiles)
    return Mosaic(
        frame=frame,
        codes=ordered,
        tiles=mosaic.by_code(tiles),
        lines=_renumbered(lines, {index[code]: n for n, code in enumerate(ordered) if code in index}),
        xy=np.array([(tile.x, tile.y) for tile in tiles], np.int64),
        near="" if base else mosaic.merged(lines, [0] * len(drawn)).get(0, ""),
        hair=drawing.path([b.points for b in around]),
        edge=drawing.path(drawing.rings_of(edge), closed=True),
        base=base,
        outlined=bool(inside),
    )


def _renumbered(lines: Sequence[Border], number: Mapping[int, int]) -> tuple[Border, ...]:
    """The lines of some shapes, their sides numbered anew; what lies outside is nobody's."""
    kept = []
    for line in lines:
        sides = [number[side] for side in (line.left, line.right) if side in number]
        if sides:
            kept.append(Border(sides[0], sides[1] if len(sides) > 1 else NOBODY, line.points))
    return tuple(kept)


def _coarse(reference: str, title: str, own: NDArray[np.bool_]) -> Mosaic:
    """Thousands of communes: areas of one class, or for all of France points of a lattice."""
    known, frame = maps.communes(), _frame(reference, title, own)
    codes = known.code[own]
    order = np.argsort(codes, kind="stable")
    xy, box = frame.project(known.lat[own][order], known.lon[own][order])
    inside = box != OUTSIDE
    sorted_codes = codes[order][inside].tolist()
    drawn: list[str] = []
    lines: Sequence[Border] = ()
    if reference != "france":
        drawn, lines = _borders(frame, sorted_codes, 1.0)
        index = {code: n for n, code in enumerate(sorted_codes)}
        lines = _renumbered(lines, {n: index[code] for n, code in enumerate(drawn)})
    return Mosaic(
        frame=frame,
        codes=tuple(sorted_codes),
        tiles={},
        lines=tuple(lines),
        xy=xy[inside],
        near="",
        hair="",
        edge="",
        base=frame.key if maps.frame(frame.key) else "",
        outlined=bool(drawn),
    )
