"""Months, what a funder owes for one, and who is called back."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH = re.compile(r"(20[0-9]{2}|2100)-(0[1-9]|1[0-2])")
SAMPLE_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Spent:
    """A half-day that was spent, as a statement counts it."""

    pk: int
    day: date
    cents: int


@dataclass(frozen=True, slots=True)
class Due:
    """What is owed for a month: its half-days, late ones of the months before, and the rent."""

    lines: tuple[Spent, ...]
    rent_cents: int

    @property
    def halves_cents(self) -> int:
        return sum(line.cents for line in self.lines)

    @property
    def total_cents(self) -> int:
        return self.halves_cents + self.rent_cents


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def bounds(month: str) -> tuple[date, date] | None:
    """The first and last day of a month; None for what is no month.

    >>> bounds("2026-02"), bounds("2026-13")
    ((datetime.date(2026, 2, 1), datetime.date(2026, 2, 28)), None)
    """
    found = _MONTH.fullmatch(month)
    if found is None:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def due(spent: Iterable[Spent], stated: Iterable[int], *, month: str, rent_cents: int = 0) -> Due:
    """What a month's statement holds: all that was spent until its end and stands on no statement yet.

    A half-day that a tablet settles after its month was signed goes into the next one: none is lost, none is twice.
    """
    within = bounds(month)
    assert within is not None
    done = set(stated)
    lines = sorted(
        (one for one in spent if one.day <= within[1] and one.pk not in done), key=lambda one: (one.day, one.pk)
    )
    return Due(tuple(lines), rent_cents)


def rent(month: str, *, cents: int, starts: date | None, ends: date | None) -> int:
    """The rent of a month: whole as soon as a day of it is rented, used or not.

    >>> rent("2026-11", cents=20000, starts=date(2026, 11, 15), ends=date(2027, 3, 31))
    20000
    >>> rent("2026-10", cents=20000, starts=date(2026, 11, 15), ends=date(2027, 3, 31))
    0
    """
    within = bounds(month)
    if not cents or within is None or starts is None or ends is None:
        return 0
    return cents if starts <= within[1] and ends >= within[0] else 0


def unsigned_rents(
    cents: int, starts: date | None, ends: date | None, *, signed: Collection[str], today: date
) -> list[str]:
    """The months that are over, whose rent is due and not signed yet, the earliest first.

    >>> unsigned_rents(100, date(2026, 9, 1), date(2026, 12, 31), signed={"2026-09"}, today=date(2026, 11, 23))
    ['2026-10']
    """
    if not cents or starts is None or ends is None:
        return []
    over = [month for month in reversed(months(starts, min(ends, today))) if month != month_of(today)]
    return [month for month in over if month not in signed]


def months(first: date, last: date) -> list[str]:
    """The months from one day to another, the latest first.

    >>> months(date(2026, 11, 3), date(2027, 1, 2))
    ['2027-01', '2026-12', '2026-11']
    """
    counts = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{count // 12:04}-{count % 12 + 1:02}" for count in reversed(counts)]


def sample(codes: Sequence[str], *, seed: str) -> list[str]:
    """Whom to call back: one in ten, at least one, drawn so that anybody who knows the seed draws the same.

    >>> sample(["A", "B", "C"], seed="3 2026-11") == sample(["C", "B", "A"], seed="3 2026-11")
    True
    """
    ranked = sorted(set(codes), key=lambda code: hashlib.sha256(f"{seed} {code}".encode()).hexdigest())
    return ranked[: -(-len(ranked) // SAMPLE_ONE_IN)]
