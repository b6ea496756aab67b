"""How the figures of a diagnosis are said: minutes, shares, ranges; unknown is said, never zero."""

import re
from math import isfinite

from django.utils.translation import gettext as _

from maillage.diagnosis.rules.facts import Range
from maillage.places.views.wording import figure, partial_date

UNKNOWN = "–"


def minutes_in_words(minutes: float | None) -> str:
    """Minutes as told: « 12 min », « plus d’une heure », « temps inconnu »."""
    if minutes is None or minutes != minutes:
        return _("temps inconnu")
    if not isfinite(minutes) or minutes > 60:
        return _("plus d’une heure")
    return _("%(n)s\u202fmin") % {"n": figure(minutes)}


def percent(share: float | None) -> str:
    """A share as told: « 34 % »; « moins de 1 % » rather than a zero that is none."""
    if share is None or not isfinite(share):
        return _("inconnu")
    if 0 < share < 0.005:
        return _("moins de 1\u202f%%") % {}
    return _("%(n)s\u202f%%") % {"n": figure(share * 100)}


def people(count: int | float | None) -> str:
    """A number of people, rounded as no one counts it finer; « inconnu » where nobody knows."""
    return _("inconnu") if count is None or not isfinite(count) else figure(count)


def few(number: float) -> str:
    """A small quantity: one decimal under ten."""
    return figure(number, 1 if number < 9.95 and round(number, 1) % 1 else 0)


def between(found: Range) -> str:
    """A range as told: « de 2 à 6 »; the bounds once where they round alike."""
    low, high = few(found.p10), few(found.p90)
    return low if low == high else _("de %(low)s à %(high)s") % {"low": low, "high": high}


def percent_between(found: Range) -> str:
    """A range of shares as told: « 20 à 35 % »."""
    low, high = percent(found.p10), percent(found.p90)
    if low == high:
        return low
    return _("%(low)s à %(high)s\u202f%%") % {"low": figure(found.p10 * 100), "high": figure(found.p90 * 100)}


def euros(cents: int | float | None) -> str:
    """An amount of a year, to the euro: « 12 000 € »."""
    return _("inconnu") if cents is None else _("%(n)s\u202f€") % {"n": figure(cents / 100)}


def euros_between(found: Range) -> str:
    """A range of amounts, to the hundred euros."""
    low, high = (round(value / 10_000) * 100 for value in (found.p10, found.p90))
    if low == high:
        return _("%(n)s\u202f€") % {"n": figure(low)}
    return _("%(low)s à %(high)s\u202f€") % {"low": figure(low), "high": figure(high)}


def rate(value: float | None) -> str:
    """A number for 1,000 inhabitants."""
    return _("inconnu") if value is None else figure(value, 1 if value < 9.95 else 0)


def vintage(told: str) -> str:
    """How old a figure is: a date in words, or whatever its source says.

    >>> vintage("2018, fusionnés aux codes de 2026")
    '2018, fusionnés aux codes de 2026'
    """
    return partial_date(told) if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){1,2}", told) else told
