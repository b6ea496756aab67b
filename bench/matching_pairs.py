"""Draw the pairs of real records that people label, by strata; print them to be read, keep only their keys.

    MAILLAGE_DATA=<folder> python -m bench.matching_pairs > to_read.txt

A stratum is: both are third places or not, one source or two, how alike the names are as they stand, how far apart.
None of it comes from the rule that is measured. Pairs are of one commune, or within 300 m.
"""

import csv
import gzip
import hashlib
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz

from maillage.analysis.distance import great_circle_m
from maillage.territory.rules.names import normalise

LABELS = Path(__file__).parent / "matching_labels.csv"
NAME_STEPS = (50, 70, 85, 97)
METRE_STEPS = (50, 300, 1_000)
DRAWN = {4: (34, 26, 22, 26), 3: (20, 18, 16, 14), 2: (16, 12, 8, 6), 1: (12, 6, 5, 4), 0: (8, 4, 2, 2)}
"""How many pairs of two sources are drawn in each stratum, by name step and distance step; a third in one source."""

Key = tuple[str, str]
Stratum = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the file; `number` tells apart those to which a source gave one reference."""

    key: Key
    cells: dict[str, str]
    name: str
    lat: float
    lon: float


def read(folder: Path) -> list[Row]:
    """Every record of `places.csv.gz`, its key made unique in file order as the import does."""
    rows, seen = [], set()
    with gzip.open(folder / "places.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            source, wanted = cells["source"], cells["source_id"]
            ref, number = wanted, 2
            while (source, ref) in seen:
                ref, number = f"{wanted}#{number}", number + 1
            seen.add((source, ref))
            point = float(cells["lat"]), float(cells["lon"])
            rows.append(Row((source, ref), cells, normalise(cells["nom"]), *point))
    return rows


def pairs(rows: list[Row]) -> Iterator[tuple[int, int, float]]:
    """Every pair of one commune or within 300 m, with its distance in metres."""
    lat, lon = np.array([row.lat for row in rows]), np.array([row.lon for row in rows])
    communes: defaultdict[str, list[int]] = defaultdict(list)
    cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        communes[row.cells["insee"]].append(number)
        cells[int(row.lat * 300), int(row.lon * 180)].append(number)
    for number, row in enumerate(rows):
        y, x = int(row.lat * 300), int(row.lon * 180)
        around = [n for dy in (-1, 0, 1) for dx in (-1, 0, 1) for n in cells[y + dy, x + dx] if n > number]
        local = [n for n in communes[row.cells["insee"]] if n > number]
        others = np.array(sorted({*around, *local}), dtype=np.int64)
        if not len(others):
            continue
        apart_m = great_circle_m(lat[number], lon[number], lat[others], lon[others])
        near = set(others[apart_m <= 300].tolist()).union(local)
        yield from ((number, n, float(m)) for n, m in zip(others.tolist(), apart_m, strict=True) if n in near)


def stratum(one: Row, other: Row, apart_m: float) -> Stratum:
    """Both third places, one source, name step, distance step."""
    alike = fuzz.token_set_ratio(one.name, other.name)
    return (
        int(one.cells["is_tiers_lieu"] == other.cells["is_tiers_lieu"] == "1"),
        int(one.cells["source"] == other.cells["source"]),
        sum(alike >= step for step in NAME_STEPS),
        sum(apart_m > step for step in METRE_STEPS),
    )


def order(one: Row, other: Row) -> str:
    """A draw that depends on the pair alone."""
    return hashlib.sha256("|".join([*one.key, *other.key]).encode()).hexdigest()


def draw(rows: list[Row]) -> dict[Stratum, tuple[int, list[tuple[int, int, float]]]]:
    """For each stratum: how many pairs it holds, and those drawn."""
    kept: defaultdict[Stratum, list[tuple[str, int, int, float]]] = defaultdict(list)
    sizes: defaultdict[Stratum, int] = defaultdict(int)
    for one, other, apart_m in pairs(rows):
        where = stratum(rows[one], rows[other], apart_m)
        sizes[where] += 1
        kept[where].append((order(rows[one], rows[other]), one, other, apart_m))
    drawn = {}
    for where, found in kept.items():
        third_places, one_source, name, metres = where
        count = DRAWN[name][metres]
        count = -(-count // (3 if one_source else 1)) if not third_places else -(-count // 2)
        drawn[where] = sizes[where], [found[1:] for found in sorted(found)[:count]]
    return drawn


def main() -> int:
    rows = read(Path(os.environ["MAILLAGE_DATA"]))
    total = 0
    for where, (size, found) in sorted(draw(rows).items()):
        print(f"== {where} {size}")
        for one, other, apart_m in found:
            total += 1
            a, b = rows[one].cells, rows[other].cells
            vague = "".join(f" [{cells['precision']}]" for cells in (a, b) if cells["precision"] != "adresse")
            print(
                f"{total} {apart_m:.0f} m{vague} {a['commune']}"
                + (f"/{b['commune']}" if b["commune"] != a["commune"] else "")
            )
            for cells in (a, b):
                print(
                    f"   {cells['nom'][:90]} · {cells['adresse'][:70]} · {cells['web'][:50]} · {cells['source'][:14]}"
                )
    print(total, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
