"""Where two texts differ, by words, and the short of it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND_WORDS = 10
"""Unchanged words kept on each side of a difference."""
LONGEST_WORDS = 60
"""Words of one passage that are kept when it has to be short."""
FEWEST_COMMON_WORDS = 3
"""Fewer words in common, between two differences, are part of the difference."""
MOST_PAIRS = 20_000
"""Pairs of equal words beyond which two texts are not compared within their first and last difference."""
_WORD = re.compile(r"\s*\S{1,40}")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text: the same in the other, different, or left out here."""

    text: str
    kind: Literal["same", "different", "left out"] = "same"


Passages = tuple[Passage, ...]


def compare(before: str, after: str) -> tuple[Passages, Passages]:
    """Both texts in passages; joined, each side is its text, but for white space at its end.

    >>> compare("un four à pain", "un four à bois")[1]
    (Passage(text='un four à', kind='same'), Passage(text=' bois', kind='different'))
    """
    mine, theirs = _WORD.findall(before), _WORD.findall(after)
    blocks = list(_common(mine, theirs))
    return (
        tuple(_passages(mine, [(start, size) for start, _other, size in blocks])),
        tuple(_passages(theirs, [(start, size) for _other, start, size in blocks])),
    )


def shorten(passages: Iterable[Passage]) -> Passages:
    """Only the differences of a text, with a few words around each; of a text alone, its beginning.

    >>> shorten([Passage(" mot" * 30), Passage(" fin", "different")])[0]
    Passage(text='', kind='left out')
    """
    told = tuple(passages)
    short: list[Passage] = []
    for n, passage in enumerate(told):
        if passage.kind == "different" or len(told) == 1:
            short += _kept(passage, LONGEST_WORDS, 0)
        else:
            short += _kept(passage, AROUND_WORDS if n else 0, AROUND_WORDS if n < len(told) - 1 else 0)
    return tuple(short)


def _kept(passage: Passage, first: int, last: int) -> Iterator[Passage]:
    words = _WORD.findall(passage.text)
    if len(words) <= max(first + last, 2 * AROUND_WORDS):
        yield passage
        return
    if first:
        yield Passage("".join(words[:first]), passage.kind)
    yield Passage("", "left out")
    if last:
        yield Passage("".join(words[-last:]), passage.kind)


def _common(mine: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int]]:
    """What two lists of words have in common, as (start, start, size), in order."""
    short = min(len(mine), len(theirs))
    head = next((n for n in range(short) if mine[n] != theirs[n]), short)
    rest = short - head
    tail = next((n for n in range(rest) if mine[-1 - n] != theirs[-1 - n]), rest)
    if head:
        yield 0, 0, head
    yield from _within(mine, theirs, head, tail)
    if tail:
        yield len(mine) - tail, len(theirs) - tail, tail


def _within(mine: list[str], theirs: list[str], head: int, tail: int) -> Iterator[tuple[int, int, int]]:
    one, other = mine[head : len(mine) - tail], theirs[head : len(theirs) - tail]
    counted = Counter(other)
    if sum(counted[word] for word in one) > MOST_PAIRS:
        return
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        if block.size >= FEWEST_COMMON_WORDS:
            yield head + block.a, head + block.b, block.size


def _passages(words: list[str], common: Iterable[tuple[int, int]]) -> Iterator[Passage]:
    position = 0
    for start, size in common:
        if start > position:
            yield Passage("".join(words[position:start]), "different")
        yield Passage("".join(words[start : start + size]))
        position = start + size
    if position < len(words):
        yield Passage("".join(words[position:]), "different")
