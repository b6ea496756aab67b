"""What a visitor asked for, read from the parameters of one address and written back into them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from maillage.places.rules.text import one_line
from maillage.places.rules.vocabulary import ACTIVITIES, INTENTS, SERVICES, STATUSES

QUERY_LENGTH = 200
DEFAULT_MINUTES = 20
LAST_PAGE = 10_000
WHATEVER = "tous"
"""The status that leaves nothing out, closed places included."""
SORTS = ("nom", "distance", "recent")

_TERRITORY = re.compile(r"(reg-[0-9]{2,3}|dep-[0-9][0-9AB][0-9]?|epci-[0-9]{9}|(bv|commune)-[0-9][0-9AB][0-9]{3})")
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_POINT = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9]{1,10})?),(-?[0-9]{1,3}(?:\.[0-9]{1,10})?)")
_BOX_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


@dataclass(frozen=True, slots=True)
class Problem:
    """A parameter that was not understood: `code` names why, so that a page can say it in its language."""

    parameter: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """One question to the registry. `bbox` is (west, south, east, north); `near` an INSEE code or "lat,lon"."""

    q: str = ""
    intent: str = ""
    activities: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    open_now: bool = False
    status: str = ""
    territory: str = ""
    near: str = ""
    minutes: int = DEFAULT_MINUTES
    sort: str = ""
    bbox: tuple[float, float, float, float] | None = None

    def query_string(self, **changes: Any) -> str:
        """The parameters of this filter, with some of them changed; `page` may be added.

        >>> PlaceFilter(q="café", near="39093").query_string(minutes=30, page=2)
        'q=caf%C3%A9&pres=39093&minutes=30&page=2'
        """
        page = changes.pop("page", None)
        asked = replace(self, **changes)
        pairs: list[tuple[str, str]] = []
        for parameter, name in PARAMETERS.items():
            value = getattr(asked, name)
            if value == _DEFAULTS[name] or (name == "minutes" and not asked.near):
                continue
            if name in ("activities", "services"):
                pairs += [(parameter, word) for word in value]
            elif name == "bbox":
                pairs.append((parameter, ",".join(f"{edge:g}" for edge in value)))
            elif name == "open_now":
                pairs.append((parameter, "1"))
            else:
                pairs.append((parameter, str(value)))
        if page and page > 1:
            pairs.append(("page", str(page)))
        return urlencode(pairs)

    @property
    def is_empty(self) -> bool:
        return self == PlaceFilter(sort=self.sort)

    @property
    def point(self) -> tuple[float, float] | None:
        """The (lat, lon) of `near` when it is a point rather than a commune."""
        match = _POINT.fullmatch(self.near)
        return (float(match[1]), float(match[2])) if match else None


PARAMETERS = {
    "q": "q",
    "intention": "intent",
    "activite": "activities",
    "service": "services",
    "ouvert": "open_now",
    "statut": "status",
    "territoire": "territory",
    "pres": "near",
    "minutes": "minutes",
    "tri": "sort",
    "bbox": "bbox",
}
_DEFAULTS = {field.name: field.default for field in fields(PlaceFilter)}


def parse(params: Mapping[str, Sequence[str]]) -> tuple[PlaceFilter, list[Problem]]:
    """Read a filter from URL parameters; what cannot be understood is left out and told, never guessed.

    >>> parse({"territoire": ["dep-44"], "minutes": ["abc"]})[0].territory
    'dep-44'
    """
    read: dict[str, Any] = {}
    problems: list[Problem] = []
    for parameter, name in PARAMETERS.items():
        given = [value for value in params.get(parameter, ()) if value.strip()]
        if not given:
            continue
        value, code = _read(name, given)
        if code:
            problems.append(Problem(parameter, one_line(given[0][:80]), code))
        if value is not None:
            read[name] = value
    if read.get("sort") == "distance" and not read.get("near"):
        del read["sort"]
    return PlaceFilter(**read), problems


def parse_page(params: Mapping[str, Sequence[str]]) -> int:
    """The asked page, 1 for anything that is not a page number.

    >>> parse_page({"page": ["3"]}), parse_page({"page": ["-1"]}), parse_page({})
    (3, 1, 1)
    """
    text = (params.get("page") or [""])[0]
    return min(int(text), LAST_PAGE) if re.fullmatch(r"[1-9][0-9]{0,6}", text) else 1


def _read(name: str, given: list[str]) -> tuple[Any, str]:
    first = given[0]
    match name:
        case "q":
            return one_line(first[: QUERY_LENGTH * 2])[:QUERY_LENGTH], "cut" if len(first) > QUERY_LENGTH else ""
        case "intent":
            return _word(first, INTENTS)
        case "status":
            return _word(first, (*STATUSES, WHATEVER))
        case "sort":
            return _word(first, SORTS)
        case "activities":
            return _words(given, ACTIVITIES)
        case "services":
            return _words(given, SERVICES)
        case "open_now":
            return (True, "") if first == "1" else (None, "" if first == "0" else "unknown")
        case "minutes":
            if not re.fullmatch(r"[0-9]{1,3}", first):
                return None, "number"
            return min(max(int(first), 5), 60), "" if 5 <= int(first) <= 60 else "bounded"
        case "territory":
            return (first, "") if _TERRITORY.fullmatch(first) else (None, "territory")
        case "near":
            return _near(first)
        case _:
            return _bbox(first)


def _word(text: str, known: Any) -> tuple[str | None, str]:
    return (text, "") if text in known else (None, "unknown")


def _words(given: list[str], known: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    kept = tuple(word for word in known if word in given)
    return kept, "" if all(word in known for word in given) else "unknown"


def _near(text: str) -> tuple[str | None, str]:
    if _INSEE.fullmatch(text):
        return text, ""
    match = _POINT.fullmatch(text)
    if match and abs(float(match[1])) <= 90 and abs(float(match[2])) <= 180:
        return text, ""
    return None, "near"


def _bbox(text: str) -> tuple[tuple[float, float, float, float] | None, str]:
    edges = text.split(",") if len(text) <= 120 else []
    if len(edges) != 4 or not all(_BOX_NUMBER.fullmatch(edge) for edge in edges):
        return None, "bbox"
    west, south, east, north = (float(edge) for edge in edges)
    if west > east or south > north:
        return None, "bbox-reversed"
    if abs(south) > 90 or abs(north) > 90 or abs(west) > 180 or abs(east) > 180:
        return None, "bbox"
    return (west, south, east, north), ""
