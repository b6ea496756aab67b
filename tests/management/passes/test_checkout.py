"""The cheapest way to pay is the cheapest of all ways, counted one by one."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.management.passes.rules.checkout import Purse, TooMuch, Used, alone_cents, cheapest

DESK, OFFICE, ROOM = ("space:1", "half_day"), ("space:2", "half_day"), ("space:3", "hour")
THINGS = (DESK, OFFICE, ROOM)
CENTS = st.integers(0, 30).map(lambda euros: euros * 100)
USED = st.lists(
    st.builds(
        lambda thing, quantity, price: Used(*thing, quantity, price),
        st.sampled_from(THINGS),
        st.integers(1, 3),
        st.none() | CENTS,
    ),
    min_size=1,
    max_size=3,
)
PURSES = st.lists(
    st.builds(
        Purse,
        st.just("Formule"),
        st.integers(0, 4),
        st.dictionaries(st.sampled_from(THINGS), st.integers(1, 3)),
        new_units=st.integers(1, 4),
        new_cents=st.none() | CENTS,
        overage_cents=st.none() | CENTS,
    ),
    max_size=2,
)


def brute(used: list[Used], purses: list[Purse]) -> int | None:
    """Every piece on every purse or alone, every number of new carnets: the least cents, or None."""
    pieces = [line for line in used for _ in range(line.quantity)]
    best = None
    for choice in product(range(-1, len(purses)), repeat=len(pieces)):
        cents, taken = 0, [0] * len(purses)
        for piece, chosen in zip(pieces, choice, strict=True):
            if chosen < 0:
                cents = cents + piece.price_cents if cents is not None and piece.price_cents is not None else None
            elif (piece.subject, piece.unit) in purses[chosen].takes:
                taken[chosen] += purses[chosen].takes[piece.subject, piece.unit]
            else:
                cents = None
            if cents is None:
                break
        if cents is None:
            continue
        for purse, units in zip(purses, taken, strict=True):
            costs = [
                n * (purse.new_cents or 0)
                for n in range(units + 1)
                if purse.left + n * purse.new_units >= units and (n == 0 or purse.new_cents is not None)
            ]
            if purse.overage_cents is not None:
                costs.append(max(units - purse.left, 0) * purse.overage_cents)
            cents = cents + min(costs) if costs and cents is not None else None
        if cents is not None and (best is None or cents < best):
            best = cents
    return best


@settings(max_examples=150)
@given(USED, PURSES)
def test_it_costs_what_the_cheapest_of_all_ways_costs(used: list[Used], purses: list[Purse]) -> None:
    while sum(line.quantity for line in used) > 6:
        used = used[:-1]
    way, least = cheapest(used, purses), brute(used, purses)
    assert (way.cents if way else None) == least
    if way is None:
        return
    for n, line in enumerate(used):
        assert way.alone[n] + sum(share[n] for share in way.on) == line.quantity
    for number, purse in enumerate(purses):
        had = purse.left + way.bought[number] * purse.new_units + way.beyond[number]
        assert way.units[number] <= had
    whole = alone_cents(used)
    assert whole is None or way.cents <= whole


@given(USED, PURSES, st.integers(1, 5))
def test_more_on_a_carnet_never_costs_more(used: list[Used], purses: list[Purse], more: int) -> None:
    before = cheapest(used, purses)
    richer = [Purse(p.name, p.left + more, p.takes, p.new_units, p.new_cents, p.overage_cents) for p in purses]
    after = cheapest(used, richer)
    if before is not None:
        assert after is not None
        assert after.cents <= before.cents


def ten(left: int) -> Purse:
    return Purse("Carnet de 10", left, {DESK: 1, OFFICE: 2, ROOM: 1}, new_units=10, new_cents=7000)


def test_the_rule_of_ten_tickets() -> None:
    """A half-day of office is two tickets; one ticket of the old carnet, one of the new."""
    way = cheapest([Used(*OFFICE, 1, None)], [ten(1)])
    assert way is not None
    assert (way.cents, way.bought, way.units) == (7000, (1,), (2,))
    free = cheapest([Used(*OFFICE, 2, None), Used(*DESK, 3, 900), Used(*ROOM, 3, 1200)], [ten(10)])
    assert free is not None
    assert (free.cents, free.units) == (0, (10,))


@pytest.mark.parametrize(("half_days", "cents", "bought"), [(7, 6300, 0), (8, 7000, 1), (10, 7000, 1), (11, 7900, 1)])
def test_a_new_carnet_is_taken_when_it_is_worth_it(half_days: int, cents: int, bought: int) -> None:
    way = cheapest([Used(*DESK, half_days, 900)], [ten(0)])
    assert way is not None
    assert (way.cents, way.bought) == (cents, (bought,))


@pytest.mark.parametrize("turned", [False, True])
def test_the_dearest_goes_on_the_carnet_in_whatever_order(turned: bool) -> None:
    used = [Used(*DESK, 2, 900), Used(*ROOM, 2, 1200)]
    way = cheapest(used[::-1] if turned else used, [ten(2)])
    assert way is not None
    assert (way.cents, way.on[0][::-1] if turned else way.on[0]) == (1800, (0, 2))


def test_beyond_an_allowance_each_unit_has_its_price() -> None:
    month = Purse("Au mois", 1, {DESK: 1}, overage_cents=500)
    way = cheapest([Used(*DESK, 3, 900)], [month])
    assert way is not None
    assert (way.cents, way.beyond) == (1000, (2,))


def test_what_has_no_price_and_no_carnet_cannot_be_paid() -> None:
    assert cheapest([Used(*DESK, 1, None)], []) is None
    assert alone_cents([Used(*DESK, 1, None)]) is None


def test_more_than_can_be_counted_is_refused() -> None:
    with pytest.raises(TooMuch):
        cheapest([Used(*DESK, 61, 900)], [])
