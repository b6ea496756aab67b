"""The equipment around the inhabitants of a territory, beside territories like it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maillage.diagnosis.queries.area import Area
from maillage.diagnosis.queries.peers import MOST_PEERS, likes
from maillage.diagnosis.rules.facts import Theme
from maillage.diagnosis.rules.surroundings import by_theme, themes
from maillage.territory.queries.arrays import Columns


@lru_cache(maxsize=2)
def _table(where: Columns) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    return by_theme(where.equipment, [kind.theme for kind in where.kinds])


def surroundings(area: Area, order: NDArray[np.intp]) -> tuple[Theme, ...]:
    """Count the equipment of a territory by theme; empty where none is known."""
    inside = np.zeros(len(area.where), bool)
    inside[area.rows] = True
    inside &= area.where.equipment_known
    if not inside.any() or not area.where.kinds:
        return ()
    names, table = _table(area.where)
    like = np.zeros(len(area.where), bool)
    if len(order):
        told = likes(area.where, area.territory.kind).zoning
        like = np.isin(told.of, order[:MOST_PEERS]) & area.where.equipment_known
    return themes(names, table, inside=inside, like=like, population=area.where.population)
