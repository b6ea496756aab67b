"""The base drawings of the map, rendered once per process and ground."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from maillage.territory.models import Departement, Outline
from maillage.territory.queries import maps
from maillage.territory.rules import drawing, sheet
from maillage.territory.rules.drawing import NOBODY, Border
from maillage.territory.rules.projection import OUTSIDE, Frame
from maillage.territory.rules.sheet import Layer

Ints = NDArray[np.int64]

SMALL = "france-s"
"""A lighter drawing of France, for pages where the map is not the main thing."""

MOST_BYTES = 9_800
"""What the drawing of a region or a département may weigh, compressed: a list page holds it in 60 kB."""


@dataclass(frozen=True, slots=True)
class Detail:
    """How finely a map is drawn.

    `tolerance` of its lines and `row` of its dots in units; `least` and `around`: smallest class of the dots on
    outlines, and of those outside the territory; `communes`: whether the lines between communes are drawn.
    """

    tolerance: float
    row: int
    least: int
    around: int
    communes: bool = True


DETAILS = (
    Detail(0.7, 1, 0, 1),
    Detail(1.0, 2, 0, 2),
    Detail(1.4, 4, 1, 3),
    Detail(1.0, 6, 2, 4, communes=False),
    Detail(2.4, 8, 2, 5, communes=False),
)
"""From fine to coarse: the first that weighs at most `MOST_BYTES` is used."""

_POINTS_PER_DEGREE = 1e5
_BEYOND = 30
_WIDTHS = (1.5, 2.1, 3.2, 5.6, 10.0)
_WIDTHS_AT_M_PER_UNIT = 1_193.0
_OPACITIES = (0.7, 0.75, 0.8, 0.9, 1.0)
_LATTICE = 8
_LATTICE_POPULATIONS = (1_500, 5_000, 20_000, 100_000)
_LATTICE_WIDTHS = (2.0, 3.2, 4.6, 6.2, 8.0)
_FAINT = (0.32, 0.36, 0.42, 0.46, 0.5)

DRAWN = 1
"""To be raised when the way of drawing changes: browsers keep a drawing for ever."""


def version() -> str:
    """What the address of a drawing carries: it changes with the ground and with the way of drawing."""
    return f"{maps.edition()}.{DRAWN}"


def base_map(key: str) -> bytes | None:
    """The gzipped SVG document of `france`, `france-s`, `reg-52` or `dep-44`; None if there is no such map."""
    return _base_map(maps.edition(), key)


@lru_cache(maxsize=300)
def _base_map(edition: str, key: str) -> bytes | None:
    frame = maps.frame("france" if key == SMALL else key)
    if frame is None:
        return None
    if frame.key == "france":
        return _document(frame, _france(frame, light=key == SMALL))
    draw = _region if frame.key.startswith("reg-") else _departement
    for detail in DETAILS:
        document = _document(frame, draw(frame, detail))
        if len(document) <= MOST_BYTES:
            break
    return document


def _document(frame: Frame, layers: list[Layer]) -> bytes:
    return gzip.compress(sheet.sheet(frame, layers).encode(), 9, mtime=0)


def _france(frame: Frame, *, light: bool) -> list[Layer]:
    land = Land(frame, "dep", tolerance=1.3 if light else 0.7)
    dots = _france_halftone(frame) if light and not land.codes else _france_dots(frame, land, light=light)
    region = dict(Departement.objects.values_list("code", "region_id"))
    outer = land.rings(lambda a, b: b is None)
    return [
        Layer("land", outer),
        Layer("coast", outer, 1.2),
        *dots,
        Layer("dep", land.lines(lambda a, b: b is not None and region[a] == region[b]), 1),
        Layer("reg", land.lines(lambda a, b: b is not None and region[a] != region[b]), 1.6),
    ]


def _france_dots(frame: Frame, land: "Land", *, light: bool) -> list[Layer]:
    known = maps.communes()
    xy, box = frame.project(known.lat, known.lon)
    overseas = box > 0
    classes = sheet.population_class(known.population)
    least = (3 if light else 1) if land.codes else 0
    shown = (box != OUTSIDE) & ((classes >= least) | overseas)
    classes = np.where(overseas, np.clip(classes - (2 if land.codes else 1), least, None), classes)
    opacities = _FAINT if land.codes else _OPACITIES
    return sheet.dot_layers(xy[shown], classes[shown], widths=_WIDTHS, opacities=opacities, row=2)


def _france_halftone(frame: Frame) -> list[Layer]:
    """Without outlines, France in few bytes: one dot for all the communes around a point of a lattice."""
    known = maps.communes()
    xy, box = frame.project(known.lat, known.lon)
    shown = box != OUTSIDE
    points, population = sheet.halftone(xy[shown], known.population[shown], step=_LATTICE)
    classes = np.searchsorted(_LATTICE_POPULATIONS, population, side="right")
    return sheet.dot_layers(points, classes, widths=_LATTICE_WIDTHS, opacities=_OPACITIES)


def _region(frame: Frame, detail: Detail) -> list[Layer]:
    own = set(Departement.objects.filter(region_id=frame.key.removeprefix("reg-")).values_list("code", flat=True))
    land = Land(frame, "dep", tolerance=detail.tolerance)
    outer = land.rings(lambda a, b: (a in own) != (b in own))
    return [
        *_around(land, own),
        Layer("land", outer),
        *_dots(frame, detail, faint=bool(land.codes)),
        Layer("dep", land.lines(lambda a, b: a in own and b in own), 1.2),
        Layer("reg", outer, 2),
    ]


def _departement(frame: Frame, detail: Detail) -> list[Layer]:
    code = frame.key.removeprefix("dep-")
    around = Land(frame, "dep", tolerance=detail.tolerance)
    own = Land(frame, "commune", tolerance=detail.tolerance)
    if not own.codes:
        outer = around.rings(lambda a, b: (a == code) != (b == code))
        inner = [] if outer else [_links(frame)]
    else:
        known = maps.communes()
        epci = dict(zip(known.code.tolist(), known.epci.tolist(), strict=True))
        outer = own.rings(lambda a, b: b is None)
        inner = [
            Layer("hair", own.lines(lambda a, b: b is not None and epci.get(a) == epci.get(b)), 1)
            if detail.communes
            else Layer("hair", ""),
            Layer("epci", own.lines(lambda a, b: b is not None and epci.get(a) != epci.get(b)), 1.6),
        ]
    dots = _dots(frame, detail, faint=bool(outer))
    return [*_around(around, {code}), Layer("land", outer), *inner, *dots, Layer("reg", outer, 2)]


def _around(land: "Land", own: set[str]) -> list[Layer]:
    return [
        Layer("near", land.rings(lambda a, b: b is None)),
        Layer("dep", land.lines(lambda a, b: a not in own and b not in own), 1),
    ]


def _dots(frame: Frame, detail: Detail, *, faint: bool) -> list[Layer]:
    """The communes of a territory as dots, and without outlines those around it, fainter."""
    known = maps.communes()
    own = known.of(frame.key)
    xy, box = frame.project(known.lat, known.lon)
    inside = (box != OUTSIDE) & ((xy >= 0) & (xy <= (frame.width, frame.height))).all(1)
    classes = sheet.population_class(known.population)
    scale = (_WIDTHS_AT_M_PER_UNIT / frame.boxes[0].metres_per_unit) ** 0.55
    widths = tuple(round(width * scale, 1) for width in _WIDTHS)
    opacities = _FAINT if faint else _OPACITIES
    near = own & inside & (classes >= (detail.least if faint else 0))
    layers = sheet.dot_layers(xy[near], classes[near], widths=widths, opacities=opacities, row=detail.row)
    if faint:
        return layers
    far = inside & ~own & (classes >= detail.around)
    return sheet.dot_layers(xy[far], classes[far], widths=widths, opacities=_FAINT, look="far", row=8) + layers


def _links(frame: Frame) -> Layer:
    """Without outlines, a mesh between neighbouring communes gives the département its body."""
    known = maps.communes()
    own = known.of(frame.key)
    xy = np.unique(frame.project(known.lat[own], known.lon[own])[0], axis=0)
    return Layer("link", drawing.path([xy[trail] for trail in sheet.trails(sheet.neighbours(xy))]), 1.2)


def _in_view(frame: Frame) -> Q:
    box = frame.boxes[0]
    x, y = np.meshgrid((0, frame.width / 2, frame.width), (0, frame.height))
    lat, lon = box.unproject(x.ravel(), y.ravel())
    return Q(min_lon__lte=lon.max(), max_lon__gte=lon.min(), min_lat__lte=lat.max(), max_lat__gte=lat.min())


@lru_cache(maxsize=4)
def _shared_borders(edition: str, frame: Frame, kind: str) -> tuple[list[str], list[Border]]:
    """The outlines of a kind that a frame needs, as codes and the lines between them."""
    condition = Q()
    if kind == "commune":
        condition = Q(code__startswith=frame.key.removeprefix("dep-"))
    elif frame.key != "france":
        condition = _in_view(frame)
    rows = Outline.objects.filter(condition, kind=kind).order_by("code")
    found = list(rows.values_list("code", "points", "ring_lengths"))
    shapes = [drawing.unpack_rings(bytes(points), lengths) for _, points, lengths in found]
    return [code for code, _, _ in found], drawing.borders(shapes)


class Land:
    """The outlines of several territories in a frame, cut into shared lines that can be told apart by their sides."""

    def __init__(self, frame: Frame, kind: str, *, tolerance: float) -> None:
        self.codes, lines = _shared_borders(maps.edition(), frame, kind)
        self.borders = drawing.drawn(lines, projector(frame), tolerance=tolerance, smallest=3)

    def lines(self, wanted: Callable[[str, str | None], bool]) -> str:
        """Path data of the lines whose two sides are wanted; the second side is None on a coast or a frontier."""
        return drawing.path([line.points for line in self._of(wanted)])

    def rings(self, wanted: Callable[[str, str | None], bool]) -> str:
        """Path data of the rings that the wanted lines close."""
        return drawing.path(drawing.rings_of(self._of(wanted)), closed=True)

    def _of(self, wanted: Callable[[str, str | None], bool]) -> list[Border]:
        codes = self.codes
        return [b for b in self.borders if wanted(codes[b.left], None if b.right == NOBODY else codes[b.right])]


def projector(frame: Frame, *, beyond: int = _BEYOND) -> Callable[[Ints], NDArray[np.float64]]:
    """Project whole lines, each in the box of its first point; what is far out of view is pulled to the edge."""

    def project(points: Ints) -> NDArray[np.float64]:
        lon, lat = points[:, 0] / _POINTS_PER_DEGREE, points[:, 1] / _POINTS_PER_DEGREE
        box = next((b for b in frame.boxes if b.seen.holds(lat[0], lon[0])), frame.boxes[0])
        xy = np.column_stack(box.project(lat, lon))
        return np.clip(xy, -beyond, (frame.width + beyond, frame.height + beyond))

    return project
