"""Which places of the registry are tiers-lieux, and which of them serve."""

from collections.abc import Collection

MEDIATION = "mediation-numerique"
FRANCE_SERVICES = "france-services"
LABELS = frozenset({"fabrique-de-territoire", "manufacture-de-proximite", "fabrique-numerique"})
CENSUSES = ("cget-20", "recensement-20")
"""How the names of sources begin that list tiers-lieux and nothing else."""
SERVES = "open"


def is_tiers_lieu(activities: Collection[str], labels: Collection[str], services: Collection[str] = ()) -> bool:
    """Decide whether what is said of a place makes it a tiers-lieu: all but what says only help with digital life.

    A label of tiers-lieu settles it. A place of which no activity is told is one too, unless it is told as a France
    services counter. Published in `docs/algorithms/diagnosis.md`.

    >>> is_tiers_lieu(["coworking", "mediation-numerique"], []), is_tiers_lieu(["mediation-numerique"], [])
    (True, False)
    >>> is_tiers_lieu([], []), is_tiers_lieu([], ["france-services"]), is_tiers_lieu([], ["fabrique-de-territoire"])
    (True, False, True)
    """
    if LABELS.intersection(labels):
        return True
    if set(activities) - {MEDIATION}:
        return True
    return not activities and FRANCE_SERVICES not in labels and FRANCE_SERVICES not in services


def lists_it(source: str, activities: Collection[str], labels: Collection[str], said: object = None) -> bool:
    """Tell whether one source lists a place as a tiers-lieu, whatever a newer one says of the same place.

    A census of tiers-lieux does; so does a row that says so (`is_tiers_lieu` of the merged file), or a real activity.

    >>> lists_it("cget-2019", [], []), lists_it("hinaura", [], [], "1"), lists_it("hub-lo", ["coworking"], [])
    (True, True, True)
    >>> lists_it("fs-2022", [], ["france-services"], "0"), lists_it("hinaura", ["mediation-numerique"], [], "0")
    (False, False)
    """
    named = source.startswith(CENSUSES) or str(said) == "1"
    return named or bool(LABELS.intersection(labels)) or bool(set(activities) - {MEDIATION})


def serves(status: str) -> bool:
    """Tell whether a place of this state serves people today: projects, dormant and closed places do not.

    >>> [serves(status) for status in ("open", "project", "dormant", "closed")]
    [True, False, False, False]
    """
    return status == SERVES
