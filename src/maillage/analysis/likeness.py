"""Territories like this one: as many people, as dense, as far from a city."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_CITY_MIN = 120.0
"""Two hours from a city or more, or none in reach, is all the same."""
TRAITS = 3

Numbers = NDArray[np.float64]


class LikenessError(ValueError):
    """Traits that cannot be compared, or a question about a territory that is not there."""


@dataclass(frozen=True, slots=True)
class Scales:
    """How much of each trait makes a distance of 1: times as many people, density levels, minutes to a city."""

    times_population: float = 2.0
    density_levels: float = 1.0
    city_min: float = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """One value per territory, NaN where unknown.

    `population`: inhabitants; `density`: INSEE level 1 to 7, or a mean of levels; `city_min`: minutes to the nearest
    city of 50,000 inhabitants, `inf` when none is in reach.
    """

    population: Numbers
    density: Numbers
    city_min: Numbers

    def __post_init__(self) -> None:
        shapes = {np.shape(getattr(self, name)) for name in Traits.__slots__}
        if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
            raise LikenessError("population, density and city_min must be columns of one length, a value per territory")
        for name, least, most in (("population", 0, np.inf), ("density", 1, 7), ("city_min", 0, np.inf)):
            values = np.asarray(getattr(self, name), float)
            wrong = np.flatnonzero((values < least) | (values > most) | (np.isinf(values) & (name == "population")))
            if len(wrong):
                raise LikenessError(
                    f"{name} holds {values[wrong[0]]:g} at position {wrong[0]}; it goes from {least} to "
                    f"{'7' if most == 7 else 'any number'}, NaN where unknown"
                )

    def __len__(self) -> int:
        return len(self.population)


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """The most alike first: `rows` of the traits, and how far each is from the territory asked for."""

    rows: NDArray[np.intp]
    distance: Numbers


def distances(traits: Traits, own: int, *, scales: Scales | None = None) -> Numbers:
    """Compute how far every territory is from being like one of them, its row `own`.

    d = √(mean of squared gaps), over the traits known for both: log₂(population ratio), density levels, minutes to a
    city ÷ 20, each divided by its scale; minutes are cut at two hours. 1 is twice the people, a level of density and
    twenty minutes more, together. NaN where the two have no known trait in common; 0 for the territory itself. Mean
    over what is known as in Gower's coefficient (J. C. Gower, Biometrics 27, 1971).

    >>> traits = Traits(np.array([2000, 4000, np.nan]), np.array([6, 6, 6]), np.array([30, 30, 50]))
    >>> distances(traits, 0).round(2).tolist()
    [0.0, 0.58, 0.71]
    """
    if not -len(traits) <= own < len(traits):
        raise LikenessError(f"there is no row {own} among {len(traits)} territories")
    told = Scales() if scales is None else scales
    if not (told.times_population > 1 and told.density_levels > 0 and told.city_min > 0):
        raise LikenessError("a scale must be above 0, and times_population above 1")
    signs = np.vstack(
        [
            np.log2(np.maximum(traits.population, 1)) / np.log2(told.times_population),
            np.asarray(traits.density, float) / told.density_levels,
            np.minimum(traits.city_min, MOST_CITY_MIN) / told.city_min,
        ]
    )
    gaps = (signs - signs[:, [own]]) ** 2
    known = ~np.isnan(gaps)
    count = known.sum(axis=0)
    total = np.where(known, gaps, 0.0).sum(axis=0)
    return np.sqrt(np.divide(total, count, out=np.full(len(traits), np.nan), where=count > 0))


def most_alike(
    traits: Traits, own: int, k: int, *, among: ArrayLike | None = None, scales: Scales | None = None
) -> Alike:
    """Find the k territories most like one of them, itself left out; fewer when fewer can be compared.

    `among`: which territories may be named, a flag per territory. Of equals, those known by more traits come first,
    then the first rows, so that the answer never changes.

    >>> traits = Traits(np.array([2000, 90000, 2100, 1500]), np.array([6, 2, 6, 7]), np.array([30, 5, 34, 40]))
    >>> most_alike(traits, 0, 2).rows.tolist()
    [2, 3]
    """
    if k < 1:
        raise LikenessError(f"k is {k}; ask for 1 territory at least")
    far = distances(traits, own, scales=scales)
    allowed = np.ones(len(traits), bool) if among is None else np.asarray(among)
    if allowed.dtype != bool or allowed.shape != (len(traits),):
        raise LikenessError(f"among must be a flag (true or false) for each of the {len(traits)} territories")
    allowed = allowed & ~np.isnan(far)
    allowed[own] = False
    told = np.vstack([traits.population, traits.density, traits.city_min])
    known = TRAITS - np.isnan(told).sum(axis=0)
    order = np.lexsort((np.arange(len(traits)), -known, far))
    rows = order[allowed[order]][:k]
    return Alike(rows, far[rows])
