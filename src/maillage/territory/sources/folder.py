"""The ground in a folder of official files: `maillage territory update --from DIR`, MAILLAGE_DATA.

Only `communes.csv.gz` is needed; what the others would have given is told when they are missing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from maillage.territory.rules import topology
from maillage.territory.rules.codes import commune_code
from maillage.territory.rules.draft import (
    CENTRE_OFFICIAL,
    FOLDER,
    CommuneRow,
    EquipmentTypeRow,
    FigureRow,
    FormerRow,
    GroundDraft,
    GroundRefused,
    OutlineRow,
)
from maillage.territory.rules.outlines import outline
from maillage.territory.sources import builtin, figures, files, table

READER = "folder 4"
NEEDED = (
    "code",
    "nom",
    "dep",
    "dep_nom",
    "reg",
    "reg_nom",
    "codes_postaux",
    "pop",
    "lat",
    "lon",
    "epci",
    "epci_nom",
    "epci_type",
)
COMMUNES = "communes.csv.gz"
HISTORY = "commune_code_history.csv.gz"
OUTLINES = {
    "dep": ("departements.topojson", "dep"),
    "epci": ("epci_2026.topojson.gz", "epci"),
    "commune": ("communes_2026_light.topojson.gz", "code"),
}
"""Kind of territory: its file, and the property that holds its code."""

LICENCE = "Licence Ouverte 2.0"
FIGURES = (
    FigureRow("communes", "Insee, code officiel géographique", "2026", LICENCE),
    FigureRow("population", "Insee, populations légales (population municipale)", "2023", LICENCE),
    FigureRow("epci", "DGCL et Insee, intercommunalités à fiscalité propre", "2026", LICENCE),
    FigureRow("codes_postaux", "La Poste, base officielle des codes postaux", "2026", LICENCE),
    FigureRow("centre", "centre géométrique des communes, d’après l’IGN", "2026", LICENCE),
    FigureRow("superficie", "IGN et Insee", "2026", LICENCE),
    FigureRow("densite", "Insee, grille communale de densité en 7 niveaux", "2024", LICENCE),
    FigureRow("bassin_de_vie", "Insee, bassins de vie", "2022", LICENCE),
    FigureRow("zone_d_emploi", "Insee, zones d’emploi", "2020", LICENCE),
    FigureRow("aire_d_attraction", "Insee, aires d’attraction des villes", "2020", LICENCE),
    FigureRow("frr", "DGCL, France ruralités revitalisation", "2025", LICENCE),
    FigureRow("programmes", "ANCT, Petites villes de demain, Action cœur de ville, Villages d’avenir", "", LICENCE),
)  # fmt: skip
FIGURE_HISTORY = FigureRow(
    "anciens_codes",
    "Insee, historique des communes",
    "2026",
    LICENCE,
    "Les noms des anciennes communes viennent du fond intégré.",
)
FIGURE_OUTLINES = FigureRow(
    "contours",
    "IGN, Admin Express, contours simplifiés",
    "2018, fusionnés aux codes de 2026",
    LICENCE,
    "Les contours des régions sont ceux de leurs départements, fusionnés par Maillage.",
)


class FolderSource:
    """A folder that holds files of the form of the official ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        return (self.folder / COMMUNES).is_file()

    def fingerprint(self) -> str:
        named = (COMMUNES, HISTORY, figures.EQUIPMENT, figures.EQUIPMENT_TYPES)
        names = (*named, *(name for name, _ in OUTLINES.values()))
        return files.fingerprint(READER, (self.folder / name for name in names))

    def read(self) -> GroundDraft:
        if not self.exists():
            raise GroundRefused(
                f"{self.folder} : il manque {COMMUNES}, sans lequel il n’y a pas de territoire. "
                "Donnez le dossier qui le contient, ou laissez le fond intégré."
            )
        told: list[str] = []
        types, counts = self._equipment(told)
        regions, departements, epcis, communes = _communes(self.folder / COMMUNES, counts)
        codes = {"commune": {c.code for c in communes}, "epci": set(epcis), "dep": set(departements)}
        former = self._former(codes["commune"], told)
        outlines = self._outlines(codes, departements, told)
        sources = FIGURES + ((FIGURE_HISTORY,) if former else ()) + ((FIGURE_OUTLINES,) if outlines else ())
        return GroundDraft(
            kind=FOLDER,
            label=f"Dossier « {self.folder.name} »"[:200],
            vintage="2026",
            regions=regions,
            departements=departements,
            epcis=epcis,
            communes=communes,
            former=former,
            outlines=outlines,
            figures=sources + _figures(communes, bool(counts)),
            equipment_types=types,
            told=tuple(told),
        )

    def _equipment(self, told: list[str]) -> tuple[tuple[EquipmentTypeRow, ...], dict[str, bytes]]:
        paths = self.folder / figures.EQUIPMENT, self.folder / figures.EQUIPMENT_TYPES
        for path in paths:
            if not path.is_file():
                told.append(f"{path.name} manque : les équipements des communes resteront inconnus.")
                return (), {}
        types = figures.equipment_types(paths[1])
        return types, figures.equipment_counts(paths[0], types)

    def _former(self, today: set[str], told: list[str]) -> tuple[FormerRow, ...]:
        path = self.folder / HISTORY
        if not path.is_file():
            told.append(f"{HISTORY} manque : les anciens codes de commune ne mèneront à rien.")
            return ()
        former = list(_history(path, today))
        kept = tuple(row for row in former if row.commune in today)
        if len(kept) < len(former):
            told.append(f"{HISTORY} : {len(former) - len(kept)} codes mènent à une commune inconnue, laissés de côté.")
        return kept

    def _outlines(
        self, codes: dict[str, set[str]], departements: dict[str, tuple[str, str]], told: list[str]
    ) -> tuple[OutlineRow, ...]:
        found: list[OutlineRow] = []
        for kind, (name, key) in OUTLINES.items():
            path = self.folder / name
            if not path.is_file():
                told.append(f"{name} manque : ces contours ne seront pas dessinés.")
                continue
            read = {row.code: row for row in _outlines(path, kind, key) if row.code in codes[kind]}
            lacking = sorted(codes[kind] - set(read))
            if lacking:
                more = " …" if len(lacking) > 8 else ""
                told.append(f"{name} : {len(lacking)} territoires sans contour ({' '.join(lacking[:8])}{more}).")
            found += read.values()
            if kind == "dep":
                found += _region_outlines(path, key, departements)
        return tuple(found)


def _figures(communes: Sequence[CommuneRow], equipped: bool) -> tuple[FigureRow, ...]:
    """The sources of the figures that one commune at least has."""
    held = tuple(
        source for name, source in figures.FIGURES.items() if any(getattr(row, name) is not None for row in communes)
    )
    return held + ((figures.FIGURE_EQUIPMENT,) if equipped else ())


def _communes(
    path: Path, equipment: Mapping[str, bytes]
) -> tuple[dict[str, str], dict[str, tuple[str, str]], dict[str, tuple[str, str]], tuple[CommuneRow, ...]]:
    regions: dict[str, str] = {}
    departements: dict[str, tuple[str, str]] = {}
    epcis: dict[str, tuple[str, str]] = {}
    communes = []
    for row in table.rows(path, NEEDED):
        commune = _commune(row, equipment)
        region = row.text("reg", 3)
        regions.setdefault(region, row.text("reg_nom", 80))
        departements.setdefault(commune.departement, (row.text("dep_nom", 80), region))
        if commune.epci:
            epcis.setdefault(commune.epci, (row.text("epci_nom", 160), row.text("epci_type", 6)))
        communes.append(commune)
    return regions, departements, epcis, tuple(communes)


def _commune(row: table.Row, equipment: Mapping[str, bytes]) -> CommuneRow:
    lat, lon = row.decimal("lat"), row.decimal("lon")
    code, population = row.text("code", 5), row.whole("pop")
    density = row.whole("dens7_2024")
    if density is not None and not 1 <= density <= 7:
        row.refuse("dens7_2024", str(density), "un niveau de 1 à 7")
    return CommuneRow(
        code=code,
        name=row.text("nom", 80),
        departement=row.text("dep", 3),
        epci=row.text("epci", 9),
        population=population,
        lat=lat,
        lon=lon,
        centre_kind="" if lat is None else CENTRE_OFFICIAL,
        surface_km2=row.decimal("superficie_km2"),
        density_7=density,
        in_metropole=row.flag("metropole"),
        bv_code=row.text("bv2022", 5),
        bv_name=row.text("bv_nom", 80),
        ze_code=row.text("ze2020", 4),
        ze_name=row.text("ze_nom", 80),
        aav_code=row.text("aav2020", 5),
        aav_name=row.text("aav_nom", 80),
        aav_category=row.text("cateaav", 2),
        frr=row.text("frr2025", 40),
        in_pvd=row.flag("pvd"),
        in_acv=row.flag("acv"),
        in_va=row.flag("va"),
        equipment=equipment.get(code),
        **figures.figures_of(row, population),
        postal_codes=tuple(dict.fromkeys(filter(None, row.text("codes_postaux", 300).split("|")))),
    )


def _history(path: Path, today: set[str]) -> Iterator[FormerRow]:
    names = builtin.former_names()
    for row in table.rows(path, ("code_old", "code_2026")):
        old, new = commune_code(row.text("code_old", 5)), commune_code(row.text("code_2026", 5))
        if old is None or new is None:
            row.refuse("code_old", row.cells["code_old"], "un code de commune")
        elif old not in today:
            yield FormerRow(code=old, commune=new, name=names.get(old, ""))


def _topology(path: Path) -> topology.Topology:
    try:
        return topology.decode(files.read_json(path))
    except (ValueError, TypeError, OverflowError) as error:
        files.refuse(path, f"le TopoJSON est abîmé ({error})")


def _shapes(path: Path, key: str) -> tuple[topology.Topology, list[tuple[str, list[list[int]]]]]:
    shared = _topology(path)
    try:
        return shared, [(str(facts[key]), rings) for facts, rings in topology.geometries(shared)]
    except (KeyError, TypeError, AttributeError):
        files.refuse(path, f"un contour n’a pas de propriété « {key} »")


def _outlines(path: Path, kind: str, key: str) -> Iterator[OutlineRow]:
    shared, shapes = _shapes(path, key)
    for code, rings in shapes:
        try:
            packed = outline(kind, code, [shared.ring(ring) for ring in rings])
        except (ValueError, TypeError) as error:
            files.refuse(path, f"le contour {code[:20]} est abîmé ({error})")
        if packed is not None:
            yield packed


def _region_outlines(path: Path, key: str, departements: dict[str, tuple[str, str]]) -> Iterator[OutlineRow]:
    shared, shapes = _shapes(path, key)
    rings_by_region: defaultdict[str, list[list[int]]] = defaultdict(list)
    for code, rings in shapes:
        if code in departements:
            rings_by_region[departements[code][1]] += rings
    for region, rings in sorted(rings_by_region.items()):
        try:
            merged = [shared.ring(ring) for ring in topology.dissolve(shared, rings)]
        except (ValueError, TypeError) as error:
            files.refuse(path, f"le contour de la région {region} ne se ferme pas ({error})")
        packed = outline("reg", region, merged)
        if packed is not None:
            yield packed
