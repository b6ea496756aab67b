"""Who may use what: an authorisation holds from a day until another, and is renewed before it ends."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from maillage.management.people.rules.entries import Read, read_day
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

SOON = timedelta(days=30)
COMING, VALID, ENDING, OVER = STATES = ("coming", "valid", "ending", "over")
MOST_NAMES = 100
"""How many people one training may be noted for at once."""
LONGEST_LIST = MOST_NAMES * 130


def standing(given_on: date, expires_on: date | None, today: date) -> str:
    """Whether an authorisation is to come, holds, ends within thirty days, or is over; its last day is counted.

    >>> [standing(date(2026, 1, 1), end, date(2026, 11, 22)) for end in (None, date(2026, 11, 22), date(2026, 11, 21))]
    ['valid', 'ending', 'over']
    """
    if given_on > today:
        return COMING
    if expires_on is None:
        return VALID
    if expires_on < today:
        return OVER
    return ENDING if expires_on - today <= SOON else VALID


def read_giving(raw: Mapping[str, str], known: Iterable[str]) -> Read:
    """What is given, since when and until when; only what a space asks for, or was given before, has a name."""
    read = Read()
    name = raw.get("authorisation", "")
    if name not in known:
        read.wrong("authorisation", _("il manque l’habilitation"), _("choisissez-en une de la liste"))
    since, until = (read_day(raw.get(field, "")) for field in ("given_on", "expires_on"))
    if since is None:
        read.wrong("given_on", _("il manque le jour de la formation"), _("écrivez-le comme 2026-09-01"))
    if until is None and one_line(raw.get("expires_on", "")[:40]):
        read.wrong("expires_on", _("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    if since and until and until < since:
        read.wrong("expires_on", _("ce jour est avant la formation"), _("écrivez un jour qui vient après, ou rien"))
    read.values |= {"name": name, "given_on": since, "expires_on": until}
    return read


def read_names(text: str) -> list[str]:
    """The names of a list, one a line, each once, without the signs that begin the lines of a list.

    >>> read_names("- Ève Martin\\n\\n  Thomas\\nthomas \\n")
    ['Ève Martin', 'Thomas']
    """
    found: dict[str, str] = {}
    for line in text[:LONGEST_LIST].splitlines():
        name = one_line(line).lstrip("-*•· ").strip()
        if name:
            found.setdefault(name.casefold(), name)
    return list(found.values())
