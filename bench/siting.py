"""Maximal covering on real communes, beside spopt and sparse models given to CBC and HiGHS; then the p-median.

Metropolitan communes with inhabitants, crow-fly kilometres between their centres, populations as weights. `existing` is
every tenth commune by population; `tiers-lieux` are the places of `places.csv.gz` known as such (a column each, fixed).
`cells` are synthetic: drawn around communes (seeded), with few inhabitants each. Each engine runs in a process of its
own, the peers with 8 GB at most; ours has its compiled loops loaded (the first call of a process takes `load s` more).
CPU seconds are compared: other work may run beside. Where two engines prove their answers these must be equal, and no
plan may exceed another's bound, else no time is told. `--peers quick` runs what ends in two minutes, `--peers full` all
of it; `--only` keeps the rows whose name contains a word; the last table shows how cost grows with size.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bench import measure, siting_median
from bench.measure import BUILD, PEERS, ROOT, SEED, Target

CAP_MB = 8_000
LATE_S = 1_800
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Row:
    """An instance and what is asked of us; `peers` are (engine, seconds, quick)."""

    name: str
    column: str
    code: str
    km: float
    k: int
    fixed: str = ""
    cells: int = 0
    gap: float = 0.0
    seconds: float = 60.0
    peers: tuple[tuple[str, float, bool], ...] = ()
    most_s: float = 0.0
    most_gap: float = 0.0
    most_mb: float = 1_000.0
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        about = f"{self.column}-{self.code}-{self.km:g}-{self.fixed or 'none'}-{self.cells}"
        object.__setattr__(self, "folder", BUILD / "cover" / about)


REAL = [
    Row(f"tiers-lieux {km} km k={k}", "zone", "metro", km, k, "tiers-lieux", most_s=5.0, most_gap=1e-4,
        peers=(("cbc", 200.0, True),) if (km, k) == (10, 100) else (("cbc", 200.0, False),) if k == 100 else ())
    for km in (10, 15, 20)
    for k in (10, 50, 100)
]  # fmt: skip
ROWS = (
    Row("EPCI k=3", "epci", "200070449", 5, 3, peers=(("spopt", 100.0, True), ("highs", 100.0, True))),
    Row("département 24 k=20", "dep", "24", 10, 20,
        peers=(("spopt", 100.0, True), ("cbc", 100.0, True), ("highs", 100.0, True))),
    Row("région 27 k=20", "reg", "27", 15, 20, most_s=1.5,
        peers=(("cbc", 100.0, True), ("highs", 100.0, True), ("spopt", 600.0, False))),
    Row("région 27 k=50", "reg", "27", 15, 50, gap=3e-3, most_s=60.0, most_gap=3e-3,
        peers=(("highs", 300.0, False), ("cbc", 300.0, False), ("spopt", 500.0, False))),
    Row("France existing k=100", "zone", "metro", 10, 100, "existing", most_s=3.0,
        peers=(("cbc", 100.0, True), ("highs", 300.0, False), ("spopt", 300.0, False))),
    *REAL,
    Row("370,000 cells k=100", "zone", "metro", 10, 100, "existing", 370_000),
    Row("2.3 M cells k=100", "zone", "metro", 10, 100, "existing", 2_300_000, most_s=10.0),
    Row("France from nothing k=100", "zone", "metro", 15, 100, gap=1e-3, seconds=60.0, most_s=60.0, most_gap=1e-3,
        peers=(("highs", 300.0, False), ("cbc", 300.0, False))),
)  # fmt: skip


def communes(data: Path, row: Row) -> tuple[Array, Array, Array]:
    """Latitudes, longitudes and inhabitants."""
    return siting_median.communes(data, row.column, row.code)


def tiers_lieux(data: Path) -> tuple[Array, Array]:
    """Where the distinct tiers-lieux of the metropolis are."""
    with gzip.open(data / "places.csv.gz", "rt", encoding="utf-8") as file:
        places = [row for row in csv.DictReader(file) if row["primary"] == row["tl_any"] == "1" and row["lat"]]
    at = np.array([(float(row["lat"]), float(row["lon"])) for row in places])
    lat, lon = at[(at[:, 0] > 41) & (at[:, 0] < 52) & (at[:, 1] > -6) & (at[:, 1] < 10)].T
    return lat, lon


def cells(lat: Array, lon: Array, people: Array, count: int) -> tuple[Array, Array, Array]:
    """Cells around communes, more where people live; whole numbers of inhabitants, most often few."""
    draw = np.random.default_rng(SEED)
    home = np.repeat(np.arange(lat.size), draw.multinomial(count, np.sqrt(people) / np.sqrt(people).sum()))
    inhabitants = np.maximum(1, draw.lognormal(2.2, 1.2, count)).astype(np.int64)
    return lat[home] + draw.normal(0, 0.025, count), lon[home] + draw.normal(0, 0.035, count), inhabitants


def build(data: Path, row: Row) -> None:
    """Write an instance as arrays, unless it is there."""
    if (row.folder / "weights.npy").exists():
        return
    from maillage.analysis.travel import CrowFly

    lat, lon, people = communes(data, row)
    to_lat, to_lon, fixed = lat, lon, np.zeros(0, dtype=np.int64)
    if row.fixed == "existing":
        fixed = np.sort(np.argsort(-people, kind="stable")[::10])
    elif row.fixed == "tiers-lieux":
        more_lat, more_lon = tiers_lieux(data)
        fixed = np.arange(lat.size, lat.size + more_lat.size)
        to_lat, to_lon = np.append(lat, more_lat), np.append(lon, more_lon)
    if row.cells:
        lat, lon, people = cells(lat, lon, people, row.cells)
    model, step = CrowFly(speed_kmh=60.0, detour=1.0), 200_000
    parts = [
        model.minutes((lat[at : at + step], lon[at : at + step]), (to_lat, to_lon), row.km)
        for at in range(0, lat.size, step)
    ]
    row.folder.mkdir(parents=True, exist_ok=True)
    starts = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.indptr) for part in parts]))])
    arrays = {
        "km": np.concatenate([part.data for part in parts]).astype(np.float32),
        "columns": np.concatenate([part.indices for part in parts]).astype(np.int32),
        "starts": starts.astype(np.int32),
        "sites": np.array(to_lat.size),
        "fixed": fixed,
        "within": np.array(row.km),
        "weights": people.astype(np.float64),
    }
    for name, array in arrays.items():
        np.save(row.folder / f"{name}.npy", array)


def run(engine: str, row: Row, seconds: float) -> dict[str, Any] | str:
    """What an engine answers, or why it did not."""
    asked = [engine, str(row.folder), str(row.k), str(seconds), str(row.gap if engine == "maillage" else 0.0)]
    paths = str(PEERS / "spopt") if engine in ("spopt", "cbc") else str(ROOT / "src")
    command = [sys.executable, str(ROOT / "bench" / "cover_engine.py"), *asked, str(CAP_MB)]
    try:
        done = subprocess.run(
            command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, timeout=LATE_S
        )
    except subprocess.TimeoutExpired:
        return f"none after {LATE_S} s"
    if done.returncode:
        if "MemoryError" in done.stderr or "bad_alloc" in done.stderr or done.returncode < 0:
            return f"none, > {CAP_MB} MB"
        raise SystemExit(f"{engine} failed on {row.name}:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    return told


def compare(data: Path, row: Row, peers: str) -> list[dict[str, Any]]:
    """The lines of one instance: ours, then the peers'; refuses to tell times of answers that contradict each other."""
    build(data, row)
    ours = run("maillage", row, row.seconds)
    if isinstance(ours, str):
        raise SystemExit(f"{row.name}: ours gave {ours}")
    lines = [_line(row, "ours", ours)]
    for engine, seconds, quick in row.peers:
        if peers == "none" or (peers == "quick" and not quick):
            continue
        told = run(engine, row, seconds)
        if isinstance(told, str):
            lines.append(dict.fromkeys(lines[0]) | {"instance": row.name, "engine": engine, "how": told})
            continue
        lines.append(_line(row, engine, told))
        for plan, bound in ((told["served"], ours["bound"]), (ours["served"], told["bound"])):
            if bound is not None and plan > bound * (1 + 1e-4 * (engine != "maillage")) + 1:
                raise SystemExit(f"{row.name}: ours and {engine} contradict each other, {lines}: no time is told.")
        lines[-1]["times ours"] = round(told["cpu_s"] / max(ours["cpu_s"], 1e-3), 1)
    measure.show(row.name, lines)
    return lines


def _line(row: Row, engine: str, told: dict[str, Any]) -> dict[str, Any]:
    bound, served = told["bound"], told["served"]
    gap = None if bound is None else round(max(0.0, 1 - served / bound) * 100, 5)
    pairs = np.load(row.folder / "columns.npy", mmap_mode="r").size
    return {
        "instance": row.name,
        "engine": engine,
        "rows": np.load(row.folder / "weights.npy", mmap_mode="r").size,
        "pairs": pairs,
        "served": round(served),
        "gap %": gap,
        "s": round(told["s"], 2),
        "cpu s": round(told["cpu_s"], 2),
        "load s": round(told["load_s"], 2) if "load_s" in told else None,
        "MB": told["mb"],
        "how": told["how"],
        "times ours": None,
    }


def growth(lines: list[dict[str, Any]]) -> None:
    """How our cost grows: the same question on more and more communes and cells."""
    ours = [line for line in lines if line["engine"] == "ours"]
    shown = [
        {
            "instance": line["instance"],
            "rows": line["rows"],
            "pairs": line["pairs"],
            "cpu s": line["cpu s"],
            "cpu µs a pair": round(line["cpu s"] / line["pairs"] * 1e6, 3),
            "MB": line["MB"],
        }
        for line in sorted(ours, key=lambda line: line["pairs"])
    ]
    if shown:
        measure.show("How cost grows with size", shown)


def targets(lines: list[dict[str, Any]]) -> list[Target]:
    ours = {line["instance"]: line for line in lines if line["engine"] == "ours"}
    found = []
    for row in ROWS:
        if row.most_s and row.name in ours:
            line = ours[row.name]
            found.append(Target(f"{row.name}: CPU s", line["cpu s"], row.most_s))
            found.append(Target(f"{row.name}: gap %", line["gap %"], row.most_gap * 100))
            found.append(Target(f"{row.name}: MB", line["MB"], row.most_mb))
    for line in lines:
        if line["engine"] == "spopt" and line["instance"] == "région 27 k=20" and line["times ours"]:
            found.append(Target("région 27 k=20: times faster than spopt", line["times ours"], 100.0, floor=True))
        if line["engine"] == "cbc" and line["instance"] == "tiers-lieux 10 km k=100" and line["times ours"]:
            found.append(Target("tiers-lieux 10 km k=100: times faster than CBC", line["times ours"], 5.0, floor=True))
    return found


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick")
    options.add_argument("--only", default="", help="rows whose name contains this; p-median: the p-median alone")
    chosen = options.parse_args()
    data = (chosen.data or Path(os.environ.get("MAILLAGE_DATA", "."))).resolve()
    if not (data / "communes.csv.gz").exists():
        raise SystemExit(f"{data / 'communes.csv.gz'} is not there: give the folder of official files with --data.")
    if chosen.peers != "none":
        measure.install("pip", PEERS / "spopt", *siting_median.SPOPT)
    lines = [line for row in ROWS if chosen.only in row.name for line in compare(data, row, chosen.peers)]
    growth(lines)
    figures: dict[str, Any] = {"rows": lines, "targets": measure.judge(targets(lines)) if targets(lines) else []}
    if chosen.only in ("", "p-median"):
        medians = siting_median.rows(data, chosen.peers)
        measure.show("k sites, least inhabitants × kilometres", medians)
        figures |= {"median": medians, "median targets": measure.judge(siting_median.targets(medians))}
    measure.record("siting", figures, note=chosen.note or (f"only {chosen.only}" if chosen.only else ""))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
