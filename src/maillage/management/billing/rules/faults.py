"""What may be found wrong with the books, and the lines of a writing as they are held against its piece."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maillage.management.billing.rules.accounts import CUSTOMERS
from maillage.management.billing.rules.chain import whole

LACKS_ENTRY, LACKS_PIECE, DATES, TOTALS, LATE = "lacks_entry", "lacks_piece", "dates", "totals", "late"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that no longer is what was written: which row, which column where one can be named, what it held."""

    table: str
    name: str
    column: str
    was: str = ""


@dataclass(slots=True)
class Told:
    """What the lines of a writing say of its piece."""

    seal: str
    on: str
    piece_on: str
    written_at: str
    written_by: str
    journal: str
    auxiliary: str = ""
    owed_cents: int = 0
    gap_cents: int = 0
    accounts: set[str] = field(default_factory=set)
    is_doubtful: bool = False

    def add(self, values: Mapping[str, Any]) -> None:
        """Take one more line in."""
        cents = whole(values["debit_cents"]) - whole(values["credit_cents"])
        self.gap_cents += cents
        self.accounts.add(str(values["account"]))
        if values["account"] == CUSTOMERS:
            self.owed_cents += cents
            self.auxiliary = str(values["auxiliary"])


def begun(values: Mapping[str, Any]) -> Told:
    """The first line of a writing, before it is added."""
    return Told(
        seal=str(values["seal"]),
        on=str(values["on"]),
        piece_on=str(values["piece_on"]),
        written_at=str(values["written_at"]),
        written_by=str(values["written_by"]),
        journal=str(values["journal"]),
    )


def numbering(numbers: Iterable[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """What is wrong with the numbers of series (series, number, day), read in the order of numbers.

    >>> numbering([("F", 1, "2026-01-02"), ("F", 3, "2026-01-01")])
    [('F', 2, 'gone'), ('F', 3, 'dates')]
    """
    found: list[tuple[str, int, str]] = []
    last: dict[str, tuple[int, str]] = {}
    for series, number, day in numbers:
        before, day_before = last.get(series, (0, ""))
        found += [(series, missing, "gone") for missing in range(before + 1, number)]
        if day < day_before:
            found.append((series, number, DATES))
        last[series] = number, day
    return found
