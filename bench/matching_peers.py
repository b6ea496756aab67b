"""How others decide that two records are one, as they publish it (`standards.md` 13.1), on the fields this file has.

Not here: data·inclusion, whose rule is a model trained by hand in a notebook, and ADEME, where people decide.
"""

import math
import re
from collections.abc import Callable

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from bench.matching_pairs import Row
from maillage.analysis.distance import great_circle_m
from maillage.network.observatory.rules.duplicates import bare_name, site
from maillage.territory.rules.names import fold

Rule = Callable[[Row, Row], bool]
_LARGEST = "Paris Marseille Lyon Toulouse Nice Nantes Strasbourg Montpellier Bordeaux Lille"
LARGEST_CITIES = frozenset(_LARGEST.split())
_NUMBER = re.compile(r"^([0-9]+)\s*(bis|ter)?[ ,]+(.*)$")


def _metres(one: Row, other: Row) -> float:
    return float(great_circle_m(one.lat, one.lon, other.lat, other.lon))


def anct(one: Row, other: Row) -> bool:
    """ANCT mednum-cli: mean of three scores above 83 between two sources, 90 inside one; no typology here."""
    a, b = one.cells, other.cells
    if a["insee"] != b["insee"]:
        return False
    degrees = math.hypot(one.lat - other.lat, one.lon - other.lon)
    near = 100 if degrees < 0.0004 else 100 / (1000 * degrees + 1)
    name = fuzz.ratio(a["nom"].lower(), b["nom"].lower())
    street = fuzz.ratio(a["adresse"].lower(), b["adresse"].lower())
    return (name + street + near) / 3 > (90 if a["source"] == b["source"] else 83)


def acceslibre(one: Row, other: Row) -> bool:
    """Acceslibre: same commune and activity; same street and number (or none); or same name within 75 m."""
    a, b = one.cells, other.cells
    if a["insee"] != b["insee"] or a["kind"] != b["kind"]:
        return False
    if a["nom"].lower() == b["nom"].lower() and _metres(one, other) <= 75:
        return True
    (number, street), (other_number, other_street) = _street(a["adresse"]), _street(b["adresse"])
    return bool(street) and street == other_street and (number == other_number or not number or not other_number)


def _street(address: str) -> tuple[str, str]:
    found = _NUMBER.match(address.strip())
    return (found[1] + (found[2] or ""), fold(found[3])) if found else ("", fold(address))


def openfairdb(one: Row, other: Row) -> bool:
    """OpenFairDB: within 100 m, titles at most 30 % of letters apart or at most two words different."""
    if _metres(one, other) > 100:
        return False
    a, b = one.cells["nom"], other.cells["nom"]
    if Levenshtein.distance(a, b) <= 0.3 * min(len(a), len(b)):
        return True
    mine, theirs = set(a.lower().split()), set(b.lower().split())
    return len(mine ^ theirs) <= 2


def gogocarto(one: Row, other: Row) -> bool:
    """GoGoCarto: one slug within 400 m, 100 m in the ten largest cities (read as kilometres)."""
    reach_m = 100 if one.cells["commune"] in LARGEST_CITIES else 400
    return fold(one.cells["nom"]) == fold(other.cells["nom"]) and _metres(one, other) <= reach_m


def grouping(one: Row, other: Row) -> bool:
    """The heuristic grouping that the file's author left in it."""
    return one.cells["place_id"] == other.cells["place_id"]


def counter(one: Row, other: Row) -> bool:
    """The counter of likely duplicates that Maillage publishes: same commune, same bare name or same website."""
    a, b = one.cells, other.cells
    if a["insee"] != b["insee"]:
        return False
    bare = bare_name(a["nom"])
    own = site(a["web"]) if a["web"] else ""
    return (len(bare) >= 3 and bare == bare_name(b["nom"])) or bool(own and b["web"] and own == site(b["web"]))


RULES: dict[str, Rule] = {
    "ANCT mednum-cli": anct,
    "acceslibre": acceslibre,
    "OpenFairDB": openfairdb,
    "GoGoCarto": gogocarto,
    "grouping of the file": grouping,
    "Maillage's simple counter": counter,
}
