"""Places that honour one another: the terms they agree on, who is in on a day, and why a carnet is not taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.passes.rules.formulas import rates_of
from maillage.management.people.rules.entries import Read, Wrong, read_day
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST_NAME, LONGEST_PLACES, MOST_PLACES = 120, 10_000, 50
MOST_CENTS, MOST_NOTICE = 100_000, 365
FURTHEST = timedelta(days=366)
HALF_DAY = "half_day"
INVITED, DECLINED, COMING, IN, LEAVING, LEFT = "invited", "declined", "coming", "in", "leaving", "left"


@dataclass(frozen=True, slots=True)
class Stay:
    """The days of a place in an agreement: None before it joined, and no last day while it stays."""

    first_day: date | None
    last_day: date | None = None
    is_declined: bool = False


def holds(stay: Stay, day: date) -> bool:
    """Whether a place is in on a day.

    >>> [holds(Stay(date(2026, 9, 1), date(2026, 9, 30)), date(2026, month, 1)) for month in (8, 9, 10)]
    [False, True, False]
    """
    return stay.first_day is not None and stay.first_day <= day and (stay.last_day is None or day <= stay.last_day)


def state(stay: Stay, day: date) -> str:
    """Where a place stands on a day.

    >>> state(Stay(None), date(2026, 9, 1)), state(Stay(date(2026, 9, 2)), date(2026, 9, 1))
    ('invited', 'coming')
    """
    if stay.first_day is None:
        return DECLINED if stay.is_declined else INVITED
    if stay.last_day is not None and day > stay.last_day:
        return LEFT
    if day < stay.first_day:
        return COMING
    return IN if stay.last_day is None else LEAVING


def first_day(*, today: date, starts_on: date, invited_on: date, notice_days: int, is_first: bool) -> date:
    """From when a place that joins today is in.

    Who was named in the proposal is in at once: all read its name before they joined. Who is invited later waits for
    the notice, so that whoever does not want it can leave before.

    >>> asked = {"today": date(2026, 9, 3), "starts_on": date(2026, 9, 1), "invited_on": date(2026, 9, 2)}
    >>> first_day(**asked, notice_days=30, is_first=True), first_day(**asked, notice_days=30, is_first=False)
    (datetime.date(2026, 9, 3), datetime.date(2026, 10, 3))
    """
    later = starts_on if is_first else invited_on + timedelta(days=notice_days + 1)
    return max(today, starts_on, later)


def last_day(*, today: date, starts: date, notice_days: int) -> date:
    """The last day of a place that says today that it leaves.

    >>> last_day(today=date(2026, 9, 1), starts=date(2026, 1, 1), notice_days=30)
    datetime.date(2026, 10, 1)
    """
    return max(today + timedelta(days=notice_days), starts)


def units_of_a_half_day(kept: Mapping[str, Any]) -> int | None:
    """What a half-day elsewhere takes from a carnet: the least that one takes at home; None where it counts none.

    >>> units_of_a_half_day({"space:1": {"unit": "half_day", "units": 2}, "space:2": {"unit": "half_day", "units": 1}})
    1
    >>> units_of_a_half_day({"space:3": {"unit": "hour", "units": 1}})
    """
    return min((one.units for one in rates_of(kept) if one.unit == HALF_DAY), default=None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a code that is shown at a host; `is_open` None where nobody knows."""

    is_known: bool = True
    is_funded: bool = False
    is_own: bool = False
    is_roaming: bool = True
    units: int | None = 1
    is_agreed: bool = True
    is_open: bool | None = None


def refusal(facts: Facts) -> str:
    """Why a host does not take a carnet, as a word of `REASONS`; what is left on it is not looked at.

    >>> refusal(Facts()), refusal(Facts(is_own=True)), refusal(Facts(is_agreed=False, is_roaming=False))
    ('', 'own', 'no_agreement')
    """
    if not facts.is_known:
        return "unknown"
    if facts.is_funded:
        return "funded"
    if facts.is_own:
        return "own"
    if not facts.is_agreed:
        return "no_agreement"
    if not facts.is_roaming:
        return "stays"
    if facts.units is None:
        return "no_half_day"
    return "closed" if facts.is_open is False else ""


REASONS: dict[str, Wrong] = {
    "unknown": Wrong(
        _("ce code n’est pas celui d’un carnet"), _("relisez-le signe par signe, avec la personne qui le montre")
    ),
    "funded": Wrong(
        _("ce code est celui d’un passe découverte"), _("comptez-le à «\u202fPasses découverte\u202f», avec ses règles")
    ),
    "own": Wrong(_("ce carnet est d’ici"), _("comptez-le à «\u202fCarnets\u202f», comme d’habitude")),
    "no_agreement": Wrong(
        _("ce carnet est d’un lieu avec qui aucun accord ne vaut aujourd’hui"),
        _("demandez le prix à l’unité, ou proposez un accord à ce lieu"),
    ),
    "stays": Wrong(
        _("ce carnet ne vaut que dans le lieu qui l’a vendu"),
        _("demandez le prix à l’unité\u202f; ce lieu peut vendre des carnets acceptés ailleurs"),
    ),
    "no_half_day": Wrong(
        _("ce carnet ne compte pas en demi-journées"), _("demandez le prix à l’unité\u202f: rien n’a été pris")
    ),
    "closed": Wrong(
        _("le lieu est fermé à cette heure, d’après sa fiche"), _("corrigez ses horaires, si elle se trompe")
    ),
}


def read_terms(raw: Mapping[str, str], *, today: date) -> Read:
    """The terms of an agreement as they were typed; the places, which only the registry knows, as lines.

    >>> read_terms({"price": "8,505"}, today=date(2026, 9, 1)).wrongs["price"].problem
    'un montant s’arrête aux centimes'
    """
    read = Read()
    given = raw.get("name", "")
    name = one_line(given[: 4 * LONGEST_NAME])
    if not name:
        read.wrong("name", _("il manque un nom"), _("écrivez par exemple «\u202fBureaux du Jura\u202f»"))
    elif len(name) > LONGEST_NAME or len(given) > 4 * LONGEST_NAME:
        read.wrong("name", _("dépasse %(n)d caractères", n=LONGEST_NAME), _("raccourcissez"))
    read.values["name"] = name
    _price(read, raw)
    text = one_line(raw.get("notice", "")[:40])
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else -1
    if not 0 <= days <= MOST_NOTICE:
        read.wrong(
            "notice", _("ce préavis ne se peut pas"), _("écrivez un nombre de jours, de 0 à %(n)d", n=MOST_NOTICE)
        )
    read.values["notice_days"] = days
    _start(read, raw, today)
    read.values["lines"] = read_places(read, raw)
    return read


def read_places(read: Read, raw: Mapping[str, str]) -> list[str]:
    """The lines that name places, each once."""
    text = raw.get("places", "")
    lines = list(dict.fromkeys(line for line in map(one_line, text[:LONGEST_PLACES].split("\n")) if line))
    if not lines:
        read.wrong("places", _("il manque un lieu"), _("écrivez son nom, ou l’adresse de sa page, un par ligne"))
    elif len(lines) > MOST_PLACES or len(text) > LONGEST_PLACES:
        read.wrong("places", _("c’est trop de lieux à la fois"), _("nommez-en %(n)d au plus", n=MOST_PLACES))
    return lines


def _price(read: Read, raw: Mapping[str, str]) -> None:
    read.values["price_cents"] = 0
    try:
        cents = read_amount(raw.get("price", ""), most=MOST_CENTS)
    except BadNumber as bad:
        read.wrong("price", bad.problem, bad.mend)
        return
    if not cents:
        read.wrong("price", _("ce montant est nul"), _("écrivez-le en euros, comme 8,50"))
    read.values["price_cents"] = cents


def _start(read: Read, raw: Mapping[str, str], today: date) -> None:
    given = raw.get("starts_on", "")
    day = read_day(given)
    if day is None:
        problem = _("ce jour est illisible") if one_line(given[:40]) else _("il manque un jour")
        read.wrong("starts_on", problem, _("écrivez-le comme 2026-09-01"))
    elif not today <= day <= today + FURTHEST:
        read.wrong("starts_on", _("ce premier jour est passé, ou trop loin"), _("choisissez-en un d’ici un an"))
    read.values["starts_on"] = day
