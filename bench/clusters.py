"""Gathering points into discs: our rule on the server, beside supercluster, which browsers run.

Ours answers one view and keeps nothing; supercluster first loads every zoom, and then answers any view at once: it is
the first answer that is compared. Both must account for every point. Sets: the registry's own places, then those
places again with a jitter of some kilometres.
"""

import json
import os
import random
import subprocess
import time
from typing import Any

import numpy as np

from bench import measure, served
from bench.measure import PEERS, ROOT, SEED

SIZES = (4_303, 12_997, 100_000)
WIDTH = 1_000
ZOOM = 5
RUNS = 7


def points(registry: served.Registry) -> list[list[tuple[float, float]]]:
    """Sets of (lon, lat) of the sizes to measure, in metropolitan France."""
    draw = random.Random(SEED)
    real = registry.rows(
        "SELECT lon, lat FROM places_place WHERE removed_at IS NULL "
        "AND lat BETWEEN 41 AND 52 AND lon BETWEEN -6 AND 10 ORDER BY slug"
    )
    sets = []
    for size in SIZES:
        more = [draw.choice(real) for _ in range(max(0, size - len(real)))]
        jittered = [(lon + draw.gauss(0, 0.05), lat + draw.gauss(0, 0.05)) for lon, lat in more]
        sets.append(draw.sample(real, min(size, len(real))) + jittered)
    return sets


def project(lonlat: list[tuple[float, float]]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Web Mercator, laid on a map 1,000 units wide."""
    at = np.radians(np.array(lonlat))
    plane = np.column_stack([at[:, 0], -np.log(np.tan(np.pi / 4 + at[:, 1] / 2))])
    low, high = plane.min(0), plane.max(0)
    return np.rint((plane - low) / (high - low)[0] * WIDTH).astype(np.int64)


def ours(sets: list[list[tuple[float, float]]]) -> list[dict[str, Any]]:
    """Median time of our rule for each set."""
    from maillage.places.rules.clusters import cluster

    figures = []
    for lonlat in sets:
        laid = project(lonlat)
        times = []
        for _ in range(RUNS):
            started = time.perf_counter()
            discs = cluster(laid)
            times.append((time.perf_counter() - started) * 1000)
        total = sum(disc.count for disc in discs)
        figures.append({"ms": round(measure.median(times), 2), "clusters": len(discs), "total": total})
    return figures


def supercluster(sets: list[list[tuple[float, float]]]) -> list[dict[str, Any]]:
    """The same from supercluster, in Node."""
    node = measure.need("node", install="install Node 20 or later")
    measure.install("npm", PEERS / "supercluster", "supercluster@9.1.0")
    command = [node, str(ROOT / "bench/supercluster.mjs"), str(PEERS / "supercluster"), str(ZOOM)]
    done = subprocess.run(command, input=json.dumps(sets), capture_output=True, text=True, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick").parse_args()
    registry = served.registry(options.data, fresh=options.fresh)
    os.environ.update(registry.around)
    sets = points(registry)
    own = ours(sets)
    others = supercluster(sets) if options.peers != "none" else [{}] * len(sets)
    rows = []
    for lonlat, mine, theirs in zip(sets, own, others, strict=True):
        if {mine["total"], theirs.get("total", len(lonlat))} != {len(lonlat)}:
            raise SystemExit(f"points were lost: {len(lonlat)} given, ours {mine}, supercluster {theirs}")
        row = {"points": len(lonlat), "ours ms": mine["ms"], "our discs": mine["clusters"]}
        if theirs:
            spent = theirs["load_ms"] + theirs["query_ms"]
            row |= {"supercluster load ms": round(theirs["load_ms"], 1), "query ms": round(theirs["query_ms"], 2)}
            row |= {"its clusters": theirs["clusters"], "times our time": round(spent / mine["ms"], 1)}
        rows.append(row)
    measure.show("One view of France from nothing; every point is in a disc of both", rows)
    measure.record("clusters", {**registry.about, "sets": rows}, note=options.note)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
