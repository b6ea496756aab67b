"""The chain and the chart of accounts: whatever is sold, debits are credits; whatever is changed, it shows."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.rules import accounts, chain
from maillage.management.billing.rules.chain import Broken, Link
from maillage.management.billing.rules.documents import CREDIT, DEPOSIT, INVOICE, Document, Line, Party, grouped, totals
from maillage.management.billing.rules.faults import numbering

RATES = (0, 210, 550, 850, 1000, 2000)
SUBJECTS = ("booking:1", "dues:2", "gift:3", "deposit:4", "rien", "")
lines = st.builds(
    lambda subject, cents, rate: Line("x", 1000, "each", cents, "standard", rate, "S", cents, subject=subject),
    st.sampled_from(SUBJECTS),
    st.integers(-5_000, 50_000),
    st.sampled_from(RATES),
)


def document(kind: str, own: list[Line]) -> Document:
    groups = grouped(own)
    day = date(2026, 3, 2)
    who = Party("La Maille"), Party("Thomas Petit")
    return Document(kind, "F2026-00001", day, day, *who, tuple(own), groups, *totals(groups))


@given(st.sampled_from([INVOICE, DEPOSIT, CREDIT]), st.lists(lines, max_size=8))
def test_whatever_is_sold_debits_are_credits(kind: str, own: list[Line]) -> None:
    told = document(kind, own)
    postings = accounts.of_sale(told, auxiliary="C000001")
    assert accounts.is_balanced(postings)
    assert all(one.debit_cents > 0 or one.credit_cents > 0 for one in postings)
    owed = sum(one.cents for one in postings if one.account == accounts.CUSTOMERS)
    assert owed == (-told.total_cents if kind == CREDIT else told.total_cents)


@given(st.sampled_from(sorted(accounts.chart().methods)), st.integers(-(10**9), 10**9).filter(bool))
def test_whatever_is_paid_lands_somewhere_and_settles_as_much(method: str, cents: int) -> None:
    postings = accounts.of_payment(method, cents, auxiliary="C000001", name="Thomas")
    assert accounts.is_balanced(postings)
    assert postings[0].cents == cents


def test_a_sale_goes_to_the_account_of_what_is_sold() -> None:
    own = [
        Line("Salle", 1000, "day", 10_000, "standard", 2000, "S", 10_000, subject="booking:1"),
        Line("Cotisation", 1000, "each", 1_500, "exempt", 0, "E", 1_500, subject="dues:1"),
    ]
    assert [(one.account, one.cents) for one in accounts.of_sale(document(INVOICE, own), auxiliary="C000001")] == [
        ("411", 13_500),
        ("445711", -2_000),
        ("7061", -10_000),
        ("756", -1_500),
    ]


def test_a_deposit_is_owed_until_it_is_invoiced() -> None:
    own = [Line("Acompte", 1000, "each", 3_000, "standard", 2000, "S", 3_000, subject="booking:1")]
    told = [(one.account, one.cents) for one in accounts.of_sale(document(DEPOSIT, own), auxiliary="C000001")]
    assert told == [("411", 3_600), ("4191", -3_000), ("445711", -600)]


def test_every_payment_method_has_its_account_and_every_account_its_part() -> None:
    held = accounts.chart()
    assert set(held.methods) == {"cash", "cheque", "transfer", "card", "helloasso", "debit", "other"}
    assert {one.part for one in held.accounts.values()} <= set(accounts.PARTS)
    assert held.source
    assert held.since <= held.verified


def test_a_chart_that_leads_nowhere_is_refused(tmp_path) -> None:
    path = tmp_path / "chart.toml"
    path.write_text(
        'source = "x"\nsince = 2026-01-01\nverified = 2026-01-01\n[methods]\ncash = "531"\n[subjects]\n[vat]\n'
        '[[account]]\nnumber = "512"\nlabel = "Banque"\npart = "held"\n',
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=r"methods\.cash mène au compte 531, qui manque"):
        accounts.chart(path)


def links(count: int) -> list[Link]:
    made: list[Link] = []
    for number in range(count):
        values = {"position": number + 1, "label": f"l{number}", "on": date(2026, 1, 1)}
        before = made[-1].digest if made else ""
        made.append(Link(values, before, chain.linked(values, before)))
    return made


@given(st.integers(1, 9))
def test_a_chain_that_nobody_touched_holds(count: int) -> None:
    held = links(count)
    assert [chain.judged(held, index) for index in range(count)] == [None] * count


@given(st.integers(2, 9), st.data(), st.sampled_from(["content", "digest", "before"]))
def test_one_change_shows_at_its_row_and_nowhere_else(count: int, data: st.DataObject, what: str) -> None:
    held = links(count)
    at = data.draw(st.integers(0, count - 2 if what == "digest" else count - 1))
    one = held[at]
    changed = {
        "content": Link({**one.values, "label": "autre"}, one.before, one.digest),
        "digest": Link(one.values, one.before, "0" * 64),
        "before": Link(one.values, "0" * 64, one.digest),
    }
    held[at] = changed[what]
    found = [chain.judged(held, index) for index in range(count)]
    assert [None if told is None else told.column for told in found] == [
        what if index == at else None for index in range(count)
    ]


def test_a_column_is_named_by_another_copy_of_its_fact() -> None:
    held = links(3)
    held[1] = Link({**held[1].values, "label": "autre"}, held[1].before, held[1].digest)
    assert chain.judged(held, 1, [("on", date(2026, 1, 2)), ("label", "l1")]) == Broken(1, "label", "l1")


def test_rows_that_are_gone_show_at_the_next_one() -> None:
    held = links(4)
    del held[1]
    assert chain.judged(held, 1) == Broken(1, chain.GONE)


def test_the_same_moment_is_hashed_the_same_in_every_zone() -> None:
    from zoneinfo import ZoneInfo

    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert chain.text_of({"at": at}) == chain.text_of({"at": at.astimezone(ZoneInfo("Indian/Reunion"))})
    assert chain.text_of({"at": at}) == '{"at":"2026-10-25T01:30:00.000000+00:00"}'


@given(st.integers(1, 30), st.sets(st.integers(1, 30)))
def test_each_missing_number_is_named_once(count: int, missing: set[int]) -> None:
    held = [("F2026", number, "2026-01-01") for number in range(1, count + 1) if number not in missing]
    last = max((number for _series, number, _day in held), default=0)
    assert numbering(held) == [("F2026", number, "gone") for number in sorted(missing) if number < last]
