"""The clocks on the wall of a place: the instant a time is, the times that never come, those that come twice."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from maillage.management.bookings.rules.spans import Span, in_utc
from maillage.places.rules.sentences import Sentence
from maillage.places.rules.sentences import sentence as _

DAY_MINUTES = 1440
FIRST_YEAR, LAST_YEAR = 1970, 2099
WEEKDAYS = (_("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche"))
MONTHS = (
    *(_("janvier"), _("février"), _("mars"), _("avril"), _("mai"), _("juin")),
    *(_("juillet"), _("août"), _("septembre"), _("octobre"), _("novembre"), _("décembre")),
)

_NAMED = re.compile(
    r"UTC|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)/[A-Za-z0-9/_+-]{1,40}"
)


class UnknownZone(ValueError):
    """A time zone that nobody knows; `message` says what to write instead."""

    def __init__(self, text: str) -> None:
        self.message = _(
            "Le fuseau horaire «\u202f%(text)s\u202f» n’existe pas. "
            "Écrivez par exemple Europe/Paris ou Indian/Reunion.",
            text=text[:60],
        )
        super().__init__(self.message)


class NoSuchTime(ValueError):
    """A time that the clocks of a place jump over; `first` is the first instant that exists after it, in UTC."""

    def __init__(self, day: date, minute: int, first: datetime, zone: ZoneInfo) -> None:
        self.day, self.minute, self.first = day, minute, first
        there = first.astimezone(zone)
        self.message = _(
            "Le %(day)s, %(hour)s n’existe pas\u202f: cette nuit-là les horloges avancent. "
            "Choisissez %(first)s, la première heure qui existe ensuite.",
            day=day_said(day + timedelta(days=minute // DAY_MINUTES)),
            hour=hour_said(minute),
            first=hour_said(there.hour * 60 + there.minute),
        )
        super().__init__(self.message)


def zone_named(text: str) -> ZoneInfo:
    """The time zone of an IANA name; UnknownZone for any other text, and for the machine's own.

    >>> zone_named("Indian/Reunion")
    zoneinfo.ZoneInfo(key='Indian/Reunion')
    >>> zone_named("Paris")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    maillage...UnknownZone: Le fuseau horaire « Paris » n’existe pas. Écrivez par exemple Europe/Paris ...
    """
    if not _NAMED.fullmatch(text):
        raise UnknownZone(text)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise UnknownZone(text) from problem


def instant(day: date, minute: int, zone: ZoneInfo, *, second_pass: bool = False) -> datetime:
    """The moment, in UTC, at which the clocks of a zone show so many minutes after midnight of a day.

    From 1440 on, it is the next day. A time that comes twice is its first pass unless `second_pass`; NoSuchTime for
    one that never comes, ValueError for a minute outside two days and a year outside 1970 to 2099.

    >>> instant(date(2026, 11, 23), 9 * 60, ZoneInfo("Europe/Paris")).isoformat()
    '2026-11-23T08:00:00+00:00'
    >>> instant(date(2027, 3, 27), 1440 + 150, ZoneInfo("Europe/Paris"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    maillage...NoSuchTime: Le dimanche 28 mars 2027, 2 h 30 n’existe pas : cette nuit-là les horloges avancent. ...
    """
    first, second = _passes(day, minute, zone)
    if second < first:
        raise NoSuchTime(day, minute, _change(second, first, zone), zone)
    return second if second_pass else first


def boundary(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """As `instant`, for hours that a rule gives and nobody chose for this day: a time jumped over is the change itself.

    >>> boundary(date(2027, 3, 28), 150, ZoneInfo("Europe/Paris")).isoformat()
    '2027-03-28T01:00:00+00:00'
    """
    first, second = _passes(day, minute, zone)
    return _change(second, first, zone) if second < first else first


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day it is in a zone at an aware moment.

    >>> local_day(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Paris"))
    datetime.date(2026, 11, 23)
    """
    return in_utc(moment).astimezone(zone).date()


def day_span(day: date, zone: ZoneInfo) -> Span:
    """A whole day from midnight to midnight: 24 hours, or 23 or 25 when the clocks change.

    >>> day_span(date(2027, 3, 28), ZoneInfo("Europe/Paris")).length
    datetime.timedelta(seconds=82800)
    """
    return Span(boundary(day, 0, zone), boundary(day, DAY_MINUTES, zone))


def minute_of_day(moment: datetime, zone: ZoneInfo) -> int:
    """What the clocks of a zone show at an aware moment, in whole minutes after midnight.

    >>> minute_of_day(datetime(2026, 11, 23, 8, tzinfo=UTC), ZoneInfo("Europe/Paris"))
    540
    """
    there = in_utc(moment).astimezone(zone)
    return there.hour * 60 + there.minute


def day_said(day: date) -> Sentence:
    """A day in words.

    >>> str(day_said(date(2027, 3, 28))), str(day_said(date(2027, 4, 1)))
    ('dimanche 28 mars 2027', 'jeudi 1er avril 2027')
    """
    said: dict[str, object] = {"weekday": WEEKDAYS[day.weekday()], "month": MONTHS[day.month - 1], "year": day.year}
    if day.day == 1:
        return _("%(weekday)s 1er %(month)s %(year)d", **said)
    return _("%(weekday)s %(day)d %(month)s %(year)d", day=day.day, **said)


def hour_said(minute: int) -> Sentence:
    """A time of day in words, from the minutes after midnight; the next day starts again from zero.

    >>> str(hour_said(570)), str(hour_said(1440 + 60))
    ('9 h 30', '1 h')
    """
    hour, rest = divmod(minute % DAY_MINUTES, 60)
    if rest:
        return _("%(hour)d\u202fh\u202f%(minute)02d", hour=hour, minute=rest)
    return _("%(hour)d\u202fh", hour=hour)


def moment_said(moment: datetime, zone: ZoneInfo) -> Sentence:
    """A moment in words, on the clocks of a zone.

    >>> str(moment_said(datetime(2026, 11, 23, 8, tzinfo=UTC), ZoneInfo("Europe/Paris")))
    'lundi 23 novembre 2026 à 9 h'
    """
    return _("%(day)s à %(hour)s", day=day_said(local_day(moment, zone)), hour=hour_said(minute_of_day(moment, zone)))


def _passes(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of a wall time before and after a change of the clocks; the second is earlier if it never comes."""
    if not 0 <= minute <= 2 * DAY_MINUTES or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(
            f"{minute} minutes après minuit le {day.isoformat()} : on compte de 0 à {2 * DAY_MINUTES} minutes, "
            f"de {FIRST_YEAR} à {LAST_YEAR}."
        )
    wall = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minute)
    return wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant between two others at which the offset of a zone changes, to the second."""
    offset = low.astimezone(zone).utcoffset()
    before, after = 0, int((high - low).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return low + timedelta(seconds=after)
