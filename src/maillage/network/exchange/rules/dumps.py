"""The files written every night: how they are called, and which are too old to keep."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

KEPT_DAYS = 7
NAME = r"lieux-[0-9]{4}-[0-9]{2}-[0-9]{2}\.[a-z][a-z.-]{1,60}\.gz"
_NAME = re.compile(r"lieux-([0-9]{4}-[0-9]{2}-[0-9]{2})\.([a-z][a-z.-]{1,60})\.gz")


@dataclass(frozen=True, slots=True)
class Dump:
    """One file of one night; `ending` is that of its format."""

    name: str
    day: date
    ending: str
    size_bytes: int


def name_of(day: date, ending: str) -> str:
    """How the file of a night is called.

    >>> name_of(date(2026, 11, 23), "tiers-lieux.csv")
    'lieux-2026-11-23.tiers-lieux.csv.gz'
    """
    return f"lieux-{day.isoformat()}.{ending}.gz"


def read_name(path: Path) -> Dump | None:
    """What a file is, or None where it is none of ours."""
    found = _NAME.fullmatch(path.name)
    if not found:
        return None
    try:
        return Dump(path.name, date.fromisoformat(found[1]), found[2], path.stat().st_size)
    except (ValueError, OSError):
        return None


def too_old(names: Iterable[str], today: date) -> list[str]:
    """The files that a new night sends away; what we did not write stays.

    >>> too_old(["lieux-2026-11-01.csv.gz", "lieux-2026-11-20.csv.gz", "notes.txt"], date(2026, 11, 23))
    ['lieux-2026-11-01.csv.gz']
    """
    oldest = (today - timedelta(days=KEPT_DAYS - 1)).isoformat()
    return [name for name in names if (found := _NAME.fullmatch(name)) and found[1] < oldest]
