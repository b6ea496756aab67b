"""The communes of the ground as columns, for computations over all of them; kept in memory while the ground stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.territory.models import Commune, EquipmentType, FormerCode
from maillage.territory.queries.ground import ground_edition
from maillage.territory.queries.stored import Stored, stored
from maillage.territory.rules import equipment

METRO = "metro"
NO, YES, NOT_KNOWN = 0, 1, -1
"""What a flag says."""

Texts = NDArray[np.str_]
Numbers = NDArray[np.float64]
Flags = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of equipment: a column of `Columns.equipment`."""

    code: str
    label: str
    theme: str


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Every commune of today, as columns of one length in the order of codes; read-only.

    Unknown is NaN for numbers, 0 for `density`, -1 for flags (1 yes, 0 no), "" for texts. `employed` and `unemployed`
    are people who live there, `jobs` are held there by anyone; `income` is the median standard of living, € a year;
    `estimated` says that the centre is. `zone` is "metro", or the overseas département: no road joins two zones.
    `equipment[i, j]` counts kind `kinds[j]` in commune i, where `equipment_known[i]`.
    """

    code: Texts
    name: NDArray[np.object_]
    lat: Numbers
    lon: Numbers
    estimated: NDArray[np.bool_]
    population: Numbers
    surface_km2: Numbers
    density: NDArray[np.int8]
    zone: Texts
    departement: Texts
    region: Texts
    epci: Texts
    bv: Texts
    employed: Numbers
    unemployed: Numbers
    jobs: Numbers
    dwellings: Numbers
    vacant: Numbers
    income: Numbers
    establishments: Numbers
    in_frr: Flags
    in_qpv: Flags
    in_pvd: Flags
    in_acv: Flags
    in_va: Flags
    in_metropole: Flags
    equipment: sparse.csr_array
    equipment_known: NDArray[np.bool_]
    kinds: tuple[Kind, ...]

    def __len__(self) -> int:
        return len(self.code)

    @property
    def vacancy(self) -> Numbers:
        """Vacant dwellings over dwellings, from 0 to 1; NaN where unknown or where there is no dwelling."""
        return np.divide(self.vacant, self.dwellings, out=np.full(len(self), np.nan), where=self.dwellings > 0)

    def rows(self, codes: Sequence[str] | Texts) -> NDArray[np.intp]:
        """The row of each code, -1 where it is not a commune of today."""
        asked = np.asarray(codes, str)
        if not len(self):
            return np.full(asked.shape, -1)
        at = np.minimum(np.searchsorted(self.code, asked), len(self) - 1)
        return np.where(self.code[at] == asked, at, -1)


def columns() -> Columns:
    """The columns of the current ground; empty without one."""
    return _columns(ground_edition())


_TEXTS = ("code", "departement_id", "departement__region_id", "epci_id", "bv_code")
_NUMBERS = (
    *("lat", "lon", "population", "surface_km2", "employed", "unemployed", "jobs", "dwellings", "vacant_dwellings"),
    *("median_income", "establishments"),
)
_FLAGS = ("has_qpv", "in_pvd", "in_acv", "in_va", "in_metropole")
_OTHERS = ("name", "centre_kind", "density_7", "frr", "equipment")
_APART = ("name", "kinds", "equipment")


@lru_cache(maxsize=2)
def _columns(edition: tuple[int, str] | None) -> Columns:
    if edition is None:
        return _unpacked(_packed(_made(None)))
    makers = (__name__, "maillage.territory.rules.equipment")
    return _unpacked(stored("ground", edition, makers, lambda: _packed(_made(edition))))


def _packed(told: Columns) -> Stored:
    arrays = {name: getattr(told, name) for name in Columns.__dataclass_fields__ if name not in _APART}
    matrix = told.equipment
    arrays |= {"counts": matrix.data, "positions": matrix.indices, "starts": matrix.indptr}
    return Stored(
        arrays, {"name": told.name.tolist(), "kinds": [(one.code, one.label, one.theme) for one in told.kinds]}
    )


def _unpacked(told: Stored) -> Columns:
    arrays, kinds = dict(told.arrays), tuple(Kind(*row) for row in told.beside["kinds"])
    matrix = (arrays.pop("counts"), arrays.pop("positions"), arrays.pop("starts"))
    name = np.array(told.beside["name"], object)
    for array in (name, *arrays.values()):
        array.setflags(write=False)
    equipment = sparse.csr_array(matrix, shape=(len(name), len(kinds)))
    return Columns(name=name, kinds=kinds, equipment=equipment, **arrays)


def _made(edition: tuple[int, str] | None) -> Columns:
    names = (*_TEXTS, *_NUMBERS, *_FLAGS, *_OTHERS)
    rows = _rows(names) if edition else []
    told = dict(zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True))
    texts = {name: np.array([value or "" for value in told[name]], str) for name in _TEXTS}
    numbers = {name: np.array(told[name], float) for name in _NUMBERS}
    flags = {name: _flags(told[name]) for name in _FLAGS}
    kinds = tuple(
        Kind(*row) for row in EquipmentType.objects.order_by("position").values_list("code", "label", "theme")
    )
    matrix, known = _equipment(told["equipment"], len(kinds))
    departement = texts["departement_id"]
    return Columns(
        code=texts["code"],
        name=np.array(told["name"], object),
        lat=numbers["lat"],
        lon=numbers["lon"],
        estimated=np.array(told["centre_kind"], str) == Commune.Centre.ESTIMATED.value,
        population=numbers["population"],
        surface_km2=numbers["surface_km2"],
        density=np.array([value or 0 for value in told["density_7"]], np.int8),
        zone=np.where(np.char.startswith(departement, "97"), departement, METRO),
        departement=departement,
        region=texts["departement__region_id"],
        epci=texts["epci_id"],
        bv=texts["bv_code"],
        employed=numbers["employed"],
        unemployed=numbers["unemployed"],
        jobs=numbers["jobs"],
        dwellings=numbers["dwellings"],
        vacant=numbers["vacant_dwellings"],
        income=numbers["median_income"],
        establishments=numbers["establishments"],
        in_frr=_in_frr(told["frr"]),
        in_qpv=flags["has_qpv"],
        in_pvd=flags["in_pvd"],
        in_acv=flags["in_acv"],
        in_va=flags["in_va"],
        in_metropole=flags["in_metropole"],
        equipment=matrix,
        equipment_known=known,
        kinds=kinds,
    )


def _rows(names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Today's communes, by code; one that is kept only because a place still names its old code is not today's."""
    gone = FormerCode.objects.values("code")
    return sorted(Commune.objects.exclude(code__in=gone).order_by().values_list(*names))


def _flags(told: Sequence[bool | None]) -> Flags:
    return np.array([NOT_KNOWN if value is None else YES if value else NO for value in told], np.int8)


def _in_frr(told: Sequence[str]) -> Flags:
    """Whether a commune is in France ruralités revitalisation, wholly or in part, by what the list says of it."""
    said = {text: NOT_KNOWN if not text else NO if text.startswith("Non") else YES for text in set(told)}
    return np.array([said[text] for text in told], np.int8)


def _equipment(told: Sequence[Any], kinds: int) -> tuple[sparse.csr_array, NDArray[np.bool_]]:
    packed = [None if row is None else bytes(row) for row in told]
    indptr, positions, counts = equipment.unpack(packed)
    matrix = sparse.csr_array((counts.astype(np.int32), positions.astype(np.int32), indptr), shape=(len(packed), kinds))
    return matrix, np.array([row is not None for row in packed], bool)
