"""The ground under the interactive map: outlines, communes and names, for France and for each département."""

import gzip
import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.territory.models import Departement, Outline
from maillage.territory.queries import maps
from maillage.territory.rules import drawing, mercator, sheet
from maillage.territory.rules.drawing import NOBODY, Border
from maillage.territory.rules.outlines import E5
from maillage.territory.rules.prefectures import PREFECTURES

Ints = NDArray[np.int64]

DRAWN = 1
"""To be raised when the form of a layer changes: browsers keep a layer for ever."""

FAR_BITS, NEAR_BITS = mercator.pixel_bits(8), mercator.pixel_bits(12)
"""Units of a layer are pixels of these tiles: half a pixel of the map at zoom 8, and at zoom 12."""

FAR_TOLERANCE, NEAR_TOLERANCE = 1.3, 2.2
SMALLEST = 4
LATTICE = 18
FAR_NAMES = ((300_000, 5), (120_000, 6), (50_000, 7), (20_000, 8))
NEAR_NAMES = ((20_000, 8), (5_000, 9), (2_000, 10), (500, 11))
SEATS_FROM, LAST_FROM = 7, 12


def version() -> str:
    """What the address of a layer carries: it changes with the ground and with the form of layers."""
    return f"{maps.edition()}.{DRAWN}"


def layer(key: str) -> bytes | None:
    """The gzipped JSON of `france` or `dep-44`; None if there is no such layer."""
    return _layer(maps.edition(), key)


@lru_cache(maxsize=120)
def _layer(edition: str, key: str) -> bytes | None:
    kind, _, code = key.partition("-")
    if key == "france":
        told = _france()
    elif kind == "dep" and code in maps.names().departement:
        told = _departement(code)
    else:
        return None
    return gzip.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)


def _france() -> dict[str, Any]:
    known = maps.communes()
    region = dict(Departement.objects.values_list("code", "region_id"))
    codes, lines = _lines("dep", "", FAR_BITS, FAR_TOLERANCE)
    xy = mercator.plane(known.lat, known.lon) >> FAR_BITS

    def between(same: bool) -> list[Ints]:
        return _between(lines, lambda a, b: (region[codes[a]] == region[codes[b]]) == same)

    told: dict[str, Any] = {
        "bits": FAR_BITS,
        "land": mercator.packed(drawing.rings_of([line for line in lines if line.right == NOBODY])),
        "reg": mercator.packed(between(False)),
        "dep": mercator.packed(between(True)),
        "names": _names(xy, np.arange(len(xy)), FAR_NAMES, seats=SEATS_FROM, last=None),
        "parts": _parts(known, xy),
    }
    if not codes:
        points, people = sheet.halftone(xy, known.population, step=LATTICE)
        told["dots"] = _dots(points, np.searchsorted((1_500, 5_000, 20_000, 100_000), people, side="right"))
    return told


def _departement(code: str) -> dict[str, Any]:
    known = maps.communes()
    own = np.flatnonzero(known.departement == code)
    epci = dict(zip(known.code[own].tolist(), known.epci[own].tolist(), strict=True))
    xy = mercator.plane(known.lat[own], known.lon[own]) >> NEAR_BITS
    codes, lines = _lines("commune", code, NEAR_BITS, NEAR_TOLERANCE)
    if not codes:
        _, lines = _lines("dep", code, NEAR_BITS, NEAR_TOLERANCE)

    def between(same: bool) -> list[Ints]:
        return _between(lines, lambda a, b: (epci.get(codes[a]) == epci.get(codes[b])) == same)

    told: dict[str, Any] = {
        "bits": NEAR_BITS,
        "land": mercator.packed(drawing.rings_of([line for line in lines if line.right == NOBODY])),
        "epci": mercator.packed(between(False)),
        "hair": mercator.packed(between(True)),
        "names": _names(xy, own, NEAR_NAMES, seats=SEATS_FROM, last=LAST_FROM),
    }
    if not lines:
        told["dots"] = _dots(xy, sheet.population_class(known.population[own]))
    return told


def _lines(kind: str, within: str, bits: int, tolerance: float) -> tuple[list[str], list[Border]]:
    """The outlines of a kind, as codes and the simplified lines between them, on the plane."""
    rows = Outline.objects.filter(kind=kind, code__startswith=within).order_by("code")
    found = list(rows.values_list("code", "points", "ring_lengths"))
    shapes = [drawing.unpack_rings(bytes(points), lengths) for _, points, lengths in found]

    def project(points: Ints) -> NDArray[np.float64]:
        return mercator.plane(points[:, 1] / E5, points[:, 0] / E5) / (1 << bits)

    lines = drawing.drawn(drawing.borders(shapes), project, tolerance=tolerance, smallest=SMALLEST)
    return [code for code, _, _ in found], lines


def _between(lines: Iterable[Border], wanted: Callable[[int, int], bool]) -> list[Ints]:
    return [line.points for line in lines if line.right != NOBODY and wanted(line.left, line.right)]


def _dots(xy: Ints, classes: Ints) -> list[list[int]]:
    """The points of each class, packed as one line, the smallest class first."""
    classed = [np.unique(xy[classes == number], axis=0) for number in range(5)]
    return [mercator.packed([points])[0] if len(points) else [] for points in classed]


def _names(
    xy: Ints, which: Ints, steps: tuple[tuple[int, int], ...], *, seats: int, last: int | None
) -> list[list[Any]]:
    """Names of towns, as [x, y, name, first zoom that shows it], the most important first."""
    known = maps.communes()
    told = []
    for (x, y), i in zip(xy.tolist(), which.tolist(), strict=True):
        people = known.population[i]
        zooms = [zoom for least, zoom in steps if people >= least]
        if known.code[i] in PREFECTURES:
            zooms.append(seats)
        if zooms or last is not None:
            told.append([x, y, str(known.name[i]), min(zooms, default=last)])
    return sorted(told, key=lambda one: one[3])


def _parts(known: maps.Communes, xy: Ints) -> list[list[Any]]:
    """Each département that has a layer of its own: its code and the box that holds it (left, top, right, bottom)."""
    boxes: dict[str, list[int]] = {}
    columns = ("code", "min_lat", "min_lon", "max_lat", "max_lon")
    for code, south, west, north, east in Outline.objects.filter(kind="dep").values_list(*columns):
        corners = mercator.plane(np.array([north, south]), np.array([west, east])) >> FAR_BITS
        boxes[code] = corners.ravel().tolist()
    for code in maps.names().departement:
        own = xy[known.departement == code]
        if code not in boxes and len(own):
            boxes[code] = [*own.min(0).tolist(), *own.max(0).tolist()]
    return [[code, *box] for code, box in sorted(boxes.items()) if code in maps.names().departement]
