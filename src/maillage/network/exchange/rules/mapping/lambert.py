"""Lambert-93 metres, the projection of French public files, to degrees: IGN's own formulas (NTG 71), within 1 mm."""

from math import atan, exp, log, pi, sin, sqrt

EXPONENT = 0.7256077650532670
RADIUS_M = 11_754_255.4260960
X_ORIGIN_M, Y_ORIGIN_M = 700_000.0, 12_655_612.0498759
CENTRAL_MERIDIAN = 3.0
ECCENTRICITY = 0.08181919104281
WEST_M, EAST_M, SOUTH_M, NORTH_M = 90_000.0, 1_260_000.0, 6_030_000.0, 7_140_000.0


def is_lambert93(x_m: float, y_m: float) -> bool:
    """Whether two numbers can be metres of Lambert-93, in mainland France.

    >>> is_lambert93(652469.02, 6862035.26), is_lambert93(5.7, 46.99)
    (True, False)
    """
    return WEST_M <= x_m <= EAST_M and SOUTH_M <= y_m <= NORTH_M


def to_degrees(x_m: float, y_m: float) -> tuple[float, float]:
    """Latitude and longitude, in degrees, of a point in metres; rounded to a centimetre.

    >>> to_degrees(700000, 6600000)
    (46.5, 3.0)
    """
    east, south = x_m - X_ORIGIN_M, Y_ORIGIN_M - y_m
    isometric = -log(sqrt(east * east + south * south) / RADIUS_M) / EXPONENT
    latitude = 2 * atan(exp(isometric)) - pi / 2
    for _ in range(12):
        inside = ECCENTRICITY * sin(latitude)
        grown = ((1 + inside) / (1 - inside)) ** (ECCENTRICITY / 2)
        latitude = 2 * atan(grown * exp(isometric)) - pi / 2
    longitude = atan(east / south) / EXPONENT
    return round(latitude * 180 / pi, 7), round(CENTRAL_MERIDIAN + longitude * 180 / pi, 7)
