"""Accessibility of communes to sampled places: our functions beside `access` (PySAL), same instance, same answer.

Minutes are crow-fly kilometres at 60 km/h, up to 30. The peer's answer is compared before any time is told: E2SFCA to a
relative 1e-9, RAAM (its 150 rounds) to 1e-9. CPU seconds of the call alone; ours compiled before the clock starts, the
seconds of that first call told apart. `--peers quick` compares RAAM on France over 15 rounds only, as all 150 take
`access` ten minutes; `--peers full` runs these too. The peer is stopped at 12 GB.
`--record` writes the small answers of `access` that tests compare with.
"""

import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from bench import measure
from bench.access_peer import BANDS, SIGMA_MIN, TAU_MIN
from bench.measure import BUILD, PEERS, ROOT, SEED, Target

PEER = PEERS / "access"
PACKAGE = "access==1.1.10.post3"
PEER_MB = 12_000
WITHIN_MIN = 30
PLACES = 3_500
CELLS = 370_000
RECORDED = ROOT / "tests" / "analysis" / "access_answers.json"
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Instance:
    """Demand rows, sites, and the minutes between them."""

    name: str
    minutes: sparse.csr_array
    supply: Array
    demand: Array

    def save(self, path: Path) -> Path:
        rows = np.repeat(np.arange(self.minutes.shape[0]), np.diff(self.minutes.indptr))
        trips = {"row": rows, "column": self.minutes.indices, "minutes": self.minutes.data}
        np.savez(path, **trips, supply=self.supply, demand=self.demand)
        return path

    @property
    def size(self) -> dict[str, Any]:
        rows, sites = self.minutes.shape
        return {"instance": self.name, "rows": rows, "sites": sites, "trips": self.minutes.nnz}


def communes(data: Path | None) -> dict[str, Array]:
    """Metropolitan communes: lat, lon, population, région, département."""
    named = data or os.environ.get("MAILLAGE_DATA")
    if not named:
        raise SystemExit("This bench needs the real communes: --data FOLDER, with communes.csv.gz.")
    with gzip.open(Path(named) / "communes.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["zone"] == "metro" and row["pop"] and row["lat"]]
    numbers = {"lat": "lat", "lon": "lon", "people": "pop"}
    found = {name: np.array([float(row[column]) for row in rows]) for name, column in numbers.items()}
    return found | {name: np.array([row[name] for row in rows]) for name in ("reg", "dep")}


def instances(data: Path | None) -> list[Instance]:
    """A département, a région, France, and France in cells of about 180 inhabitants, each with the same places."""
    known = communes(data)
    draw = np.random.default_rng(SEED)
    sites = np.sort(draw.choice(known["lat"].size, PLACES, replace=False))
    everywhere = np.arange(known["lat"].size)
    found = [
        _instance(name, known, rows, sites)
        for name, rows in {
            "département 24": np.flatnonzero(known["dep"] == "24"),
            "région 27": np.flatnonzero(known["reg"] == "27"),
            "France": everywhere,
        }.items()
    ]
    cells = draw.choice(everywhere, CELLS, p=known["people"] / known["people"].sum())
    spread = {name: known[name][cells] + draw.normal(0, 0.02, CELLS) for name in ("lat", "lon")}
    people = draw.integers(50, 310, CELLS).astype(float)
    return [*found, _between("France, cells", spread | {"people": people}, known, sites)]


def _instance(name: str, known: dict[str, Array], rows: Array, sites: Array) -> Instance:
    part = {column: known[column][rows] for column in ("lat", "lon", "people")}
    return _between(name, part, known, sites[np.isin(sites, rows)])


def _between(name: str, here: dict[str, Array], known: dict[str, Array], sites: Array) -> Instance:
    from maillage.analysis.travel import CrowFly

    ends = (here["lat"], here["lon"]), (known["lat"][sites], known["lon"][sites])
    minutes = CrowFly(speed_kmh=60, detour=1.0).minutes(*ends, WITHIN_MIN)
    return Instance(name, minutes, np.maximum(1, known["people"][sites] // 100), here["people"])


def ours(what: str) -> Callable[[Instance], Array]:
    """The function of ours that answers what the peer answers."""
    from maillage.analysis import accessibility, decay

    step, gaussian = decay.step(BANDS), decay.gaussian(SIGMA_MIN)
    nearer = decay.gravity(20, 2, least_min=1)

    def shared(call: Callable[..., Array], **more: Any) -> Callable[[Instance], Array]:
        return lambda one: call(one.minutes, one.supply, one.demand, **more)

    calls: dict[str, Callable[[Instance], Array]] = {
        "2sfca": shared(accessibility.two_sfca, within=WITHIN_MIN),
        "e2sfca": shared(accessibility.e2sfca, within=WITHIN_MIN, decay=step),
        "e2sfca-gaussian": shared(accessibility.e2sfca, within=WITHIN_MIN, decay=gaussian),
        "3sfca": shared(accessibility.three_sfca, within=WITHIN_MIN, decay=step),
        "gravity": lambda one: accessibility.gravity(one.minutes, one.supply, decay=nearer, within=WITHIN_MIN),
        "raam": lambda one: accessibility.raam_in_steps(one.minutes, one.supply, one.demand, tau_min=TAU_MIN).cost,
        "raam-15": lambda one: (
            accessibility.raam_in_steps(one.minutes, one.supply, one.demand, tau_min=TAU_MIN, cycles=15).cost
        ),
    }
    return calls[what]


def timed(call: Callable[[], Array], runs: int) -> tuple[Array, float, float]:
    """Its answer, the CPU seconds of the first call, and the median of the next ones."""
    spent = []
    for _ in range(runs + 1):
        started = time.process_time()
        found = call()
        spent.append(time.process_time() - started)
    return found, spent[0], measure.median(spent[1:])


def peer(one: Instance, what: str) -> tuple[Array, dict[str, float]] | None:
    """The same by `access`, in a process of its own; None when the cap on memory stopped it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    given, answer = one.save(BUILD / "access_instance.npz"), BUILD / "access_answer.npz"
    script = [sys.executable, str(ROOT / "bench" / "access_peer.py"), str(given), str(answer), what, str(PEER_MB)]
    around = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHONPATH": str(PEER)}
    done = subprocess.run(script, env=around, capture_output=True, text=True, timeout=3_600)
    if "MemoryError" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(f"access failed on {what}, {one.name}:\n{done.stderr[-3000:]}")
    with np.load(answer) as told:
        values = np.full(one.demand.size, np.nan)
        values[told["rows"]] = told["values"]
    return values, json.loads(done.stdout)


def differ(mine: Array, theirs: Array) -> float:
    """Largest relative difference over the rows that `access` tells of; it leaves out the others."""
    told = ~np.isnan(theirs)
    return float(np.max(np.abs(mine[told] - theirs[told]) / np.maximum(1e-12, np.abs(theirs[told])), initial=0.0))


def compare(one: Instance, what: str, *, with_peer: bool) -> dict[str, Any]:
    """One line of the table; refuses to tell times of answers that differ."""
    mine, first, spent = timed(lambda: ours(what)(one), 3 if what.startswith("raam") else 15)
    row = one.size | {"measure": what, "ours ms": round(spent * 1e3, 1), "first call ms": round(first * 1e3)}
    row |= {"ns a trip": round(spent / one.minutes.nnz * 1e9, 1)}
    told = peer(one, what) if with_peer else None
    if told is None:
        return row | {"access s": None, "access MB": None, "differ": None, "times": None}
    theirs, cost = told
    apart = differ(mine, theirs)
    if apart > 1e-9:
        raise SystemExit(f"{what}, {one.name}: ours and access differ by {apart:.3g}: no time is told.")
    row |= {"access s": round(cost["cpu_s"], 2), "access MB": cost["memory_mb"], "differ": f"{apart:.0e}"}
    return row | {"times": round(cost["cpu_s"] / spent)}


def equilibria(known: list[Instance]) -> list[dict[str, Any]]:
    """The published 150 rounds beside the equilibrium that they aim at."""
    from maillage.analysis.accessibility import raam, raam_in_steps

    rows = []
    for one in known:
        steps = raam_in_steps(one.minutes, one.supply, one.demand, tau_min=TAU_MIN)
        started = time.process_time()
        settled = raam(one.minutes, one.supply, one.demand, tau_min=TAU_MIN)
        spent = time.process_time() - started
        reached = np.isfinite(settled.cost) & (one.demand > 0)
        spending = _spent(one, steps)
        now = spending.sum(axis=1) / np.maximum(steps.flow.sum(axis=1), 1)
        rows.append(
            one.size
            | {"mean as told": _mean(steps.cost, reached), "with its own congestion": _mean(now, reached)}
            | {"regret": f"{steps.regret:.4f}", "mean at equilibrium": _mean(settled.cost, reached)}
            | {"its regret": f"{settled.regret:.4f}", "rounds": settled.cycles, "s": round(spent, 2)}
        )
    return rows


def _spent(one: Instance, steps: Any) -> sparse.csr_array:
    """People × cost of each trip, with the congestion of the same moment."""
    travel = one.minutes.data / TAU_MIN + steps.congestion[one.minutes.indices]
    return sparse.csr_array((travel * steps.flow.data, one.minutes.indices, one.minutes.indptr), one.minutes.shape)


def _mean(costs: Array, rows: Array) -> str:
    return f"{costs[rows].mean():.4f}"


def record_answers() -> None:
    """Write what `access` answers on a small instance, for the tests to compare with."""
    draw = np.random.default_rng(SEED)
    dense = draw.uniform(1, 40, (12, 5)).round(2)
    dense[draw.random((12, 5)) < 0.2] = np.nan
    dense[:, 0] = np.where(np.isnan(dense[:, 0]), 29.0, np.minimum(dense[:, 0], 29.0))
    dense[3, 2] = 0.0
    dense = np.where(dense > WITHIN_MIN, np.nan, dense)
    from maillage.analysis.travel import checked

    one = Instance("small", checked(dense), draw.integers(1, 30, 5).astype(float), draw.integers(0, 900, 12) + 3.0)
    answers = {}
    for what in ("2sfca", "e2sfca", "e2sfca-gaussian", "3sfca", "gravity", "raam"):
        told = peer(one, what)
        assert told is not None
        answers[what] = told[0].tolist()
    given = {
        "recorded_by": f"python -m bench.accessibility --record, with {PACKAGE}",
        "minutes": [[None if np.isnan(value) else value for value in row] for row in dense.tolist()],
        "supply": one.supply.tolist(),
        "demand": one.demand.tolist(),
        "answers": answers,
    }
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in given.items())
    RECORDED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick")
    options.add_argument("--record", action="store_true", help="write the answers that tests compare with, no more")
    asked = options.parse_args()
    if asked.peers != "none" or asked.record:
        measure.install("pip", PEER, PACKAGE)
    if asked.record:
        record_answers()
        return 0
    known = instances(asked.data)
    with_peer = asked.peers != "none"
    shares = [compare(one, what, with_peer=with_peer) for one in known for what in ("e2sfca", "e2sfca-gaussian")]
    rounds = [("raam", one) for one in known[:2]] + [("raam-15", known[2]), ("raam", known[2])]
    rational = [
        compare(one, what, with_peer=with_peer and ((what, one.name) != ("raam", "France") or asked.peers == "full"))
        for what, one in rounds
    ]
    settled = equilibria(known[:3])
    memory_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    measure.show("E2SFCA, three bands or a bell, 30 minutes", shares)
    measure.show("RAAM, 150 rounds as published", rational)
    measure.show("RAAM: what the published rounds leave", settled)
    targets = [Target("memory of ours, all instances, MB", memory_mb, 1_000)]
    if with_peer:
        france = [row for row in shares if row["instance"] == "France" and row["measure"] == "e2sfca"]
        targets.append(Target("E2SFCA, France, times access", france[0]["times"], 100, floor=True))
    targets += [
        Target(f"{row['measure']}, France, times access", row["times"], 300, floor=True)
        for row in rational[2:]
        if row["times"]
    ]
    judged = measure.judge(targets)
    figures = {"e2sfca": shares, "raam": rational, "equilibrium": settled, "targets": judged}
    measure.record("accessibility", figures, note=asked.note)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
