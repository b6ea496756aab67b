"""Charts of a diagnosis, as numbers ready to be written in SVG; each stands beside the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

from maillage.diagnosis.rules.facts import Range

WIDTH = 1000
LEFT, RIGHT = 14, 14
LAST_BAND = 5


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a bar: where it starts and how wide it is, in units of `WIDTH`; `kind` is its class of minutes."""

    kind: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis, with its value."""

    x: float
    value: int


@dataclass(frozen=True, slots=True)
class Band:
    """A range on an axis: from `left`, `width` wide, with its middle."""

    left: float
    width: float
    middle: float


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to `top`, its ticks at round values."""

    top: float
    ticks: tuple[Tick, ...]

    def at(self, value: float) -> float:
        """Where a value stands."""
        return round(LEFT + min(max(value, 0.0), self.top) / self.top * (WIDTH - LEFT - RIGHT), 1)

    def band(self, found: Range) -> Band:
        """Where a range stands."""
        left, right = self.at(found.p10), self.at(found.p90)
        return Band(left, round(max(right - left, 4.0), 1), self.at(found.p50))


def slices(counts: Sequence[tuple[int, int]]) -> tuple[Slice, ...]:
    """One bar cut by classes, in proportion: (class, people); classes without anybody are left out.

    >>> [(s.kind, s.x, s.width) for s in slices([(0, 30), (2, 10), (3, 0)])]
    [(0, 0, 750.0), (2, 750.0, 250.0)]
    """
    total = sum(count for _, count in counts)
    found: list[Slice] = []
    x: float = 0
    for kind, count in counts:
        if count:
            width = round(WIDTH * count / total, 1)
            found.append(Slice(kind, x, width))
            x = round(x + width, 1)
    return tuple(found)


def axis(values: Sequence[float], *, most_ticks: int = 6) -> Axis:
    """An axis that holds every value, a little longer than the largest, with at most `most_ticks` round steps.

    >>> [tick.value for tick in axis([3.2, 17]).ticks]
    [0, 5, 10, 15, 20]
    """
    largest = max((value for value in values if isfinite(value)), default=1.0)
    top = max(largest * 1.06, 1.0)
    step = _round_step(top / most_ticks)
    last = int(-(-top // step) * step)
    made = Axis(float(last), ())
    return Axis(float(last), tuple(Tick(made.at(value), value) for value in range(0, last + 1, step)))


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20… that is at least `least`."""
    power = 10 ** max(0, floor(log10(max(least, 1e-9))))
    return int(next(power * n for n in (1, 2, 5, 10) if power * n >= least))
