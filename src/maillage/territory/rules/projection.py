"""From longitude and latitude to the integer coordinates of a drawing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import cos, radians

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WIDTH = 1000
MARGIN = 24
OUTSIDE = -1

_ECCENTRICITY = 0.0818191910428158
_N, _C = 0.7256077650532670, 11754255.426096
_LON_0, _X_0, _Y_S = radians(3.0), 700_000.0, 12_655_612.049876
_METRES_PER_DEGREE = 111_320.0


def lambert93(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """Project degrees to Lambert-93 (RGF93, EPSG:2154) easting and northing in metres.

    Constants of the conformal conic with parallels 44° and 49°: IGN, note technique NT/G 71, algorithm ALG0003.

    >>> [round(float(v)) for v in lambert93(46.5, 3.0)]
    [700000, 6600000]
    """
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    isometric = np.arctanh(np.sin(phi)) - _ECCENTRICITY * np.arctanh(_ECCENTRICITY * np.sin(phi))
    radius, angle = _C * np.exp(-_N * isometric), _N * (lam - _LON_0)
    return _X_0 + radius * np.sin(angle), _Y_S - radius * np.cos(angle)


def from_lambert93(easting_m: ArrayLike, northing_m: ArrayLike) -> tuple[Floats, Floats]:
    """Read Lambert-93 metres back to latitude and longitude in degrees (to 1e-9°).

    >>> [round(float(v), 6) for v in from_lambert93(700_000, 6_600_000)]
    [46.5, 3.0]
    """
    dx, dy = np.asarray(easting_m, float) - _X_0, _Y_S - np.asarray(northing_m, float)
    isometric = np.log(_C / np.hypot(dx, dy)) / _N
    sine = np.tanh(isometric)
    for _ in range(6):
        sine = np.tanh(isometric + _ECCENTRICITY * np.arctanh(_ECCENTRICITY * sine))
    return np.degrees(np.arcsin(sine)), np.degrees(_LON_0 + np.arctan2(dx, dy) / _N)


@dataclass(frozen=True, slots=True)
class Extent:
    """A piece of the earth between two meridians and two parallels, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.bool_]:
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        return (lat >= self.south) & (lat <= self.north) & (lon >= self.west) & (lon <= self.east)

    def padded(self, degrees: float) -> "Extent":
        return Extent(self.west - degrees, self.south - degrees, self.east + degrees, self.north + degrees)


METROPOLE = Extent(-5.6, 41.2, 9.8, 51.3)
OVERSEAS = {
    "971": ("Guadeloupe", Extent(-61.83, 15.82, -60.98, 16.53)),
    "972": ("Martinique", Extent(-61.25, 14.37, -60.78, 14.90)),
    "973": ("Guyane", Extent(-54.65, 2.10, -51.60, 5.80)),
    "974": ("La Réunion", Extent(55.20, -21.41, 55.86, -20.85)),
    "976": ("Mayotte", Extent(44.98, -13.02, 45.32, -12.62)),
}
"""Land extents of the five overseas départements, by their Insee code."""


@dataclass(frozen=True, slots=True)
class Box:
    """One rectangle of a drawing and the piece of the earth it shows.

    `parallel` is the latitude of true scale of a local equirectangular projection; None means Lambert-93.
    `origin_m` is the upper left corner of the rectangle in projected metres (east, north).
    """

    key: str
    title: str
    x: int
    y: int
    width: int
    height: int
    seen: Extent
    parallel: float | None
    metres_per_unit: float
    origin_m: tuple[float, float]

    def project(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
        """Project degrees to the drawing's units, unrounded and unclipped."""
        east, north = _metres(self.parallel, lat, lon)
        x = self.x + (east - self.origin_m[0]) / self.metres_per_unit
        return x, self.y + (self.origin_m[1] - north) / self.metres_per_unit

    def unproject(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Read the drawing's units back to latitude and longitude in degrees."""
        east = self.origin_m[0] + (np.asarray(x, float) - self.x) * self.metres_per_unit
        north = self.origin_m[1] - (np.asarray(y, float) - self.y) * self.metres_per_unit
        if self.parallel is None:
            return from_lambert93(east, north)
        return north / _METRES_PER_DEGREE, east / (_METRES_PER_DEGREE * cos(radians(self.parallel)))


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing: `france`, `reg-52` or `dep-44`; its first box is the main one, the others are insets."""

    key: str
    title: str
    width: int
    height: int
    boxes: tuple[Box, ...]

    def project(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Ints, Ints]:
        """Project degrees to integer coordinates, shape (n, 2), and the box of each point (`OUTSIDE` for none)."""
        lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
        xy = np.zeros((lat.size, 2), np.int64)
        which = np.full(lat.size, OUTSIDE, np.int64)
        for number, box in enumerate(self.boxes):
            inside = box.seen.holds(lat, lon) & (which == OUTSIDE)
            if inside.any():
                xy[inside] = np.rint(np.column_stack(box.project(lat[inside], lon[inside]))).astype(np.int64)
                which[inside] = number
        return xy, which


def _parallel(extent: Extent) -> float | None:
    lat, lon = (extent.south + extent.north) / 2, (extent.west + extent.east) / 2
    return None if METROPOLE.holds(lat, lon) else lat


def _metres(parallel: float | None, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    if parallel is None:
        return lambert93(lat, lon)
    east = np.asarray(lon, float) * (_METRES_PER_DEGREE * cos(radians(parallel)))
    return east, np.asarray(lat, float) * _METRES_PER_DEGREE


def _bounds_m(extent: Extent) -> tuple[float, float, float, float]:
    steps = np.linspace(0, 1, 9)
    lon = extent.west + (extent.east - extent.west) * steps
    lat = extent.south + (extent.north - extent.south) * steps
    lats = np.concatenate([np.full(9, extent.south), np.full(9, extent.north), lat, lat])
    lons = np.concatenate([lon, lon, np.full(9, extent.west), np.full(9, extent.east)])
    east, north = _metres(_parallel(extent), lats, lons)
    return float(east.min()), float(north.min()), float(east.max()), float(north.max())


def fitted(key: str, title: str, extent: Extent, *, x: int, y: int, width: int, height: int) -> Box:
    """Fit an extent in a rectangle of the drawing, centred, its shape kept."""
    west, south, east, north = _bounds_m(extent)
    scale = max((east - west) / width, (north - south) / height)
    origin = ((west + east) / 2 - scale * width / 2, (south + north) / 2 + scale * height / 2)
    return Box(key, title, x, y, width, height, extent, _parallel(extent), scale, origin)


INSET_WIDTH, INSET_HEIGHT, INSET_GAP, INSET_NAME = 152, 106, 6, 30
FRANCE_HEIGHT = 960
_FRANCE_M_PER_UNIT = 1_155_000 / 968
_FRANCE_ORIGIN_M = (99_000 - 16 * _FRANCE_M_PER_UNIT, 7_112_000 + 28 * _FRANCE_M_PER_UNIT)


def france_frame(title: str = "France") -> Frame:
    """Draw metropolitan France, Corsica in place, and the five overseas départements down the Bay of Biscay."""
    main = Box(
        "metropole",
        title,
        0,
        0,
        WIDTH,
        FRANCE_HEIGHT,
        METROPOLE,
        None,
        _FRANCE_M_PER_UNIT,
        _FRANCE_ORIGIN_M,
    )
    top = FRANCE_HEIGHT - 5 * (INSET_HEIGHT + INSET_GAP)
    insets = (
        replace(
            fitted(
                f"dep-{code}",
                name,
                extent.padded(0.04),
                x=6,
                y=top + row * (INSET_HEIGHT + INSET_GAP),
                width=INSET_WIDTH,
                height=INSET_HEIGHT - INSET_NAME,
            ),
            height=INSET_HEIGHT,
        )
        for row, (code, (name, extent)) in enumerate(OVERSEAS.items())
    )
    return Frame("france", title, WIDTH, FRANCE_HEIGHT, (main, *insets))


def territory_frame(key: str, title: str, extent: Extent) -> Frame:
    """Draw one territory, its shape kept, a margin around it, never flatter than 2:3 nor taller than 5:4."""
    west, south, east, north = _bounds_m(extent)
    across, up = max(east - west, 1_000.0), max(north - south, 1_000.0)
    inner = WIDTH - 2 * MARGIN
    height = round(min(max(inner * up / across + 2 * MARGIN, WIDTH * 2 / 3), WIDTH * 5 / 4))
    fit = fitted(key, title, extent, x=0, y=0, width=inner, height=height - 2 * MARGIN)
    scale = fit.metres_per_unit
    box = replace(
        fit,
        width=WIDTH,
        height=height,
        seen=extent.padded(WIDTH * scale / _METRES_PER_DEGREE),
        origin_m=(fit.origin_m[0] - MARGIN * scale, fit.origin_m[1] + MARGIN * scale),
    )
    return Frame(key, title, WIDTH, height, (box,))


def extent_of(lat: ArrayLike, lon: ArrayLike) -> Extent:
    """Take the smallest extent that holds every point."""
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    return Extent(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))


def union(extents: Iterable[Extent]) -> Extent:
    """Take the smallest extent that holds every extent."""
    west, south, east, north = zip(*((e.west, e.south, e.east, e.north) for e in extents), strict=True)
    return Extent(min(west), min(south), max(east), max(north))
