"""Who gets the seats of a session: the lowest free ones, and of those who wait the first that fits, in their order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

A_SESSION = 1_000
"""The numbers that each session has for its seats; the first stays unused."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who came to the list together: the registration that leads, and how many they are."""

    lead: int
    size: int


def moves_up(waiting: Iterable[Party], free: int) -> tuple[list[Party], int]:
    """Of those who wait, in the order of asking, each party that fits into what is left; and what is left then.

    >>> moves_up([Party(1, 3), Party(2, 1), Party(3, 1), Party(4, 1)], 2)
    ([Party(lead=2, size=1), Party(lead=3, size=1)], 0)
    """
    moved = []
    for party in waiting:
        if party.size <= free:
            moved.append(party)
            free -= party.size
    return moved, free


def lowest(session: int, taken: Collection[int], count: int) -> list[int]:
    """The lowest numbers of a session that are not taken, so many of them or all there are.

    >>> lowest(7, {7001, 7003}, 3)
    [7002, 7004, 7005]
    """
    numbers = (number for number in range(session * A_SESSION + 1, (session + 1) * A_SESSION))
    free = (number for number in numbers if number not in taken)
    return [number for number, _asked in zip(free, range(count), strict=False)]
