import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.names import ARTICLES, normalise, without_articles


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Saint-Brevin-les-Pins", "saint brevin les pins"),
        ("ST BREVIN LES PINS", "saint brevin les pins"),
        ("Ste-Œuf", "sainte oeuf"),
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("Châlons s/ Marne", "chalons sur marne"),
        ("Stains", "stains"),
        ("  a  —  b  ", "a b"),
        ("", ""),
        ("\x00", ""),
        ("🎈", ""),
    ],
)
def test_spellings_of_one_name_meet(written: str, normal: str) -> None:
    assert normalise(written) == normal


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip()
    assert "  " not in once


@given(st.text(alphabet="abcdéèç -'", max_size=40))
def test_case_hyphens_and_apostrophes_do_not_count(name: str) -> None:
    assert normalise(name.upper()) == normalise(name)
    assert normalise(name.replace("-", " ").replace("'", "’")) == normalise(name)


@given(st.lists(st.sampled_from(["le", "la", "les", "l", "mans", "ferte"]), min_size=1, max_size=5))
def test_articles_go_unless_nothing_is_left(words: list[str]) -> None:
    left = without_articles(" ".join(words)).split()
    assert left == [w for w in words if w not in ARTICLES] or (set(words) <= ARTICLES and left == words)
