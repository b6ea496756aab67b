"""The rules of roaming hold for any debts, any price and any days."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.rules.documents import net_of
from maillage.network.schemes.rules.roaming import (
    COMING,
    DECLINED,
    IN,
    INVITED,
    LEAVING,
    LEFT,
    REASONS,
    Facts,
    Stay,
    first_day,
    holds,
    last_day,
    read_terms,
    refusal,
    state,
)
from maillage.network.schemes.rules.roaming_months import Debt, nets, set_off, written

TODAY = date(2026, 11, 22)
PLACE = st.integers(0, 5)
DEBTS = st.lists(
    st.tuples(PLACE, PLACE, st.integers(1, 10**9)).filter(lambda one: one[0] != one[1]).map(lambda one: Debt(*one)),
    max_size=60,
)
DAY = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DEBTS)
def test_what_all_are_owed_sums_to_zero(debts: list[Debt[int]]):
    assert sum(nets(debts).values()) == 0


@given(DEBTS)
def test_what_is_left_to_pay_settles_everybody_and_no_two_pay_each_other(debts: list[Debt[int]]):
    left = set_off(debts)
    paid = nets(Debt(one.payee, one.payer, one.cents) for one in left)
    assert {place: cents for place, cents in nets(debts).items() if cents} == {
        place: cents for place, cents in paid.items() if cents
    }
    pairs = [frozenset((one.payer, one.payee)) for one in left]
    assert len(pairs) == len(set(pairs))
    assert all(one.cents > 0 for one in left)
    assert all(one.owed_cents <= sum(debt.cents for debt in debts) for one in left)


@given(st.integers(1, 400), st.integers(1, 100_000), st.sampled_from([0, 550, 850, 1000, 2000]))
def test_an_invoice_of_half_days_asks_their_sum_or_a_cent_less(halves: int, cents: int, rate: int):
    line = written("x", halves, cents, rate, "")
    net = net_of(line.quantity_milli, line.unit_price_cents)
    total = net + (2 * net * rate + 10_000) // 20_000
    assert total == halves * cents or (rate > 0 and total == halves * cents - 1)


@given(st.none() | DAY, st.none() | DAY, st.booleans(), DAY)
def test_a_place_is_in_exactly_where_its_state_says_so(
    first: date | None, last: date | None, is_declined: bool, day: date
):
    if first is None or (last is not None and last < first):
        last = None
    stay = Stay(first, last, is_declined)
    assert holds(stay, day) == (state(stay, day) in (IN, LEAVING) and (first is not None and first <= day))
    assert state(stay, day) in (INVITED, DECLINED, COMING, IN, LEAVING, LEFT)


@given(DAY, DAY, DAY, st.integers(0, 365))
def test_who_is_invited_later_never_comes_before_others_could_leave(
    today: date, starts_on: date, invited_on: date, notice_days: int
):
    asked = {"today": today, "starts_on": starts_on, "invited_on": invited_on, "notice_days": notice_days}
    later = first_day(**asked, is_first=False)
    assert later > last_day(today=invited_on, starts=date(2026, 1, 1), notice_days=notice_days)
    assert first_day(**asked, is_first=True) == max(today, starts_on) <= later


def test_every_reason_is_reached_and_has_its_words():
    facts = (
        Facts(is_known=False),
        Facts(is_funded=True),
        Facts(is_own=True),
        Facts(is_agreed=False),
        Facts(is_roaming=False),
        Facts(units=None),
        Facts(is_open=False),
    )
    assert [refusal(one) for one in facts] == list(REASONS)
    assert refusal(Facts(is_open=None)) == ""


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_any_text_in_any_field_is_read_or_refused(name: str, price: str, notice: str, starts_on: str, places: str):
    raw = {"name": name, "price": price, "notice": notice, "starts_on": starts_on, "places": places}
    read = read_terms(raw, today=TODAY)
    if not read.wrongs:
        assert read.values["price_cents"] > 0
        assert 0 <= read.values["notice_days"] <= 365
        assert TODAY <= read.values["starts_on"] <= TODAY + timedelta(days=366)
