"""How opening hours are said to people."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from maillage.places.rules.hours import in_words
from maillage.places.rules.timetable import FULL_DAY, WHOLE_WEEK, Line, Season, Times
from maillage.places.views.wording import clock


def timetable(oh: str) -> list[tuple[str, list[str]]] | None:
    """Hours as (when, times of that day) pairs, ready to show; None if they can only be shown as they were written."""
    lines = in_words(oh)
    return [(capfirst(_when(line)), _times(line)) for line in lines] if lines else None


def enumerate_words(words: Sequence[str]) -> str:
    """« a », « a et b », « a, b et c »."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s et %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _when(line: Line) -> str:
    if line.otherwise:
        return _("Le reste du temps")
    parts = []
    if line.seasons:
        parts.append(enumerate_words([_season(season) for season in line.seasons]))
    if line.days or not (parts or line.public_holidays or line.school_holidays):
        parts.append(_days(line.days, line.weeks_of_month))
    if line.public_holidays:
        parts.append(_("jours fériés"))
    if line.school_holidays:
        parts.append(_("vacances scolaires"))
    return ", ".join(parts)


def _days(days: tuple[int, ...], weeks_of_month: tuple[int, ...]) -> str:
    if not days or days == WHOLE_WEEK:
        return _("tous les jours")
    if weeks_of_month:
        names = {1: _("premier"), 2: _("deuxième"), 3: _("troisième"), 4: _("quatrième"), 5: _("cinquième")}
        ranks = [names.get(rank, _("dernier")) for rank in weeks_of_month]
        return _("%(ranks)s %(day)s du mois") % {"ranks": enumerate_words(ranks), "day": WEEKDAYS[days[0]]}
    return enumerate_words([_run(run) for run in _runs(days)])


def _runs(days: Iterable[int]) -> list[list[int]]:
    """Group days that follow one another; two days in a row are said one by one."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [part for run in runs for part in ([run] if len(run) > 2 else [[day] for day in run])]


def _run(run: list[int]) -> str:
    if len(run) == 1:
        return str(WEEKDAYS[run[0]])
    return _("%(first)s au %(last)s") % {"first": WEEKDAYS[run[0]], "last": WEEKDAYS[run[-1]]}


def _season(season: Season) -> str:
    (start_month, start_day), (end_month, end_day) = season.start, season.end
    if start_day == end_day == 0:
        if start_month == end_month:
            return str(MONTHS[start_month])
        return _("de %(first)s à %(last)s") % {"first": MONTHS[start_month], "last": MONTHS[end_month]}
    if season.start == season.end:
        return _("le %(date)s") % {"date": _date(start_month, start_day)}
    first, last = _date(start_month, start_day or 1), _date(end_month, end_day) if end_day else MONTHS[end_month]
    if start_month == end_month:
        first = _first(start_day)
    return _("du %(first)s au %(last)s") % {"first": first, "last": last}


def _date(month: int, day: int) -> str:
    return pgettext("jour et mois", "%(day)s %(month)s") % {"day": _first(day), "month": MONTHS[month]}


def _first(day: int) -> str:
    return _("1er") if day == 1 else str(day)


def _times(line: Line) -> list[str]:
    if line.state == "closed":
        return [_("fermé")]
    if not line.times:
        said = [_("ouvert")] if line.state == "open" else []
    elif line.times == (Times(0, FULL_DAY),):
        said = [_("à toute heure")]
    else:
        said = [_span(times) for times in line.times]
    return [*said, *([line.comment] if line.comment else [])] or [_("horaires variables")]


def _span(times: Times) -> str:
    if times.end_minutes is None:
        return _("dès %(start)s") % {"start": _clock(times.start_minutes)}
    return f"{_clock(times.start_minutes)} – {_clock(times.end_minutes)}"


def _clock(minutes: int) -> str:
    if minutes == FULL_DAY:
        return _("minuit")
    return clock(datetime(2000, 1, 1, minutes % FULL_DAY // 60, minutes % 60))  # noqa: DTZ001
