import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.exchange.rules.neutral import neutralise, restore

NASTY = st.text(alphabet=st.sampled_from("'=+-@\t\r\n＝＋－＠ \u00a0\ufeffaé1("), max_size=8) | st.text()


@given(NASTY)
def test_the_text_comes_back_exactly(text):
    assert restore(neutralise(text)) == text


@given(NASTY)
def test_no_cell_starts_as_a_formula_would(text):
    assert not neutralise(text).lstrip(" \u00a0\ufeff").startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(NASTY, NASTY)
def test_two_texts_never_become_the_same_cell(one, other):
    assert (neutralise(one) == neutralise(other)) == (one == other)


@pytest.mark.parametrize(
    "text", ["=1+1", "+33 3", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "－1", " =1", "\u00a0@x", "'=1"]
)
def test_dangerous_starts_get_an_apostrophe(text):
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["L’été", "'quote", "a=b", "", "l'=a"])
def test_other_texts_are_left_alone(text):
    assert neutralise(text) == text
