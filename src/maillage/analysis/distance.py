"""Distances on the Earth, over arrays."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS84 ellipsoid, in metres (IUGG)."""


SWAPPED_BOX = (-5.5, 10.0, 41.0, 51.5)
"""Where metropolitan France falls when latitude and longitude are swapped: lowest and highest "lat", then "lon"."""

_OVERSEAS = (
    (14.3, 18.2, -63.2, -60.8),
    (2.0, 6.0, -55.0, -51.5),
    (-21.5, -20.8, 55.1, 55.9),
    (-13.1, -12.5, 44.9, 45.4),
)


class PointsError(ValueError):
    """Points that cannot be on the Earth, or not where they are said to be."""


def checked_points(
    lat: ArrayLike, lon: ArrayLike, *, error: type[ValueError] = PointsError
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read latitudes and longitudes in degrees, refusing what cannot be: NaN, out of range, swapped, of two lengths.

    "Swapped" is told of a latitude and longitude that lie in the sea or in Somalia as they stand, and in France the
    other way round. Raises `error`.

    >>> [values.tolist() for values in checked_points([48.85], [2.35])]
    [[48.85], [2.35]]
    """
    lats, lons = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    if lats.ndim != 1 or lats.shape != lons.shape:
        raise error(f"Latitudes and longitudes must be two lists of one length, not {lats.shape} and {lons.shape}.")
    fits = (np.abs(lats) <= 90) & (np.abs(lons) <= 180)
    swapped = _swapped(lats, lons)
    if fits.all() and not swapped.any():
        return lats, lons
    at = int(np.argmax(swapped)) if swapped.any() else int(np.argmin(fits))
    if swapped[at]:
        msg = f"Point {at} (lat {lats[at]}, lon {lons[at]}): latitude and longitude look swapped; give latitude first."
        raise error(msg)
    msg = (
        f"Point {at} (lat {lats[at]}, lon {lons[at]}) is not on the Earth: latitudes go from -90 to 90, longitudes "
        "from -180 to 180; leave out points without coordinates."
    )
    raise error(msg)


def _swapped(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.bool_]:
    low_lat, high_lat, low_lon, high_lon = SWAPPED_BOX
    swapped = (lat >= low_lat) & (lat <= high_lat) & (lon >= low_lon) & (lon <= high_lon)
    for south, north, west, east in _OVERSEAS:
        swapped |= (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
    return swapped


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
