"""What the two variants of covering answer when HiGHS was stopped before it could tell anything."""

from types import SimpleNamespace
from typing import Any

import highspy
import numpy as np
import pytest
from scipy import sparse

from maillage.analysis.siting import cover, highs
from maillage.analysis.siting.checks import SitingInputError, SitingUnansweredError

MINUTES = sparse.csr_array(np.array([[1.0, 9], [9, 1], [1, 1]]))
WEIGHTS = [10.0, 20.0, 30.0]
COLUMNS, FLOWS, SERVED = 2, 4, 3


def stopped(values: Any, *, bound: float, interrupted: bool, infeasible: bool = False) -> highs.Outcome:
    found = None if values is None else np.array(values, dtype=float)
    return highs.Outcome(found, np.zeros(0), bound, optimal=False, infeasible=infeasible, interrupted=interrupted)


def answers(monkeypatch: pytest.MonkeyPatch, outcome: highs.Outcome) -> None:
    monkeypatch.setattr(highs, "solve", lambda *arguments, **more: outcome)


@pytest.mark.parametrize("values", [None, [0.0] * (COLUMNS + FLOWS)])
@pytest.mark.parametrize(("interrupted", "why"), [(True, "interrupted"), (False, "time")])
@pytest.mark.parametrize("bound", [0.0, float("inf")])
def test_capacities_stopped_early_are_never_proved(
    monkeypatch: pytest.MonkeyPatch, values: Any, interrupted: bool, why: str, bound: float
) -> None:
    if values is not None and not interrupted:
        bound = float("inf")  # a run that ended by itself with a solution is believed
    answers(monkeypatch, stopped(values, bound=bound, interrupted=interrupted))
    plan = cover(MINUTES, WEIGHTS, 1, within=5, capacity=100)
    assert (plan.objective, plan.bound, plan.gap, plan.stopped) == (0.0, 60.0, 1.0, why)


def test_nobody_to_serve_is_not_proved_either_by_an_interrupted_run(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, stopped(None, bound=0.0, interrupted=True))
    assert cover(MINUTES, [0, 0, 0], 1, within=5, capacity=100).stopped == "interrupted"


def test_an_interrupted_plan_with_floors_is_kept_and_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, stopped([0.0, 1.0, 0.0, 1.0, 1.0], bound=50.0, interrupted=True))
    plan = cover(MINUTES, WEIGHTS, 1, within=5, groups=[0, 0, 0], floor_share=0.5)
    assert (plan.sites.tolist(), plan.objective, plan.bound, plan.stopped) == ([1], 50.0, 60.0, "interrupted")


@pytest.mark.parametrize(("interrupted", "why"), [(True, "The search was interrupted"), (False, "Time ran out")])
def test_floors_without_a_plan_do_not_blame_the_input(
    monkeypatch: pytest.MonkeyPatch, interrupted: bool, why: str
) -> None:
    answers(monkeypatch, stopped(None, bound=0.0, interrupted=interrupted))
    with pytest.raises(SitingUnansweredError) as refused:
        cover(MINUTES, WEIGHTS, 1, within=5, groups=[0, 0, 0], floor_share=0.5)
    assert not isinstance(refused.value, SitingInputError)
    assert str(refused.value) == (
        f"{why} before any choice of 1 sites that serves 50 % of every group was found, and it is not known whether "
        "there is one: give more time."
    )


class Told:
    """A HiGHS that was stopped: what its run left behind."""

    def __init__(self, status: Any, bound: float, values: list[float]) -> None:
        feasible = highspy.SolutionStatus.kSolutionStatusFeasible
        self.getModelStatus = lambda: status
        self.getInfo = lambda: SimpleNamespace(valid=True, mip_dual_bound=bound, primal_solution_status=feasible)
        self.getSolution = lambda: SimpleNamespace(value_valid=True, dual_valid=False, col_value=values, row_dual=[])


@pytest.mark.parametrize(
    ("status", "bound", "values", "interrupted", "believed"),
    [
        ("kInterrupt", 0.0, [0.0], True, np.inf),
        ("kInterrupt", 9.0, [1.0], True, np.inf),
        ("kTimeLimit", 0.0, [0.0], False, np.inf),
        ("kTimeLimit", 0.0, [1.0], False, np.inf),
        ("kTimeLimit", 9.0, [1.0], False, 9.0),
        ("kOptimal", 7.0, [1.0], False, 7.0),
        ("kOptimal", 0.0, [0.0], False, 0.0),
    ],
)
def test_a_bound_that_highs_cannot_have_set_is_infinite(
    status: str, bound: float, values: list[float], interrupted: bool, believed: float
) -> None:
    one = np.ones(1)
    program = highs.Program(7 * one, 0 * one, one, sparse.csr_array((0, 1)), np.zeros(0), np.zeros(0), one > 0)
    told: Any = Told(getattr(highspy.HighsModelStatus, status), bound, values)
    assert highs._outcome(highspy, told, program, False, interrupted).bound == believed


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"capacity": "x"}, "capacity must be a number, not 'x'."),
        ({"capacity": {}}, "capacity must be a number, not {}."),
        ({"capacity": ["x", 1]}, "capacity must be numbers, one for each of the 2 site columns."),
        (
            {"capacity": -1},
            "capacity holds a negative value (first at row 0): weights count people or jobs, 0 at least.",
        ),
        ({"groups": [0, 0, 0], "floor_share": "a"}, "floor_share must be a number, not 'a'."),
        (
            {"groups": [0, 0, 0], "floor_share": 1.5},
            "floor_share is 1.5: give a share from 0 to 1 of each group's weight.",
        ),
        ({"within": "x"}, "within must be a number, not 'x'."),
        ({"within": None}, "within must be a number, not None."),
    ],
)
def test_what_is_no_number_is_refused_in_words(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(SitingInputError) as refused:
        cover(MINUTES, WEIGHTS, 1, **{"within": 5, **asked})
    assert str(refused.value) == message
