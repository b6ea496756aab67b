"""What is wrong with a request for a booking, before anybody looks at who else booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.clock import (
    DAY_MINUTES,
    FIRST_YEAR,
    LAST_YEAR,
    day_said,
    hour_said,
    local_day,
    minute_of_day,
)
from maillage.management.bookings.rules.clock import moment_said as said
from maillage.management.bookings.rules.spans import Span, Spans, among, covers, in_utc, subtract
from maillage.places.rules.sentences import Sentence
from maillage.places.rules.sentences import sentence as _

LONGEST = timedelta(days=366)
"""No booking lasts longer, whoever makes it: what lasts a year is a lease."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request cannot be met: a code for programs; what is wrong, why it matters, how to mend it, for people."""

    code: str
    says: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The lengths, steps and delays that a space accepts; `also_minutes` are times of day accepted off the step."""

    step_minutes: int
    shortest_minutes: int
    longest_minutes: int
    notice_minutes: int
    horizon_days: int
    also_minutes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.step_minutes <= DAY_MINUTES:
            raise ValueError(f"Un pas de {self.step_minutes} minutes : il faut de 1 à {DAY_MINUTES}.")
        if not 1 <= self.shortest_minutes <= self.longest_minutes:
            raise ValueError(
                f"De {self.shortest_minutes} à {self.longest_minutes} minutes : "
                "la plus courte durée est d’au moins 1, la plus longue la vaut."
            )
        if self.notice_minutes < 0 or self.horizon_days < 0:
            raise ValueError("Le délai et l’horizon se comptent à partir de maintenant : zéro ou plus.")


def problems(
    start: datetime,
    end: datetime,
    now: datetime,
    limits: Limits,
    open_spans: Spans,
    zone: ZoneInfo,
    *,
    desk: bool = False,
) -> tuple[Problem, ...]:
    """All that is wrong with a request, the gravest first; nothing when it may be made.

    `open_spans` hold the open time around it, sorted and disjoint. The team at its `desk` books outside the openings,
    at short notice and far ahead; the rest binds it too. ValueError for a moment without a zone.

    >>> from datetime import UTC
    >>> at = lambda hour, minute=0: datetime(2026, 11, 23, hour, minute, tzinfo=UTC)
    >>> limits, paris = Limits(30, 30, 480, 0, 90), ZoneInfo("Europe/Paris")
    >>> problems(at(9), at(10), at(8), limits, (Span(at(8), at(17)),), paris)
    ()
    >>> [problem.code for problem in problems(at(9), at(19, 5), at(8), limits, (Span(at(8), at(17)),), paris)]
    ['too_long', 'outside_opening', 'off_step']
    """
    # A moment at the edge of what Python counts has no other zone to be said in.
    if not FIRST_YEAR < min(start.year, end.year) <= max(start.year, end.year) < LAST_YEAR:
        return (_beyond_calendars(),)
    start, end, now = in_utc(start), in_utc(end), in_utc(now)
    if end <= start:
        return (_end_before_start(start, end, zone),)
    found = [*_past(start, now, zone), *_length(end - start, limits)]
    if not desk:
        found += _delays(start, now, limits, zone) if start >= now else ()
        found += _outside(Span(start, end), open_spans, zone)
    return (*found, *_off_step(start, end, limits, open_spans, zone))


def _beyond_calendars() -> Problem:
    return Problem(
        "beyond_calendars",
        _("L’année demandée sort du calendrier."),
        _("on réserve entre %(first)d et %(last)d", first=FIRST_YEAR + 1, last=LAST_YEAR - 1),
        _("Vérifiez l’année du début et de la fin."),
    )


def _end_before_start(start: datetime, end: datetime, zone: ZoneInfo) -> Problem:
    if start == end:
        return Problem(
            "zero_length",
            _("La réservation ne dure rien\u202f: elle commence et finit le %(when)s.", when=said(start, zone)),
            _("on ne réserve que du temps"),
            _("Choisissez une fin plus tardive."),
        )
    return Problem(
        "end_before_start",
        _("La fin, %(end)s, vient avant le début, %(start)s.", start=said(start, zone), end=said(end, zone)),
        _("une réservation va d’une heure à une autre qui la suit"),
        _("Choisissez une fin plus tardive, ou le lendemain si vous passez minuit."),
    )


def _past(start: datetime, now: datetime, zone: ZoneInfo) -> Iterator[Problem]:
    if start < now:
        yield Problem(
            "past",
            _("Le début, %(start)s, est déjà passé.", start=said(start, zone)),
            _("on ne réserve pas le temps passé"),
            _("Choisissez une heure à venir\u202f: il est %(hour)s au lieu.", hour=hour_said(minute_of_day(now, zone))),
        )


def _length(length: timedelta, limits: Limits) -> Iterator[Problem]:
    longest = min(timedelta(minutes=limits.longest_minutes), LONGEST)
    shortest = timedelta(minutes=limits.shortest_minutes)
    if length > longest:
        yield Problem(
            "too_long",
            _("La réservation dure %(length)s\u202f: c’est trop.", length=length_said(length)),
            _("on réserve cet espace pour %(longest)s au plus", longest=length_said(longest)),
            _("Choisissez une fin plus proche, ou faites plusieurs réservations."),
        )
    elif length < shortest:
        yield Problem(
            "too_short",
            _("La réservation dure %(length)s\u202f: c’est trop peu.", length=length_said(length)),
            _("on réserve cet espace pour %(shortest)s au moins", shortest=length_said(shortest)),
            _("Choisissez une fin plus tardive."),
        )


def _delays(start: datetime, now: datetime, limits: Limits, zone: ZoneInfo) -> Iterator[Problem]:
    soonest = now + timedelta(minutes=limits.notice_minutes)
    farthest = local_day(now, zone) + timedelta(days=limits.horizon_days)
    if start < soonest:
        yield Problem(
            "too_soon",
            _("Le début, %(start)s, est trop proche.", start=said(start, zone)),
            _(
                "cet espace se réserve au moins %(notice)s à l’avance",
                notice=length_said(timedelta(minutes=limits.notice_minutes)),
            ),
            _("Choisissez une heure à partir du %(soonest)s, ou appelez le lieu.", soonest=said(soonest, zone)),
        )
    elif local_day(start, zone) > farthest:
        yield Problem(
            "too_far",
            _("Le début, %(start)s, est trop lointain.", start=said(start, zone)),
            _(
                "cet espace se réserve au plus %(horizon)s à l’avance",
                horizon=length_said(timedelta(days=limits.horizon_days)),
            ),
            _("Choisissez un jour jusqu’au %(last)s, ou revenez plus tard.", last=day_said(farthest)),
        )


def _outside(span: Span, open_spans: Spans, zone: ZoneInfo) -> Iterator[Problem]:
    if covers(open_spans, span):
        return
    shut = subtract((span,), open_spans)[0]
    near = among(open_spans, Span(span.start - timedelta(days=1), span.end + timedelta(days=1)))
    near = tuple(one for one in near if local_day(one.start, zone) == local_day(span.start, zone))
    yield Problem(
        "outside_opening",
        _("Cet espace est fermé du %(start)s au %(end)s.", start=said(shut.start, zone), end=said(shut.end, zone)),
        _("on le réserve pendant ses heures d’ouverture, d’une seule traite"),
        _("Choisissez une heure entre %(hours)s.", hours=_hours(near[:3], zone))
        if near
        else _("Choisissez un autre jour."),
    )


def _hours(spans: Spans, zone: ZoneInfo) -> Sentence:
    """The hours of a day: « 9 h et 12 h, ou 14 h et 18 h »."""
    first, last = (hour_said(minute_of_day(moment, zone)) for moment in (spans[0].start, spans[0].end))
    one = _("%(first)s et %(last)s", first=first, last=last)
    return _("%(one)s, ou %(others)s", one=one, others=_hours(spans[1:], zone)) if spans[1:] else one


def _off_step(start: datetime, end: datetime, limits: Limits, open_spans: Spans, zone: ZoneInfo) -> Iterator[Problem]:
    """A time off the step counted from midnight, unless it is an opening, a closing or one of `also_minutes`."""
    edges = {span.start for span in open_spans} | {span.end for span in open_spans}
    for moment in (start, end):
        minute = minute_of_day(moment, zone)
        whole = not (moment.second or moment.microsecond)
        if whole and (minute % limits.step_minutes == 0 or minute in limits.also_minutes or moment in edges):
            continue
        yield Problem(
            "off_step",
            _("%(hour)s n’est pas une heure à laquelle on réserve ici.", hour=hour_said(minute)),
            _(
                "on réserve de %(step)s en %(step)s à partir de minuit",
                step=length_said(timedelta(minutes=limits.step_minutes)),
            ),
            _around(minute, limits.step_minutes),
        )


def _around(minute: int, step_minutes: int) -> Sentence:
    before = minute // step_minutes * step_minutes
    if before == 0 and step_minutes == DAY_MINUTES:
        return _("Choisissez %(hour)s.", hour=hour_said(0))
    after = min(before + step_minutes, DAY_MINUTES)
    return _("Choisissez %(before)s ou %(after)s.", before=hour_said(before), after=hour_said(after))


def length_said(length: timedelta) -> Sentence:
    """A length of time in words, in whole minutes.

    >>> [str(length_said(timedelta(minutes=minutes))) for minutes in (30, 60, 570, 2880, 2910)]
    ['30 min', '1 h', '9 h 30', '2 j', '2 j et 30 min']
    """
    days, minutes = divmod(int(length.total_seconds()) // 60, DAY_MINUTES)
    # Not `hour_said`: English writes a time of day 9:30, and a length 9 h 30.
    if minutes < 60:
        hours = _("%(n)d\u202fmin", n=minutes)
    elif minutes % 60:
        hours = _("%(n)d\u202fh\u202f%(minutes)02d", n=minutes // 60, minutes=minutes % 60)
    else:
        hours = _("%(n)d\u202fh", n=minutes // 60)
    if not days:
        return hours
    whole = _("%(n)d\u202fj", n=days)
    return _("%(days)s et %(hours)s", days=whole, hours=hours) if minutes else whole
