"""What a census asks of one place: what is missing or old, and nothing else; when it may ask again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from maillage.places.rules.care import EXACT, OLD
from maillage.places.rules.choice import TOGETHER, months_between

FIELDS: Mapping[str, tuple[str, ...]] = {
    "horaires": ("opening_hours",),
    "contact": ("phone", "email", "website", "links"),
    "adresse": ("street",),
    "activites": ("activities", "services", "access", "labels"),
    "presentation": ("name", "description"),
    "venir": ("how_to_come", "how_to_join", "how_to_help", "capacity", "prices"),
    "structure": ("operator", "legal_forms", "siret", "opened_on"),
}
"""What may be asked, by section of the sheet; « street » stands for the whole address, which is asked whole."""
ASKABLE = tuple(name for names in FIELDS.values() for name in names)
ADDRESS = TOGETHER[0]
OWN = "questions"
"""The step of the network's own questions."""
TEXT, CHOICE, NUMBER = KINDS = ("text", "choice", "number")
MOST_QUESTIONS, MOST_CHOICES = 10, 12
MOST_REMINDERS, BETWEEN_MAILS = 3, timedelta(days=7)
PROPOSED = 6
"""How many fields a new census proposes to ask."""
LOOKED_FOR = (
    *("opening_hours", "phone", "email", "website", "street", "activities"),
    *("access", "description", "how_to_join", "prices"),
)
"""What visitors look for, and so what a new census proposes; an officer may tick any other."""
LONGEST_TEXT = 1_000
STILL_EVERY = timedelta(days=365)
"""How long a sheet may stay unconfirmed before its place is written to, and between two such mails."""
LEAST_PLACES = 5
"""A count of places below this is not told to everybody: whoever answered would be known."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a sheet says of one field: whether anything, and the date of the source that says it (ISO, maybe partial).

    A source that says that there is nothing has a date and is empty.
    """

    is_empty: bool
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a network's own, under its code; its `version` changes with what is asked."""

    code: str
    text: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Replied:
    """What a place answered to a question of its own, in which version, and when."""

    version: int
    value: str
    at: datetime


def is_old(dated: str, today: date) -> bool:
    """Whether a date, maybe cut to a month or a year, is over a year ago or unknown.

    >>> is_old("2026-01-10", date(2026, 11, 23)), is_old("2019", date(2026, 11, 23)), is_old("", date(2026, 11, 23))
    (False, True, True)
    """
    if len(dated) >= 10:
        return today - date.fromisoformat(dated[:10]) > OLD
    months = months_between(dated, today)
    return months is None or months > 12


def why(told: Told, *, confirmed_at: datetime | None, now: datetime) -> str:
    """Why a field is asked: "missing", "old", or "" where nobody need be troubled.

    A sheet that was said to be right within a year has no old field, but may lack some.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 23, tzinfo=UTC)
    >>> why(Told(True), confirmed_at=now, now=now), why(Told(False, "2019"), confirmed_at=None, now=now)
    ('missing', 'old')
    >>> why(Told(False, "2019"), confirmed_at=now, now=now), why(Told(True, "2026-11"), confirmed_at=None, now=now)
    ('', '')
    """
    if told.is_empty and not told.dated:
        return "missing"
    if confirmed_at is not None and now - confirmed_at <= OLD:
        return ""
    return "old" if is_old(told.dated, now.date()) else ""


def wanted(
    fields: Iterable[str], told: Mapping[str, Told], *, confirmed_at: datetime | None, now: datetime
) -> dict[str, str]:
    """The fields to ask among those of a census, each with its reason; the others stand as they are."""
    reasons = {name: why(told[name], confirmed_at=confirmed_at, now=now) for name in fields}
    return {name: reason for name, reason in reasons.items() if reason}


def told_of(values: Mapping[str, Any], dates: Mapping[str, str]) -> dict[str, Told]:
    """What a sheet says of each field that may be asked; `dates` are those of the sources, by field.

    An address without a street, or of which only the commune is known, says nothing.
    """
    found = {name: Told(not values[name], dates.get(name, "")) for name in ASKABLE}
    if not values["street"] or values["precision"] not in EXACT:
        found["street"] = Told(is_empty=True)
    return found


def questions_to_ask(asked: Sequence[Asked], before: Mapping[str, Replied], *, now: datetime) -> list[Asked]:
    """The network's own questions that a place has not answered, in this very version, within a year."""
    return [
        one
        for one in asked
        if one.code not in before or before[one.code].version != one.version or now - before[one.code].at > OLD
    ]


def versioned(asked: Iterable[Asked], before: Mapping[str, Asked]) -> list[Asked]:
    """Number questions after those once asked under the same codes: asked alike, a question keeps its version.

    >>> once = {"emplois": Asked("emplois", "Combien d’emplois ?", "number", version=2)}
    >>> [one.version for one in versioned([Asked("emplois", "Combien d’emplois ?", "number")], once)]
    [2]
    >>> [one.version for one in versioned([Asked("emplois", "Et de bénévoles ?", "number"), Asked("x", "?")], once)]
    [3, 1]
    >>> [one.version for one in versioned([Asked("emplois", "Combien d’emplois\u202f?", "number")], once)]
    [2]
    """
    found = []
    for one in asked:
        last = before.get(one.code)
        number = 1 if last is None else last.version if _alike(one, last) else last.version + 1
        found.append(Asked(one.code, one.text, one.kind, one.choices, number))
    return found


def _alike(one: Asked, other: Asked) -> bool:
    return _worded(one) == _worded(other)


def _worded(one: Asked) -> tuple[str, str, tuple[str, ...]]:
    """What is asked, whatever kind of space stands before its question mark: a form gives plain ones back."""
    return " ".join(one.text.split()), one.kind, tuple(" ".join(choice.split()) for choice in one.choices)


def number(text: str) -> Decimal | None:
    """A number as people write one, from 0 to a billion; None when it cannot be read.

    >>> number("1 250,5"), number("-3"), number("NaN"), number("douze"), number("1e5")
    (Decimal('1250.5'), None, None, None, None)
    """
    plain = "".join(text.split()).replace("\u202f", "").replace(",", ".")
    if not plain or not all(sign.isascii() and (sign.isdigit() or sign == ".") for sign in plain) or len(plain) > 15:
        return None
    try:
        read = Decimal(plain)
    except InvalidOperation:
        return None
    return read if read <= 1_000_000_000 else None


def may_remind(*, mailed_at: datetime | None, reminders: int, now: datetime) -> bool:
    """Whether a place that has not answered may be written to again: three times at most, a week apart."""
    return mailed_at is not None and reminders < MOST_REMINDERS and now - mailed_at >= BETWEEN_MAILS


def may_ask_still(
    *, confirmed_at: datetime | None, asked_at: datetime | None, known_at: datetime, now: datetime
) -> bool:
    """Whether a place is asked if its sheet is still right: once a year, when nobody said so for a year.

    A sheet that nobody ever confirmed is a year old when the registry has known it for a year.

    >>> from datetime import UTC
    >>> now, new = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    >>> old = datetime(2024, 1, 1, tzinfo=UTC)
    >>> [may_ask_still(confirmed_at=one, asked_at=two, known_at=old, now=now)
    ...  for one, two in ((old, None), (None, None), (new, None), (old, new))]
    [True, True, False, False]
    """
    said = confirmed_at or known_at
    return now - said > STILL_EVERY and (asked_at is None or now - asked_at > STILL_EVERY)
