"""What somebody entered about a space, its hours, a closure or the way of booking, read or refused, field by field."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from maillage.management.bookings.rules.clock import DAY_MINUTES, FIRST_YEAR, LAST_YEAR, UnknownZone, zone_named
from maillage.management.bookings.rules.holidays import SCHOOL_ZONES
from maillage.management.people.rules.entries import Read, read_day
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

KINDS = ("room", "desk", "machine", "whole", "other")
HOLDS = ("room", "whole")
"""The kinds of space that may have others inside them: booked, they take all of it."""
MOST_UNITS = 50
MOST_SEATS = 9_999
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_REASON, LONGEST_ADDRESS = 80, 500, 120, 1_000
LIMITS = {
    "step_minutes": (30, 5, 1_440),
    "shortest_minutes": (30, 5, 527_040),
    "longest_minutes": (1_440, 5, 527_040),
    "notice_minutes": (0, 0, 527_040),
    "horizon_days": (180, 1, 732),
}
"""What each limit of a space is unless somebody says otherwise, the least and the most it may be."""
_CLOCK = re.compile(r"([0-9]{1,2})(?: ?[h:] ?([0-9]{2})?)?", re.IGNORECASE)


def read_space(raw: Mapping[str, str]) -> Read:
    """Name, kind, limits and the rest of a space; `units` is how many desks it starts with.

    >>> read_space({"name": "Salle", "kind": "room"}).values["step_minutes"]
    30
    """
    read = Read()
    _line(read, "name", raw, LONGEST_NAME)
    if not read.values.get("name", "") and "name" not in read.wrongs:
        read.wrong("name", _("il manque un nom"), _("écrivez celui que les gens connaissent"))
    kind = raw.get("kind", "")
    if kind not in KINDS:
        read.wrong("kind", _("le genre manque"), _("choisissez-en un de la liste"))
    read.values["kind"] = kind
    _line(read, "description", raw, LONGEST_DESCRIPTION)
    _line(read, "authorisation", raw, LONGEST_NAME)
    read.values["is_online"] = bool(raw.get("is_online"))
    read.values["seats"] = read_number(read, "seats", raw, None, 0, MOST_SEATS)
    read.values["units"] = read_number(read, "units", raw, 1, 1, MOST_UNITS)
    for name, (usual, least, most) in LIMITS.items():
        read.values[name] = read_number(read, name, raw, usual, least, most)
    shortest, longest = read.values["shortest_minutes"], read.values["longest_minutes"]
    if shortest and longest and longest < shortest:
        read.wrong(
            "longest_minutes", _("c’est moins que la durée la plus courte"), _("choisissez une durée plus longue")
        )
    return read


def read_opening(raw: Mapping[str, str], weekdays: Iterable[str]) -> Read:
    """The days of the week, the hours, and the season if any; hours that end before they start end the next day.

    >>> read_opening({"opens": "20:00", "closes": "2 h"}, ["5"]).values["closes_minute"]
    1560
    """
    read = Read()
    days = sorted({int(one) for one in weekdays if one in {"0", "1", "2", "3", "4", "5", "6"}})
    if not days:
        read.wrong("weekdays", _("il manque le jour"), _("cochez-en au moins un"))
    opens, closes = (_clock(read, name, raw) for name in ("opens", "closes"))
    if opens is not None and closes is not None and closes <= opens:
        closes += DAY_MINUTES
    first, last = (_day(read, name, raw) for name in ("first_day", "last_day"))
    if first and last and last < first:
        read.wrong("last_day", _("ce jour est avant le premier"), _("écrivez un jour qui vient après, ou rien"))
    read.values |= {"weekdays": days, "opens_minute": opens, "closes_minute": closes}
    read.values |= {"first_day": first, "last_day": last}
    return read


def read_closure(raw: Mapping[str, str]) -> Read:
    """The first and the last day of a closure, both closed, and why; hours where only a part of them is."""
    read = Read()
    first, last = (_day(read, name, raw) for name in ("first_day", "last_day"))
    if first is None and "first_day" not in read.wrongs:
        read.wrong("first_day", _("il manque le premier jour"), _("choisissez-le"))
    opens = _clock(read, "opens", raw) if raw.get("opens") else 0
    closes = _clock(read, "closes", raw) if raw.get("closes") else DAY_MINUTES
    last = last or first
    before = first and last and last < first
    if before or (first == last and opens is not None and closes is not None and closes <= opens):
        read.wrong("last_day", _("la fin vient avant le début"), _("choisissez une fin qui vient après"))
    _line(read, "reason", raw, LONGEST_REASON)
    read.values |= {"first_day": first, "last_day": last, "opens_minute": opens, "closes_minute": closes}
    return read


def read_feed_entry(raw: Mapping[str, str]) -> Read:
    """The name and the address of a calendar to follow; `webcal://` is how some services write https.

    >>> read_feed_entry({"address": " webcal://mairie.example/salle.ics "}).values["address"]
    'https://mairie.example/salle.ics'
    """
    read = Read()
    _line(read, "name", raw, LONGEST_NAME)
    address = raw.get("address", "").strip()[: LONGEST_ADDRESS + 1]
    scheme, colon, rest = address.partition(":")
    address = f"https:{rest}" if colon and scheme.lower() in ("webcal", "webcals") else address
    if not address:
        read.wrong("address", _("il manque l’adresse"), _("collez celle que le service donne pour s’abonner"))
    elif len(address) > LONGEST_ADDRESS:
        read.wrong("address", _("dépasse %(n)d caractères", n=LONGEST_ADDRESS), _("demandez une adresse plus courte"))
    elif any(sign.isspace() or not sign.isprintable() for sign in address):
        read.wrong("address", _("il y a un espace dans cette adresse"), _("copiez-la de nouveau, entière"))
    read.values["address"] = address
    return read


def read_settings(raw: Mapping[str, str]) -> Read:
    """How a place takes bookings: its clock, where its days part, which holidays it keeps, online or not."""
    read = Read()
    zone = one_line(raw.get("zone", "")[:80])
    try:
        zone_named(zone)
    except UnknownZone:
        read.wrong("zone", _("ce fuseau horaire n’existe pas"), _("écrivez par exemple Europe/Paris ou Indian/Reunion"))
    noon = _clock(read, "half_day", raw)
    if noon == 0 or noon == DAY_MINUTES:
        read.wrong("half_day", _("minuit ne partage pas la journée"), _("choisissez une heure du milieu du jour"))
    school = raw.get("school_zone", "")
    if school and school not in SCHOOL_ZONES:
        read.wrong("school_zone", _("cette zone n’existe pas"), _("choisissez A, B, C, ou aucune"))
    read.values |= {"zone": zone, "half_day_minute": noon, "school_zone": school}
    read.values |= {name: bool(raw.get(name)) for name in ("closes_on_holidays", "is_online")}
    return read


def read_minute(text: str) -> int | None:
    """A time of day in minutes after midnight, as people or a browser write it; None for anything else.

    >>> read_minute("13:30"), read_minute("9 h"), read_minute("24:00"), read_minute("25:00"), read_minute("midi")
    (810, 540, 1440, None, None)
    """
    found = _CLOCK.fullmatch(one_line(text[:20]))
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= DAY_MINUTES else None


def read_number(read: Read, name: str, raw: Mapping[str, str], usual: int | None, least: int, most: int) -> int | None:
    """A whole number; nothing written is the usual one."""
    given = one_line(raw.get(name, "")[:20])
    if not given:
        return usual
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1
    if not least <= number <= most:
        mend = _("écrivez un nombre de %(least)d à %(most)d", least=least, most=most)
        read.wrong(name, _("ce nombre ne va pas"), mend)
        return None
    return number


def _clock(read: Read, name: str, raw: Mapping[str, str]) -> int | None:
    minute = read_minute(raw.get(name, ""))
    if minute is None:
        read.wrong(name, _("cette heure est illisible"), _("écrivez-la comme 9:00 ou 13:30"))
    return minute


def _day(read: Read, name: str, raw: Mapping[str, str]) -> date | None:
    given = one_line(raw.get(name, "")[:40])
    day = read_day(given)
    if given and day is None:
        read.wrong(name, _("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    return day


def _line(read: Read, name: str, raw: Mapping[str, str], most: int) -> None:
    line = one_line(raw.get(name, "")[: 4 * most])
    if len(line) > most:
        read.wrong(name, _("dépasse %(n)d caractères", n=most), _("raccourcissez"))
    else:
        read.values[name] = line


def read_when(raw: Mapping[str, str], weekdays: Iterable[str]) -> Read:
    """The day and hours of a booking; with days of the week or a last day, the pattern of a series.

    `weekdays` empty: the one of the first day. An end before the start is the next day, one at the start is
    refused.
    """
    read = Read()
    day = _day(read, "day", raw)
    if day is None and "day" not in read.wrongs:
        read.wrong("day", _("il manque le jour"), _("choisissez-le"))
    if day and not FIRST_YEAR < day.year < LAST_YEAR:
        read.wrong("day", _("cette année sort du calendrier"), _("choisissez un jour plus proche"))
    starts, ends = (_clock(read, name, raw) for name in ("starts", "ends"))
    if starts is not None and starts == ends:
        read.wrong("ends", _("la réservation ne dure rien"), _("choisissez une fin qui vient après le début"))
    if starts is not None and ends is not None and ends < starts:
        ends += DAY_MINUTES
    until = _day(read, "until", raw)
    days = sorted({int(one) for one in weekdays if one in {"0", "1", "2", "3", "4", "5", "6"}})
    if days and until is None and "until" not in read.wrongs:
        read.wrong("until", _("il manque le dernier jour de la série"), _("choisissez-le, ou décochez les jours"))
    read.values |= {"day": day, "start_minute": starts, "end_minute": ends, "until": until, "weekdays": days}
    read.values["every_weeks"] = read_number(read, "every_weeks", raw, 1, 1, 52)
    read.values["units"] = read_number(read, "units", raw, 1, 1, MOST_UNITS)
    _line(read, "purpose", raw, 200)
    return read
