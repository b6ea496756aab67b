"""Distances on the Earth, over arrays."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS84 ellipsoid, in metres (IUGG)."""


def great_circle_m(lat: ArrayLike, lon: ArrayLike, to_lat: ArrayLike, to_lon: ArrayLike) -> NDArray[np.float64]:
    """Compute great-circle distances in metres between points in degrees, broadcasting the arrays (haversine).

    >>> round(float(great_circle_m(48.8566, 2.3522, 43.2965, 5.3698)) / 1000)
    660
    """
    phi, to_phi = np.radians(lat), np.radians(to_lat)
    half_dphi = (to_phi - phi) / 2
    half_dlam = np.radians(np.subtract(to_lon, lon)) / 2
    a = np.sin(half_dphi) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin(half_dlam) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(a, 0, 1)))


def box_around(lat: float, lon: float, radius_m: float) -> tuple[float, float, float, float]:
    """Bound the points within `radius_m` of a point: (west, south, east, north) in degrees, never too small.

    >>> [round(edge, 2) for edge in box_around(46.99, 5.70, 10_000)]
    [5.57, 46.9, 5.83, 47.08]
    """
    dlat = math.degrees(radius_m / EARTH_RADIUS_M)
    widest = min(abs(lat) + dlat, 89.9)
    dlon = min(180.0, dlat / math.cos(math.radians(widest)))
    return max(lon - dlon, -180.0), max(lat - dlat, -90.0), min(lon + dlon, 180.0), min(lat + dlat, 90.0)
