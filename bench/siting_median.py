"""The p-median on real communes: k sites, least total travel, beside spopt and a sparse model given to HiGHS.

Metropolitan communes with inhabitants, crow-fly kilometres between their centres, populations as weights. Lists are cut
at a radius, and whoever is farther costs that radius: `gap` is that of this problem; its bound holds for uncut
distances too, and `uncut gap` is between the uncut cost of the chosen sites and that bound. Each engine runs in a
process of its own; ours with its compiled loops loaded. Where two engines prove their answers these must be equal, else
no time is told. `--peers quick` compares on a département (a minute), `--peers full` on a région too (HiGHS stopped
after 245 s, spopt at 8 GB).
"""

import csv
import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import measure
from bench.measure import BUILD, PEERS, ROOT, Target

SPOPT = ("spopt==0.7.0", "pulp==3.3.2")
CAP_MB = 8_000
OWN_SECONDS, PEER_SECONDS = 600.0, 245.0
LATE_S = 1_800
SPEED_KMH = 60.0  # minutes are then kilometres


@dataclass(frozen=True)
class Row:
    """An instance: which communes, how many sites, lists cut at which radius, and what is asked of us."""

    name: str
    column: str
    code: str
    k: int
    cut_km: float
    gap: float
    peers: tuple[str, ...] = ()
    peers_cut_km: float = 0.0


ROWS = (
    Row("département 24", "dep", "24", 20, 400.0, 0.0, peers=("spopt", "highs"), peers_cut_km=40.0),
    Row("région 27", "reg", "27", 50, 60.0, 1e-4, peers=("spopt", "highs"), peers_cut_km=40.0),
    Row("région 27, proved", "reg", "27", 50, 60.0, 0.0),
    Row("France", "zone", "metro", 100, 60.0, 2e-4),
)


def communes(data: Path, column: str, code: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Latitudes, longitudes and inhabitants."""
    with gzip.open(data / "communes.csv.gz", "rt", encoding="utf-8") as file:
        kept = [
            (float(row["lat"]), float(row["lon"]), float(row["pop"]))
            for row in csv.DictReader(file)
            if row["zone"] == "metro" and row[column] == code and row["lat"] and row["pop"]
        ]
    lat, lon, people = np.array([commune for commune in kept if commune[2] > 0]).T
    return lat, lon, people


def instance(path: Path, place: tuple[np.ndarray, np.ndarray, np.ndarray], row: Row, cut_km: float) -> None:
    """Write the lists; `far` is what a commune costs without a near site."""
    from maillage.analysis.travel import CrowFly

    lat, lon, people = place
    trips = CrowFly(speed_kmh=SPEED_KMH, detour=1.0).minutes((lat, lon), (lat, lon), cut_km)
    far = np.full(lat.size, np.float64(np.float32(cut_km)))
    columns, starts = trips.indices.astype(np.int32), trips.indptr.astype(np.int32)
    np.savez(path, km=trips.data, columns=columns, starts=starts, weights=people, far=far, gap=row.gap)


def run(engine: str, path: Path, row: Row, seconds: float) -> tuple[dict[str, Any], np.ndarray] | str:
    """What an engine answers, or why it did not."""
    answer = BUILD / f"median_{engine}.npy"
    script = [sys.executable, str(ROOT / "bench" / "median_engine.py")]
    asked = [engine, str(path), str(answer), str(row.k), str(seconds), str(CAP_MB)]
    paths = str(PEERS / "spopt") if engine == "spopt" else str(ROOT / "src")
    around = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHONPATH": paths}
    try:
        done = subprocess.run([*script, *asked], env=around, capture_output=True, text=True, timeout=LATE_S)
    except subprocess.TimeoutExpired:
        return f"none after {LATE_S} s"
    if done.returncode:
        if "MemoryError" in done.stderr or "bad_alloc" in done.stderr or done.returncode < 0:
            return f"none, > {CAP_MB} MB"
        if "Not Solved" in done.stderr:
            return f"none after {seconds:.0f} s"
        raise SystemExit(f"{engine} failed:\n{done.stderr[-3000:]}")
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{"))), np.load(answer)


def uncut(place: tuple[np.ndarray, np.ndarray, np.ndarray], sites: np.ndarray) -> float:
    """Inhabitants × kilometres to the nearest site, however far."""
    from maillage.analysis.distance import great_circle_m

    lat, lon, people = place
    nearest = np.full(lat.size, np.inf)
    for site in sites:
        nearest = np.minimum(nearest, great_circle_m(lat[site], lon[site], lat, lon) / 1000)
    return float(people @ nearest)


def compare(data: Path, row: Row, peers: str) -> list[dict[str, Any]]:
    """The lines of one instance: ours, then the peers'; refuses to tell times of proofs that differ."""
    place = communes(data, row.column, row.code)
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / "median_instance.npz"
    instance(path, place, row, row.cut_km)
    told = run("maillage", path, row, OWN_SECONDS)
    if isinstance(told, str):
        raise SystemExit(f"{row.name}: ours gave {told}")
    lines = [line(row, place, "ours", told)]
    asked = row.peers if peers == "full" or (peers == "quick" and row.column == "dep") else ()
    for engine in asked:
        if engine == "highs":
            instance(path, place, row, row.peers_cut_km)
        other = run(engine, path, row, PEER_SECONDS)
        if isinstance(other, str):
            lines.append(
                {
                    **lines[0],
                    "engine": engine,
                    **dict.fromkeys(("uncut cost", "gap %", "uncut gap %", "s", "cpu s", "MB")),
                }
            )
            lines[-1]["stopped"] = other
            continue
        lines.append(line(row, place, engine, other))
        apart = (lines[0]["uncut cost"] - lines[-1]["uncut cost"]) / lines[0]["uncut cost"]
        proved = lines[0]["uncut gap %"] == lines[-1]["uncut gap %"] == 0.0
        if apart > 1e-6 + row.gap or (proved and apart < -1e-6):
            raise SystemExit(f"{row.name}: ours and {engine} differ, {lines}: no time is told.")
        lines[-1]["times ours"] = round(lines[-1]["cpu s"] / max(lines[0]["cpu s"], 1e-3), 1)
    return lines


def line(
    row: Row, place: tuple[np.ndarray, ...], engine: str, told: tuple[dict[str, Any], np.ndarray]
) -> dict[str, Any]:
    answer, sites = told
    cost = uncut(place, sites) if sites.size else np.inf
    return {
        "instance": row.name,
        "communes": place[0].size,
        "k": row.k,
        "engine": engine,
        "uncut cost": round(cost),
        "gap %": _percent(answer["bound"], answer["cost"]),
        "uncut gap %": _percent(answer["bound"], cost),
        "s": round(answer["s"], 2),
        "cpu s": round(answer["cpu_s"], 2),
        "MB": answer["mb"],
        "stopped": answer["stopped"],
        "times ours": None,
    }


def _percent(bound: float, cost: float) -> float | None:
    return round(max(0.0, 1 - bound / cost) * 100, 6) if np.isfinite(bound) and np.isfinite(cost) else None


def rows(data: Path | None, peers: str) -> list[dict[str, Any]]:
    """Every line of the table."""
    folder = data or Path(os.environ.get("MAILLAGE_DATA", "."))
    if not (folder / "communes.csv.gz").exists():
        raise SystemExit(f"{folder / 'communes.csv.gz'} is not there: give the folder of official files with --data.")
    if peers != "none":
        measure.install("pip", PEERS / "spopt", *SPOPT)
    return [told for row in ROWS for told in compare(folder.resolve(), row, peers)]


def targets(lines: list[dict[str, Any]]) -> list[Target]:
    ours = {line["instance"]: line for line in lines if line["engine"] == "ours"}
    return [
        Target("p-median, département 24, k = 20, proved: gap %", ours["département 24"]["gap %"], 1e-6),
        Target("p-median, région 27, k = 50: gap %", ours["région 27"]["gap %"], 0.01),
        Target("p-median, région 27, k = 50: CPU s", ours["région 27"]["cpu s"], 1.0),
        Target("p-median, France, k = 100: gap %", ours["France"]["gap %"], 0.02),
        Target("p-median, France, k = 100: CPU s", ours["France"]["cpu s"], 30.0),
        Target("p-median, France, k = 100: MB", ours["France"]["MB"], 1_000),
    ]


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick").parse_args()
    lines = rows(options.data, options.peers)
    measure.show("k sites, least inhabitants × kilometres", lines)
    judged = measure.judge(targets(lines))
    measure.record("siting_median", {"rows": lines, "targets": judged}, note=options.note)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
