"""The communes of a territory, and how many people a place serves."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maillage.diagnosis.queries.area import Area, Nearest
from maillage.diagnosis.queries.journeys import FARTHEST_MIN
from maillage.diagnosis.rules.facts import BANDS_MIN, Reach, Town
from maillage.diagnosis.rules.priority import priority, vulnerability
from maillage.territory.queries.arrays import Columns


@lru_cache(maxsize=2)
def vulnerabilities(where: Columns) -> NDArray[np.float64]:
    """The vulnerability of every commune of the ground."""
    active = where.employed + where.unemployed
    unemployed = np.divide(where.unemployed, active, out=np.full(len(where), np.nan), where=active > 0)
    return vulnerability(income=where.income, unemployed=unemployed, vacant=where.vacancy)


def towns_of(area: Area, now: Nearest, after: Nearest, opened: NDArray[np.intp]) -> tuple[Town, ...]:
    """The communes of a territory in the order of their codes, before and after the changes that are tried."""
    where, rows = area.where, area.rows
    vulnerable = vulnerabilities(where)[rows]
    weights = priority(
        minutes=after.minutes[rows],
        employed=area.people[rows],
        vulnerability=vulnerable,
        within_min=area.within_min,
    )
    slugs, names = _served_by(area, after.site[rows], opened)
    columns = (
        *(where.code[rows].tolist(), where.name[rows].tolist()),
        *(_known(where.lat[rows]), _known(where.lon[rows]), _whole(where.population[rows])),
        *(_known(where.employed[rows]), [value or None for value in where.density[rows].tolist()]),
        *(_known(after.minutes[rows]), _known(now.minutes[rows]), slugs, names),
        *(_known(vulnerable), _known(weights)),
    )
    return tuple(Town(*row) for row in zip(*columns, strict=True))


def _served_by(area: Area, site: NDArray[np.intp], opened: NDArray[np.intp]) -> tuple[list[str], list[str]]:
    slugs, names = [], []
    for at in site.tolist():
        if at >= 0:
            slugs.append(area.places.slug[at])
            names.append(area.places.name[at])
        else:
            slugs.append("")
            names.append("" if at == -1 else str(area.where.name[opened[-2 - at]]))
    return slugs, names


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _whole(values: NDArray[np.float64]) -> list[int | None]:
    return [None if value != value else int(value) for value in values.tolist()]


def reach_of(area: Area, nearest: Nearest) -> Reach:
    """How many people of the territory a place serves, by minutes."""
    population, minutes = area.where.population[area.rows], nearest.minutes[area.rows]
    known = np.isfinite(population) & ~np.isnan(minutes)
    people, minutes = population[known].astype(np.int64), minutes[known]
    bands = {band: int(people[minutes <= band].sum()) for band in sorted({*BANDS_MIN, area.within_min})}
    return Reach(
        population=int(people.sum()),
        known=int(known.sum()),
        communes=len(area.rows),
        bands=bands,
        beyond=int(people[minutes > area.within_min].sum()),
        curve=_curve(minutes, people),
    )


def _curve(minutes: NDArray[np.float64], people: NDArray[np.int64]) -> tuple[tuple[float, int], ...]:
    """(minute, people within it), at every whole minute where that grows."""
    upper = np.ceil(minutes[np.isfinite(minutes)]).astype(np.intp)
    added = np.bincount(upper, weights=people[np.isfinite(minutes)], minlength=FARTHEST_MIN + 1)
    total = np.cumsum(added).astype(np.int64)
    return tuple((float(at), int(total[at])) for at in np.flatnonzero(added))
