"""Opening hours in OSM syntax: bounded, read, and asked whether a place is open at a moment.

The library `opening-hours-py` evaluates; this module bounds what it is given and how far it looks. It is fed
wall-clock times, since its own zone handling refuses any zone but `ZoneInfo` and any time that a clock change skips.
It knows the eleven holidays of all France, and none of Alsace-Moselle or overseas: see `holidays.py`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from maillage.places.rules.holidays import local_holidays
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.timetable import Line, read

LENGTH = 500
RULES = 40
HORIZON_DAYS = 400
"""The library looks no further: without this bound 450 characters burn 17 s, with it 3 ms."""

EXAMPLE = "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off"

_COMMENT = re.compile(r'"[^"\x00-\x1f]*"')
_ALLOWED = re.compile(r"[A-Za-z0-9:;,+/\[\]()| -]*")
_MONTH_DAY = re.compile(r"\b(Feb) ?(30|31)\b|\b(Apr|Jun|Sep|Nov) ?31\b|\b[A-Z][a-z]{2} (3[2-9]|[4-9][0-9])\b(?!:)")
_GUESSED = re.compile(r"\b(sunrise|sunset|dawn|dusk|SH)\b")
_OPEN_END = re.compile(r"\d\+")
_WORD = re.compile(r"[A-Za-z]+")
_WORDS = frozenset(
    {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", "SH", "off", "closed", "open", "unknown", "week", "day", "days"}
    | {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
    | {"easter", "sunrise", "sunset", "dawn", "dusk"}
)
_CLOCK = re.compile(r"(-?)\b([0-9]{1,2}):([0-9]{2})\b")
_STARTS_IN_FRENCH = re.compile(r"\b(?!(?-i:Mar)\b)(lun|mar|mer|jeu|ven|sam|dim)[a-z]*\b|\d\s*h\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HoursProblem:
    """Why opening hours cannot be read: what is wrong, why it matters, how to mend it."""

    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether a place is open: True, False, or None for unknown; then when that ends, where it can be told.

    `until` is set when open, `opens_at` when closed; both are aware, in the place's zone.
    """

    open: bool | None
    until: datetime | None = None
    opens_at: datetime | None = None
    comment: str = ""


UNKNOWN = OpenState(None)


def tidy(oh: str) -> str:
    """Put hours on one line, with plain hyphens and no empty last rule; the meaning does not change.

    >>> tidy("Mo–Fr  09:00–12:00 ;")
    'Mo-Fr 09:00-12:00'
    """
    return " ".join(oh[: LENGTH * 4].replace("–", "-").replace("‑", "-").split()).rstrip("; ")


def validate(oh: str) -> HoursProblem | None:
    """Say what is wrong with opening hours, or None if they can be read.

    >>> validate("Mo-Fr 09:00-12:00")
    >>> validate("lundi 9h-12h").what
    'les horaires sont écrits en français'
    """
    problem = _bounds(oh)
    if problem is None and _parsed(tidy(oh)) is None:
        problem = HoursProblem(
            _("les horaires ne suivent pas la syntaxe d’OpenStreetMap%(where)s", where=_where_wrong(tidy(oh))),
            _("on ne peut pas dire si le lieu est ouvert"),
            _("écrivez par exemple\u202f: %(example)s", example=EXAMPLE),
        )
    return problem


def _where_wrong(oh: str) -> str:
    """The part that cannot be read, in brackets, where one can tell: a word, a time, or one rule among several."""
    text = _COMMENT.sub("", oh)
    strange = [word for word in _WORD.findall(text) if word not in _WORDS]
    strange += [
        f"{hour}:{minute}"
        for end, hour, minute in _CLOCK.findall(text)
        if int(hour) > (48 if end else 24) or int(minute) > 59
    ]
    rules = [rule.strip() for rule in re.split(r";|\|\|", text)]
    wrong = strange or [rule for rule in rules if len(rules) > 1 and rule and _parsed(rule) is None]
    return _(" («\u202f%(text)s\u202f»)", text=wrong[0][:60]) if wrong else ""


def in_words(oh: str) -> tuple[Line, ...] | None:
    """Give hours as lines that can be said in any language; None for those that cannot be read or said exactly.

    >>> [line.days for line in in_words("Mo-Fr 09:00-12:00; We off")]
    [(0, 1, 3, 4)]
    """
    return None if validate(oh) else read(tidy(oh))


def _bounds(oh: str) -> HoursProblem | None:
    unsaid = _("on ne peut pas dire si le lieu est ouvert")
    if not oh.strip():
        return HoursProblem(
            _("les horaires sont vides"), unsaid, _("écrivez par exemple\u202f: %(example)s", example=EXAMPLE)
        )
    if len(oh) > LENGTH:
        return HoursProblem(
            _("les horaires comptent %(n)d caractères", n=len(oh)),
            _("au-delà de %(n)d caractères on ne les lit pas", n=LENGTH),
            _("gardez les horaires habituels, et dites le reste dans la description"),
        )
    text = _COMMENT.sub("", tidy(oh))
    if _STARTS_IN_FRENCH.search(text):
        return HoursProblem(
            _("les horaires sont écrits en français"),
            unsaid,
            _(
                "écrivez les jours Mo Tu We Th Fr Sa Su et les heures 09:00-12:00\u202f; "
                "par exemple\u202f: %(example)s",
                example=EXAMPLE,
            ),
        )
    if not _ALLOWED.fullmatch(text):
        strange = next(letter for letter in text if not _ALLOWED.fullmatch(letter))
        return HoursProblem(
            _(
                "les horaires contiennent «\u202f%(sign)s\u202f»",
                sign=strange if strange.isprintable() else repr(strange),
            ),
            _("ce signe n’existe pas dans la syntaxe d’OpenStreetMap"),
            _(
                "mettez le texte libre entre guillemets droits, par exemple\u202f: %(example)s",
                example='Mo-Fr 09:00-12:00 "sur rendez-vous"',
            ),
        )
    if text.count(";") + text.count("|") // 2 >= RULES:
        return HoursProblem(
            _("les horaires comptent plus de %(n)d règles", n=RULES),
            _("on ne les lit pas"),
            _("regroupez les jours semblables"),
        )
    if impossible := _MONTH_DAY.search(text):
        return HoursProblem(
            _("le jour «\u202f%(day)s\u202f» n’existe pas", day=impossible[0]),
            _("la règle ne s’appliquerait jamais"),
            _("corrigez la date"),
        )
    return None


@lru_cache(maxsize=8192)
def _parsed(oh: str) -> OpeningHours | None:
    try:
        return OpeningHours(oh, country="FR", auto_country=False, auto_timezone=False, max_interval_days=HORIZON_DAYS)
    except ParserError:
        return None


@lru_cache(maxsize=8192)
def _evaluable(oh: str) -> OpeningHours | None:
    """Parsed hours, unless they rest on the sun or on school holidays: the library guesses both wrong here."""
    if _bounds(oh) or _GUESSED.search(_COMMENT.sub("", oh)):
        return None
    return _parsed(tidy(oh))


def is_open(oh: str, moment: datetime, zone: str, *, departement_code: str = "") -> bool | None:
    """Say whether a place is open at an aware moment; None when that cannot be known.

    A rule with a comment ("sur rendez-vous") promises nothing: it counts as unknown, as the OSM specification says.

    >>> is_open("Mo-Fr 09:00-12:00", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "Europe/Paris")
    True
    """
    hours = _evaluable(oh)
    if hours is None or _on_local_holiday(oh, moment, zone, departement_code):
        return None
    return _state(hours, _wall(moment, ZoneInfo(zone)))[0]


def state_at(oh: str, moment: datetime, zone: str, country: str = "FR", *, departement_code: str = "") -> OpenState:
    """Say whether a place is open at an aware moment, until when, or when it opens next.

    An hour that the autumn clock change repeats is lived twice, open or closed both times; a time that the spring
    change skips becomes the moment of the change.
    `departement_code` makes rules about holidays answer "unknown" on a holiday kept only there.

    >>> state_at("Mo-Fr 09:00-12:00", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "Europe/Paris").until.isoformat()
    '2026-11-23T12:00:00+01:00'
    """
    hours = _evaluable(oh) if country == "FR" else None
    if hours is None or _on_local_holiday(oh, moment, zone, departement_code):
        return UNKNOWN
    clock = ZoneInfo(zone)
    now_open, comment = _state(hours, _wall(moment, clock))
    if now_open is None:
        return OpenState(None, comment=comment)
    changes = _changes(hours, moment, clock)
    if now_open:
        until = changes[0][0] if changes and not _OPEN_END.search(oh) else None
        return OpenState(True, until=until, comment=comment)
    return OpenState(False, opens_at=next((at for at, opened in changes if opened), None), comment=comment)


def _state(hours: OpeningHours, wall: datetime) -> tuple[bool | None, str]:
    state, comment = hours.state(wall)
    if state == State.CLOSED:
        return False, comment
    return (None if state == State.UNKNOWN or comment else True), comment


def _changes(hours: OpeningHours, moment: datetime, clock: ZoneInfo) -> list[tuple[datetime, bool | None]]:
    """The next few changes, as instants in the place's zone with the state that begins then."""
    changes: list[tuple[datetime, bool | None]] = []
    wall, now_open = _wall(moment, clock), _state(hours, _wall(moment, clock))[0]
    repeated = _second_pass(moment, clock)
    for _turn in range(6):
        coming = hours.next_change(wall)
        if repeated is not None and (coming is None or _instant(coming, clock, moment) >= repeated):
            at = repeated
        elif coming is None:
            break
        else:
            at = _instant(coming, clock, moment)
        repeated = None if at == repeated else repeated
        if at - moment > timedelta(days=HORIZON_DAYS):
            break
        wall = _wall(at, clock)
        opened = _state(hours, wall)[0]
        if opened != now_open:
            changes.append((at.astimezone(clock), opened))
        now_open, moment = opened, at
    return changes


def _wall(moment: datetime, clock: ZoneInfo) -> datetime:
    return moment.astimezone(clock).replace(tzinfo=None, fold=0)


def _instant(wall: datetime, clock: ZoneInfo, after: datetime) -> datetime:
    """The first instant after `after` at which the clock on the wall shows this time, or jumps over it."""
    first = wall.replace(tzinfo=clock, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=clock, fold=1).astimezone(UTC)
    if second < first:
        return _transition(second, first, clock)
    return first if first > after else second


def _second_pass(moment: datetime, clock: ZoneInfo) -> datetime | None:
    """When the clock goes back within three hours: the instant at which it does."""
    later = moment + timedelta(hours=3)
    if moment.astimezone(clock).utcoffset() == later.astimezone(clock).utcoffset():
        return None
    turn = _transition(moment, later, clock)
    before = (turn - timedelta(seconds=1)).astimezone(clock).utcoffset()
    after = turn.astimezone(clock).utcoffset()
    return turn if before is not None and after is not None and after < before else None


def _transition(low: datetime, high: datetime, clock: ZoneInfo) -> datetime:
    """The instant between two others at which the zone's offset changes, to the second."""
    start = low.astimezone(UTC).replace(microsecond=0)
    seconds_low, seconds_high = 0, int((high - start).total_seconds()) + 1
    offset = start.astimezone(clock).utcoffset()
    while seconds_high - seconds_low > 1:
        middle = (seconds_low + seconds_high) // 2
        if (start + timedelta(seconds=middle)).astimezone(clock).utcoffset() == offset:
            seconds_low = middle
        else:
            seconds_high = middle
    return start + timedelta(seconds=seconds_high)


def _on_local_holiday(oh: str, moment: datetime, zone: str, departement_code: str) -> bool:
    if not departement_code or "PH" not in oh:
        return False
    day = _wall(moment, ZoneInfo(zone)).date()
    return day in local_holidays(departement_code, day.year)
