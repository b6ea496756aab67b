"""What came of a census: who answered, and how many said what, each with how many did not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from maillage.network.clearance.rules.campaigns import CHOICE, LEAST_PLACES, NUMBER, Asked, number
from maillage.network.schemes.rules.reports import Cell, is_deducible, suppressed

ANSWERED, SEEN, UNSEEN, UNREACHED = STATES = ("answered", "seen", "unseen", "unreached")


@dataclass(frozen=True, slots=True)
class Line:
    """How far a census is on one territory: places by state."""

    label: str
    answered: int
    seen: int
    unseen: int
    unreached: int

    @property
    def total(self) -> int:
        return self.answered + self.seen + self.unseen + self.unreached


@dataclass(frozen=True, slots=True)
class Result:
    """What places said to one question: `said` of `asked`; for numbers the sum and the middle, for choices counts.

    Texts are not counted. A count of None is hidden.
    """

    asked: Asked
    said: int
    invited: int
    cells: tuple[Cell, ...] = ()
    total: Decimal | None = None
    middle: Decimal | None = None

    @property
    def silent(self) -> int:
        return self.invited - self.said


def state(*, answered: bool, seen: bool, reached: bool) -> str:
    """Where a place of a census stands.

    >>> state(answered=False, seen=False, reached=True), state(answered=True, seen=False, reached=False)
    ('unseen', 'answered')
    """
    if answered:
        return ANSWERED
    if seen:
        return SEEN
    return UNSEEN if reached else UNREACHED


def by_territory(rows: Iterable[tuple[str, str]]) -> list[Line]:
    """Lines of progress from (territory, state) of each place, by name; a place of nowhere comes last.

    >>> rows = [("Jura", "answered"), ("", "seen"), ("Jura", "seen")]
    >>> [(one.label, one.answered, one.total) for one in by_territory(rows)]
    [('Jura', 1, 2), ('', 0, 1)]
    """
    counts: dict[str, dict[str, int]] = {}
    for label, where in rows:
        counts.setdefault(label, dict.fromkeys(STATES, 0))[where] += 1
    ordered = sorted(counts, key=lambda label: (not label, label))
    return [Line(label, *(counts[label][one] for one in STATES)) for label in ordered]


def result(asked: Asked, said: Sequence[str], *, invited: int) -> Result:
    """What places said to one question, all of it."""
    given = [one for one in said if one]
    if asked.kind == CHOICE:
        cells = tuple(Cell(choice, given.count(choice)) for choice in asked.choices)
        return Result(asked, len(given), invited, cells)
    if asked.kind == NUMBER:
        numbers = [read for one in given if (read := number(one)) is not None]
        middle = Decimal(median(numbers)) if numbers else None
        return Result(asked, len(numbers), invited, (), sum(numbers, Decimal(0)) if numbers else None, middle)
    return Result(asked, len(given), invited)


def shown_to_all(found: Result) -> Result:
    """The same without what would point at a place: small counts hidden, and no sum of a few.

    >>> told = result(Asked("x", "?", "choice", ("oui", "non")), ["oui"] * 9 + ["non"] * 2, invited=20)
    >>> [cell.count for cell in shown_to_all(told).cells]
    [None, None]
    """
    few = found.said < LEAST_PLACES
    if found.asked.kind == CHOICE:
        counts = {cell.label: cell.count or 0 for cell in found.cells}
        cells = suppressed(counts, least=LEAST_PLACES)
        hide = few or is_deducible(cells)
        told = {cell.label: None if hide else cell.count for cell in cells}
        ordered = tuple(Cell(cell.label, told.get(cell.label, None if hide else 0)) for cell in found.cells)
        return Result(found.asked, found.said, found.invited, ordered)
    if found.asked.kind == NUMBER:
        told_all = (None, None) if few else (found.total, found.middle)
        return Result(found.asked, found.said, found.invited, (), *told_all)
    return Result(found.asked, found.said, found.invited)


def percent(part: int, whole: int) -> int | None:
    """A rate in whole percent; unknown of nothing.

    >>> percent(1, 3), percent(0, 0)
    (33, None)
    """
    return round(100 * part / whole) if whole else None
