"""Which communes make a territory, and how each kind of territory divides France, over `arrays.columns()`."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maillage.territory.models import Commune, Departement, Epci, Region
from maillage.territory.queries.arrays import Columns, columns
from maillage.territory.queries.find import FRANCE, Territory
from maillage.territory.queries.ground import ground_edition

KINDS = ("commune", "epci", "bv", "dep", "reg", FRANCE)


@dataclass(frozen=True, slots=True, eq=False)
class Zoning:
    """All the territories of one kind: codes ascending, names, and the territory of each commune (-1: in none)."""

    kind: str
    codes: NDArray[np.str_]
    names: tuple[str, ...]
    of: NDArray[np.intp]

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add a column of communes by territory, unknown ones (NaN) left out; NaN where no commune is known."""
        inside = (self.of >= 0) & ~np.isnan(values)
        size = len(self.codes)
        known = np.bincount(self.of[inside], minlength=size)
        sums = np.bincount(self.of[inside], weights=values[inside], minlength=size)
        return np.where(known > 0, sums, np.nan)


def members(where: Territory, among: Columns | None = None) -> NDArray[np.bool_]:
    """Which communes, of `columns()` or of the given ones, make a territory."""
    known = columns() if among is None else among
    if where.kind == FRANCE:
        return np.ones(len(known), bool)
    return _column(known, where.kind) == where.code


def zoning(kind: str) -> Zoning:
    """How a kind of territory divides the communes of the current ground."""
    return _zoning(ground_edition(), kind)


@lru_cache(maxsize=12)
def _zoning(edition: tuple[int, str] | None, kind: str) -> Zoning:
    known = columns()
    if kind == FRANCE:
        return Zoning(kind, np.array([""]), ("France",), np.zeros(len(known), np.intp))
    column = _column(known, kind)
    codes, of = np.unique(column, return_inverse=True)
    if len(codes) and codes[0] == "":
        codes, of = codes[1:], of - 1
    names = _names(kind, known)
    return Zoning(kind, codes, tuple(names.get(code, code) for code in codes.tolist()), of)


def _column(known: Columns, kind: str) -> NDArray[np.str_]:
    by_kind = {
        "commune": known.code,
        "epci": known.epci,
        "bv": known.bv,
        "dep": known.departement,
        "reg": known.region,
    }
    if kind not in by_kind:
        raise ValueError(f"{kind!r} is not a kind of territory; the kinds are {', '.join(KINDS)}")
    return by_kind[kind]


def _names(kind: str, known: Columns) -> dict[str, str]:
    match kind:
        case "commune":
            return dict(zip(known.code.tolist(), known.name.tolist(), strict=True))
        case "bv":
            told = Counter(Commune.objects.exclude(bv_code="").order_by().values_list("bv_code", "bv_name"))
            return {code: name for (code, name), _ in reversed(told.most_common())}
        case "epci":
            return dict(Epci.objects.values_list("code", "name"))
        case "dep":
            return dict(Departement.objects.values_list("code", "name"))
        case _:
            return dict(Region.objects.values_list("code", "name"))
