"""How the registry says numbers, moments and distances to people."""

import re
from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from maillage.places.labels import LABELS
from maillage.places.queries.alike import Alike
from maillage.places.rules.hours import OpenState
from maillage.places.rules.nearness import Nearness, about
from maillage.territory.rules.zones import zone_of

NARROW = "\u202f"
_VOWELS = frozenset("aàâäeéèêëiîïoôöuùûüyœæAÀÂÄEÉÈÊËIÎÏOÔÖUÙÛÜYŒÆ")


def figure(number: int | float, decimals: int = 0) -> str:
    """A number as the language writes it, with its thousands grouped."""
    rounded = round(number, decimals) if decimals else round(number)
    return str(formats.number_format(rounded, decimals, force_grouping=True)).replace("\xa0", NARROW)


def clock(moment: datetime) -> str:
    """A time of day: « 9 h », « 18 h 30 »."""
    if moment.minute:
        return _("%(hour)d\u202fh\u202f%(minute)02d") % {"hour": moment.hour, "minute": moment.minute}
    return _("%(hour)d\u202fh") % {"hour": moment.hour}


def of_name(name: str) -> str:
    """A name after « de »: « de Chamblay », « d’Arbois », « du Mans », « des Rousses »; bare in any other language.

    >>> of_name("Arbois"), of_name("Le Mans"), of_name("Les Rousses"), of_name("La Rochelle"), of_name("L’Étoile")
    ('d’Arbois', 'du Mans', 'des Rousses', 'de La Rochelle', 'de L’Étoile')
    """
    if not (get_language() or "fr").startswith("fr"):
        return name
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    return f"d’{name}" if name[:1] in _VOWELS else f"de {name}"


class Far(NamedTuple):
    """« environ » « 5 km » « à vol d’oiseau »; no distance where only the last can be told."""

    about: str
    distance: str
    how: str


def kilometres(distance_m: float) -> str:
    """Metres under a kilometre, rounded to 50; one decimal under ten kilometres; whole ones beyond."""
    if distance_m < 975:
        return _("%(n)s\u202fm") % {"n": figure(max(50, round(distance_m / 50) * 50))}
    km = distance_m / 1000
    return _("%(n)s\u202fkm") % {"n": figure(km, 1 if km < 9.95 else 0)}


def far(distance_m: float, told: Nearness, known: Collection[str]) -> Far:
    """How far a place is, no more exactly than its point is known."""
    if told == Nearness.SAME:
        return Far("", "", _("dans la même commune"))
    if told == Nearness.FEW:
        return Far("", "", _("à quelques kilomètres"))
    if told == Nearness.ABOUT:
        return Far(
            _("environ"), _("%(n)s\u202fkm") % {"n": figure(about(distance_m / 1000, known))}, _("à vol d’oiseau")
        )
    return Far("", kilometres(distance_m), _("à vol d’oiseau"))


def opening(state: OpenState, now: datetime) -> str:
    """Whether a place is open, and until or from when; empty when that is not known."""
    if state.open:
        if state.until is None or (state.until - now).days >= 1:
            return _("Ouvert en ce moment")
        return _("Ouvert en ce moment, jusqu’à %(time)s") % {"time": clock(state.until)}
    if state.open is None:
        return ""
    if state.opens_at is None:
        return _("Fermé en ce moment")
    return _("Fermé, ouvre %(when)s") % {"when": _when(state.opens_at, now.astimezone(state.opens_at.tzinfo))}


def _when(moment: datetime, now: datetime) -> str:
    days = (moment.date() - now.date()).days
    said = {"time": clock(moment)}
    if days == 0:
        return _("à %(time)s") % said
    if days == 1:
        return _("demain à %(time)s") % said
    said["day"] = day_in_words(moment, "l" if days < 7 else "l j F")
    return _("%(day)s à %(time)s") % said


def day_in_words(moment: date, pattern: str) -> str:
    """A date in words; French says « 1er » for the first day of a month and no other."""
    said = str(formats.date_format(moment, pattern))
    if moment.day == 1 and (get_language() or "").startswith("fr"):
        return re.sub(r"\b1 ", "1er ", said, count=1)
    return said


def moment_in_words(moment: datetime, departement_code: str | None) -> str:
    """A day and an hour on the clocks of a département: « 22 novembre 2026, 9 h 05 »."""
    there = moment.astimezone(ZoneInfo(zone_of(departement_code)))
    return f"{day_in_words(there.date(), 'j F Y')}, {clock(there)}"


def partial_date(dated: str) -> str:
    """An ISO date, perhaps cut to its month or its year: « 3 mars 2026 », « mars 2026 », « 2019 »."""
    if len(dated) < 7:
        return dated
    day = date(int(dated[:4]), int(dated[5:7]), int(dated[8:10] or 1))
    return day_in_words(day, "j F Y") if len(dated) == 10 else str(formats.date_format(day, "F Y"))


def freshness(dated: str, confirmed_at: datetime | None) -> str:
    """How old what we know is: the place's own confirmation, else the date of its newest source."""
    if confirmed_at:
        return _("Confirmé en %(when)s") % {"when": formats.date_format(timezone.localtime(confirmed_at), "F Y")}
    return _("Donnée %(of_when)s") % {"of_when": of_name(partial_date(dated[:7]))} if dated else _("Donnée non datée")


def words(kind: str) -> dict[str, str]:
    """The labels of one vocabulary in today's language, translated once per process."""
    return _words(kind, get_language() or "fr")


@lru_cache
def _words(kind: str, language: str) -> dict[str, str]:
    with override(language):
        return {code: str(said) for code, said in LABELS[kind].items()}


class Total(NamedTuple):
    number: str
    word: str


def places_total(count: int) -> Total:
    """How many places, number and noun apart: « 1 516 » « lieux », « Aucun » « lieu »."""
    if count == 0:
        return Total(_("Aucun"), ngettext("lieu", "lieux", 0))
    return Total(figure(count), ngettext("lieu", "lieux", count))


def alike_told(found: list[Alike]) -> list[dict[str, Any]]:
    """Places that a new one may already be, as a page shows them."""
    return [
        {"place": one.place, "far": kilometres(one.distance_m) if one.distance_m and one.distance_m > 500 else ""}
        for one in found
    ]
