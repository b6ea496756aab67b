"""Counters: each answers with its definition, its date and what is missing, or says why it cannot."""

from maillage.network.observatory.queries.counting import (
    Refused,
    UnknownDefinition,
    UnknownTerritory,
    all_counts,
    answered,
    count,
)
from maillage.network.observatory.queries.history import Point, history
from maillage.network.observatory.queries.inhabitants import choices, region_names

__all__ = [
    "Point",
    "Refused",
    "UnknownDefinition",
    "UnknownTerritory",
    "all_counts",
    "answered",
    "choices",
    "count",
    "history",
    "region_names",
]
