"""The cheapest way to pay for what was used: at the unit price, on a carnet, by a new one, beyond a subscription.

Every piece (a half-day, an hour) is paid one way. Units of carnets of one formula are pooled: one of the old, one of
the new. What is already paid costs nothing; what a new carnet leaves for later is told, and counts for nothing. The
answer is exact: all ways are counted, by what they take of each formula.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_PIECES = 60
MOST_WAYS = 200_000


class TooMuch(ValueError):
    """More ways than are counted at once."""


@dataclass(frozen=True, slots=True)
class Used:
    """So many pieces of one thing, and the price of one: None where it is not sold alone."""

    subject: str
    unit: str
    quantity: int
    price_cents: int | None


@dataclass(frozen=True, slots=True)
class Purse:
    """A formula: what the person has left of it, what one more carnet costs, and what a unit beyond it costs."""

    name: str
    left: int
    takes: dict[tuple[str, str], int]
    new_units: int = 0
    new_cents: int | None = None
    overage_cents: int | None = None

    def paid(self, units: int) -> tuple[int, int, int] | None:
        """Cents, new carnets and units beyond, for so many units; None where they cannot be had."""
        short = units - self.left
        if short <= 0:
            return 0, 0, 0
        ways = []
        if self.new_cents is not None and self.new_units > 0:
            carnets = -(-short // self.new_units)
            ways.append((carnets * self.new_cents, carnets, 0))
        if self.overage_cents is not None:
            ways.append((short * self.overage_cents, 0, short))
        return min(ways, default=None)


@dataclass(frozen=True, slots=True)
class Way:
    """How to pay: pieces on each purse by line, the others alone; what each purse gives and costs."""

    cents: int
    alone: tuple[int, ...]
    on: tuple[tuple[int, ...], ...]
    units: tuple[int, ...]
    bought: tuple[int, ...]
    beyond: tuple[int, ...]


def cheapest(used: Sequence[Used], purses: Sequence[Purse]) -> Way | None:
    """The way that costs least today, then takes fewest units; None where something cannot be paid in any way.

    >>> desk = Used("space:1", "half_day", 3, 900)
    >>> way = cheapest([desk], [Purse("Carnet", 2, {("space:1", "half_day"): 1}, 10, 7000)])
    >>> way.cents, way.alone, way.on
    (900, (1,), ((2,),))
    """
    if sum(one.quantity for one in used) > MOST_PIECES:
        raise TooMuch
    # By units taken of each purse: cents of what is paid alone, and how each line was shared out.
    known: dict[tuple[int, ...], tuple[int, tuple[tuple[int, ...], ...]]] = {(0,) * len(purses): (0, ())}
    for line in used:
        taken = [purse.takes.get((line.subject, line.unit)) for purse in purses]
        step: dict[tuple[int, ...], tuple[int, tuple[tuple[int, ...], ...]]] = {}
        for units, (cents, shares) in known.items():
            for share in _shares(line.quantity, [one is not None for one in taken]):
                alone = line.quantity - sum(share)
                if alone and line.price_cents is None:
                    continue
                now = tuple(u + n * (t or 0) for u, n, t in zip(units, share, taken, strict=True))
                told = (cents + alone * (line.price_cents or 0), (*shares, share))
                if now not in step or told < step[now]:
                    step[now] = told
                if len(step) > MOST_WAYS:
                    raise TooMuch
        known = step
    ways = (_way(used, purses, units, *told) for units, told in known.items())
    return min((way for way in ways if way), key=lambda way: (way.cents, sum(way.bought), way.units), default=None)


def _shares(quantity: int, open_to: Sequence[bool]) -> Iterator[tuple[int, ...]]:
    """Every way to give pieces to purses, or to none."""
    if not open_to:
        yield ()
        return
    for first in range(quantity + 1 if open_to[0] else 1):
        for rest in _shares(quantity - first, open_to[1:]):
            yield first, *rest


def _way(
    used: Sequence[Used],
    purses: Sequence[Purse],
    units: tuple[int, ...],
    cents: int,
    shares: tuple[tuple[int, ...], ...],
) -> Way | None:
    paid = [purse.paid(taken) for purse, taken in zip(purses, units, strict=True)]
    known = [one for one in paid if one is not None]
    if len(known) != len(paid):
        return None
    return Way(
        cents=cents + sum(one[0] for one in known),
        alone=tuple(line.quantity - sum(share) for line, share in zip(used, shares, strict=True)),
        on=tuple(tuple(share[n] for share in shares) for n in range(len(purses))),
        units=units,
        bought=tuple(one[1] for one in known),
        beyond=tuple(one[2] for one in known),
    )


def alone_cents(used: Sequence[Used]) -> int | None:
    """What everything would cost at the unit price; None where something has none."""
    if any(one.price_cents is None for one in used):
        return None
    return sum((one.price_cents or 0) * one.quantity for one in used)
