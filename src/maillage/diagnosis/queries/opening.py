"""Communes where an opening is tried: those that mean something for a territory."""

import numpy as np
from numpy.typing import NDArray

from maillage.diagnosis.queries.journeys import FARTHEST_MIN, between
from maillage.territory.queries import find
from maillage.territory.queries.arrays import Columns, columns
from maillage.territory.queries.zonings import members
from maillage.territory.rules.index import Hit

KM_PER_DEGREE = 111.2
NEAR_KM = 60.0
_INSIDE, _NEAR, _FAR = range(3)


def out_of_reach(reference: str, codes: tuple[str, ...]) -> dict[str, str]:
    """The communes, by code with their name, that are over an hour from every commune of the territory.

    A place there would change nothing here. Codes that name no commune, or one without a centre, are not told.
    """
    where, territory = columns(), find(reference)
    if territory is None:
        return {}
    inside = members(territory, where)
    sites = np.flatnonzero(inside & np.isfinite(where.lat))
    told = {}
    for code in codes:
        found = find(f"commune-{code}")
        row = where.rows([found.code if found else code]).astype(np.intp)
        if found is None or row[0] < 0 or inside[row[0]] or not np.isfinite(where.lat[row[0]]):
            continue
        if between(where, sites, row, FARTHEST_MIN).nnz == 0:
            told[code] = found.name
    return told


def nearest_first(reference: str, hits: list[Hit]) -> list[Hit]:
    """Put first the communes of the territory, then those within 60 km of it; otherwise in the order given."""
    where, territory = columns(), find(reference)
    if territory is None:
        return hits
    inside = members(territory, where)
    own = set(where.code[inside].tolist())
    return sorted(hits, key=lambda hit: _INSIDE if hit.code in own else _distance_class(where, inside, hit))


def _distance_class(where: Columns, inside: NDArray[np.bool_], hit: Hit) -> int:
    if hit.lat is None or hit.lon is None:
        return _FAR
    north = (where.lat[inside] - hit.lat) * KM_PER_DEGREE
    east = (where.lon[inside] - hit.lon) * KM_PER_DEGREE * np.cos(np.radians(hit.lat))
    return _NEAR if bool((np.hypot(north, east) <= NEAR_KM).any()) else _FAR
