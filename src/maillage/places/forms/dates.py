"""Dates as people write them: 30/06/2019, 06/2019, 2019; and the days of every year: 1er août, 01/08."""

import re
from datetime import date

from django.utils.translation import gettext as _

from maillage.places.forms.entered import Entered, Mistake
from maillage.places.rules.grid import LAST_DAYS
from maillage.territory.rules.names import fold

_NAMES = (
    ("janvier", "january"),
    ("fevrier", "february"),
    ("mars", "march"),
    ("avril", "april"),
    ("mai", "may"),
    ("juin", "june"),
    ("juillet", "july"),
    ("aout", "august"),
    ("septembre", "september"),
    ("octobre", "october"),
    ("novembre", "november"),
    ("decembre", "december"),
)
_DAY = re.compile(
    r"(?:le |du |au )?(?P<day>[0-9]{1,2})(?:er|st|nd|rd|th)?"
    r"(?: ?[/. -] ?(?P<number>[0-9]{1,2})| ?-?(?P<name>[a-z]{3,9})[.]?)(?P<year> ?[/. -] ?[0-9]{2,4})?"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_FRENCH = re.compile(r"(?:(?:(?P<day>[0-9]{1,2})[/. ])?(?P<month>[0-9]{1,2})[/. ])?(?P<year>[0-9]{4})")


def as_written(typed: str) -> str:
    """A date as the registry keeps it; anything else is given back as it came, for the rules to refuse.

    >>> as_written("3/6/2019"), as_written("06/2019"), as_written("2019"), as_written("2019-06"), as_written("hier")
    ('2019-06-03', '2019-06', '2019', '2019-06', 'hier')
    """
    found = _FRENCH.fullmatch(typed.strip())
    if not found:
        return typed.strip()
    parts = (found["year"], found["month"], found["day"])
    return "-".join(part.zfill(2) for part in parts if part)


def as_typed(written: str) -> str:
    """A date as people write it.

    >>> as_typed("2019-06-03"), as_typed("2019-06"), as_typed("")
    ('03/06/2019', '06/2019', '')
    """
    return "/".join(reversed(written.split("-")))


def read_date(entered: Entered, name: str, typed: str) -> str:
    """Read a date as people write it; the mend of one that cannot be read is in their writing too."""
    written = entered.read(name, as_written(typed))
    if name in entered.mistakes:
        mend = _("écrivez 2019, 06/2019 ou 30/06/2019")
        entered.mistakes[name] = Mistake(entered.mistakes[name].problem, mend)
    return written or ""


def to_come(written: str, today: date) -> bool:
    """Whether a date, perhaps only a month or a year, is wholly in the future.

    >>> to_come("2026", date(2026, 11, 22)), to_come("2026-12", date(2026, 11, 22)), to_come("", date(2026, 11, 22))
    (False, True, False)
    """
    return written > today.isoformat()[: len(written)]


def day_of_year(typed: str) -> tuple[int, int] | None:
    """The (month, day) of a day that comes back every year; None for what is no such day.

    >>> day_of_year("1er août"), day_of_year("15/08"), day_of_year("24 déc."), day_of_year("31 juin")
    ((8, 1), (8, 15), (12, 24), None)
    """
    found = _DAY.fullmatch(fold(typed).strip())
    if not found or found["year"]:
        return None
    month, day = int(found["number"] or 0) or _month(found["name"] or ""), int(found["day"])
    return (month, day) if 1 <= month <= 12 and 1 <= day <= LAST_DAYS[month - 1] else None


def of_one_year(typed: str) -> bool:
    """Whether a day is written with its year: it does not come back.

    >>> of_one_year("01/08/2027"), of_one_year("1er août 2027"), of_one_year("2027-08-01"), of_one_year("01/08")
    (True, True, True, False)
    """
    found = _DAY.fullmatch(fold(typed).strip())
    return bool((found and found["year"]) or _ISO.fullmatch(typed.strip()))


def _month(name: str) -> int:
    """The number of a month from its name or the beginning of it; 0 where that is none, or more than one."""
    meant = [n for n, names in enumerate(_NAMES, start=1) if name and any(one.startswith(name) for one in names)]
    return meant[0] if len(meant) == 1 else 0
