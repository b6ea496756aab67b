"""Crow-fly beside the road, on the Andorra extract: how long detours are, and how far minutes are apart.

    python -m bench.crow_fly --data ../shared/data

Pairs of points on the roads of the extract, seeded, 1 to 40 km apart as the crow flies. Detour: shortest way by road
over great circle. Minutes: the road model and the crow-fly model, each with its own overhead, at the crow-fly speeds of
sparse rural communes (density 6, 7) and where density is unknown, as abroad. No peer, no target: it says what the
crow-fly parameters are worth in the mountains, the hardest case; Saint-Barthélemy and Monaco are printed beside.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

from bench import measure
from bench.measure import SEED

EXTRACTS = ("andorra-latest", "saint_barthelemy", "monaco-latest")
POINTS = 160
LEAST_M, MOST_M = 1_000, 40_000
CUTOFF_MIN = 120


def pairs(path: Path) -> dict[str, Any]:
    """Distances and minutes between sampled points of an extract."""
    from maillage.analysis import network
    from maillage.analysis.distance import great_circle_m
    from maillage.analysis.travel import crow_fly
    from maillage.diagnosis.road import RoadNetwork

    model = RoadNetwork.read(path)
    roads = model.roads
    nodes = np.random.default_rng(SEED).choice(np.flatnonzero(roads.stops), POINTS, replace=False)
    lat, lon = roads.lat[nodes], roads.lon[nodes]
    straight = great_circle_m(lat[:, None], lon[:, None], lat, lon)
    # A tick is a metre here: the same search gives lengths.
    lengths = network.Graph(
        roads.graph.indptr, roads.graph.indices, np.maximum(1, np.rint(roads.metres)).astype(np.int32)
    )
    metres = (
        _dense(network.minutes(lengths, nodes, nodes, 500_000 / network.TICKS_PER_MINUTE)) * network.TICKS_PER_MINUTE
    )
    by_road = _dense(model.minutes((lat, lon), (lat, lon), CUTOFF_MIN))
    crow = {
        density: _dense(crow_fly().minutes(*2 * [(lat, lon, np.full(POINTS, density))], CUTOFF_MIN * 3))
        for density in (0, 5, 6, 7)
    }
    kept = (straight >= LEAST_M) & (straight <= MOST_M) & np.isfinite(metres) & np.isfinite(by_road)
    return {"name": model.name, "straight": straight[kept], "metres": metres[kept], "road": by_road[kept]} | {
        f"crow {density}": minutes[kept] for density, minutes in crow.items()
    }


def _dense(minutes: Any) -> np.ndarray:
    """A full matrix, infinite where there is no trip."""
    full = np.full(minutes.shape, np.inf)
    told = minutes.tocoo()
    full[told.row, told.col] = told.data
    return full


def lines(told: dict[str, Any]) -> list[dict[str, Any]]:
    """One line by distance: detour, road speed over the great circle, and road minutes over crow-fly minutes."""
    rows = []
    straight = told["straight"]
    if (told["metres"] < straight - POINTS).any():
        raise SystemExit("a road is shorter than the great circle: the lengths are wrong.")
    for least, most in ((1_000, 5_000), (5_000, 10_000), (10_000, 20_000), (20_000, 40_000), (LEAST_M, MOST_M)):
        some = (straight >= least) & (straight < most)
        if not some.any():
            continue
        detour = told["metres"][some] / straight[some]
        row = {"crow-fly km": f"{least // 1000}–{most // 1000}", "pairs": int(some.sum())}
        row |= {
            f"detour {name}": round(float(np.percentile(detour, at)), 2)
            for name, at in (("p10", 10), ("p50", 50), ("p90", 90))
        }
        row["road km/h"] = round(float(np.median(told["metres"][some] / 1000 / (told["road"][some] - 2) * 60)))
        for density in (0, 5, 6, 7):
            ratio = told["road"][some] / told[f"crow {density}"][some]
            row[f"road ÷ crow, density {density or 'unknown'}"] = round(float(np.median(ratio)), 2)
        rows.append(row)
    return rows


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0]).parse_args()
    folder = options.data or Path(os.environ.get("MAILLAGE_DATA", ""))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings")
    import django

    django.setup()
    figures = {}
    for name in EXTRACTS:
        path = folder / "osm" / f"{name}.osm.pbf"
        if not path.is_file():
            raise SystemExit(f"{path} is missing: give the folder of real files with --data.")
        told = pairs(path)
        figures[name] = lines(told)
        measure.show(told["name"], figures[name])
    measure.record("crow_fly", figures, note=options.note)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
