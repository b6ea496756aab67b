"""Small answers of spopt and of access, for tests to compare ours with: `python -m bench.peer_answers` writes them.

Two seeded instances, each asked a maximal covering and a p-median of 3 sites (spopt), and E2SFCA (access).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench import measure
from bench.accessibility import PACKAGE as ACCESS
from bench.measure import PEERS, ROOT, SEED
from bench.siting_median import SPOPT

RECORDED = ROOT / "tests" / "fixtures" / "peer_answers.json"
SIZES, K, WITHIN_MIN, FAR_MIN = (24, 36), 3, 8.0, 30.0
SECONDS, CAP_MB = "60", "8000"
Array = np.ndarray[Any, np.dtype[Any]]


def instance(size: int) -> dict[str, Array]:
    """Points in a square of half an hour, minutes between them to a tenth, people and desks."""
    draw = np.random.default_rng(SEED + size)
    points = draw.uniform(0, 30, (size, 2))
    minutes = np.hypot(*(points[:, np.newaxis] - points).T).round(1)
    return {"minutes": minutes, "people": draw.integers(0, 900, size), "desks": draw.integers(1, 20, size)}


def run(program: str, package: str, *arguments: str) -> dict[str, Any]:
    """Run the program of a peer, with the folder of its package; what it prints."""
    command = [sys.executable, str(ROOT / "bench" / program), *arguments]
    around = os.environ | {"PYTHONPATH": str(PEERS / package)}
    done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=600, check=True)
    told: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    return told


def answers(given: dict[str, Array], folder: Path) -> dict[str, Any]:
    """What the peers answer on one instance."""
    row, column = np.nonzero(given["minutes"] <= FAR_MIN)
    km, starts = given["minutes"][row, column], np.searchsorted(row, np.arange(len(given["people"]) + 1))
    lists = {"km": km, "columns": column, "starts": starts, "weights": given["people"].astype(float)}
    whole = folder / "cover"
    whole.mkdir()
    others = {"sites": np.array(len(given["desks"])), "fixed": np.zeros(0, int), "within": np.array(WITHIN_MIN)}
    for name, array in (lists | others).items():
        np.save(whole / f"{name}.npy", array)
    covered = run("cover_engine.py", "spopt", "spopt", str(whole), str(K), SECONDS, "0", CAP_MB)
    median = folder / "median.npz"
    np.savez(median, **lists, far=np.full(len(starts) - 1, FAR_MIN), gap=0.0)
    least = run("median_engine.py", "spopt", "spopt", str(median), str(folder / "sites.npy"), str(K), SECONDS, CAP_MB)
    if covered["bound"] is None or least["bound"] == -np.inf:
        raise SystemExit("spopt did not end its search: nothing is written.")
    trips, shares = folder / "trips.npz", folder / "shares.npz"
    sides = {"demand": given["people"] + 1.0, "supply": given["desks"].astype(float)}
    np.savez(trips, row=row, column=column, minutes=km, **sides)
    run("access_peer.py", "access", str(trips), str(shares), "e2sfca", CAP_MB)
    with np.load(shares) as kept:
        e2sfca = kept["values"][np.argsort(kept["rows"])]
    return {"cover": covered["served"], "median": least["cost"], "e2sfca": e2sfca.tolist()}


def main() -> int:
    measure.install("pip", PEERS / "spopt", *SPOPT)
    measure.install("pip", PEERS / "access", ACCESS)
    told = []
    for size in SIZES:
        given = instance(size)
        with tempfile.TemporaryDirectory() as folder:
            told.append({name: array.tolist() for name, array in given.items()} | answers(given, Path(folder)))
    about = {
        "recorded_by": f"python -m bench.peer_answers, with {', '.join((*SPOPT, ACCESS))}",
        "k": K,
        "within_min": WITHIN_MIN,
        "far_min": FAR_MIN,
    }
    lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in about.items()]
    lines.append(' "instances": [\n' + ",\n".join(f"  {json.dumps(one)}" for one in told) + "\n ]")
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{RECORDED.relative_to(ROOT)}: {RECORDED.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
