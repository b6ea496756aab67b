"""What somebody entered about an event, its sessions or who came, read or refused, field by field."""

from collections.abc import Mapping

from maillage.management.bookings.rules.entries import read_number
from maillage.management.events.rules.prices import FREE, OPEN, PRICES, read_cents
from maillage.management.people.rules.entries import Read
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

KINDS = ("workshop", "training", "digital", "meeting", "culture", "other")
AUDIENCES = ("all", "children", "young", "parents", "jobseekers", "seniors", "professionals")
THEMES = ("start", "mail", "phone", "procedures", "health", "work", "parents", "safety", "office", "media", "making")
AGE_BANDS = ("0-17", "18-24", "25-39", "40-59", "60-69", "70+", "unknown")
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_DESCRIPTION, LONGEST_REASON = 120, 300, 4_000, 200
SEATS_MOST = 999
PARTY_MOST = 6
COUNT_MOST = 9_999


def read_event(raw: Mapping[str, str]) -> Read:
    """Title, words, kind, audience, theme and price of an event; who organises it is looked up elsewhere.

    >>> read_event({"title": " Repair <b>café</b> ", "kind": "workshop"}).values["title"]
    'Repair <b>café</b>'
    """
    read = Read()
    _line(read, "title", raw, LONGEST_TITLE)
    if not read.values.get("title") and "title" not in read.wrongs:
        read.wrong("title", _("il manque un titre"), _("écrivez celui de l’affiche"))
    _line(read, "summary", raw, LONGEST_SUMMARY)
    _lines(read, "description", raw, LONGEST_DESCRIPTION)
    _word(read, "kind", raw, KINDS)
    _word(read, "audience", raw, AUDIENCES, usual="all")
    _word(read, "theme", raw, ("", *THEMES), usual="")
    _price(read, raw)
    read.values["takes_registrations"] = bool(raw.get("takes_registrations"))
    return read


def read_reason(raw: str) -> Read:
    """Why a session does not take place, as the mail will say it."""
    read = Read()
    _line(read, "reason", {"reason": raw}, LONGEST_REASON)
    if not read.values.get("reason") and "reason" not in read.wrongs:
        read.wrong("reason", _("il manque le motif"), _("écrivez-le en quelques mots\u202f: les inscrits le liront"))
    return read


def read_ages(counts: Mapping[str, str]) -> Read:
    """How many of each age came; nothing written is nobody counted, which zero is not.

    >>> read_ages({"60-69": "4", "70+": "", "unknown": "0"}).values
    {'60-69': 4, 'unknown': 0}
    """
    read = Read()
    for band in AGE_BANDS:
        count = read_number(read, band, counts, None, 0, COUNT_MOST)
        if count is not None:
            read.values[band] = count
    return read


def _price(read: Read, raw: Mapping[str, str]) -> None:
    _word(read, "price", raw, PRICES, usual=FREE)
    price, given = read.values["price"], one_line(raw.get("price_euros", "")[:40])
    cents = read_cents(given)
    if price == FREE:
        cents = None
    elif given and not cents:
        read.wrong("price_euros", _("ce montant est illisible"), _("écrivez-le comme 5 ou 12,50"))
    elif not given and price != OPEN:
        read.wrong("price_euros", _("il manque le montant"), _("écrivez-le comme 5 ou 12,50, ou choisissez gratuit"))
    read.values["price_cents"] = cents or None


def _word(read: Read, name: str, raw: Mapping[str, str], words: tuple[str, ...], *, usual: str | None = None) -> None:
    given = raw.get(name, "") or usual
    if given not in words:
        read.wrong(name, _("ce choix n’existe pas"), _("choisissez-en un de la liste"))
    read.values[name] = given


def _line(read: Read, name: str, raw: Mapping[str, str], most: int) -> None:
    given = raw.get(name, "")
    line = one_line(given[: 4 * most])
    if len(line) > most or len(given) > 4 * most:
        read.wrong(name, _("dépasse %(n)d caractères", n=most), _("raccourcissez"))
    else:
        read.values[name] = line


def _lines(read: Read, name: str, raw: Mapping[str, str], most: int) -> None:
    """A text of several lines, kept as lines: empty ones part its paragraphs, one at a time."""
    given = raw.get(name, "")
    lines = [one_line(line) for line in given[: 4 * most].splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    text = "\n".join(kept).strip()
    if len(text) > most or len(given) > 4 * most:
        read.wrong(name, _("dépasse %(n)d caractères", n=most), _("raccourcissez"))
    else:
        read.values[name] = text
