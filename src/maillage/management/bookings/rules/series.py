"""Bookings that come back: « tous les mardis et jeudis matin jusqu’en juin, sauf vacances scolaires »."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.clock import DAY_MINUTES, FIRST_YEAR, LAST_YEAR, NoSuchTime, day_said, instant
from maillage.management.bookings.rules.holidays import SCHOOL_KNOWN, public_holidays, school_holidays
from maillage.management.bookings.rules.spans import Span, Spans
from maillage.places.rules.sentences import sentence as _

MOST_OCCURRENCES = 400
MOST_YEARS = 2
MOST_WEEKS = 52


class SeriesRefused(ValueError):
    """A series that cannot be made; `message` says what, why and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Days of the week (0 Monday … 6 Sunday) from `first` to `until`, both counted, every so many weeks.

    Minutes are counted from midnight on the clocks of the place; an end past 1440 is the next day. Weeks are counted
    from that of `first`, and start on Monday. What is skipped: single days, the school holidays of zone A, B or C,
    public holidays. SeriesRefused for a pattern that makes no sense or lasts over two years.
    """

    weekdays: tuple[int, ...]
    first: date
    until: date
    start_minute: int
    end_minute: int
    every_weeks: int = 1
    skip_days: tuple[date, ...] = ()
    skip_school_zone: str = ""
    skip_public_holidays: bool = False

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise SeriesRefused(problem)


class Skipped(NamedTuple):
    """A day of a series without a booking, and why."""

    day: date
    reason: str


class Occurrences(NamedTuple):
    """The bookings a pattern asks for, in order, never overlapping; and the days it leaves out."""

    spans: Spans
    skipped: tuple[Skipped, ...]


def occurrences(pattern: Pattern, zone: ZoneInfo, *, departement_code: str | None = None) -> Occurrences:
    """The spans of a series on the clocks of a zone, and the days that fall out, each with its reason.

    Each keeps the hours on the wall through a change of the clocks; a time that never comes makes its day fall out.
    `departement_code` tells whose public holidays are skipped. SeriesRefused over `MOST_OCCURRENCES`, and where the
    school holidays to skip are not known that far.

    >>> armistice = Pattern((2,), date(2026, 11, 4), date(2026, 11, 18), 540, 720, skip_public_holidays=True)
    >>> spans, skipped = occurrences(armistice, ZoneInfo("Europe/Paris"))
    >>> [span.start.day for span in spans], [(skip.day.day, skip.reason) for skip in skipped]
    ([4, 18], [(11, 'jour férié : Armistice')])
    """
    left_out = _left_out(pattern, departement_code)
    spans: list[Span] = []
    skipped: list[Skipped] = []
    for day in _days(pattern):
        if day in left_out:
            skipped.append(Skipped(day, left_out[day]))
            continue
        try:
            start, end = (instant(day, minute, zone) for minute in (pattern.start_minute, pattern.end_minute))
        except NoSuchTime as never:
            skipped.append(Skipped(day, never.message))
            continue
        spans.append(Span(start, end))
    if len(spans) > MOST_OCCURRENCES:
        raise SeriesRefused(
            _(
                "La série compte %(n)d réservations\u202f: plus de %(most)d, on ne l’enregistre pas. "
                "Arrêtez-la plus tôt, ou faites-en deux.",
                n=len(spans),
                most=MOST_OCCURRENCES,
            )
        )
    return Occurrences(tuple(spans), tuple(skipped))


def _days(pattern: Pattern) -> Iterator[date]:
    monday = pattern.first - timedelta(days=pattern.first.weekday())
    for count in range((pattern.until - pattern.first).days + 1):
        day = pattern.first + timedelta(days=count)
        if day.weekday() in pattern.weekdays and (day - monday).days // 7 % pattern.every_weeks == 0:
            yield day


def _left_out(pattern: Pattern, departement_code: str | None) -> Mapping[date, str]:
    left_out: dict[date, str] = {}
    if pattern.skip_school_zone:
        school = school_holidays(pattern.skip_school_zone, pattern.first, pattern.until)
        if school is None:
            raise SeriesRefused(
                _(
                    "Les vacances scolaires ne sont fixées que du %(first)s au %(last)s. "
                    "Tenez la série entre ces deux jours, ou écrivez vous-même les jours à laisser.",
                    first=day_said(SCHOOL_KNOWN[0]),
                    last=day_said(SCHOOL_KNOWN[1]),
                )
            )
        left_out |= school
    if pattern.skip_public_holidays:
        for year in range(pattern.first.year, pattern.until.year + 1):
            known = public_holidays(departement_code, year)
            left_out |= {day: _("jour férié\u202f: %(name)s", name=name) for day, name in known.items()}
    return left_out | {day: _("jour laissé à votre demande") for day in pattern.skip_days}


def _problem(pattern: Pattern) -> str:
    """What makes no sense in a pattern; empty when all does."""
    if not pattern.weekdays or not all(0 <= weekday <= 6 for weekday in pattern.weekdays):
        return _("La série n’a aucun jour de la semaine. Choisissez-en au moins un, de lundi à dimanche.")
    if pattern.until < pattern.first:
        return _(
            "La série finit le %(until)s, avant de commencer le %(first)s. Choisissez une fin plus tardive.",
            until=day_said(pattern.until),
            first=day_said(pattern.first),
        )
    if pattern.first.year <= FIRST_YEAR or pattern.until.year >= LAST_YEAR:
        return _(
            "L’année de la série sort du calendrier. Choisissez-la entre %(first)d et %(last)d.",
            first=FIRST_YEAR + 1,
            last=LAST_YEAR - 1,
        )
    latest = _years_later(pattern.first, MOST_YEARS)
    if pattern.until > latest:
        return _(
            "La série dure plus de %(years)d ans\u202f: d’ici là, tout change. Arrêtez-la au plus tard le %(latest)s, "
            "puis prolongez-la.",
            years=MOST_YEARS,
            latest=day_said(latest),
        )
    if not 0 <= pattern.start_minute < DAY_MINUTES:
        return _("L’heure du début sort du jour. Choisissez-la entre 0 h et 23 h 59.")
    if not pattern.start_minute < pattern.end_minute <= pattern.start_minute + DAY_MINUTES:
        return _("La fin vient avant le début, ou plus d’un jour après. Choisissez une fin dans les 24 heures.")
    if not 1 <= pattern.every_weeks <= MOST_WEEKS:
        return _(
            "La série revient toutes les 1 à %(most)d semaines. Choisissez un nombre entre les deux.", most=MOST_WEEKS
        )
    return ""


def _years_later(day: date, years: int) -> date:
    """The same day years later; the last of February for the 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
