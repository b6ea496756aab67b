"""Crow-fly rows of `bench.coverage`: the nearest of 3,500 places for every commune, or cell, beside the usual tools.

The peers know one speed only: they are compared at one speed, on distances to a millimetre; then our speeds by density
and our seas between islands, which none of them has, are timed as well. CPU seconds of the call from latitudes and
longitudes, trees included.
"""

import csv
import gzip
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench import measure
from bench.measure import PEERS, SEED

SKLEARN = "scikit-learn==1.9.1"
PLACES = 3_500
CELLS = 370_000
DENSE_ROWS = 4_000
Array = np.ndarray[Any, np.dtype[Any]]
Ends = tuple[Array, ...]


def ends(data: Path | None) -> list[tuple[str, Ends, Ends]]:
    """Communes of a région and of France, and 370,000 points around them, with the same sampled places."""
    named = data or os.environ.get("MAILLAGE_DATA")
    if not named:
        raise SystemExit("This bench needs the real communes: --data FOLDER, with communes.csv.gz.")
    from maillage.analysis.lands import lands

    with gzip.open(Path(named) / "communes.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["zone"] == "metro" and row["lat"]]
    columns = (
        *(np.array([float(row[name]) for row in rows]) for name in ("lat", "lon")),
        np.array([int(row["dens7_2024"] or 0) for row in rows]),
        lands(row["code"] for row in rows),
    )
    draw = np.random.default_rng(SEED)
    places = draw.choice(len(rows), PLACES, replace=False)
    there = tuple(column[places] for column in columns)
    region = np.flatnonzero(np.array([row["reg"] == "27" for row in rows]))
    cells = draw.integers(0, len(rows), CELLS)
    spread = tuple(columns[i][cells] + draw.normal(0, 0.02, CELLS) for i in range(2))
    return [
        ("région 27", tuple(column[region] for column in columns), there),
        ("France", columns, there),
        ("France, cells", (*spread, *(column[cells] for column in columns[2:])), there),
    ]


def _unit(lat: Array, lon: Array) -> Array:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _ours(here: Ends, there: Ends) -> Array:
    from maillage.analysis.coverage import nearest_crow_fly
    from maillage.analysis.travel import CrowFly

    return nearest_crow_fly(CrowFly(speed_kmh=60, detour=1.0), here[:2], there[:2]).minutes * 1000


def _by_density(here: Ends, there: Ends) -> Array:
    from maillage.analysis.coverage import nearest_crow_fly
    from maillage.analysis.travel import crow_fly

    return nearest_crow_fly(crow_fly(), here, there).minutes


def _scipy(here: Ends, there: Ends) -> Array:
    from scipy.spatial import cKDTree

    chord = cKDTree(_unit(*there[:2])).query(_unit(*here[:2]))[0]
    return 2 * 6_371_008.8 * np.arcsin(chord / 2)


def _cdist(here: Ends, there: Ends) -> Array:
    from scipy.spatial.distance import cdist

    at, to = _unit(*here[:2]), _unit(*there[:2])
    parts = (cdist(at[i : i + DENSE_ROWS], to).min(axis=1) for i in range(0, len(at), DENSE_ROWS))
    return 2 * 6_371_008.8 * np.arcsin(np.concatenate(list(parts)) / 2)


def _ball_tree(here: Ends, there: Ends) -> Array:
    from sklearn.neighbors import BallTree

    tree = BallTree(np.radians(np.column_stack(there[:2])), metric="haversine")
    return tree.query(np.radians(np.column_stack(here[:2])))[0][:, 0] * 6_371_008.8


def _timed(call: Callable[[Ends, Ends], Array], here: Ends, there: Ends, runs: int) -> tuple[Array, float]:
    spent = []
    for _ in range(runs):
        started = time.process_time()
        found = call(here, there)
        spent.append(time.process_time() - started)
    return found, measure.median(spent)


def rows(data: Path | None, peers: str) -> list[dict[str, Any]]:
    """One line per size: milliseconds of ours and of the peers, once they agree; `peers` is none, quick or full."""
    others: dict[str, Callable[[Ends, Ends], Array]] = {}
    if peers != "none":
        others = {"scipy cKDTree": _scipy}
    if peers == "full":
        measure.install("pip", PEERS / "sklearn", SKLEARN)
        sys.path.append(str(PEERS / "sklearn"))
        others |= {"sklearn BallTree": _ball_tree, "scipy cdist": _cdist}
    found = []
    for name, here, there in ends(data):
        metres, spent = _timed(_ours, here, there, 7)
        _, by_density = _timed(_by_density, here, there, 5)
        line = {"instance": name, "rows": here[0].size, "places": there[0].size, "ours ms": round(spent * 1e3, 1)}
        line |= {"µs a row": round(spent / here[0].size * 1e6, 2), "by density and land ms": round(by_density * 1e3)}
        for peer, call in others.items():
            if peer != "scipy cKDTree" and here[0].size > 100_000:
                line[f"{peer} ms"] = None
                continue
            told, theirs = _timed(call, here, there, 1 if peer == "scipy cdist" else 5)
            if (apart := float(np.abs(told - metres).max())) > 1e-3:
                raise SystemExit(f"nearest, {name}: ours and {peer} differ by {apart} m: no time is told.")
            line[f"{peer} ms"] = round(theirs * 1e3, 1)
        found.append(line)
    return found


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick").parse_args()
    measured = rows(options.data, options.peers)
    measure.show("Nearest of 3,500 places, crow-fly", measured)
    measure.record("coverage_crowfly", {"nearest": measured}, note=options.note)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
