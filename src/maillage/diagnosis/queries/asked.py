"""What a question names: a territory, communes, places; or a refusal with the nearest names."""

import re

import numpy as np

from maillage.diagnosis.queries.area import Area
from maillage.diagnosis.queries.journeys import Rows
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.facts import Request
from maillage.territory.queries import find, propose
from maillage.territory.queries.find import Territory
from maillage.territory.rules.names import normalise

MOST_PROPOSED, SEARCHED = 5, 40
_COORDINATES = re.compile(r"\s*-?[0-9]{1,3}[.,]?[0-9]*\s*[,;/ ]\s*-?[0-9]{1,3}[.,]?[0-9]*\s*", re.ASCII)


def territory_of(reference: str) -> Territory:
    """Find a territory by its reference or by a name that only one has, or refuse with the nearest names."""
    found = find(reference)
    if found is None:
        if _COORDINATES.fullmatch(reference):
            raise Refused("coordinates", value=reference[:40])
        near = propose(reference, limit=SEARCHED)
        same = [one for one in near if normalise(one.name) == normalise(reference)]
        if len(same) == 1:
            return same[0]
        proposed = ", ".join(f"{one.name} ({one.reference})" for one in near[:MOST_PROPOSED])
        raise Refused("territory-proposed" if proposed else "territory", value=reference[:40], proposed=proposed)
    return found


def opened_of(area: Area, request: Request) -> Rows:
    codes = []
    for code in request.opened:
        told = find(code)
        if told is None or told.kind != "commune":
            near = propose(code, limit=MOST_PROPOSED)
            proposed = ", ".join(f"{one.name} ({one.code})" for one in near if one.kind == "commune")
            raise Refused("open-proposed" if proposed else "open-unknown", value=code[:40], proposed=proposed)
        codes.append(told.code)
    rows = area.where.rows(codes).astype(np.intp)
    if len(rows) and (lost := rows[np.isnan(area.where.lat[rows])]).size:
        raise Refused("open-nowhere", value=str(area.where.name[lost[0]]))
    return rows


def closed_of(area: Area, request: Request) -> Rows:
    rows = []
    for slug in request.closed:
        found = np.flatnonzero(area.places.slug == slug)
        if not len(found) or not area.places.serves[found[0]]:
            raise Refused("close-unknown" if not len(found) else "close-shut", value=slug[:40])
        rows.append(int(found[0]))
    return np.array(rows, np.intp)
