"""Nearest place for everybody: by road on synthetic graphs beside SciPy and pandana, and by crow-fly.

Each engine runs in a process of its own, on the same graph; its answer is compared tick by tick with SciPy's before any
time is told. CPU seconds of one search (of one core: the wall clock of an idle machine); `wall s` is the quickest of
the runs on this machine as busy as it was. Ours compiled beforehand. `--peers quick` gives pandana the smallest graph,
`--peers full` all of them (five minutes and 7 GB for the largest; stopped at 12 GB).
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import measure, roads
from bench.measure import BUILD, PEERS, ROOT, SEED, Target

SIZES = (270_000, 1_500_000, 6_000_000)
PLACES = 3_477
PER_NODE = PLACES / SIZES[-1]
PANDANA = "pandana==0.8"
CAP_MB = 12_000
WITHIN_MIN = 20
COMMUNES = 34_735


def run(engine: str, graph: Path) -> tuple[np.ndarray, dict[str, float]] | None:
    """The ticks that an engine finds and what it costs; None when the cap on memory stopped it."""
    answer = BUILD / f"coverage_{engine}.npy"
    script = [sys.executable, str(ROOT / "bench" / "coverage_road.py"), engine, str(graph), str(answer), str(CAP_MB)]
    paths = str(PEERS / "pandana") if engine == "pandana" else str(ROOT / "src")
    around = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHONPATH": paths}
    done = subprocess.run(script, env=around, capture_output=True, text=True, timeout=3_600)
    if "MemoryError" in done.stderr or "bad_alloc" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(f"{engine} failed:\n{done.stderr[-3000:]}")
    return np.load(answer), json.loads(answer.with_suffix(".json").read_text())


def compare(size: int, *, along: bool, peers: list[str]) -> dict[str, Any]:
    """One line of the table; refuses to tell times of answers that differ."""
    graph, x, y = roads.laid(size, along=along)
    sources = roads.places(graph, max(1, round(size * PER_NODE)))
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / "coverage_graph.npz"
    arrays = {"indptr": graph.indptr, "indices": graph.indices, "weights": graph.weights, "sources": sources}
    np.savez(path, **arrays, x=x, y=y, farthest=0.0)
    answers = {engine: run(engine, path) for engine in ("maillage", "scipy")}
    mine, cost = answers["maillage"] or (np.zeros(0), {})
    reference, scipy = answers["scipy"] or (np.zeros(0), {})
    if mine.shape != reference.shape or not (np.rint(mine) == reference).all():
        raise SystemExit(f"{size} nodes: ours and SciPy differ: no time is told.")
    row = {"nodes": graph.nodes, "arcs": graph.arcs, "places": sources.size, "numbered": "curve" if along else "random"}
    row |= {"ours s": round(cost["s"], 3), "wall s": round(cost["wall_s"], 3), "MB": cost["mb"]}
    row |= {"ns a node": round(cost["s"] / graph.nodes * 1e9), "scipy s": round(scipy["s"], 3), "scipy MB": scipy["mb"]}
    row |= {"times scipy": round(scipy["s"] / cost["s"], 2), "pandana s": None, "build s": None, "pandana MB": None}
    if "pandana" in peers:
        np.savez(path, **arrays, x=x, y=y, farthest=float(np.max(reference[np.isfinite(reference)])) + 1)
        row |= _beside_pandana(run("pandana", path), reference, cost["s"])
    return row


def _beside_pandana(told: Any, reference: np.ndarray, ours_s: float) -> dict[str, Any]:
    if told is None:
        return {"pandana MB": f"> {CAP_MB}"}
    found, cost = told
    some = np.isfinite(reference)
    apart = np.abs(found[some] - reference[some]).max() if (np.isfinite(found) == some).all() else np.inf
    if not apart < 1:
        raise SystemExit(f"pandana and SciPy differ by {apart} ticks: no time is told.")
    figures = {"pandana s": round(cost["s"], 2), "build s": round(cost["build_s"], 2), "pandana MB": cost["mb"]}
    return figures | {"times pandana": round(cost["s"] / ours_s)}


def matrix(size: int) -> dict[str, Any]:
    """Minutes from as many nodes as France has communes to every place, checked on some places by SciPy."""
    from maillage.analysis import network

    graph = roads.synthetic(size)
    places = roads.places(graph, max(1, round(size * PER_NODE)))
    homes = np.random.default_rng(SEED + 1).choice(graph.nodes, round(COMMUNES * size / SIZES[-1]), replace=False)
    network.minutes(network.Graph.of(2, [0], [1], [1.0]), [0], [1], 5, compiled=True)
    started = time.process_time()
    found = network.minutes(graph, homes, places, WITHIN_MIN, compiled=True)
    spent = time.process_time() - started
    few = slice(0, 5)
    started = time.process_time()
    checked = network.minutes(graph, homes, places[few], WITHIN_MIN, compiled=False)
    theirs = (time.process_time() - started) / 5 * places.size
    part = found[:, few]
    if not ((part.indices == checked.indices).all() and (part.data == checked.data).all()):
        raise SystemExit("the matrix and SciPy's differ: no time is told.")
    row = {
        "nodes": graph.nodes,
        "homes": homes.size,
        "places": places.size,
        "trips": found.nnz,
        "ours s": round(spent, 2),
    }
    return row | {"ms a place": round(spent / places.size * 1e3, 2), "scipy s (from 5 places)": round(theirs)}


def crow_fly(data: Path | None, peers: str) -> list[dict[str, Any]]:
    """The crow-fly rows, where their module and the real communes are there."""
    if importlib.util.find_spec("bench.coverage_crowfly") is None or not (data or os.environ.get("MAILLAGE_DATA")):
        return []
    from bench import coverage_crowfly

    return coverage_crowfly.rows(data, peers)


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick").parse_args()
    if options.peers != "none":
        measure.install("pip", PEERS / "pandana", PANDANA)
    rows = []
    for size, along in [*((size, True) for size in SIZES), (SIZES[-1], False)]:
        asked = along and (options.peers == "full" or (options.peers == "quick" and size == SIZES[0]))
        rows.append(compare(size, along=along, peers=["pandana"] if asked else []))
    measure.show("By road: the nearest place of every node, one search; same answer as SciPy", rows)
    matrices = [matrix(size) for size in SIZES[:: 1 if options.peers == "full" else 2]]
    measure.show(f"By road: every trip of {WITHIN_MIN} minutes at most", matrices)
    birds = crow_fly(options.data, options.peers)
    if birds:
        measure.show("Crow-fly: the nearest of 3,500 places", birds)
    largest = rows[len(SIZES) - 1]
    targets = [
        Target("nearest by road, 6 M nodes, CPU s", largest["ours s"], 2.5),
        Target("its memory, graph included, MB", largest["MB"], 1_000),
        Target("times SciPy in the same run", largest["times scipy"], 1.0, floor=True),
    ]
    judged = measure.judge(targets)
    measure.record(
        "coverage", {"road": rows, "matrix": matrices, "crow_fly": birds, "targets": judged}, note=options.note
    )
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
