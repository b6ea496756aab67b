"""What is held about a person, as tables that a program reads (JSON) or a spreadsheet opens (CSV)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

BOM = "\ufeff"
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table, `rows` in the order of `columns`; `name` and `columns` as programs know them, then as said."""

    name: str
    title: str
    columns: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_objects(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def as_json(tables: Iterable[Table]) -> dict[str, list[dict[str, Any]]]:
    """Every table by its name, each row an object.

    >>> as_json([Table("visit", "venue", ("at",), ("arrivée",), (("2026-03-03",),))])
    {'visit': [{'at': '2026-03-03'}]}
    """
    return {table.name: table.as_objects() for table in tables}


def as_csv(tables: Iterable[Table], heads: Sequence[str]) -> str:
    """One line for each thing known: table, number of the row, what, value; no cell runs as a formula.

    >>> as_csv([Table("visit", "venue", ("who",), ("qui",), (("=1+1",),))], ("a", "b", "c", "d")).splitlines()[1]
    "venue;1;qui;'=1+1"
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    for table in tables:
        for number, row in enumerate(table.rows, start=1):
            for title, value in zip(table.titles, row, strict=True):
                if value not in (None, ""):
                    writer.writerow([table.title, number, title, cell(value)])
    return BOM + out.getvalue()


def cell(value: Any) -> str:
    """What a spreadsheet shows and never runs.

    >>> cell("=1+1"), cell(12)
    ("'=1+1", '12')
    """
    text = str(value)
    return f"'{text}" if text.lstrip(" '\u00a0\ufeff").startswith(_RUN) else text


def as_sheet(table: Table) -> str:
    """One table as a spreadsheet opens it, a line a row; no cell runs as a formula.

    >>> as_sheet(Table("visit", "venue", ("who",), ("qui",), (("=1+1",),))).splitlines()[1]
    "'=1+1"
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow(["" if value is None else cell(value) for value in row])
    return BOM + out.getvalue()
