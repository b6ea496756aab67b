"""What a funder may read: counts that point at nobody, and the one figure that matters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEAST_SHOWN = 11
"""A count of persons below this is not told: who is alone in a commune would be known."""
LEAST_PLACES = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, or nothing where it would point at somebody."""

    label: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Regulars:
    """How many of those known again came back on their own money; None where nobody can be known again."""

    known: int
    regular: int | None
    cents_each: int | None


def suppressed(counts: Mapping[str, int], *, least: int = LEAST_SHOWN) -> list[Cell]:
    """Counts with the small ones hidden; one hidden alone hides the next, or a difference would tell it.

    >>> [cell.count for cell in suppressed({"39093": 40, "39300": 3, "39500": 12})]
    [40, None, None]
    >>> [cell.count for cell in suppressed({"39093": 40, "39300": 12})]
    [40, 12]
    """
    told = sorted(((name, count) for name, count in counts.items() if count), key=lambda one: (-one[1], one[0]))
    hidden = {name for name, count in told if count < least}
    if len(hidden) == 1 and len(told) > 1:
        hidden.add(next(name for name, _count in reversed(told) if name not in hidden))
    ordered = sorted(told, key=lambda one: (one[0] in hidden, -one[1], one[0]))
    return [Cell(name, None if name in hidden else count) for name, count in ordered]


def places_shown(counts: Mapping[str, int]) -> list[Cell]:
    """Half-days by place; with too few places, none: whoever knows their own would know the other's from the total.

    >>> [cell.count for cell in places_shown({"La Maille": 40, "La Consigne": 12})]
    [None, None]
    >>> [cell.count for cell in places_shown({"La Maille": 40, "La Consigne": 12, "La Poche": 9})]
    [40, 12, 9]
    """
    few = are_few(counts)
    return [Cell(one.label, None if few else one.count) for one in suppressed(counts, least=LEAST_PLACES)]


def are_few(counts: Mapping[str, int]) -> bool:
    """Whether a sum over places would tell what one of them did.

    >>> are_few({"La Maille": 40}), are_few({}), are_few({"a": 1, "b": 1, "c": 0, "d": 1})
    (True, False, False)
    """
    return 0 < sum(1 for count in counts.values() if count) < LEAST_PLACES


def is_deducible(cells: Iterable[Cell]) -> bool:
    """Whether the total would tell the only cell that is hidden.

    >>> is_deducible(suppressed({"39093": 3})), is_deducible(suppressed({"39093": 3, "39300": 40}))
    (True, False)
    """
    return sum(1 for cell in cells if cell.count is None) == 1


def total_shown(count: int, *, least: int = LEAST_SHOWN) -> int | None:
    """A total of persons, unless it is small."""
    return count if count >= least or not count else None


def regulars(*, spent_cents: int, known: int, regular: int) -> Regulars:
    """The cost of one person who now comes on their own money; unknown where no pass can be followed, or none stayed.

    >>> regulars(spent_cents=216000, known=40, regular=8).cents_each
    27000
    >>> regulars(spent_cents=900, known=0, regular=0)
    Regulars(known=0, regular=None, cents_each=None)
    """
    if not known:
        return Regulars(0, None, None)
    return Regulars(known, regular, -(-spent_cents // regular) if regular else None)


def shares(names: Iterable[str]) -> dict[str, int]:
    """How many of each, empty names left out."""
    counts: dict[str, int] = {}
    for name in names:
        if name:
            counts[name] = counts.get(name, 0) + 1
    return counts
