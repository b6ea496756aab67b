"""How far a point is from the commune that its row declares."""

from collections.abc import Mapping
from typing import Any

from maillage.analysis.distance import great_circle_m
from maillage.network.exchange.rules.reports import RowProblem

FAR_M = 20_000.0
FAR_IN_GUYANE_M = 150_000.0
"""The communes of Guyane are larger than départements elsewhere."""
FLAG = "far-from-commune"

Point = tuple[float, float]


def far(line: int, column: str, values: Mapping[str, Any], centre: Point | None) -> RowProblem | None:
    """What to tell of a point beyond 20 km from the centre of its declared commune; None if it is near, or unknown.

    >>> far(2, "LAT", {"commune": "39093", "lat": 46.2, "lon": -2.5}, (46.99, 5.70)).problem
    'le point est à 632 km du centre de la commune déclarée (39093)'
    """
    if centre is None or "lat" not in values or "lon" not in values or not values.get("commune"):
        return None
    distance_m = float(great_circle_m(*centre, values["lat"], values["lon"]))
    if distance_m <= (FAR_IN_GUYANE_M if values["commune"].startswith("973") else FAR_M):
        return None
    problem = f"le point est à {round(distance_m / 1000)} km du centre de la commune déclarée ({values['commune']})"
    mend = "vérifiez les coordonnées, ou le code de la commune"
    return RowProblem(line, column, f"{values['lat']}, {values['lon']}", problem, mend)
