import signal
import threading
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from maillage.analysis.kernels import available, relaxation
from maillage.analysis.kernels import cover as loops
from maillage.analysis.siting import cover, highs, local, reduce
from maillage.analysis.siting.checks import SitingInputError
from maillage.analysis.siting.result import Siting
from tests.analysis.siting.instances import Small, smalls, town

quick = settings(max_examples=40, deadline=None)
numba = pytest.mark.skipif(not available(), reason="Numba is not installed here")


def solve(small: Small, **more: Any) -> Siting:
    given = {"within": small.within, "fixed": small.fixed, "candidates": small.candidates}
    return cover(small.minutes, small.weights, small.k, **(given | more))


@quick
@given(smalls(), st.booleans())
def test_the_plan_is_the_best_of_all_plans(small: Small, halved: bool) -> None:
    if halved:  # weights that are no whole numbers
        small = replace(small, weights=small.weights / 4)
    plan = solve(small)
    assert plan.objective == pytest.approx(small.best())
    assert plan.objective == pytest.approx(small.worth([*small.fixed, *plan.sites]))
    assert plan.bound == pytest.approx(plan.objective)
    assert plan.stopped == "proved"
    assert len(plan.sites) == small.k
    assert set(plan.sites) <= set(small.candidates)
    assert list(plan.sites) == sorted(set(plan.sites))


@quick
@given(smalls())
def test_who_serves_is_the_nearest_open_place(small: Small) -> None:
    plan = solve(small)
    table = small.minutes.toarray()
    near = small.near
    is_open = sorted([*small.fixed, *plan.sites])
    for row, site in enumerate(plan.served_by):
        reached = [column for column in is_open if near[row, column]]
        assert site == (min(reached, key=lambda column: (table[row, column], column)) if reached else -1)


@quick
@given(smalls())
def test_one_more_fixed_place_never_serves_fewer(small: Small) -> None:
    more = np.setdiff1d(np.arange(small.minutes.shape[1]), [*small.fixed, *small.candidates])[:1]
    assert solve(small, fixed=np.append(small.fixed, more)).objective >= solve(small).objective


@quick
@given(smalls(), st.integers(0, 2**32 - 1))
def test_order_and_duplicates_change_nothing(small: Small, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = (random.permutation(size) for size in small.minutes.shape)
    moved = np.argsort(columns)
    twice = np.concatenate([rows, rows])
    other = replace(
        small,
        minutes=sparse.csr_array(small.minutes[twice][:, columns]),
        weights=small.weights[twice] / 2,
        fixed=moved[small.fixed],
        candidates=moved[small.candidates],
    )
    assert solve(other).objective == pytest.approx(solve(small).objective)


def test_an_explicit_zero_is_zero_minutes() -> None:
    minutes = sparse.csr_array((np.array([0.0, 3.0]), np.array([0, 1]), np.array([0, 1, 2])), shape=(2, 2))
    plan = cover(minutes, [5, 4], 1, within=2)
    assert (plan.sites.tolist(), plan.objective, plan.served_by.tolist()) == ([0], 5.0, [0, -1])


def test_nothing_in_reach_is_an_answer() -> None:
    plan = cover(sparse.csr_array((3, 4)), [1, 2, 3], 2, within=5)
    assert (plan.sites.tolist(), plan.objective, plan.bound, plan.gap) == ([0, 1], 0.0, 0.0, 0.0)


def test_a_larger_town_is_proved_and_no_worse_than_greedy() -> None:
    minutes = town()
    weights = np.random.default_rng(1).integers(1, 500, 300)
    plan = cover(minutes, weights, 8, within=0.12)
    small = reduce.instance(minutes, weights.astype(float), 0.12, np.zeros(0, np.intp), np.arange(120))
    assert small.sites < 120  # some sites are dominated
    greedily, _ = local.greedy(small, 8)
    assert plan.stopped == "proved"
    assert plan.bound == plan.objective >= greedily.best_value


@pytest.mark.parametrize("k", [2, 6])
def test_the_answer_is_that_of_the_plain_model(k: int) -> None:
    """The compact model on the raw rows, without any reduction."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    minutes = town(80, 40, seed=3, reach=0.2)
    weights = np.random.default_rng(2).integers(1, 90, 80).astype(float)
    reach = (minutes.toarray() > 0).astype(float)
    reach[np.arange(40), np.arange(40)] = 1.0
    served = LinearConstraint(np.hstack([-reach, np.eye(80)]), -np.inf, 0)
    count = LinearConstraint(np.append(np.ones(40), np.zeros(80)), -np.inf, k)
    cost = np.append(np.zeros(40), -weights)
    plain = milp(
        cost, constraints=[served, count], integrality=np.append(np.ones(40), np.zeros(80)), bounds=Bounds(0, 1)
    )
    assert cover(minutes, weights, k, within=0.2).objective == pytest.approx(-plain.fun)


def test_a_time_limit_gives_a_plan_and_an_honest_bound() -> None:
    minutes = town(200, 200, seed=5, reach=0.12)
    weights = np.ones(200)
    stopped = cover(minutes, weights, 10, within=0.12, time_limit_s=1e-9)
    proved = cover(minutes, weights, 10, within=0.12, gap=0.02)
    assert stopped.stopped == "time"
    assert stopped.objective <= proved.bound
    assert stopped.bound >= proved.objective
    assert stopped.gap > 0


def test_ctrl_c_gives_the_best_plan_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = town(900, 900, seed=5, reach=0.08)
    weights = np.random.default_rng(4).integers(1, 100, 900)
    calls = []

    def pressed(*arguments: Any, **more: Any) -> None:
        calls.append(1)
        usual(*arguments, **more)
        if len(calls) == 3:
            signal.raise_signal(signal.SIGINT)

    usual = local.improve
    monkeypatch.setattr(local, "improve", pressed)
    plan = cover(minutes, weights, 45, within=0.08)
    assert plan.stopped == "interrupted"
    assert 0 < plan.objective < plan.bound
    assert len(calls) == 3


def test_ctrl_c_stops_highs_which_tells_what_it_found() -> None:
    random = np.random.default_rng(3)
    knapsacks = sparse.csr_array(random.integers(1, 100, (25, 400)).astype(float))
    program = highs.Program(
        cost=random.integers(1, 100, 400).astype(float),
        lower=np.zeros(400),
        upper=np.ones(400),
        matrix=knapsacks,
        row_lower=np.full(25, -np.inf),
        row_upper=np.asarray(knapsacks.sum(axis=1)).ravel() // 3,
        integer=np.ones(400, dtype=bool),
    )
    timer = threading.Timer(1.0, signal.raise_signal, [signal.SIGINT])
    timer.start()
    outcome = highs.solve(program, seconds=60.0)
    timer.join()
    assert outcome.interrupted
    assert outcome.values is not None
    assert outcome.bound == np.inf


def test_a_wanted_gap_is_enough() -> None:
    minutes = town(400, 400, seed=5, reach=0.1)
    plan = cover(minutes, np.ones(400), 20, within=0.1, gap=0.2)
    assert plan.gap <= 0.2
    assert plan.stopped in ("gap", "proved")


@settings(max_examples=20, deadline=None)
@given(smalls(), st.data())
def test_a_place_serves_no_more_than_it_holds(small: Small, data: st.DataObject) -> None:
    columns = small.minutes.shape[1]
    room = np.array(data.draw(st.lists(st.integers(0, 30), min_size=columns, max_size=columns)), dtype=float)

    def worth(sites: list[int]) -> float:
        pairs = [(row, site) for row in range(len(small.weights)) for site in sites if small.near[row, site]]
        if not pairs:
            return 0.0
        left = np.zeros((len(small.weights) + columns, len(pairs)))
        for number, (row, site) in enumerate(pairs):
            left[row, number] = left[len(small.weights) + site, number] = 1
        return float(-linprog(-np.ones(len(pairs)), A_ub=left, b_ub=np.append(small.weights, room)).fun)

    best = max(worth([*small.fixed, *plan]) for plan in combinations(small.candidates, small.k))
    plan = solve(small, capacity=room)
    assert plan.objective == pytest.approx(best, abs=1e-6)
    assert plan.bound >= plan.objective
    assert plan.gap < 1e-6


def test_one_capacity_is_for_every_site() -> None:
    minutes = sparse.csr_array(np.array([[1.0, 1.0], [2.0, 0.0]]))
    plan = cover(minutes, [5, 4], 1, within=3, capacity=7)
    assert (plan.sites.tolist(), plan.objective, plan.served_by.tolist()[0]) == ([0], 7.0, 0)


@settings(max_examples=20, deadline=None)
@given(smalls(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.4, 1.0]))
def test_every_group_gets_its_share(small: Small, seed: int, floor: float) -> None:
    group = np.random.default_rng(seed).integers(0, 3, len(small.weights))

    def fair(columns: list[int]) -> bool:
        served = small.weights * small.near[:, columns].any(axis=1)
        return all(served[group == g].sum() >= floor * small.weights[group == g].sum() - 1e-9 for g in range(3))

    plans = [[*small.fixed, *plan] for plan in combinations(small.candidates, small.k)]
    worths = [small.worth(plan) for plan in plans if fair(plan)]
    if worths:
        plan = solve(small, groups=group, floor_share=floor)
        assert plan.objective == pytest.approx(max(worths))
        assert plan.gap < 1e-6
        assert fair([*small.fixed, *plan.sites])
    else:
        with pytest.raises(SitingInputError, match=r"^No choice of \d+ sites serves \d+ % of every group within"):
            solve(small, groups=group, floor_share=floor)


@numba
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_compiled_loops_and_numpy_give_the_same(seed: int, k: int) -> None:
    minutes = town(60, 40, seed=seed, reach=0.25)
    weights = np.random.default_rng(seed).integers(1, 100, 60).astype(float)
    small = reduce.instance(minutes, weights, 0.25, np.zeros(0, np.intp), np.arange(40))
    k = min(k, small.sites)
    weight = small.arrays[-1]
    raw = sparse.csr_array((np.ones(minutes.nnz, bool), minutes.indices, minutes.indptr), shape=minutes.shape)
    both = []
    for compiled in (True, False):
        by_site = raw.tocsc()
        over = loops.dominators.on(compiled)(raw.indptr, raw.indices, by_site.indptr, by_site.indices)
        sites, won = np.zeros(k, np.int64), np.zeros(k)
        times, gain = np.zeros(weight.size, np.int32), np.asarray(small.by_site.T @ weight, dtype=float)
        top, shut = np.full(-(-small.sites // loops.BLOCK), -1.0), np.zeros(small.sites, bool)
        state = (*small.arrays, times, gain, top, shut)
        loops.greedy.on(compiled)(sites, won, *state)
        slot_of, best, first = np.full(small.sites, -1, np.int32), sites.copy(), sites.copy()
        slot_of[sites] = np.arange(k)
        draws = np.random.default_rng(seed).random((15, 4 * local.RUINED + 1))
        values = loops.improve.on(compiled)(draws, 5.0, won.sum(), sites, best, won.sum(), slot_of, *state)
        both.append(
            (over.tolist(), first.tolist(), won.tolist(), sites.tolist(), best.tolist(), values, times.tolist())
        )
    assert both[0] == both[1]


def bound_of(multiplier: Any, k: int, col_at: Any, col_rows: Any, weight: Any) -> float:
    scores = np.sort([multiplier[col_rows[start:end]].sum() for start, end in pairwise(col_at)])
    return float((weight - multiplier).sum() + scores[-k:].sum())


@pytest.mark.parametrize("compiled", [pytest.param(True, marks=numba), False])
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_the_descent_answers_the_lowest_bound_of_its_own_multiplier(compiled: bool, seed: int, k: int) -> None:
    # Two ways of summing part at the first pair of sites worth the same: each walk is held to its own promise.
    minutes = town(60, 40, seed=seed, reach=0.25)
    weights = np.random.default_rng(seed).integers(1, 100, 60).astype(float)
    small = reduce.instance(minutes, weights, 0.25, np.zeros(0, np.intp), np.arange(40))
    k = min(k, small.sites)
    _, _, col_at, col_rows, weight = small.arrays
    multiplier, lowest = weight / 2, weight / 2
    at_start = bound_of(multiplier, k, col_at, col_rows, weight)
    served = cover(minutes, weights, k, within=0.25).objective
    first, _ = relaxation.descend.on(compiled)(
        1, 1.0, 5, served, 1e18, k, multiplier.copy(), lowest.copy(), col_at, col_rows, weight
    )
    assert first == pytest.approx(at_start, rel=1e-9)
    low, _ = relaxation.descend.on(compiled)(60, 1.0, 5, served, 1e18, k, multiplier, lowest, col_at, col_rows, weight)
    assert low == pytest.approx(bound_of(lowest, k, col_at, col_rows, weight), rel=1e-9)
    assert served * (1 - 1e-9) <= low <= at_start * (1 + 1e-9)
    assert ((lowest >= 0) & (lowest <= weight)).all()


@given(smalls())
@settings(max_examples=30, deadline=None)
def test_a_dominator_reaches_all_that_the_dominated_reaches(small: Small) -> None:
    every = np.arange(small.minutes.shape[1])
    weights = np.ones(len(small.weights))
    less = reduce.instance(small.minutes, weights, small.within, np.zeros(0, np.intp), every)
    for site, over in less.dominated:
        assert not (small.near[:, site] & ~small.near[:, over]).any()
    kept = small.near[:, less.column]
    assert (kept.any(axis=1) == small.near.any(axis=1)).all()
    assert less.weight.sum() == kept.any(axis=1).sum()
