"""A ground as a source reads it, before anything is written."""

from dataclasses import dataclass

BUILTIN, FOLDER, OFFICIAL = "builtin", "folder", "official"
CENTRE_OFFICIAL, CENTRE_GAZETTEER, CENTRE_ESTIMATED = "official", "gazetteer", "estimated"


class GroundRefused(Exception):
    """A ground that must not be loaded; the message says what, why, and what to do."""


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """A commune; lat and lon in degrees, surface in km², income in € a year. None is unknown, never zero.

    `employed` and `unemployed` are people who live there, `jobs` are held there by anyone; `equipment` is packed by
    `rules.equipment`.
    """

    code: str
    name: str
    departement: str
    epci: str = ""
    population: int | None = None
    lat: float | None = None
    lon: float | None = None
    centre_kind: str = ""
    surface_km2: float | None = None
    density_7: int | None = None
    in_metropole: bool | None = None
    bv_code: str = ""
    bv_name: str = ""
    ze_code: str = ""
    ze_name: str = ""
    aav_code: str = ""
    aav_name: str = ""
    aav_category: str = ""
    frr: str = ""
    in_pvd: bool | None = None
    in_acv: bool | None = None
    in_va: bool | None = None
    employed: int | None = None
    unemployed: int | None = None
    jobs: int | None = None
    dwellings: int | None = None
    vacant_dwellings: int | None = None
    median_income: int | None = None
    establishments: int | None = None
    has_qpv: bool | None = None
    equipment: bytes | None = None
    postal_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormerRow:
    """An older commune code (or a municipal arrondissement's) and the commune of today it leads to."""

    code: str
    commune: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class EquipmentTypeRow:
    """A kind of equipment; `position` is what `rules.equipment` packs."""

    position: int
    code: str
    label: str
    theme: str


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """Closed rings: `points` is little-endian int32 (lon, lat) pairs in 1e-5 degree, `ring_lengths` counts pairs."""

    kind: str
    code: str
    points: bytes
    ring_lengths: tuple[int, ...]
    min_lon: float
    min_lat: float
    max_lon: float
    max_lat: float


@dataclass(frozen=True, slots=True)
class FigureRow:
    """Where one figure comes from."""

    figure: str
    source: str
    vintage: str
    licence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroundDraft:
    """Everything one load writes; `told` holds sentences for the person who loads it.

    `national` says that the whole of France is expected, and checked for.
    """

    kind: str
    label: str
    vintage: str
    regions: dict[str, str]
    departements: dict[str, tuple[str, str]]
    epcis: dict[str, tuple[str, str]]
    communes: tuple[CommuneRow, ...]
    former: tuple[FormerRow, ...] = ()
    outlines: tuple[OutlineRow, ...] = ()
    figures: tuple[FigureRow, ...] = ()
    equipment_types: tuple[EquipmentTypeRow, ...] = ()
    told: tuple[str, ...] = ()
    national: bool = True

    @property
    def estimated_centres(self) -> int:
        return sum(1 for commune in self.communes if commune.centre_kind == CENTRE_ESTIMATED)
