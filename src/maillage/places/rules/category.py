"""The category shown for a place, derived from its activities (E6: nobody is asked to choose one)."""

from collections.abc import Collection

UNKNOWN = "inconnu"
HYBRID = "hybride"


def category(activities: Collection[str]) -> str:
    """Derive the shown category: the only activity, `hybride` for several, `inconnu` for none.

    Published in `docs/algorithms/category.md`.

    >>> category(["fablab"]), category(["cafe", "coworking"]), category([])
    ('fablab', 'hybride', 'inconnu')
    """
    distinct = set(activities)
    if not distinct:
        return UNKNOWN
    return distinct.pop() if len(distinct) == 1 else HYBRID
