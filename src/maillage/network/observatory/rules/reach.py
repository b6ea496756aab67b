"""How many people live within reach of a place: the arithmetic over columns of communes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reach:
    """`people` of the communes whose inhabitants are known; `located` those whose commune has a centre too.

    `within`: those of the located who are within reach; `communes`: where the located live; `missing`: communes without
    known inhabitants or centre. `classes`: dimension → code → (within, located), which add up to the whole; the code
    of what is not known is empty, and a class where nobody lives is left out.
    """

    people: int = 0
    located: int = 0
    within: int = 0
    communes: int = 0
    missing: int = 0
    classes: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)


def reached(
    population: NDArray[np.float64], centred: Flags, near: Flags, codes: Mapping[str, NDArray[np.str_]]
) -> Reach:
    """Add up communes, one a row: inhabitants (NaN unknown), whether it has a centre, whether a place is near.

    `codes`: for each dimension the class of every commune, empty where it is not known.

    >>> told = reached(
    ...     np.array([300.0, 100.0, np.nan]), np.array([True] * 3), np.array([True, False, True]),
    ...     {"density": np.array(["6", "7", "7"])},
    ... )
    >>> told.within, told.located, told.missing, told.classes["density"]
    (300, 400, 1, {'6': (300, 300), '7': (0, 100)})
    """
    known = np.isfinite(population)
    kept = known & centred
    people = np.where(kept, population, 0).astype(np.int64)
    inside = np.where(near, people, 0)
    classes = {}
    for name, values in codes.items():
        found, of = np.unique(values, return_inverse=True)
        sums = [np.bincount(of, weights=column, minlength=len(found)).tolist() for column in (inside, people)]
        pairs = zip(found.tolist(), *sums, strict=True)
        classes[name] = {str(code): (int(near_by), int(all_)) for code, near_by, all_ in pairs if all_}
    return Reach(
        people=int(population[known].sum()),
        located=int(people.sum()),
        within=int(inside.sum()),
        communes=int(kept.sum()),
        missing=int((~kept).sum()),
        classes=classes,
    )
