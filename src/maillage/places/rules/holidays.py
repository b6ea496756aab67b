"""Public holidays kept in one part of France only: Alsace-Moselle, overseas (`local_holidays.toml`)."""

import tomllib
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


def easter(year: int) -> date:
    """Date of Easter Sunday in the Gregorian calendar (Meeus, *Astronomical Algorithms*, ch. 8).

    >>> easter(2026)
    datetime.date(2026, 4, 5)
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=512)
def local_holidays(departement_code: str, year: int) -> frozenset[date]:
    """Name the days that are holidays in this département and not in all of France.

    >>> sorted(local_holidays("67", 2026))
    [datetime.date(2026, 4, 3), datetime.date(2026, 12, 26)]
    """
    return frozenset(
        easter(year) + timedelta(days=holiday["days_from_easter"])
        if "days_from_easter" in holiday
        else date(year, holiday["month"], holiday["day"])
        for holiday in _holidays()
        if departement_code in holiday["departements"]
    )


@cache
def _holidays() -> list[dict[str, Any]]:
    text = files("maillage.places.rules").joinpath("local_holidays.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["holiday"]
