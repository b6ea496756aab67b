"""Linear and integer programs given to HiGHS as arrays, on one thread, stopped by Ctrl-C and by a time limit."""

import math
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse


@dataclass(frozen=True)
class Program:
    """Maximise `cost` · x with `lower` ≤ x ≤ `upper` and `row_lower` ≤ `matrix` x ≤ `row_upper`."""

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    matrix: sparse.csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    integer: NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What a solver found: `values` is None when it found nothing; `bound` is what nothing exceeds.

    `bound` is infinite where the run was interrupted or found nothing: HiGHS may not have set it then.
    """

    values: NDArray[np.float64] | None
    duals: NDArray[np.float64]
    bound: float
    optimal: bool
    infeasible: bool
    interrupted: bool


def solve(
    program: Program,
    *,
    seconds: float,
    start: NDArray[np.float64] | None = None,
    relaxed: bool = False,
    interior: bool = False,
    gap: float = 0.0,
    slack: float = 0.0,
) -> Outcome:
    """Solve a program, or only its linear relaxation; `start` is a known solution.

    `gap` and `slack` are the relative and absolute distances to the bound at which an integer search may stop.
    `interior` asks for the interior point method without crossover: its duals need not be exact.
    """
    import highspy

    solver = highspy.Highs()
    options: dict[str, Any] = {
        "output_flag": False, "threads": 1, "mip_rel_gap": gap, "mip_abs_gap": max(slack, 1e-6), "random_seed": 0,
    }  # fmt: skip
    if math.isfinite(seconds):
        options["time_limit"] = max(seconds, 0.01)
    if interior:
        options |= {"solver": "ipm", "run_crossover": "off"}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(highspy, program, relaxed))
    if start is not None and not relaxed:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
    interrupted = _interruptible(solver)
    return _outcome(highspy, solver, program, relaxed, interrupted)


def _model(highspy: Any, program: Program, relaxed: bool) -> Any:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = program.matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = program.matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = program.matrix.data.astype(np.float64)
    if not relaxed:
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        model.integrality_ = [kinds[int(whole)] for whole in program.integer]
    return model


def _interruptible(solver: Any) -> bool:
    """Run the solver in a thread, so that Ctrl-C reaches Python; True when it came."""
    solver.HandleUserInterrupt = True
    over = Event()

    def work() -> None:
        try:
            solver.run()
        finally:
            over.set()

    # An event, not Thread.join: Ctrl-C during join makes Python 3.11 take a running thread for an ended one.
    Thread(target=work, daemon=True).start()
    try:
        while not over.wait(0.2):
            pass
    except KeyboardInterrupt:
        solver.cancelSolve()
        over.wait()
        return True
    return False


def _outcome(highspy: Any, solver: Any, program: Program, relaxed: bool, interrupted: bool) -> Outcome:
    status, info, solution = solver.getModelStatus(), solver.getInfo(), solver.getSolution()
    kinds = highspy.HighsModelStatus
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    found = solution.value_valid and (feasible or relaxed)
    bound = math.inf
    if relaxed and status == kinds.kOptimal:
        bound = float(info.objective_function_value)
    elif not relaxed and info.valid and found and not interrupted:
        best = float(program.cost @ np.array(solution.col_value))
        bound = _believed(float(info.mip_dual_bound), best, status == kinds.kOptimal)
    return Outcome(
        values=np.array(solution.col_value) if found else None,
        duals=np.abs(np.array(solution.row_dual)) if solution.dual_valid else np.zeros(0),
        bound=bound if abs(bound) < 1e300 else math.inf,
        optimal=status == kinds.kOptimal,
        infeasible=status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible),
        interrupted=interrupted,
    )


def _believed(told: float, best: float, optimal: bool) -> float:
    """The bound that a run tells, or infinity where HiGHS cannot have set it."""
    # A run stopped before its first node tells 0: without an end proved, a bound that closes the gap is no bound.
    slack = 1e-6 * max(1.0, abs(best))
    least = best - slack if optimal else best + slack
    return told if told >= least else math.inf
