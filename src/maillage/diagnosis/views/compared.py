"""Where to begin, what there is around, and what became of territories like this one: rows in words."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.diagnosis import labels
from maillage.diagnosis.rules.facts import Diagnosis
from maillage.diagnosis.views import maps, words
from maillage.places.views.wording import figure, partial_date

MOST_PRIORITIES = 10


def priorities(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The communes where a place is needed first."""
    ranked = sorted(
        (town for town in diagnosis.towns if town.priority), key=lambda town: (-(town.priority or 0), town.code)
    )
    return [
        {
            "name": town.name,
            "url": reverse("diagnosis", args=[f"commune-{town.code}"]),
            "score": figure((town.priority or 0) * 100),
            "width": round((town.priority or 0) * 100, 1),
            "minutes": words.minutes_in_words(town.minutes),
            "employed": words.people(town.employed),
            "vulnerability": words.percent(town.vulnerability),
        }
        for town in ranked[:MOST_PRIORITIES]
    ]


def priority_key() -> list[str]:
    """The classes of the map of priorities, in words."""
    low, middle, high = (figure(100 * bound) for bound in maps.PRIORITIES)
    return [
        _("personne trop loin"),
        _("jusqu’à %(n)s") % {"n": low},
        _("%(a)s à %(b)s") % {"a": low, "b": middle},
        _("%(a)s à %(b)s") % {"a": middle, "b": high},
        _("plus de %(n)s") % {"n": high},
    ]


def themes(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """Equipment by theme, beside the mean of territories like this one."""
    rates = [rate for row in diagnosis.surroundings for rate in (row.per_1000, row.peers_per_1000) if rate]
    most = max(rates, default=1.0)
    return [
        {
            "title": labels.theme(row.slug),
            "count": figure(row.count),
            "communes": figure(row.communes),
            "rate": words.rate(row.per_1000),
            "peers": words.rate(row.peers_per_1000),
            "width": _width(row.per_1000, most),
            "mark": _width(row.peers_per_1000, most),
        }
        for row in diagnosis.surroundings
    ]


def _width(rate: float | None, most: float) -> float | None:
    return None if rate is None else round(100 * rate / most, 1)


def peers(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The territories most like this one."""
    return [
        {
            "name": peer.name,
            "url": reverse("diagnosis", args=[peer.reference]),
            "population": words.people(peer.population),
            "open": figure(peer.places_open),
            "closed": figure(peer.places_closed),
            "share": words.percent(peer.share_within),
        }
        for peer in diagnosis.peers
    ]


def cases(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """Places of territories like this one, open and closed: what became of them."""
    return [
        {
            "name": case.name,
            "url": reverse("place", args=[case.slug]),
            "where": case.commune_name,
            "population": words.people(case.population),
            "status": case.status,
            "status_words": labels.status(case.status),
            "opened": partial_date(case.opened_on) if case.opened_on else "",
            "closed": partial_date(case.closed_on) if case.closed_on else "",
            "cause": labels.cause(case.closed_cause),
            "desks": figure(case.desks) if case.desks is not None else "",
            "prices": case.prices,
            "source": case.source,
        }
        for case in diagnosis.cases
    ]
