from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.passages import AROUND_WORDS, MOST_PAIRS, Passage, compare, shorten

LONG = " ".join(f"mot{n}" for n in range(200))
TEXTS = st.lists(st.sampled_from(["un", "deux", "trois", "\n\n", "l’été", "x" * 90]), max_size=60).map(" ".join)


def joined(passages: tuple[Passage, ...]) -> str:
    return "".join(one.text for one in passages)


def kinds(passages: tuple[Passage, ...]) -> list[str]:
    return [one.kind for one in passages]


@given(TEXTS, TEXTS)
def test_nothing_of_either_text_is_lost(before: str, after: str) -> None:
    mine, theirs = compare(before, after)
    assert (joined(mine), joined(theirs)) == (before.rstrip(), after.rstrip())
    same = [[one.text for one in side if one.kind == "same"] for side in (mine, theirs)]
    assert "".join(same[0]) == "".join(same[1])
    differ = "different" in kinds(mine) + kinds(theirs)
    assert differ == (before.rstrip() != after.rstrip())


@given(TEXTS, TEXTS)
def test_what_is_short_keeps_a_part_of_every_difference(before: str, after: str) -> None:
    for side in compare(before, after):
        for one in [one for one in side if one.kind == "different"]:
            assert any(one.text.startswith(kept.text) for kept in shorten(side) if kept.kind == "different")


def test_a_long_text_is_shortened_around_its_last_words() -> None:
    mine, theirs = (shorten(side) for side in compare(f"{LONG} avant", f"{LONG} après"))
    assert kinds(mine) == kinds(theirs) == ["left out", "same", "different"]
    assert (mine[-1].text, theirs[-1].text) == (" avant", " après")
    assert len(mine[1].text.split()) == AROUND_WORDS


def test_a_few_words_in_common_do_not_cut_a_difference_in_pieces() -> None:
    mine, _theirs = compare("un four de pain du soir", "deux poêles de fonte du matin")
    assert mine == (Passage("un four de pain du soir", "different"),)


def test_texts_made_to_be_slow_to_compare_are_compared_from_their_ends() -> None:
    many = int(MOST_PAIRS**0.5) + 1
    before = "début " + "a b " * many + "fin"
    after = "début " + "b a " * many + "c fin"
    mine, _theirs = compare(before, after)
    assert kinds(mine) == ["same", "different", "same"]
