"""Reads of the ground: which one stands, what a code or a reference means, what a person searches."""

from maillage.territory.queries.codes import code_resolver, commune_by_name_and_postal_code, resolve_code
from maillage.territory.queries.find import Territory, find
from maillage.territory.queries.ground import Description, current_ground, describe_ground, ground_version
from maillage.territory.queries.propose import propose
from maillage.territory.queries.search import search
from maillage.territory.rules.index import Hit

__all__ = [
    "Description",
    "Hit",
    "Territory",
    "code_resolver",
    "commune_by_name_and_postal_code",
    "current_ground",
    "describe_ground",
    "find",
    "ground_version",
    "propose",
    "resolve_code",
    "search",
]
