"""The figures of people, jobs, dwellings and equipment that come beside communes in a folder; all may be missing."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.territory.rules import equipment
from maillage.territory.rules.draft import EquipmentTypeRow, FigureRow
from maillage.territory.sources import files, table

EQUIPMENT = "bpe2021_communes.csv.gz"
EQUIPMENT_TYPES = "bpe2021_types.csv"
MOST_TYPES = 1000
LICENCE = "Licence Ouverte 2.0"
_COUNTS = re.compile(r"[0-9]{1,5}(?:,[0-9]{1,5})*", re.ASCII)

_CENSUS = "Insee, recensement de la population"
_HOLES = "Inconnu là où le fichier compte zéro alors que des gens y habitent : Mayotte, quelques communes rétablies."
FIGURES = {
    "employed": FigureRow(
        "emploi",
        f"{_CENSUS} : actifs moins chômeurs",
        "2021",
        LICENCE,
        f"2018, de 15 à 64 ans, là où 2021 manque. {_HOLES}",
    ),
    "unemployed": FigureRow("chomage", _CENSUS, "2021", LICENCE, f"2018, de 15 à 64 ans, là où 2021 manque. {_HOLES}"),
    "jobs": FigureRow("emplois_sur_place", f"{_CENSUS} : emplois au lieu de travail", "2018", LICENCE),
    "dwellings": FigureRow("logements", f"{_CENSUS} : logements, dont vacants", "2018", LICENCE),
    "median_income": FigureRow(
        "revenus",
        "Insee, dispositif Filosofi : niveau de vie médian, en euros par an et unité de consommation",
        "2019",
        LICENCE,
        "Inconnu dans les communes les plus petites : secret statistique.",
    ),
    "establishments": FigureRow("etablissements", "Insee, comparateur de territoires", "2018", LICENCE),
    "has_qpv": FigureRow("qpv", "ANCT, quartiers prioritaires de la politique de la ville", "2014", LICENCE),
}
"""By field of `CommuneRow`: written when the folder gives it to one commune at least."""
FIGURE_EQUIPMENT = FigureRow(
    "equipements",
    "Insee, base permanente des équipements",
    "2021",
    LICENCE,
    "Sans les collèges et lycées, l’enseignement supérieur, les sports ni les loisirs.",
)


def figures_of(row: table.Row, population: int | None) -> dict[str, Any]:
    """The figures of one commune, by field of `CommuneRow`; decimals of the census are rounded to whole people."""
    employed, unemployed = _at_work(row, "actifs_2021", "chomeurs_2021", population)
    if employed is None:
        employed, unemployed = _at_work(row, "p18_act1564", "p18_chom1564", population)
    return {
        "employed": employed,
        "unemployed": unemployed,
        "jobs": _rounded(row, "p18_emplt"),
        "dwellings": _rounded(row, "p18_log"),
        "vacant_dwellings": _rounded(row, "p18_logvac"),
        "median_income": _rounded(row, "med_niveau_vie_2019"),
        "establishments": _rounded(row, "ettot18"),
        "has_qpv": row.flag("qpv2014_commune"),
    }


def _at_work(row: table.Row, active: str, idle: str, population: int | None) -> tuple[int | None, int | None]:
    """People in work and out of work; nobody active where people live is a hole of the file, not a figure."""
    labour, unemployed = _rounded(row, active), _rounded(row, idle)
    if labour is None or unemployed is None or (labour == 0 and population != 0):
        return None, None
    if unemployed > labour:
        row.refuse(idle, str(unemployed), f"au plus le nombre d’actifs, {labour}")
    return labour - unemployed, unemployed


def _rounded(row: table.Row, column: str) -> int | None:
    value = row.decimal(column)
    if value is not None and value < 0:
        row.refuse(column, f"{value:g}", "un nombre positif")
    return None if value is None else int(value + 0.5)


def equipment_types(path: Path) -> tuple[EquipmentTypeRow, ...]:
    """The kinds of equipment of a file of types, in its order."""
    found = []
    for position, row in enumerate(table.rows(path, ("type", "libelle", "theme"))):
        code, label = row.text("type", 8), row.text("libelle", 120)
        if not code or not label:
            row.refuse("type", code, "un code et un libellé")
        found.append(EquipmentTypeRow(position, code, label, row.text("theme", 40)))
    if len({row.code for row in found}) < len(found) or len(found) > MOST_TYPES:
        files.refuse(path, f"un type revient deux fois, ou il y en a plus de {MOST_TYPES}")
    return tuple(found)


def equipment_counts(path: Path, types: tuple[EquipmentTypeRow, ...]) -> dict[str, bytes]:
    """The equipment of each commune, packed by `rules.equipment`; a commune that is not there is not in the answer.

    Read by lines, not by cells: 4.6 million of them under a second.
    """
    header, *lines = files.read_text(path).splitlines() or [""]
    names = header.split(",")[1:]
    position_of = {row.code: row.position for row in types}
    unknown = [name for name in names if name not in position_of]
    if not header.startswith("code,") or not names or unknown:
        files.refuse(path, f"colonnes sans type connu : {', '.join(unknown[:3]) or header[:40]}", 1)
    columns = np.array([position_of[name] for name in names])
    order = np.argsort(columns)
    codes, counts = [], []
    for number, line in enumerate(lines, start=2):
        code, _, numbers = line.partition(",")
        if not _COUNTS.fullmatch(numbers) or numbers.count(",") != len(names) - 1:
            files.refuse(path, f"il faut {len(names)} nombres de 0 à 65535 après le code « {code[:8]} »", number)
        codes.append(code)
        counts.append(numbers)
    if len(set(codes)) < len(codes):
        files.refuse(path, "une commune revient deux fois")
    read = np.fromstring(",".join(counts), np.int32, sep=",").reshape(len(codes), len(names))
    return _packed(path, codes, read[:, order], columns[order])


def _packed(path: Path, codes: list[str], counts: NDArray[np.int32], positions: NDArray[np.int64]) -> dict[str, bytes]:
    rows, columns = np.nonzero(counts)
    values = counts[rows, columns]
    if len(values) and values.max() > equipment.MOST:
        line = int(rows[values.argmax()]) + 2
        files.refuse(path, f"un nombre dépasse {equipment.MOST}", line)
    pairs = np.column_stack([positions[columns], values]).astype(equipment.PAIR)
    ends = np.searchsorted(rows, np.arange(len(codes) + 1))
    content = pairs.tobytes()
    return {code: content[4 * ends[i] : 4 * ends[i + 1]] for i, code in enumerate(codes)}
