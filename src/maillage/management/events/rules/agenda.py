"""One question to the agenda, as its address says it: where, from which day to which, what, for whom."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from maillage.places.rules.text import one_line

DAYS = 7
MOST_DAYS = 92
FARTHEST = timedelta(days=366)
RADII = (5, 10, 20, 50, 100)
RADIUS = 20
LONGEST_WHERE = 80
LAST_PAGE = 500
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,10})?")
_PAGE = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A parameter that could not be read; `code` says what was expected of it."""

    parameter: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`where` is a commune as it was typed, or `point` its (lat, lon); neither asks for the whole country."""

    first: date
    last: date
    where: str = ""
    point: tuple[float, float] | None = None
    radius_km: int = RADIUS
    kind: str = ""
    audience: str = ""
    page: int = 1

    def pairs(self, *, today: date) -> list[tuple[str, str]]:
        """The parameters of its address; what is as usual is left out."""
        said: list[tuple[str, str]] = []
        if self.point:
            said += [("lat", f"{self.point[0]:g}"), ("lon", f"{self.point[1]:g}")]
        elif self.where:
            said.append(("pres", self.where))
        if (self.point or self.where) and self.radius_km != RADIUS:
            said.append(("rayon", str(self.radius_km)))
        if (self.first, self.last) != (today, today + timedelta(days=DAYS - 1)):
            said += [("du", self.first.isoformat()), ("au", self.last.isoformat())]
        said += [(name, value) for name, value in (("genre", self.kind), ("public", self.audience)) if value]
        return said + ([("page", str(self.page))] if self.page > 1 else [])

    def query(self, *, today: date, **changes: object) -> str:
        """The query of the address of this question, changed; page one again unless told.

        >>> day = date(2026, 11, 24)
        >>> Asked(day, day + timedelta(days=6), where="Dole").query(today=day, radius_km=50)
        '?pres=Dole&rayon=50'
        """
        changed = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        pairs = changed.pairs(today=today)
        return f"?{urlencode(pairs)}" if pairs else ""


def parse(
    params: Mapping[str, Sequence[str]], *, today: date, kinds: Sequence[str], audiences: Sequence[str]
) -> tuple[Asked, list[Problem]]:
    """Read a question; what cannot be read is left out and told, never guessed.

    >>> day = date(2026, 11, 24)
    >>> found, wrong = parse({"pres": ["39300"], "rayon": ["dix"]}, today=day, kinds=(), audiences=())
    >>> found.where, found.radius_km, found.last.isoformat(), wrong[0].code
    ('39300', 20, '2026-11-30', 'radius')
    """
    said = {name: values[0].strip() for name, values in params.items() if values and values[0].strip()}
    problems: list[Problem] = []

    def wrong(name: str, code: str) -> None:
        problems.append(Problem(name, one_line(said.get(name, "")[:80]), code))

    first, last = _days(said, today, wrong)
    where, point = _where(said, wrong)
    for name, known in (("genre", kinds), ("public", audiences)):
        if said.get(name, "") not in ("", *known):
            wrong(name, "unknown")
            del said[name]
    radius = said.get("rayon", str(RADIUS))
    if radius not in map(str, RADII):
        wrong("rayon", "radius")
        radius = str(RADIUS)
    page = said.get("page", "1")
    return Asked(
        first=first,
        last=last,
        where=where,
        point=point,
        radius_km=int(radius),
        kind=said.get("genre", ""),
        audience=said.get("public", ""),
        page=min(int(page), LAST_PAGE) if _PAGE.fullmatch(page) else 1,
    ), problems


def _days(said: Mapping[str, str], today: date, wrong: object) -> tuple[date, date]:
    """From the first day asked, today at the earliest, to the last; a week unless both are told."""
    first, last = (_day(said.get(name, "")) for name in ("du", "au"))
    for name, found in (("du", first), ("au", last)):
        if name in said and found is None:
            wrong(name, "day")  # type: ignore[operator]
    first = min(max(first or today, today), today + FARTHEST)
    if last is None:
        return first, first + timedelta(days=DAYS - 1)
    if last < first:
        wrong("au", "reversed")  # type: ignore[operator]
        return first, first + timedelta(days=DAYS - 1)
    return first, min(last, first + timedelta(days=MOST_DAYS - 1))


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1971 <= found.year <= 2098 else None


def _where(said: Mapping[str, str], wrong: object) -> tuple[str, tuple[float, float] | None]:
    if "lat" in said or "lon" in said:
        point = read_point(f"{said.get('lat', '')},{said.get('lon', '')}")
        if point is None:
            wrong("lat" if "lat" in said else "lon", "point")  # type: ignore[operator]
        return "", point
    text = said.get("pres", "")
    point = read_point(text)
    return ("", point) if point else (one_line(text[:LONGEST_WHERE]), None)


def read_point(text: str) -> tuple[float, float] | None:
    """« latitude,longitude » in degrees, or None.

    >>> read_point("46.99,5.7"), read_point("91,5"), read_point("Dole")
    ((46.99, 5.7), None, None)
    """
    lat, comma, lon = text.partition(",")
    if not comma or not _NUMBER.fullmatch(lat) or not _NUMBER.fullmatch(lon):
        return None
    found = float(lat), float(lon)
    return found if abs(found[0]) <= 90 and abs(found[1]) <= 180 else None
