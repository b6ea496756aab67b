"""How the pages of the team say spaces, hours, bookings and what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from maillage.management.bookings.labels import FIELDS, STATES
from maillage.management.bookings.rules.clock import WEEKDAYS, day_said, hour_said, local_day, minute_of_day
from maillage.management.bookings.rules.requests import Problem, length_said
from maillage.places.labels import say

LONGEST = 2_000
REFUSED = 422
Wrongs = Mapping[str, tuple[str, str]]


def posted(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """The values of a form, bounded; empty when absent."""
    return {name: (request.POST.get(name) or "")[:LONGEST] for name in names}


def number(text: str) -> int:
    """A number of a form or an address; 0, which is nothing's, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def control(
    name: str, value: Any, wrongs: Wrongs, *, kind: str = "text", hint: str = "", **more: Any
) -> dict[str, Any]:
    """One control of a form; `choices` are (value, label), other words are attributes of the input."""
    problem, mend = wrongs.get(name, ("", ""))
    choices = [
        {
            "code": str(code),
            "label": label,
            "on": str(code) == str(value) or (isinstance(value, list) and code in value),
        }
        for code, label in more.pop("choices", ())
    ]
    return {
        "name": name,
        "label": more.pop("label", None) or FIELDS[name],
        "kind": kind,
        "value": "" if value is None else value,
        "hint": hint,
        "choices": choices,
        "mistake": {"problem": problem, "mend": mend} if problem else None,
        "attributes": list(more.items()),
    }


def mistakes(wrongs: Wrongs) -> list[dict[str, Any]]:
    """What stands in the way, for the summary above a form."""
    return [
        {"control": name, "label": FIELDS.get(name, name), "problem": problem, "mend": mend}
        for name, (problem, mend) in wrongs.items()
    ]


def problem_words(problem: Problem) -> str:
    """What, why and what to do, in sentences."""
    why = capfirst(say(problem.why)).rstrip(".")
    return f"{say(problem.says)} {why}. {say(problem.mend)}"


def problems_told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """As `mistakes`, of a request for a booking as a whole."""
    return [{"control": "", "label": "", "problem": problem_words(one), "mend": ""} for one in problems]


def hours(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """« 10 h – 12 h », with the day where it ends on another."""
    first, last = (say(hour_said(minute_of_day(moment, zone))) for moment in (start, end))
    if local_day(start, zone) != local_day(end - timedelta(microseconds=1), zone):
        last = _("%(day)s, %(hour)s") % {"day": say(day_said(local_day(end, zone))), "hour": last}
    return f"{first}\u202f–\u202f{last}"


def day_hours(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """« mardi 24 novembre 2026, 10 h – 12 h »."""
    told = {"day": say(day_said(local_day(start, zone))), "hours": hours(start, end, zone)}
    return _("%(day)s, %(hours)s") % told


def minute_words(minute: int) -> str:
    return say(hour_said(minute))


def weekday(number: int) -> str:
    return say(WEEKDAYS[number])


def length(minutes: int) -> str:
    return say(length_said(timedelta(minutes=minutes))) if minutes else _("aucun")


def as_clock(minute: int) -> str:
    """As a browser writes a time: « 13:30 »."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def where(booking: Any, units: Sequence[str] = (), count: int = 1) -> str:
    """The space and the unit of a booking: « Bureaux, Bureau 3 », « Tout le lieu », « Bureaux, 3 unités »."""
    space = str(booking.space.name)
    if count > 1:
        return (
            space
            if booking.space.kind in ("whole", "room")
            else _("%(space)s, %(n)d unités")
            % {
                "space": space,
                "n": count,
            }
        )
    name = str(booking.unit.name)
    return space if name == space else f"{space}, {name}"


def who(booking: Any) -> str:
    """Who booked; a purpose or « sans nom » where nobody is named."""
    if booking.person is not None:
        return booking.person.name or _("personne effacée")
    if booking.organisation is not None:
        return str(booking.organisation.name)
    return booking.purpose or _("sans nom")


def state(booking: Any) -> str:
    return str(STATES[booking.status])
