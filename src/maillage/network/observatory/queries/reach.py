"""Who lives within some minutes of a place, commune by commune; a place outside the territory serves it too."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.travel import crow_fly_by_zone
from maillage.diagnosis.queries.journeys import place_points, points
from maillage.diagnosis.queries.supply import supply
from maillage.network.observatory.queries.cells import slugs
from maillage.network.observatory.rules.definitions import Definition
from maillage.network.observatory.rules.filters import Filter
from maillage.network.observatory.rules.reach import Reach, reached
from maillage.places.queries import registry_version
from maillage.places.queries.points import epoch
from maillage.territory.queries import Territory
from maillage.territory.queries.arrays import Columns, columns
from maillage.territory.queries.ground import ground_edition
from maillage.territory.queries.zonings import members

FLAGS = np.array(["no", "yes", ""])
"""The codes of the flags of `Columns`: 0, 1, and -1 for unknown, which reads the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Which communes of the ground have a place near, among how many places, and how many of these have no point."""

    communes: NDArray[np.bool_]
    places: int
    unplaced: int


def near(definition: Definition, *, today: date) -> Near:
    """The communes within reach as of today: computed anew when the registry or the ground changes."""
    state = (epoch(), registry_version(), ground_edition())
    return _near(state, definition.where, definition.minutes, today)


@lru_cache(maxsize=4)
def _near(state: tuple[str, int, tuple[int, str] | None], which: Filter, minutes: int, today: date) -> Near:
    where, places, wanted = columns(), supply(), slugs(which, today=today)
    asked = np.array([slug in wanted for slug in places.slug], bool)
    located = np.flatnonzero(asked & np.isfinite(places.lat))
    rows = np.flatnonzero(np.isfinite(where.lat))
    # Crow-fly even where this site has roads: the counter means the same on every site, and one extract is not France.
    trips = crow_fly_by_zone().minutes(points(where, rows), place_points(where, places, located), minutes)
    found = np.zeros(len(where), bool)
    found[rows] = np.diff(trips.indptr) > 0
    return Near(found, int(asked.sum()), int(asked.sum()) - len(located))


def of(definition: Definition, there: Territory | None, *, today: date) -> Reach | None:
    """The inhabitants within reach, of France or of a territory; None without a ground."""
    where = columns()
    if not len(where):
        return None
    among = members(there, where) if there else np.ones(len(where), bool)
    codes = {name: _codes(name, where)[among] for name in definition.by}
    found = near(definition, today=today).communes
    return reached(where.population[among], np.isfinite(where.lat[among]), found[among], codes)


def _codes(name: str, where: Columns) -> NDArray[np.str_]:
    """The class of each commune in a dimension, empty where it is not known."""
    match name:
        case "density":
            return np.where(where.density > 0, where.density.astype(str), "")
        case "metropole":
            return FLAGS[where.in_metropole]
        case _:
            return where.region


def sources() -> list[str]:
    """The travel model that the minutes come from, and its date."""
    model = crow_fly_by_zone()
    return [f"temps de trajet : {model.name}, {model.dated}"]
