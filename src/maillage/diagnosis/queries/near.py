"""The places in a territory or within reach of it, and what the registry is worth there."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from maillage.diagnosis.queries.area import Area
from maillage.diagnosis.queries.journeys import Rows, journeys
from maillage.diagnosis.rules import trust
from maillage.diagnosis.rules.conclusion import Neighbour
from maillage.diagnosis.rules.facts import NearPlace, Trust

FEWEST_SHOWN = 3
FEWEST_FOR_A_RATE = 10
"""A registry that holds fewer places than this tells nothing of how many to expect."""
MOST_TO_CONFIRM = 10


def minutes_to(area: Area) -> NDArray[np.float64]:
    """Minutes from the nearest inhabited commune of the territory to each tiers-lieu; infinite past an hour."""
    inhabited = area.sites[~(area.where.population[area.sites] == 0)]
    trips = journeys().to_places[inhabited]
    found = np.full(trips.shape[1], np.inf)
    np.minimum.at(found, trips.indices, trips.data)
    return found


def near_places(area: Area, minutes: NDArray[np.float64]) -> tuple[NearPlace, ...]:
    """The places inside, whatever their state, and the others within reach (at least three, within the hour)."""
    inside = np.isin(area.places.commune, area.where.code[area.rows])
    shown = inside | (minutes <= area.within_min)
    others = np.flatnonzero(~shown & np.isfinite(minutes))
    missing = FEWEST_SHOWN - int((shown & area.places.serves).sum())
    if missing > 0:
        serving = others[area.places.serves[others]]
        shown[serving[np.argsort(minutes[serving], kind="stable")[:missing]]] = True
    rows = np.flatnonzero(shown & np.isfinite(area.places.lat))
    order = rows[np.lexsort((area.places.slug[rows].astype(str), minutes[rows]))]
    return tuple(_near(area, int(row), float(minutes[row]), bool(inside[row])) for row in order)


def _near(area: Area, row: int, minutes: float, inside: bool) -> NearPlace:
    places = area.places
    return NearPlace(
        slug=places.slug[row],
        name=places.name[row],
        commune=str(places.commune[row]),
        commune_name=places.commune_name[row],
        status=places.status[row],
        lat=float(places.lat[row]),
        lon=float(places.lon[row]),
        minutes=minutes,
        inside=inside,
        checked_on=places.checked_on[row],
        confirmed=bool(places.confirmed[row]),
        is_demo=bool(places.is_demo[row]),
        source=places.told[row]["source"],
    )


def minutes_from(area: Area, code: str) -> NDArray[np.float64]:
    """Minutes from one commune to each tiers-lieu; infinite past an hour."""
    trips = journeys().to_places[area.where.rows([code])]
    found = np.full(trips.shape[1], np.inf)
    found[trips.indices] = trips.data
    return found


def trust_of(area: Area, minutes: NDArray[np.float64], within: Rows, closed: Rows, *, today: date) -> Trust:
    """What the registry is worth where `minutes` are counted from, with the communes `within` the threshold of there.

    Places that are closed for a try count no longer.
    """
    serving = area.places.serves.copy()
    serving[closed] = False
    reached, around = serving & (minutes <= area.within_min), serving & np.isfinite(minutes)
    recent = np.array([trust.is_recent(told, today) for told in area.places.checked_on], bool)
    found, checked = int(reached.sum()), int((reached & recent).sum())
    expected = _expected(area, within)
    chance = trust.chance_of_so_few(found, expected)
    fictional = bool((around & area.places.is_demo).any())
    dates = [told for told in area.places.checked_on[reached if found else around] if told]
    return Trust(
        evidence=trust.evidence(
            found=found,
            checked=checked,
            around=int(around.sum()),
            around_checked=int((around & recent).sum()),
            chance=chance,
            fictional=fictional,
        ),
        found=found,
        expected=expected,
        chance=chance,
        checked=checked,
        around=int(around.sum()),
        around_checked=int((around & recent).sum()),
        last_checked=max(dates, default=""),
        to_confirm=_to_confirm(area, around & ~recent, minutes),
    )


def _to_confirm(area: Area, unchecked: NDArray[np.bool_], minutes: NDArray[np.float64]) -> tuple[str, ...]:
    rows = np.flatnonzero(unchecked)
    order = rows[np.argsort(minutes[rows], kind="stable")][:MOST_TO_CONFIRM]
    return tuple(area.places.slug[order].tolist())


def _expected(area: Area, within: Rows) -> float | None:
    """The places that as many people have in communes as dense as these: Σ inhabitants within reach × national rate."""
    if int(area.places.serves.sum()) < FEWEST_FOR_A_RATE:
        return None
    density = area.where.density.astype(np.intp)
    people = np.nan_to_num(area.where.population)
    at = area.where.rows(area.places.commune[area.places.serves])
    counts = np.bincount(density[at[at >= 0]], minlength=8)
    inhabitants = np.bincount(density, weights=people, minlength=8)
    rates = np.divide(counts, inhabitants, out=np.zeros(8), where=inhabitants > 0)
    return float((people[within] * rates[density[within]]).sum())


def neighbour_of(area: Area, centre: str, closed: Rows, *, today: date) -> tuple[Neighbour | None, int]:
    """The open place nearest to a commune within the threshold, and how many there are."""
    minutes = minutes_from(area, centre)
    serving = area.places.serves & (minutes <= area.within_min)
    serving[closed] = False
    sites = np.flatnonzero(serving)
    if not len(sites):
        return None, 0
    best = int(sites[np.argmin(minutes[sites])])
    told = Neighbour(
        slug=area.places.slug[best],
        name=area.places.name[best],
        commune=area.places.commune_name[best],
        minutes=float(minutes[best]),
        checked=trust.is_recent(area.places.checked_on[best], today),
    )
    return told, len(sites)
