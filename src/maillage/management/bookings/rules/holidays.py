"""Public and school holidays, as the `holidays` library knows them, and no further than it knows."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR
from maillage.places.rules.sentences import sentence as _

SUBDIVISIONS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""The parts of France that keep holidays of their own, by département or collectivity, in the library's names."""
SCHOOL_ZONES = ("A", "B", "C")
SCHOOL_KNOWN = date(2017, 9, 4), date(2028, 8, 31)
"""The school years whose dates a decree has set, from 2017-2018 to 2027-2028 (arrêté of 21 July 2026, the last that
`holidays` 0.109 follows). Past them the library goes on by rule of thumb, up to 2100: that is a guess."""

NAMES = {
    str(name): name
    for name in (
        *(_("Jour de l’an"), _("Lundi de Pâques"), _("Fête du Travail"), _("Fête de la Victoire"), _("Ascension")),
        *(_("Lundi de Pentecôte"), _("Fête nationale"), _("Assomption"), _("Toussaint"), _("Armistice"), _("Noël")),
        *(_("Vendredi saint"), _("Saint-Étienne"), _("Mi-Carême"), _("Fête de Victor Schoelcher")),
        *(_("Abolition de l’esclavage"), _("Fête de la Citoyenneté"), _("Fête de la prise de possession")),
        *(_("Arrivée de l’Évangile"), _("Matāri’i"), _("Fête de l’autonomie"), _("Fête du Territoire")),
        *(_("Saint Pierre Chanel"), _("Saints Pierre et Paul"), _("Pont de l’Ascension")),
        *(_("Vacances de Noël"), _("Vacances de la Toussaint"), _("Vacances d’hiver")),
        *(_("Vacances de printemps"), _("Vacances d’été")),
    )
}
"""What the library calls them; a name that is not here is said in French everywhere."""


class UnknownHolidays(ValueError):
    """Holidays that nobody can tell; `message` says which, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@lru_cache(maxsize=512)
def public_holidays(departement_code: str | None, year: int) -> Mapping[date, str]:
    """The public holidays of a year in a département or collectivity, each day with its name in French.

    Without a département, those of all France. Good Friday counts in the whole of Alsace-Moselle, where the law names
    the communes with a Protestant or shared church. Guadeloupe has Good Friday and Mi-Carême, and the Antilles the 21
    July, by custom: no national text makes them so, and `places.rules.holidays` leaves them out.

    >>> sorted(set(public_holidays("67", 2026)) - set(public_holidays("39", 2026)))
    [datetime.date(2026, 4, 3), datetime.date(2026, 12, 26)]
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnknownHolidays(
            _(
                "Les jours fériés de %(year)d ne sont pas connus. Choisissez une année de %(first)d à %(last)d.",
                year=year,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    from holidays.countries import France  # a third of a second, that no command should wait for

    days = France(subdiv=SUBDIVISIONS.get(departement_code or ""), years=year, language="fr")
    return MappingProxyType({day: _named(days[day]) for day in sorted(days)})


def school_holidays(zone: str, first: date, last: date) -> Mapping[date, str] | None:
    """The days without school in zone A, B or C, from a day to another, both counted; each with its name in French.

    None when a decree has not set them all: that is unknown, which is not "none". UnknownHolidays for another zone.

    >>> school_holidays("A", date(2027, 2, 1), date(2027, 2, 28))[date(2027, 2, 13)]
    'Vacances d’hiver'
    >>> school_holidays("A", date(2028, 8, 1), date(2028, 9, 1)) is None
    True
    """
    if zone not in SCHOOL_ZONES:
        raise UnknownHolidays(
            _(
                "Les vacances scolaires de la zone «\u202f%(zone)s\u202f» ne sont pas connues. "
                "Choisissez A, B ou C\u202f; en Corse et outre-mer, écrivez vous-même les jours à laisser.",
                zone=zone[:20],
            )
        )
    if first < SCHOOL_KNOWN[0] or last > SCHOOL_KNOWN[1]:
        return None
    days = _school_days(zone)
    span = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return MappingProxyType({day: days[day] for day in span if day in days})


@lru_cache(maxsize=len(SCHOOL_ZONES))
def _school_days(zone: str) -> dict[date, str]:
    from holidays.countries import France

    years = range(SCHOOL_KNOWN[0].year, SCHOOL_KNOWN[1].year + 1)
    days = France(subdiv=f"Zone {zone}", years=years, categories="school", language="fr")
    return {day: _named(days[day]) for day in days}


def _named(text: str) -> str:
    """One name, or two of a day that has two, which the library parts by a semicolon."""
    names = [NAMES.get(name, name) for name in text.replace("'", "’").split("; ")]
    return _("%(one)s et %(other)s", one=names[0], other=names[1]) if names[1:] else names[0]
