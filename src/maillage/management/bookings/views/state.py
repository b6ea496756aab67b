"""Where a visitor stands in the three steps, as the address says it: what cannot be read is left aside, and told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR

FARTHEST = timedelta(days=732)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z")
_SPACE = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class State:
    """The day or month looked at, the space chosen, the time chosen; None or empty before a choice."""

    day: date | None = None
    month: date | None = None
    space: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def query(self, **changed: object) -> str:
        """The part of an address that says this state, with some of it changed."""
        here = replace(self, **changed)  # type: ignore[arg-type]
        told = {
            "espace": here.space,
            "jour": here.day.isoformat() if here.day and not here.start else "",
            "mois": f"{here.month:%Y-%m}" if here.month else "",
            "de": moment(here.start) if here.start else "",
            "a": moment(here.end) if here.end else "",
        }
        return f"?{urlencode({name: value for name, value in told.items() if value})}"


def moment(when: datetime) -> str:
    """A moment as addresses hold it: « 2026-11-24T09:00Z »."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def read(given: Mapping[str, str], *, today: date) -> tuple[State, list[str]]:
    """What the parameters of an address say, and what to tell of those that say nothing."""
    notices: list[str] = []
    day, month = _read_day(given.get("jour", ""), today), _read_month(given.get("mois", ""), today)
    if (given.get("jour") and day is None) or (given.get("mois") and month is None):
        notices.append(_("Ce jour n’est pas de ceux qu’on réserve ici\u202f: voici les prochains."))
    start, end = _read_moment(given.get("de", "")), _read_moment(given.get("a", ""))
    if (given.get("de") and start is None) or (given.get("a") and end is None):
        notices.append(_("Cette heure est illisible\u202f: choisissez-la dans la liste."))
    space = given.get("espace", "")
    if not _SPACE.fullmatch(space):
        space = ""
    return State(day, month, space, start, end), notices


def _read_day(text: str, today: date) -> date | None:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and today <= found <= today + FARTHEST else None


def _read_month(text: str, today: date) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and today.replace(day=1) <= found <= today + FARTHEST else None


def _read_moment(text: str) -> datetime | None:
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%M%z").astimezone(UTC) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None
    # Beyond, no clock of ours has an hour to say.
    return found if found and FIRST_YEAR < found.year < LAST_YEAR else None
