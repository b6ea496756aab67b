"""One engine, one maximal covering, in a process of its own: `cover_engine.py ENGINE INSTANCE K SECONDS GAP CAP_MB`.

Prints objective, bound (none where the engine states none), seconds and memory as JSON. Run by `bench.siting`; peers
are imported from PYTHONPATH. The instance is a folder of `.npy` files, so that nothing but the engine needs memory.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

Told = dict[str, Any]


def load(folder: Path) -> dict[str, Any]:
    return {path.stem: np.load(path) for path in folder.glob("*.npy")}


def maillage(given: dict[str, Any], k: int, seconds: float, gap: float) -> Told:
    from scipy import sparse

    from maillage.analysis.siting import cover

    first = time.perf_counter()
    small = sparse.random_array((400, 400), density=0.02, random_state=1, format="csr")
    cover(small, np.ones(400), 5, within=0.9, time_limit_s=1.0)  # loads the compiled loops and HiGHS
    first = time.perf_counter() - first
    shape = given["weights"].size, int(given["sites"])
    minutes = sparse.csr_array((given.pop("km"), given.pop("columns"), given.pop("starts")), shape=shape)
    started, cpu = time.perf_counter(), time.process_time()
    limit = {"within": float(given["within"]), "fixed": given["fixed"], "gap": gap, "time_limit_s": seconds}
    plan = cover(minutes, given["weights"], k, **limit)
    spent = {"s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu, "load_s": first}
    return spent | {"served": plan.objective, "bound": plan.bound, "how": plan.stopped}


def left_to_serve(given: dict[str, Any]) -> tuple[float, Any, Any, Any]:
    """What fixed places serve; then rows still to serve × candidates, and their weights: all that a model needs."""
    from scipy import sparse

    shape = given["weights"].size, int(given["sites"])
    reach = sparse.csr_matrix((given["km"] <= given["within"], given["columns"], given["starts"]), shape=shape)
    reach.eliminate_zeros()
    by_fixed = np.asarray(reach[:, given["fixed"]].sum(axis=1)).ravel() > 0
    may = np.setdiff1d(np.arange(shape[1]), given["fixed"])
    rows = np.flatnonzero(~by_fixed & (given["weights"] > 0))
    left = reach[rows][:, may]
    some = np.flatnonzero(np.diff(left.indptr))
    return float(given["weights"][by_fixed].sum()), left[some].astype(float), given["weights"][rows][some], may


def highs(given: dict[str, Any], k: int, seconds: float, gap: float) -> Told:
    """The sparse model given to HiGHS as arrays, on one thread."""
    import highspy
    from scipy import sparse

    started, cpu = time.perf_counter(), time.process_time()
    base, reach, weight, may = left_to_serve(given)
    rows, n = weight.size, may.size
    count = sparse.csr_matrix(np.append(np.ones(n), np.zeros(rows)))
    matrix = sparse.vstack([sparse.hstack([-reach, sparse.eye(rows)]), count]).tocsr()
    solver, model = highspy.Highs(), highspy.HighsLp()
    for name, value in {"output_flag": False, "threads": 1, "time_limit": seconds, "mip_rel_gap": gap}.items():
        solver.setOptionValue(name, value)
    model.num_col_, model.num_row_, model.sense_ = n + rows, rows + 1, highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = (
        np.append(np.zeros(n), weight),
        np.zeros(n + rows),
        np.ones(n + rows),
    )
    model.row_lower_, model.row_upper_ = np.full(rows + 1, -np.inf), np.append(np.zeros(rows), k)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data
    whole = highspy.HighsVarType
    model.integrality_ = [whole.kInteger] * n + [whole.kContinuous] * rows
    solver.passModel(model)
    solver.run()
    info = solver.getInfo()
    spent = {"s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    how = solver.modelStatusToString(solver.getModelStatus())
    return spent | {"served": base + info.objective_function_value, "bound": base + info.mip_dual_bound, "how": how}


def cbc(given: dict[str, Any], k: int, seconds: float, gap: float) -> Told:
    """The sparse model written row by row with PuLP, for CBC."""
    import pulp

    started, cpu = time.perf_counter(), time.process_time()
    base, reach, weight, may = left_to_serve(given)
    problem = pulp.LpProblem("cover", pulp.LpMaximize)
    x = [pulp.LpVariable(f"x{j}", cat="Binary") for j in range(may.size)]
    y = [pulp.LpVariable(f"y{i}", 0, 1) for i in range(weight.size)]
    problem += pulp.LpAffineExpression(list(zip(y, weight.tolist(), strict=True)))
    problem += pulp.LpAffineExpression([(one, 1) for one in x]) <= k
    for i in range(weight.size):
        sites = reach.indices[reach.indptr[i] : reach.indptr[i + 1]]
        problem += pulp.LpAffineExpression([(y[i], 1), *((x[j], -1) for j in sites)]) <= 0
    problem.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, gapRel=gap, threads=1))
    return _pulp(problem, base, started, cpu)


def spopt(given: dict[str, Any], k: int, seconds: float, gap: float) -> Told:
    """spopt's own model, from a dense table: it has no sparse one. Fixed places are its `predefined` ones."""
    import pulp
    from spopt.locate import MCLP

    rows, sites, fixed = given["weights"].size, int(given["sites"]), given["fixed"]
    table = np.full((rows, sites), 1e6)
    table[np.repeat(np.arange(rows), np.diff(given["starts"])), given["columns"]] = given["km"]
    there = np.zeros(sites, dtype=int)
    there[fixed] = 1
    started, cpu = time.perf_counter(), time.process_time()
    some = {"predefined_facilities_arr": there} if fixed.size else {}
    model = MCLP.from_cost_matrix(table, given["weights"], float(given["within"]), p_facilities=k + fixed.size, **some)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, gapRel=gap, threads=1), results=False)
    return _pulp(model.problem, 0.0, started, cpu)


def _pulp(problem: Any, base: float, started: float, cpu: float) -> Told:
    """PuLP says "Optimal" when CBC stopped on time: `sol_status` tells (performance.md 1); CBC hands over no bound."""
    import pulp

    wall, children = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = {"s": wall, "cpu_s": time.process_time() - cpu + children.ru_utime + children.ru_stime}
    served = base + float(problem.objective.value() or 0.0)
    proved = problem.sol_status == pulp.LpSolutionOptimal
    return spent | {"served": served, "bound": served if proved else None, "how": pulp.LpSolution[problem.sol_status]}


def main() -> None:
    engine, folder, k, seconds, gap, cap_mb = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (int(cap_mb) << 20,) * 2)
    told = globals()[engine](load(Path(folder)), int(k), float(seconds), float(gap))
    # ru_maxrss of this process would count what its parent held when it started it; VmHWM does not
    own = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps(told | {"mb": round(max(own, children) / 1024)}))


if __name__ == "__main__":
    main()
