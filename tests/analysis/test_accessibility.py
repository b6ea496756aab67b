import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maillage.analysis import decay
from maillage.analysis.accessibility import (
    AccessibilityError,
    e2sfca,
    gravity,
    raam,
    raam_in_steps,
    three_sfca,
    two_sfca,
)
from maillage.analysis.kernels import access
from maillage.analysis.travel import TravelError, checked

BANDS = {10: 1, 20: 0.68, 30: 0.22}
RECORDED = json.loads((Path(__file__).parent / "access_answers.json").read_text(encoding="utf-8"))

minute = st.one_of(st.just(math.inf), st.integers(0, 40).map(float))


@st.composite
def instances(draw: Any, *, least: int = 0, minute: Any = minute) -> tuple[Any, list[int], list[int]]:
    """Dense minutes, supply per site, people per row."""
    rows, sites = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    minutes = draw(st.lists(st.lists(minute, min_size=sites, max_size=sites), min_size=rows, max_size=rows))
    supply = draw(st.lists(st.integers(least, 30), min_size=sites, max_size=sites))
    return np.array(minutes), supply, draw(st.lists(st.integers(least, 900), min_size=rows, max_size=rows))


def by_double_loop(instance: Any, weigh: Any, *, choosing: bool = False) -> list[float]:
    """2SFCA, E2SFCA and 3SFCA as they are written in the papers."""
    minutes, supply, demand = instance
    rows, sites = range(len(demand)), range(len(supply))
    weights = [[weigh(minutes[i][j]) if minutes[i][j] <= 30 else 0.0 for j in sites] for i in rows]
    if choosing:
        weights = [[w * w / sum(row) if sum(row) else 0.0 for w in row] for row in weights]
    asked = [sum(weights[i][j] * demand[i] for i in rows) for j in sites]
    told = []
    for i in rows:
        bare = any(weights[i][j] > 0 and asked[j] == 0 and supply[j] > 0 for j in sites)
        shares = (weights[i][j] * supply[j] / asked[j] for j in sites if asked[j] > 0)
        told.append(math.nan if bare else sum(shares))
    return told


def banded(time: float) -> float:
    return next((weight for limit, weight in BANDS.items() if time <= limit), 0.0)


@given(instances())
def test_catchments_are_those_of_the_papers(instance: Any) -> None:
    step, bell = decay.step(BANDS), decay.gaussian(15)
    pairs = [
        (two_sfca(*instance, within=30), by_double_loop(instance, lambda _: 1.0)),
        (e2sfca(*instance, within=30, decay=step), by_double_loop(instance, banded)),
        (e2sfca(*instance, within=30, decay=bell), by_double_loop(instance, lambda t: math.exp(-t * t / 450))),
        (three_sfca(*instance, within=30, decay=step), by_double_loop(instance, banded, choosing=True)),
    ]
    for told, expected in pairs:
        assert told.tolist() == pytest.approx(expected, rel=1e-9, nan_ok=True)


@given(instances())
def test_gravity_is_a_double_loop(instance: Any) -> None:
    minutes, supply, _ = instance
    expected = [
        sum(offered / max(time, 2) ** 2 for time, offered in zip(row, supply, strict=True) if time <= 25)
        for row in minutes
    ]
    weigh = decay.gravity(1, 2, least_min=2)
    assert gravity(minutes, supply, decay=weigh, within=25).tolist() == pytest.approx(expected)
    everywhere = gravity(minutes, supply, decay=weigh)
    assert (everywhere >= gravity(minutes, supply, decay=weigh, within=25) - 1e-12).all()


@given(instances())
def test_what_people_get_is_what_sites_in_reach_offer(instance: Any) -> None:
    minutes, supply, demand = instance
    people = np.array(demand)
    reached = sum(
        offered for j, offered in enumerate(supply) if any(demand[i] for i in range(len(demand)) if minutes[i][j] <= 30)
    )
    for call in (e2sfca, three_sfca):
        got = call(*instance, within=30, decay=decay.gaussian(15))
        assert float((np.nan_to_num(got) * people).sum()) == pytest.approx(reached)


@given(instances(least=1), st.randoms())
def test_permuting_rows_and_sites_permutes_answers(instance: Any, draw: Any) -> None:
    minutes, supply, demand = instance
    rows, sites = list(range(len(demand))), list(range(len(supply)))
    draw.shuffle(rows)
    draw.shuffle(sites)
    shuffled = minutes[np.ix_(rows, sites)], [supply[j] for j in sites], [demand[i] for i in rows]
    for call in (e2sfca, three_sfca):
        before, after = (call(*one, within=30, decay=decay.step(BANDS)) for one in (instance, shuffled))
        assert after.tolist() == pytest.approx(before[rows].tolist())


@given(instances(least=1), st.integers(1, 50))
def test_more_supply_in_proportion_gives_more_access_in_proportion(instance: Any, times: int) -> None:
    minutes, supply, demand = instance
    before = e2sfca(minutes, supply, demand, within=30, decay=decay.step(BANDS))
    after = e2sfca(minutes, [times * offered for offered in supply], demand, within=30, decay=decay.step(BANDS))
    assert after.tolist() == pytest.approx((before * times).tolist())


@given(instances(least=1))
def test_one_more_site_never_lowers_access(instance: Any) -> None:
    minutes, supply, demand = instance
    assume(len(supply) > 1)
    for call in (two_sfca, lambda *one, within: e2sfca(*one, within=within, decay=decay.gaussian(15))):
        few, many = call(minutes[:, :-1], supply[:-1], demand, within=30), call(*instance, within=30)
        assert (many >= few - 1e-12).all()


def test_nothing_in_reach_is_no_access_and_nobody_in_reach_is_unknown() -> None:
    minutes = [[5.0, math.inf], [math.inf, math.inf], [math.inf, 5.0]]
    told = e2sfca(minutes, [10, 10], [100, 50, 0], within=30, decay=decay.step(BANDS))
    assert told.tolist() == pytest.approx([0.1, 0.0, math.nan], nan_ok=True)


def test_an_explicit_zero_counts_as_being_there() -> None:
    assert two_sfca(checked([[0.0]]), [10], [100], within=30).tolist() == [0.1]


def recorded() -> tuple[Any, list[float], list[float]]:
    minutes = [[math.nan if value is None else value for value in row] for row in RECORDED["minutes"]]
    return minutes, RECORDED["supply"], RECORDED["demand"]


class TestAccess:
    """Answers of the package `access` (PySAL), recorded by `python -m bench.accessibility --record`."""

    def test_same_catchments(self) -> None:
        minutes, supply, demand = recorded()
        step, bell, power = decay.step(BANDS), decay.gaussian(15), decay.gravity(20, 2, least_min=1)
        told = {
            "2sfca": two_sfca(minutes, supply, demand, within=30),
            "e2sfca": e2sfca(minutes, supply, demand, within=30, decay=step),
            "e2sfca-gaussian": e2sfca(minutes, supply, demand, within=30, decay=bell),
            "3sfca": three_sfca(minutes, supply, demand, within=30, decay=step),
            "gravity": gravity(minutes, supply, decay=power, within=30),
        }
        for what, values in told.items():
            assert values.tolist() == pytest.approx(RECORDED["answers"][what], rel=1e-12), what

    @pytest.mark.parametrize("compiled", [False, True])
    def test_same_rational_agents(self, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(access, "COMPILE_FROM_TRIPS", 0 if compiled else math.inf)
        told = raam_in_steps(*recorded(), tau_min=60)
        assert told.cost.tolist() == pytest.approx(RECORDED["answers"]["raam"], rel=1e-12)
        assert told.load.sum() == sum(RECORDED["demand"])

    def test_its_rounds_stop_before_the_equilibrium(self) -> None:
        steps, settled = raam_in_steps(*recorded(), tau_min=60), raam(*recorded(), tau_min=60, tolerance=1e-9)
        assert settled.regret <= 1e-9 < 1e-4 < steps.regret


def potential(trips: access.Trips, flow: Any) -> float:
    """What the equilibrium minimises (Beckmann)."""
    load = np.bincount(trips.indices, weights=flow, minlength=trips.supply.size)
    crowding = np.divide(load**2, 2 * trips.supply, out=np.zeros(load.size), where=trips.supply > 0)
    return float(crowding.sum() + (trips.travel * flow).sum())


def trips_of(instance: Any) -> access.Trips:
    minutes, supply, demand = instance
    found = checked(minutes)
    kept = np.array(supply)[found.indices] > 0
    indptr = np.concatenate([[0], np.cumsum(kept)])[found.indptr]
    rho = max(1, sum(demand)) / sum(supply)
    capacity = np.array(supply) * rho
    return access.Trips(
        indptr.astype(np.int64), found.indices[kept], found.data[kept] / 60.0, np.array(demand, dtype=float), capacity
    )


@settings(max_examples=60)
@given(instances())
def test_loops_and_arrays_walk_alike(instance: Any) -> None:
    assume(sum(instance[1]))
    trips, pace = trips_of(instance), access.Pace(30, 0.2, 0.005, 50.0)
    by_loop, by_arrays = (access.walk(trips, pace, compiled=compiled) for compiled in (True, False))
    plain = access._walk.plain  # the same loop, not compiled
    assert callable(plain)
    for one, other in zip(by_loop, by_arrays, strict=True):
        assert one.tolist() == other.tolist()


@settings(max_examples=60)
@given(instances())
def test_the_compiled_search_settles_as_the_plain_one(instance: Any) -> None:
    assume(sum(instance[1]))
    trips = trips_of(instance)
    fast, slow = (access.settle(trips, 1e-6, 200, compiled=compiled) for compiled in (True, False))
    assert fast[2] == slow[2]
    assert fast[1].tolist() == pytest.approx(slow[1].tolist(), abs=1e-6)


@given(instances())
def test_at_equilibrium_nobody_gains_by_choosing_again(instance: Any) -> None:
    minutes, supply, demand = instance
    assume(sum(supply) and sum(demand))
    told = raam(minutes, supply, demand, tolerance=1e-9, cycles=20_000)
    assert told.regret <= 1e-9
    rho = sum(demand) / sum(supply)
    for i, row in enumerate(minutes):
        costs = [
            time / 60 + told.load[j] / (rho * supply[j]) for j, time in enumerate(row) if time < math.inf and supply[j]
        ]
        if not costs:
            assert told.cost[i] == math.inf
        elif demand[i]:
            assert told.cost[i] == pytest.approx(min(costs), abs=1e-6 * sum(demand) / demand[i])
        else:
            assert told.cost[i] == pytest.approx(min(costs))
    reached = [sum(1 for j, time in enumerate(row) if time < math.inf and supply[j]) > 0 for row in minutes]
    assert told.load.sum() == pytest.approx(sum(np.array(demand)[reached]))


@given(instances(least=1))
def test_the_equilibrium_is_the_least_potential(instance: Any) -> None:
    trips = trips_of(instance)
    flow, _, _ = access.settle(trips, 1e-9, 20_000, compiled=False)
    walked, _, _ = access.walk(trips, access.Pace(150, 0.2, 0.005, 50.0), compiled=False)
    assert potential(trips, flow) <= potential(trips, walked) + 1e-6 * max(1.0, sum(instance[2]))


@settings(max_examples=40)
@given(instances(least=1), st.randoms())
def test_permuting_rows_moves_loads_no_more_than_the_regret_allows(instance: Any, draw: Any) -> None:
    minutes, supply, demand = instance
    rows = list(range(len(demand)))
    draw.shuffle(rows)
    before, after = (
        raam(minutes[order], supply, [demand[i] for i in order], tolerance=1e-7, cycles=5_000)
        for order in (sorted(rows), rows)
    )
    capacity = np.array(supply) * sum(demand) / sum(supply)
    farthest = sum(np.sqrt(2 * told.regret * sum(demand) * capacity) for told in (before, after))
    assert (np.abs(after.load - before.load) <= farthest + 1e-6).all()


@given(instances(least=1))
def test_steps_lose_nobody(instance: Any) -> None:
    minutes, _, demand = instance
    told = raam_in_steps(*instance, cycles=25)
    reached = np.isfinite(minutes).any(axis=1)
    assert told.load.sum() == np.array(demand)[reached].sum()
    assert (told.load >= 0).all()
    assert (np.isinf(told.cost) == ~reached).all()


def test_a_site_without_supply_serves_nobody() -> None:
    told = raam([[5.0, 10.0]], [0, 10], [100])
    assert (told.load.tolist(), told.congestion.tolist()) == ([0.0, 100.0], pytest.approx([math.nan, 1.0], nan_ok=True))
    assert told.cost.tolist() == pytest.approx([10 / 60 + 1])


def test_minutes_that_cannot_be_are_refused() -> None:
    for call in (two_sfca, raam):
        with pytest.raises(TravelError):
            call([[-1.0]], [1], [1], **({"within": 30} if call is two_sfca else {}))


@pytest.mark.parametrize(
    ("supply", "demand", "message"),
    [
        ([1, 2], [5], "Give one supply per site: minutes have 1, supply has shape (2,)."),
        ([1], [5, 6], "Give one demand per row: minutes have 1, demand has shape (2,)."),
        ([math.nan], [5], "The supply of site 0 is nan: give zero or more; leave out what is not known."),
        ([1], [-5], "The demand of row 0 is -5.0: give zero or more; leave out what is not known."),
        ([1], [math.inf], "The demand of row 0 is inf: give zero or more; leave out what is not known."),
    ],
)
def test_sides_that_cannot_be_are_refused(supply: Any, demand: Any, message: str) -> None:
    for call in (
        lambda: two_sfca([[1.0]], supply, demand, within=30),
        lambda: three_sfca([[1.0]], supply, demand, within=30, decay=decay.gaussian(5)),
        lambda: raam([[1.0]], supply, demand),
        lambda: raam_in_steps([[1.0]], supply, demand),
    ):
        with pytest.raises(AccessibilityError) as refused:
            call()
        assert str(refused.value) == message


@pytest.mark.parametrize("within", ["x", "20"])
def test_a_width_is_a_number(within: Any) -> None:
    for call in (two_sfca, lambda *one, within: e2sfca(*one, within=within, decay=decay.gaussian(15))):
        with pytest.raises(AccessibilityError) as refused:
            call([[1.0]], [1], [1], within=within)
        assert str(refused.value) == f"within must be a number of minutes above zero, not '{within}'."


def test_a_decay_is_a_function() -> None:
    nothing: Any = None
    with pytest.raises(decay.DecayError) as refused:
        gravity([[2.0]], [1], decay=nothing)
    assert str(refused.value) == "decay must be a function of minutes, such as decay.gaussian(15), not None."


@pytest.mark.parametrize("within", [0, -1, math.nan, None])
def test_a_catchment_has_a_width(within: float) -> None:
    with pytest.raises(AccessibilityError) as refused:
        two_sfca([[1.0]], [1], [1], within=within)
    assert str(refused.value) == f"within must be a number of minutes above zero, not {within}."


@pytest.mark.parametrize(
    ("weigh", "message"),
    [
        (lambda times: -times, "A decay gives weights of zero or more, finite: for 2.0 minutes it gave -2.0."),
        (lambda times: times * math.nan, "A decay gives weights of zero or more, finite: for 2.0 minutes it gave nan."),
        (lambda times: times[:0], "A decay gives one weight per trip: for 1 trips it gave an array of shape (0,)."),
    ],
)
def test_a_decay_that_is_none_is_refused(weigh: Any, message: str) -> None:
    with pytest.raises(decay.DecayError) as refused:
        gravity([[2.0]], [1], decay=weigh)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: raam([[1.0]], [1], [1], tau_min=0), "tau_min must be a finite number of minutes above zero, not 0."),
        (
            lambda: raam([[1.0]], [1], [1], tau_min="x"),
            "tau_min must be a finite number of minutes above zero, not 'x'.",
        ),
        (
            lambda: raam([[1.0]], [1], [1], rho="x"),
            "rho must be a finite number of people a unit of supply above zero, not 'x'.",
        ),
        (lambda: raam([[1.0]], [0], [1]), "No site offers anything: RAAM needs a supply above zero somewhere."),
        (
            lambda: raam([[1.0]], [1], [0]),
            "rho must be a finite number of people a unit of supply above zero, not 0.0.",
        ),
        (
            lambda: raam([[1.0]], [1], [1], tolerance=0),
            "tolerance must be a finite number above zero and cycles a whole number, 1 or more, not 0 and 1000.",
        ),
        (
            lambda: raam([[1.0]], [1], [1], tolerance="x", cycles=1.5),
            "tolerance must be a finite number above zero and cycles a whole number, 1 or more, not 'x' and 1.5.",
        ),
        (lambda: raam([[1.0]], ["x"], [1]), "The supply must be numbers, one per site; minutes have 1."),
        (lambda: raam([[1.0]], [1], [[1], [2, 3]]), "The demand must be numbers, one per row; minutes have 1."),
        (
            lambda: raam_in_steps([[1.0]], [1], [1.5]),
            "raam_in_steps moves whole people: give whole numbers of people, or use raam.",
        ),
        (
            lambda: raam_in_steps([[1.0]], [1], [1], cycles=0),
            "Give cycles of 1 or more, shares of people above zero and at most 1, and a half-life above zero, not "
            "cycles=0, initial_step=0.2, min_step=0.005, half_life=50.0.",
        ),
        (
            lambda: raam_in_steps([[1.0]], [1], [1], initial_step="x", half_life=None),
            "Give cycles of 1 or more, shares of people above zero and at most 1, and a half-life above zero, not "
            "cycles=150, initial_step='x', min_step=0.005, half_life=None.",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(call: Any, message: str) -> None:
    with pytest.raises(AccessibilityError) as refused:
        call()
    assert str(refused.value) == message
