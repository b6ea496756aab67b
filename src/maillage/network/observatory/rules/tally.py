"""The arithmetic of a counter: from cells, each with how many it stands for, to one answer. Nothing else counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from maillage.network.observatory.rules.definitions import Definition
from maillage.network.observatory.rules.filters import Cell, Filter, holds

Cells = Iterable[tuple[Cell, int]]


@dataclass(frozen=True, slots=True)
class Tally:
    """`members` of the population, `counted` among them, `missing` those for whom it is not known.

    `classes`: dimension → value → how many of the population; the value None is those for whom it is not known, so
    that the classes of a dimension always add up to `members`. `housed`: the same, only those in a commune whose
    inhabitants are known: the numerators of rates.
    """

    members: int = 0
    counted: int = 0
    missing: int = 0
    read: int = 0
    classes: Mapping[str, Mapping[Any, int]] = field(default_factory=dict)
    housed: Mapping[str, Mapping[Any, int]] = field(default_factory=dict)
    figures: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """The members for whom it is known."""
        return self.members - self.missing


def tally(definition: Definition, cells: Cells, *, today: date) -> Tally:
    """Count cells as a definition says, in one pass, whatever their order."""
    members = counted = missing = read = 0
    classes: dict[str, Counter[Any]] = {name: Counter() for name in definition.by if name != "source"}
    housed: dict[str, Counter[Any]] = {name: Counter() for name in classes} if definition.per else {}
    figures: dict[str, list[tuple[Cell, int]]] = {f.name: [] for f in definition.figures if f.is_counted}
    filters: dict[str, Filter] = {f.name: f.where for f in definition.figures if f.is_counted}
    for cell, n in cells:
        read += n
        for name, kept in figures.items():
            if holds(filters[name], cell, today=today):
                kept.append((cell, n))
        if not holds(definition.where, cell, today=today):
            continue
        members += n
        lacking = bool(definition.missing) and holds(definition.missing, cell, today=today)
        missing += n * lacking
        # Of a share among those for whom it is known, nobody else is counted.
        if holds(definition.counted, cell, today=today) and not (lacking and definition.over != "all"):
            counted += n
        for name, rows in classes.items():
            rows[cell[name]] += n
            if definition.per and cell["inhabitants"]:
                housed[name][cell[name]] += n
    told = {f.name: _figure(f.lowest, f.highest, figures[f.name]) for f in definition.figures if f.is_counted}
    return Tally(members, counted, missing, read, classes, housed, told)


def _figure(lowest: str, highest: str, cells: list[tuple[Cell, int]]) -> int | None:
    """How many, or the least or the greatest whole number of a column; None where none is one."""
    if not (lowest or highest):
        return sum(n for _, n in cells)
    numbers = [int(text) for cell, _ in cells if (text := str(cell[lowest or highest] or "")).isdecimal()]
    if not numbers:
        return None
    return min(numbers) if lowest else max(numbers)
