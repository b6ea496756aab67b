import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.analysis import viability
from maillage.analysis.viability import Costs, ViabilityError

amounts = st.integers(0, 10**9)
desks = st.integers(0, 200)
shares = st.floats(0, 1)


def test_f1_all_desks_by_the_month_pay_a_half_time_post_and_nothing_else():
    earned = viability.income_by_month(9, 110_00)
    assert earned == 11_880_00
    assert viability.balance({"desks": earned}, Costs(staff_cents=11_880_00)).gap_cents == 0
    with_energy = viability.balance({"desks": earned}, Costs(staff_cents=11_880_00, energy_cents=1))
    assert with_energy.gap_cents == -1


def test_f2_capacity():
    assert viability.capacity_desk_days(9, 220) == 1_980


def test_f3_by_the_day():
    earned = [viability.income_by_day(9, 12_00, open_days=220, occupancy=share) for share in (1.0, 0.5, 0.3)]
    assert earned == [23_760_00, 11_880_00, 7_128_00]


def test_f4_a_rent_leaves_a_deficit_even_when_full():
    rent = Costs(rent_cents=12 * 1_200_00)
    full = viability.income_by_month(9, 110_00)
    assert viability.balance({"desks": full}, rent).gap_cents == -2_520_00
    assert viability.break_even_occupancy(rent.total_cents, full_income_cents=full) is None
    per_desk = viability.income_by_month(1, 110_00)
    assert viability.desks_needed(rent.total_cents, income_per_desk_cents=per_desk, capacity=9) is None
    assert viability.desks_needed(rent.total_cents, income_per_desk_cents=per_desk, capacity=11) == 11


def test_desks_alone_pay_no_post_with_a_rent_but_may_in_lent_premises():
    given = viability.parameters()
    by_day = viability.income_by_day(given.desks, given.desk_day_cents, open_days=given.open_days)
    renting = viability.usual_costs(premises_lent=False, posts=0.5, parameters=given)
    lent = viability.usual_costs(premises_lent=True, posts=0.5, parameters=given)
    assert viability.break_even_occupancy(renting.total_cents, full_income_cents=by_day) is None
    assert viability.break_even_occupancy(lent.total_cents, full_income_cents=by_day) == pytest.approx(0.702, abs=1e-3)


def test_posts_are_full_time_equivalents():
    given = viability.parameters()
    staff = [
        viability.usual_costs(premises_lent=True, posts=posts, parameters=given).staff_cents
        for posts in (0, 0.5, 1, 1.5)
    ]
    assert staff == [0, 11_880_00, 23_760_00, 35_640_00]


@given(amounts, st.integers(0, 10**6), desks)
def test_desks_needed_is_the_fewest_that_pay(cost, each, capacity):
    needed = viability.desks_needed(cost, income_per_desk_cents=each, capacity=capacity)
    paying = [number for number in range(capacity + 1) if number * each >= cost]
    assert needed == (paying[0] if paying else None)


@given(amounts, amounts)
def test_break_even_occupancy_is_where_income_meets_costs(cost, full):
    occupancy = viability.break_even_occupancy(cost, full_income_cents=full)
    assert (occupancy is None) == (cost > full)
    if occupancy is not None:
        assert 0 <= occupancy <= 1
        assert round(full * occupancy) == pytest.approx(cost, abs=1)


@given(desks, st.integers(0, 10**5), shares, shares)
def test_fuller_never_earns_less(number, price, less, more):
    less, more = sorted((less, more))
    assert viability.income_by_month(number, price, occupancy=less) <= viability.income_by_month(
        number, price, occupancy=more
    )
    low = viability.income_by_day(number, price, open_days=220, occupancy=less)
    assert low <= viability.income_by_day(number, price, open_days=220, occupancy=more)


@given(st.floats(0, 500), st.integers(0, 10**5), st.integers(0, 366), desks)
def test_demand_earns_no_more_than_full_desks(demand, price, days, capacity):
    earned = viability.income_of_demand(demand, price, open_days=days, capacity=capacity)
    assert earned <= viability.income_by_day(capacity, price, open_days=days)
    if demand >= capacity:
        assert earned == viability.income_by_day(capacity, price, open_days=days)


@given(st.dictionaries(st.text(max_size=5), amounts, max_size=4), amounts, amounts)
def test_gap_is_own_income_less_every_cost(income, rent, staff):
    told = viability.balance(income, Costs(rent_cents=rent, staff_cents=staff))
    assert told.gap_cents == sum(income.values()) - rent - staff
    if rent + staff:
        assert told.own_income_rate == sum(income.values()) / (rent + staff)
    else:
        assert told.own_income_rate is None


def test_an_unknown_cost_is_not_zero():
    told = viability.balance({"desks": 11_880_00}, Costs(staff_cents=11_880_00, energy_cents=None))
    assert (told.gap_cents, told.own_income_rate) == (None, None)
    assert Costs(energy_cents=None, fibre_cents=None).unknown == ("energy_cents", "fibre_cents")
    assert viability.break_even_occupancy(None, full_income_cents=1) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: viability.income_by_month(9, 110.5),
            "price_cents is 110.5: give whole cents, zero or more.",
        ),
        (
            lambda: viability.income_by_month(-1, 110_00),
            "desks is -1: give a whole number, zero or more.",
        ),
        (
            lambda: viability.income_by_day(9, 12_00, open_days=220, occupancy=80),
            "occupancy is 80: give a share between 0 and 1, 0.8 for 80 %.",
        ),
        (
            lambda: viability.income_by_day(9, 12_00, open_days=220, occupancy=float("nan")),
            "occupancy is nan: give a share between 0 and 1, 0.8 for 80 %.",
        ),
        (
            lambda: viability.income_of_demand(float("inf"), 12_00, open_days=220, capacity=9),
            "desks_per_day is inf: give the desks used on a day, zero or more.",
        ),
        (
            lambda: viability.usual_costs(premises_lent=True, posts=-1, parameters=viability.parameters()),
            "posts is -1: give full-time equivalents, 0.5 for a half-time post.",
        ),
        (lambda: Costs(rent_cents=-1), "rent_cents is -1: give whole cents, zero or more."),
        (
            lambda: viability.desks_needed(-1, income_per_desk_cents=1, capacity=1),
            "cost_cents is -1: give whole cents, zero or more.",
        ),
    ],
)
def test_bad_figures_are_refused(call, message):
    with pytest.raises(ViabilityError) as refused:
        call()
    assert str(refused.value) == message


def test_every_parameter_is_a_source_or_an_assumption_and_says_which():
    facts = tomllib.loads((Path(viability.__file__).parent / "viability.toml").read_text(encoding="utf-8"))
    values = {key for key, fact in facts.items() if isinstance(fact, dict)}
    told = viability.parameters()
    assert values == set(told.notes)
    assert {kind for kind, _ in told.notes.values()} == {"source", "assumption"}
    assert all(len(note) > 20 for _, note in told.notes.values())
    assert told.dated == facts["dated"]
