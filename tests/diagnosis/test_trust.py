"""What the registry is worth: probability, dates, evidence."""

from datetime import date
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.diagnosis.rules.trust import chance_of_so_few, evidence, is_recent, last_month

TODAY = date(2026, 11, 22)


@given(st.integers(0, 40), st.floats(0, 60))
def test_the_chance_is_that_of_poisson(found, expected):
    plain = sum(exp(-expected) * expected**n / factorial(n) for n in range(found + 1))
    assert chance_of_so_few(found, expected) == pytest.approx(min(1.0, plain), abs=1e-9)


@given(st.integers(0, 3000), st.floats(0, 3000))
def test_the_chance_is_a_probability_and_more_places_never_lower_it(found, expected):
    chance = chance_of_so_few(found, expected)
    assert 0 <= chance <= 1
    assert chance_of_so_few(found + 1, expected) >= chance
    assert chance_of_so_few(found, expected + 1) <= chance + 1e-9


def test_nothing_expected_says_nothing():
    assert chance_of_so_few(0, None) is None
    assert chance_of_so_few(0, 0.0) == 1.0


counts = st.integers(0, 12)


@given(counts, counts, counts, counts, st.none() | st.floats(0, 1))
def test_checking_one_more_place_never_makes_it_worse(found, checked, around, more, chance):
    order = ["none", "thin", "solid"]
    checked, around = min(checked, found), max(around, found)
    there = min(around, checked + more)
    told = {"found": found, "around": around, "chance": chance}
    before = evidence(checked=checked, around_checked=there, **told)
    if checked < found and there < around:
        assert order.index(evidence(checked=checked + 1, around_checked=there + 1, **told)) >= order.index(before)


@given(counts, counts)
def test_fictional_places_and_an_improbable_emptiness_prove_nothing(found, around):
    told = {"found": found, "checked": found, "around": found + around, "around_checked": found + around}
    assert evidence(chance=0.9, fictional=True, **told) == "none"
    assert evidence(chance=0.049, **told) == "none"


@pytest.mark.parametrize(
    ("told", "worth"),
    [
        ({"found": 3, "checked": 2, "around": 3, "around_checked": 2, "chance": 0.5}, "solid"),
        ({"found": 3, "checked": 1, "around": 9, "around_checked": 9, "chance": 0.5}, "thin"),
        ({"found": 0, "checked": 0, "around": 4, "around_checked": 2, "chance": 0.5}, "solid"),
        ({"found": 0, "checked": 0, "around": 2, "around_checked": 2, "chance": 0.5}, "thin"),
        ({"found": 0, "checked": 0, "around": 4, "around_checked": 1, "chance": 0.5}, "thin"),
        ({"found": 1, "checked": 0, "around": 8, "around_checked": 7, "chance": 0.5}, "thin"),
        ({"found": 5, "checked": 5, "around": 5, "around_checked": 5, "chance": None}, "thin"),
        ({"found": 5, "checked": 0, "around": 5, "around_checked": 0, "chance": 0.9}, "none"),
    ],
)
def test_the_table_of_evidence(told, worth):
    assert evidence(**told) == worth


@pytest.mark.parametrize(
    ("dated", "recent"),
    [
        ("2026-11-22", True), ("2024-11", True), ("2024-10", False), ("2024", True), ("2023", False), ("", False),
        ("2027", False), ("2026-12", False), ("2026", True), ("hier", False), ("2026-13", False), ("26", False),
        ("2026-11-22-1", False),
    ],
)  # fmt: skip
def test_a_date_is_recent_for_two_years_as_far_as_it_is_known(dated, recent):
    assert is_recent(dated, TODAY) is recent


@given(st.text(max_size=12))
def test_any_text_is_read_or_is_no_date(text):
    found = last_month(text)
    assert found is None or 1 <= found[1] <= 12
