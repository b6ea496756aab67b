"""One engine, one road graph, in a process of its own: `python coverage_road.py ENGINE GRAPH ANSWER CAP_MB`.

Writes ticks to the nearest source (infinite where none) and, beside them, CPU seconds and memory as JSON. Run by
`bench.coverage`; peers are imported from PYTHONPATH.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

RUNS = {"maillage": 5, "scipy": 3, "pandana": 1}


def maillage(given: Any) -> Any:
    from maillage.analysis import network

    graph = network.Graph(given["indptr"], given["indices"], given["weights"])
    sources = given["sources"]
    network.nearest(network.Graph.of(2, [0], [1], [1.0]), [0], compiled=True)  # loads the compiled loop
    return lambda: network.nearest(graph, sources, compiled=True).minutes * network.TICKS_PER_MINUTE


def scipy(given: Any) -> Any:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    indptr, sources = given["indptr"], given["sources"]
    size = indptr.size - 1
    graph = csr_array((given["weights"].astype(float), given["indices"], indptr), shape=(size, size))
    return lambda: dijkstra(graph, indices=sources, min_only=True)


def pandana(given: Any) -> Any:
    import pandana
    import pandas

    size, farthest = given["indptr"].size - 1, float(given["farthest"])
    tails = np.repeat(np.arange(size), np.diff(given["indptr"]))
    arcs = pandas.Series(tails), pandas.Series(given["indices"]), pandas.DataFrame({"ticks": given["weights"]})
    x, y = (pandas.Series(given[axis].astype(float)) for axis in ("x", "y"))
    network = pandana.Network(x, y, *arcs, twoway=False)
    places = given["sources"]
    network.set_pois("place", farthest, 1, x.iloc[places], y.iloc[places])

    def ask() -> Any:
        told = network.nearest_pois(farthest, "place", num_pois=1, imp_name=None)[1].to_numpy()
        return np.where(told >= farthest, np.inf, told)

    return ask


def _peak_kb() -> int:
    """Peak of this program alone: what `getrusage` tells starts from the memory of the process that started it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main() -> None:
    engine, graph, answer, cap_mb = sys.argv[1:5]
    resource.setrlimit(resource.RLIMIT_AS, (int(cap_mb) * 1_000_000,) * 2)
    with np.load(graph) as given:
        started = time.process_time()
        ask = {"maillage": maillage, "scipy": scipy, "pandana": pandana}[engine](given)
    built, spent, wall = time.process_time() - started, [], []
    for _ in range(RUNS[engine]):
        started, clock = time.process_time(), time.perf_counter()
        found = ask()
        spent.append(time.process_time() - started)
        wall.append(time.perf_counter() - clock)
    memory_mb = round(_peak_kb() * 1.024 / 1000)
    np.save(answer, found)
    cost = {"build_s": built, "s": sorted(spent)[len(spent) // 2], "wall_s": min(wall), "mb": memory_mb}
    Path(answer).with_suffix(".json").write_text(json.dumps(cost))


if __name__ == "__main__":
    main()
