"""How bookings are said to visitors, on pages and in mails."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from maillage.management.bookings.rules.clock import day_said, hour_said, local_day, minute_of_day, moment_said
from maillage.management.bookings.rules.requests import Problem
from maillage.places.labels import say


def when(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """« mardi 24 novembre 2026, de 10 h à 12 h », or from a day to another."""
    if local_day(start, zone) == local_day(end, zone):
        return _("%(day)s, de %(start)s à %(end)s") % {
            "day": say(day_said(local_day(start, zone))),
            "start": hour(start, zone),
            "end": hour(end, zone),
        }
    return _("du %(start)s au %(end)s") % {"start": say(moment_said(start, zone)), "end": say(moment_said(end, zone))}


def several(name: str, units: int) -> str:
    """What is booked, and how many of them where it is more than one."""
    return _("%(name)s, %(n)d places") % {"name": name, "n": units} if units > 1 else name


def hour(moment: datetime, zone: ZoneInfo) -> str:
    """A time of day on the clocks of a zone."""
    return say(hour_said(minute_of_day(moment, zone)))


def problem_said(problem: Problem) -> dict[str, str]:
    """What a problem says, why, and what to do, in the language of the page."""
    said, why, mend = say(problem.says), say(problem.why), say(problem.mend)
    return {"says": said, "why": f"{why[:1].upper()}{why[1:]}.", "mend": mend}


def problems_said(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """All of them, in their order."""
    return [problem_said(one) for one in problems]
