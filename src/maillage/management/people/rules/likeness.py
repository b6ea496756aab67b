"""Who may be the same person twice: proposed with the reason, decided by people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from maillage.management.people.rules.names import one_slip, slips, sorted_words

EMAIL, PHONE, NAME, NEAR_NAME, INITIAL = REASONS = ("email", "phone", "name", "near_name", "initial")
"""Same e-mail, same dialled number, same words in the name, one slip apart, a first name written by its initial."""
WEIGHTS: Mapping[str, int] = {EMAIL: 4, PHONE: 3, NAME: 3, NEAR_NAME: 2, INITIAL: 1}
SHORTEST_NEAR = 6
"""Letters of a name below which one slip makes another name."""
MOST_TOGETHER = 12
"""Persons who share one sign beyond which only neighbours are compared: that is an organisation's telephone."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is compared of a person; `name` is folded."""

    id: int
    name: str = ""
    email: str = ""
    dialled: str = ""
    is_child: bool = False
    guardian_id: int | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why two persons may be one."""

    one: int
    other: int
    reasons: tuple[str, ...]

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[reason] for reason in self.reasons)


def likeness(one: Card, other: Card) -> Likeness | None:
    """Why these may be one person, or None: a child and a grown-up never are, nor two children of one guardian.

    >>> likeness(Card(1, "marie dupont"), Card(2, "dupont marie", email="m@exemple.fr")).reasons
    ('name',)
    >>> likeness(Card(1, "marie dupont", "m@exemple.fr"), Card(2, "paul dupont", "m@exemple.fr")).reasons
    ('email',)
    """
    if one.id == other.id or one.is_child != other.is_child:
        return None
    by_name = _by_name(one.name, other.name)
    if one.is_child and not (by_name in (NAME, NEAR_NAME) and one.guardian_id == other.guardian_id):
        return None
    reasons = [EMAIL] if one.email and one.email == other.email else []
    reasons += [PHONE] if one.dialled and one.dialled == other.dialled else []
    reasons += [by_name] if by_name else []
    first, second = sorted((one.id, other.id))
    return Likeness(first, second, tuple(reasons)) if reasons else None


def _by_name(one: str, other: str) -> str:
    mine, theirs = sorted_words(one), sorted_words(other)
    if not mine or not theirs:
        return ""
    if mine == theirs:
        return NAME
    if min(len(mine), len(theirs)) >= SHORTEST_NEAR and one_slip(mine, theirs):
        return NEAR_NAME
    return INITIAL if set(_shortened(mine)) & set(_shortened(theirs)) and _one_is_short(mine, theirs) else ""


def _shortened(name: str) -> Iterator[str]:
    """A name of two words or more with one of them cut to its initial, each in turn."""
    words = name.split()
    if len(words) > 1:
        for at, word in enumerate(words):
            yield " ".join(sorted([*words[:at], word[0], *words[at + 1 :]]))


def _one_is_short(one: str, other: str) -> bool:
    """Whether one of two names has an initial where the other has the whole word."""
    words = set(one.split()) ^ set(other.split())
    return len(words) == 2 and min(map(len, words)) == 1 and len({word[0] for word in words}) == 1


def likenesses(cards: Iterable[Card]) -> list[Likeness]:
    """Every two of these who may be one, the surest first; in time that grows with their number, not its square."""
    by_id = {card.id: card for card in cards}
    found = {}
    for group in _groups(by_id.values()):
        pairs = combinations(group, 2) if len(group) <= MOST_TOGETHER else pairwise(group)
        for one, other in pairs:
            if alike := likeness(by_id[one], by_id[other]):
                found[alike.one, alike.other] = alike
    return sorted(found.values(), key=lambda alike: (-alike.weight, alike.one, alike.other))


def _groups(cards: Iterable[Card]) -> Iterator[Sequence[int]]:
    signs: dict[tuple[str, str], list[int]] = {}
    for card in cards:
        words = sorted_words(card.name)
        mine = {(EMAIL, card.email), (PHONE, card.dialled), (NAME, words)}
        mine |= {(NEAR_NAME, cut) for cut in slips(words)} if len(words) >= SHORTEST_NEAR - 1 else set()
        mine |= {(INITIAL, cut) for cut in _shortened(words)}
        for sign in mine:
            if sign[1]:
                signs.setdefault(sign, []).append(card.id)
    return (ids for ids in signs.values() if len(ids) > 1)
