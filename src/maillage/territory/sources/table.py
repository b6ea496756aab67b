"""CSV read strictly: every number by its pattern, every text bounded, every refusal with its line."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from maillage.territory.sources.files import read_text, refuse

MOST_ROWS = 200_000
_WHOLE = re.compile(r"\d{1,9}(?:\.0)?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,7}(?:\.\d{1,18})?", re.ASCII)
_FLAGS = {"": None, "0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; an absent column reads as an empty cell."""

    path: Path
    line: int
    cells: dict[str, str]

    def text(self, column: str, longest: int) -> str:
        """A bounded, printable text, with single spaces."""
        value = " ".join(self.cells.get(column, "").split())
        if len(value) > longest or not value.isprintable():
            self.refuse(column, value, f"un texte lisible de {longest} signes au plus")
        return value

    def whole(self, column: str) -> int | None:
        """A whole number, also written `860.0`; empty is unknown."""
        value = self.cells.get(column, "").strip()
        if value and not _WHOLE.fullmatch(value):
            self.refuse(column, value, "un nombre entier")
        return int(value.removesuffix(".0")) if value else None

    def decimal(self, column: str) -> float | None:
        """A decimal number with a point; empty is unknown."""
        value = self.cells.get(column, "").strip()
        if value and not _DECIMAL.fullmatch(value):
            self.refuse(column, value, "un nombre décimal à point")
        return float(value) if value else None

    def flag(self, column: str) -> bool | None:
        """0, 1 or unknown."""
        value = self.cells.get(column, "").strip()
        if value not in _FLAGS:
            self.refuse(column, value, "0 ou 1")
        return _FLAGS[value]

    def refuse(self, column: str, value: str, wanted: str) -> None:
        """Refuse the file because of this cell."""
        refuse(self.path, f"colonne {column}, « {value[:40]} » alors qu’il faut {wanted}", self.line)


def rows(path: Path, needed: tuple[str, ...]) -> Iterator[Row]:
    """Each row of a comma-separated UTF-8 file whose first line names the columns."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        absent = [column for column in needed if column not in header]
        if absent:
            refuse(path, f"il manque les colonnes {', '.join(absent)}", 1)
        for count, cells in enumerate(reader):
            if len(cells) != len(header):
                refuse(path, f"{len(cells)} colonnes au lieu de {len(header)}", reader.line_num)
            if count >= MOST_ROWS:
                refuse(path, f"plus de {MOST_ROWS} lignes", reader.line_num)
            yield Row(path, reader.line_num, dict(zip(header, cells, strict=True)))
    except csv.Error:
        refuse(path, "la ligne n’est pas du CSV lisible", reader.line_num)
