"""What the values of a column look like, whatever its name: an e-mail, a postal code, a latitude…"""

import re
from collections.abc import Callable, Mapping, Sequence

from maillage.network.exchange.rules.mapping import lambert
from maillage.network.exchange.rules.mapping.words import CODED, WORDS, code_of, is_yes, pieces
from maillage.network.exchange.rules.mending import address, partial_date
from maillage.places.rules.fields import BadValue, box_of, read_field
from maillage.places.rules.hours import validate
from maillage.territory.rules.names import fold

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,200}\.[A-Za-z]{2,24}")
_CODE = re.compile(r"[0-9]{4,5}")
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}|[0-9]{4}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,7}(?:[.,][0-9]{0,24})?")
_PAIR = re.compile(r"([+-]?[0-9]{1,3}\.[0-9]{1,20})[\s,;]+([+-]?[0-9]{1,3}\.[0-9]{1,20})")
_YEAR = re.compile(r"(?:1[89]|20)[0-9]{2}")


def number(cell: str) -> float | None:
    """A number with a point or a decimal comma; None for anything else.

    >>> number("46,99"), number(" 5.7 "), number("x")
    (46.99, 5.7, None)
    """
    said = cell.strip()[:40]
    return float(said.replace(",", ".")) if _NUMBER.fullmatch(said) else None


def pair(cell: str) -> tuple[float, float] | None:
    """Latitude and longitude from one cell: "46.99, 5.70", or a WKT point, whose longitude comes first.

    >>> pair("46.99, 5.70"), pair("POINT(5.70 46.99)"), pair("ici")
    ((46.99, 5.7), (46.99, 5.7), None)
    """
    found = _PAIR.search(cell[:200])
    if not found:
        return None
    first, second = float(found[1]), float(found[2])
    return (second, first) if "point" in cell[:200].lower() else (first, second)


def _fits(field: str) -> Callable[[str], bool]:
    def fits(cell: str) -> bool:
        try:
            return read_field(field, cell) not in ("", None, [])
        except BadValue:
            return False

    return fits


def _coordinate(low: float, high: float, low_m: float, high_m: float) -> Callable[[str], bool]:
    def fits(cell: str) -> bool:
        said = number(cell)
        return said is not None and (low <= said <= high or low_m <= said <= high_m)

    return fits


def _point(cell: str) -> bool:
    found = pair(cell)
    return found is not None and bool(box_of(*found) or box_of(*reversed(found)))


def _words(field: str) -> Callable[[str], bool]:
    def fits(cell: str) -> bool:
        return is_yes(cell) is not None or any(code_of(field, word) for word in pieces(field, cell[:400]))

    return fits


SHAPES: Mapping[str, Callable[[str], bool]] = {
    "email": lambda cell: bool(_EMAIL.fullmatch(cell.strip())),
    "phone": _fits("phone"),
    "website": lambda cell: address(cell) is not None,
    "postal_code": lambda cell: bool(_CODE.fullmatch(cell.strip())),
    "commune": lambda cell: bool(_INSEE.fullmatch(cell.strip())),
    "siret": _fits("siret"),
    "lat": _coordinate(-25.0, 52.0, lambert.SOUTH_M, lambert.NORTH_M),
    "lon": _coordinate(-180.0, 180.0, lambert.WEST_M, lambert.EAST_M),
    "point": _point,
    "opened_on": lambda cell: bool(partial_date(cell)),
    "closed_on": lambda cell: bool(partial_date(cell)),
    "dated": lambda cell: bool(partial_date(cell)),
    "opening_hours": lambda cell: validate(cell) is None or bool(re.search(r"\d\s*[hH:]", cell)),
    "capacity": lambda cell: bool(re.fullmatch(r"[0-9]{1,6}", cell.strip())),
    **{field: _words(field) for field in CODED},
}
"""Whether one filled cell can be a value of a field; fields of free text have no shape."""
TELLING = {"email": 0.8, "siret": 0.85, "website": 0.7, "point": 0.75, "phone": 0.6}
"""Shapes that say by themselves what a column is, and how sure that makes one."""


def share(field: str, values: Sequence[str]) -> float:
    """The part of the filled values that can be this field's; 1 when nothing is filled or the field has no shape.

    >>> share("email", ["a@b.fr", "c"]), share("name", ["a"])
    (0.5, 1.0)
    """
    fits = SHAPES.get(field)
    if fits is None or not values:
        return 1.0
    return sum(1 for value in values if fits(value[:500])) / len(values)


def switch(header: str, values: Sequence[str]) -> tuple[str, str] | None:
    """The field and the code that a column of yes and no stands for, by its name; None if it is not one.

    >>> switch("Wi-Fi", ["oui", "non", "oui"]), switch("Wi-Fi", ["fibre"])
    (('services', 'wifi'), None)
    """
    if not values or any(is_yes(value) is None for value in values):
        return None
    wanted = fold(header)
    return next(
        (
            (field, WORDS[field][wanted])
            for field in ("services", "access", "activities", "labels")
            if wanted in WORDS[field]
        ),
        None,
    )
