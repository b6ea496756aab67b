"""One point for any GeoJSON geometry: a place is where its outline has its middle."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

MAX_DEPTH = 6

Point = tuple[float, float]


def of(geometry: Any) -> Point:
    """Latitude and longitude of a geometry: a point itself, the centre of the largest ring, else the mean of vertices.

    Raises ValueError with a French reason for what is no geometry.

    >>> of({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]})
    (1.0, 1.0)
    """
    if not isinstance(geometry, dict):
        raise ValueError("ce n’est pas une géométrie")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        return _point(coordinates)[::-1]
    if kind in ("Polygon", "MultiPolygon"):
        polygons = [coordinates] if kind == "Polygon" else coordinates
        rings = [_ring(polygon) for polygon in polygons] if isinstance(polygons, list) else []
        if rings:
            lon, lat = max((_centre(ring) for ring in rings), key=lambda one: one[0])[1]
            return lat, lon
        raise ValueError("le contour est vide")
    if kind in ("MultiPoint", "LineString", "MultiLineString"):
        lon, lat = _mean(list(_vertices(coordinates)))
        return lat, lon
    raise ValueError("ce type de géométrie ne donne pas de point")


def _ring(polygon: Any) -> list[Point]:
    return list(_vertices(polygon[0])) if isinstance(polygon, list) and polygon else []


def _point(pair: Any) -> Point:
    if not isinstance(pair, list) or len(pair) < 2 or not all(_number(value) for value in pair[:2]):
        raise ValueError("il faut deux coordonnées, en nombres")
    return float(pair[0]), float(pair[1])


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 and isfinite(value)


def _vertices(coordinates: Any, depth: int = 0) -> Iterator[Point]:
    if not isinstance(coordinates, list) or depth > MAX_DEPTH:
        raise ValueError("il faut deux coordonnées, en nombres")
    if coordinates and not isinstance(coordinates[0], list):
        yield _point(coordinates)
        return
    for inner in coordinates:
        yield from _vertices(inner, depth + 1)


def _mean(points: Sequence[Point]) -> Point:
    if not points:
        raise ValueError("le tracé est vide")
    return sum(x for x, _y in points) / len(points), sum(y for _x, y in points) / len(points)


def _centre(ring: Sequence[Point]) -> tuple[float, Point]:
    """The area of a ring, without sign, and its centre of gravity; one without area has the mean of its vertices."""
    if not ring:
        raise ValueError("le contour est vide")
    x0, y0 = ring[0]
    area = x_sum = y_sum = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        area += cross
        x_sum += (x1 + x2 - 2 * x0) * cross
        y_sum += (y1 + y2 - 2 * y0) * cross
    if abs(area) < 1e-18:
        return 0.0, _mean(ring)
    return abs(area), (x0 + x_sum / (3 * area), y0 + y_sum / (3 * area))
