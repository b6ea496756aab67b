"""One engine, one p-median, in a process of its own: `python median_engine.py ENGINE INSTANCE ANSWER K SECONDS CAP_MB`.

Writes the chosen sites and prints cost, bound, seconds and memory as JSON. Run by `bench.siting_median`; peers are
imported from PYTHONPATH.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

WARM_SIZE = 700


def maillage(given: Any, k: int, seconds: float) -> dict[str, Any]:
    from scipy import sparse

    from maillage.analysis.siting import median_problem
    from maillage.analysis.siting.median import median

    size = given["weights"].size
    trips = sparse.csr_array((given["km"], given["columns"], given["starts"]), shape=(size, size))
    few, far = min(size, WARM_SIZE), given["far"]
    price = {"unreachable_minutes": far[:few], "time_limit_s": 20.0}
    if median_problem.worth_compiling(trips.nnz):  # load the compiled loops beforehand
        usual, median_problem.COMPILE_FROM = median_problem.COMPILE_FROM, 1
        median(trips[:few, :few], given["weights"][:few], 3, **price)
        median_problem.COMPILE_FROM = usual
    started, cpu = time.perf_counter(), time.process_time()
    found = median(trips, given["weights"], k, unreachable_minutes=far, gap=float(given["gap"]), time_limit_s=seconds)
    spent = {"s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    return spent | {"sites": found.sites, "cost": found.objective, "bound": found.bound, "stopped": found.stopped}


def spopt(given: Any, k: int, seconds: float) -> dict[str, Any]:
    import pulp
    from spopt.locate import PMedian

    size = given["weights"].size
    table = np.tile(given["far"][:, None], (1, size))
    rows = np.repeat(np.arange(size), np.diff(given["starts"]))
    table[rows, given["columns"]] = given["km"]
    started, cpu = time.perf_counter(), time.process_time()
    model = PMedian.from_cost_matrix(table, given["weights"], p_facilities=k)
    model = model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds))
    wall = time.perf_counter() - started
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    sites = np.array([j for j, variable in enumerate(model.fac_vars) if variable.value() > 0.5])
    spent = {"s": wall, "cpu_s": time.process_time() - cpu + children.ru_utime}
    proved = model.problem.sol_status == pulp.LpSolutionOptimal
    cost = float(model.problem.objective.value())
    return spent | {"sites": sites, "cost": cost, "bound": cost if proved else -np.inf, "stopped": str(proved)}


def highs(given: Any, k: int, seconds: float) -> dict[str, Any]:
    """The sparse model: a variable for each site and each trip, and one for each row left without a near site."""
    import highspy

    started, cpu = time.perf_counter(), time.process_time()
    size, trips = given["weights"].size, given["km"].size
    rows = np.repeat(np.arange(size), np.diff(given["starts"]))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = size + trips + size, size + trips + 1
    cost = given["weights"][rows] * given["km"]
    model.col_cost_ = np.concatenate([np.zeros(size), cost, given["weights"] * given["far"]])
    model.col_lower_, model.col_upper_ = np.zeros(model.num_col_), np.ones(model.num_col_)
    served = np.stack([size + np.arange(trips), given["columns"]], axis=1)
    entries = [[*range(size + a, size + b), size + trips + i] for i, (a, b) in enumerate(_pairs(given["starts"]))]
    index = np.concatenate([*map(np.array, entries), served.ravel(), np.arange(size)])
    value = np.concatenate([np.ones(trips + size), np.tile([1.0, -1.0], trips), np.ones(size)])
    lengths = np.concatenate([np.diff(given["starts"]) + 1, np.full(trips, 2), [size]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    model.a_matrix_.index_, model.a_matrix_.value_ = index.astype(np.int32), value
    model.row_lower_ = np.concatenate([np.ones(size), np.full(trips, -np.inf), [float(k)]])
    model.row_upper_ = np.concatenate([np.ones(size), np.zeros(trips), [float(k)]])
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger] * size + [kinds.kContinuous] * (trips + size)
    solver = highspy.Highs()
    for name, option in (("output_flag", False), ("threads", 1), ("time_limit", seconds), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(name, option)
    solver.passModel(model)
    solver.run()
    spent = {"s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    found, info = np.array(solver.getSolution().col_value), solver.getInfo()
    sites = np.flatnonzero(found[:size] > 0.5) if found.size else np.zeros(0, int)
    bound = float(info.mip_dual_bound)
    return spent | {
        "sites": sites,
        "cost": float(info.objective_function_value) if sites.size else np.inf,
        "bound": bound if abs(bound) < 1e300 else -np.inf,
        "stopped": solver.modelStatusToString(solver.getModelStatus()),
    }


def _pairs(starts: Any) -> list[tuple[int, int]]:
    return list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))


def main() -> None:
    engine, instance, answer, k, seconds, cap_mb = sys.argv[1:7]
    if engine != "maillage":
        resource.setrlimit(resource.RLIMIT_AS, (int(cap_mb) * 1_000_000,) * 2)
    with np.load(instance) as kept:
        given = dict(kept)
    found = {"maillage": maillage, "spopt": spopt, "highs": highs}[engine](given, int(k), float(seconds))
    np.save(answer, found.pop("sites"))
    # ru_maxrss of this process would count what its parent held when it started it; VmHWM does not
    own = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps(found | {"mb": round(max(own, children) / 1024)}))


if __name__ == "__main__":
    main()
