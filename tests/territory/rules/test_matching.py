import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.matching import compare, key_of, lay
from tests.territory.typos import edits

WORDS = st.text(alphabet="abc", max_size=7)


def distance(a: str, b: str) -> int:
    """Damerau–Levenshtein (optimal string alignment), the textbook way."""
    table = [[max(i, j) if 0 in (i, j) else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(st.text(alphabet="abc", min_size=1, max_size=8), st.lists(WORDS, min_size=1, max_size=30))
def test_comparing_all_at_once_agrees_with_the_textbook(query: str, words: list[str]) -> None:
    found = compare(query, lay(words))
    distances = [distance(query, word) for word in words]
    prefixes = [min(distance(query, word[:n]) for n in range(len(word) + 1)) for word in words]
    begun = [word.startswith(query) for word in words]
    if len(query) > max(map(len, words)) + 1:
        begun = [False] * len(words)
    assert found.exact.tolist() == [d == 0 for d in distances]
    assert found.typo.tolist() == [d == 1 for d in distances]
    assert found.prefix.tolist() == begun
    near = found.typo_prefix | found.prefix
    assert near.tolist() == [p <= 1 or d <= 1 for p, d in zip(prefixes, distances, strict=True)]


@given(st.data())
def test_any_one_typo_is_forgiven(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.text(alphabet="abcde", min_size=1, max_size=12), min_size=1, max_size=9))
    wanted = data.draw(st.integers(0, len(words) - 1))
    typed = data.draw(edits(words[wanted], alphabet="abcde"))
    if typed:
        found = compare(typed, lay(words))
        assert found.exact[wanted] or found.typo[wanted]


@pytest.mark.parametrize("query", ["", "x" * 10_000, "ééé", "🎈🎈🎈", "\x00\x00\x00"])
def test_a_query_no_key_can_meet_finds_nothing(query: str) -> None:
    found = compare(query, lay(["ain", "aisne", "ééé"]))
    assert not np.any([found.exact, found.prefix, found.typo, found.typo_prefix])


def test_no_keys_at_all() -> None:
    assert compare("ain", lay([])).exact.size == 0


def test_a_key_is_cut_at_64_letters() -> None:
    assert key_of("a " * 100) == "a" * 64
