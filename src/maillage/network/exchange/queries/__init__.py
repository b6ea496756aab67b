"""What leaves the registry, and what imports have left behind."""

from maillage.network.exchange.queries.leaving import (
    exported,
    exported_one,
    kept_rows,
    known_places,
    known_sources,
    licences,
    seen_before,
)
from maillage.network.exchange.queries.runs import differences, later_import, where_they_stood
from maillage.network.exchange.queries.sharing import dumps, sharing

__all__ = [
    "differences",
    "dumps",
    "exported",
    "exported_one",
    "kept_rows",
    "known_places",
    "known_sources",
    "later_import",
    "licences",
    "seen_before",
    "sharing",
    "where_they_stood",
]
