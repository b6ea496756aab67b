"""Tables as text: rows found one by one, so that a broken row never takes its neighbours with it."""

import csv
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from maillage.network.exchange.rules.reports import FileRefused, RowProblem, short

MAX_CELL = 100_000
MAX_COLUMNS = 2_000
MAX_RECORD_LINES = 1_000
MAX_BROKEN = 10_000
LONGEST_REF = 200
DELIMITERS = ",;\t"
WHOLE_ROW = "(ligne entière)"
_UNREAD = re.compile("[\udc80-\udcff]")
_UNSEEN = re.compile("[\x00\udc80-\udcff]")
_UNFINISHED = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the physical lines below it; `first` is the number of the first of them, from 1."""

    header: tuple[str, ...]
    delimiter: str
    lines: list[str]
    first: int

    def unmapped(self, known: Container[str]) -> tuple[str, ...]:
        """The columns that a format does not read, in their order."""
        return tuple(column for column in self.header if column not in known)


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: dict[str, str]


def open_table(text: str) -> Table:
    """Read the header of a delimited text; the delimiter is the one that cuts it into most cells.

    >>> open_table("a;b\\n1;2\\n").header
    ('a', 'b')
    """
    csv.field_size_limit(MAX_CELL)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    skipped = next((i for i, line in enumerate(lines) if line.strip()), 0)
    candidates = [(d, _cells(lines[skipped], d)) for d in DELIMITERS]
    delimiter, cells = max(candidates, key=lambda c: len(c[1] or ()))
    header = tuple(cell.strip() for cell in cells or ())
    if not header or _UNSEEN.search("".join(header)) or len(header) > MAX_COLUMNS:
        raise FileRefused(
            f"La première ligne n’est pas un en-tête lisible : « {short(lines[skipped][:80])} ». "
            "Donnez un fichier CSV dont la première ligne nomme les colonnes."
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise FileRefused(
            f"L’en-tête nomme deux fois la même colonne : {', '.join(map(short, twice))}. "
            "Renommez ou retirez la colonne en double, puis relancez l’import."
        )
    return Table(header, delimiter, lines[skipped + 1 :], skipped + 2)


def _cells(record: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([record], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def rows(table: Table) -> Iterator[Row | RowProblem]:
    """Yield each row with the number of its first line, or what is wrong with it.

    A quote left open, too few or too many cells, a null character condemn one row; reading goes on at the next line.

    >>> [r.line if isinstance(r, Row) else r.problem for r in rows(open_table('a,b\\n1,2\\n"3\\n4,5\\n'))]
    [2, 'un guillemet n’est jamais refermé', 4]
    """
    position, broken = 0, 0
    while position < len(table.lines):
        line, start = table.first + position, table.lines[position]
        if not start.strip(" \t\r"):
            position += 1
            continue
        cells, length = _record(table, position)
        if isinstance(cells, RowProblem):
            broken += 1
            if broken > MAX_BROKEN:
                raise FileRefused(
                    f"Plus de {MAX_BROKEN} lignes sont illisibles (la dernière : {line}) : "
                    "ce n’est sans doute pas le bon fichier, ni le bon séparateur. Vérifiez-le avant de relancer."
                )
            yield cells
        else:
            yield Row(line, dict(zip(table.header, cells, strict=True)))
        position += length


def identity(row: Row, column: str, seen: dict[str, int]) -> RowProblem | None:
    """Note in `seen` the line of the row that bears this identifier, or say why the row has none of its own.

    >>> seen = {}
    >>> identity(Row(2, {"ID": "a "}), "ID", seen), identity(Row(3, {"ID": "a"}), "ID", seen).problem
    (None, 'identifiant déjà vu à la ligne 2')
    """
    ref = row.cells[column].strip()
    if not ref or len(ref) > LONGEST_REF:
        return RowProblem(
            row.line, column, short(ref), "l’identifiant manque ou est trop long", "donnez un identifiant unique"
        )
    if ref in seen:
        problem = f"identifiant déjà vu à la ligne {seen[ref]}"
        return RowProblem(row.line, column, short(ref), problem, "donnez un identifiant unique, ou retirez la ligne")
    seen[ref] = row.line
    return None


def _record(table: Table, position: int) -> tuple[list[str] | RowProblem, int]:
    """The cells of the record that starts here and how many lines it takes, or its problem and one line."""
    line, text, length = table.first + position, table.lines[position], 1
    while True:
        try:
            cells = next(csv.reader([text], delimiter=table.delimiter, strict=True), [])
            break
        except csv.Error as error:
            grown = _grown(table, position, text, length) if _UNFINISHED in str(error) else None
            if grown is None:
                return _unreadable(line, table.lines[position], str(error)), 1
            text, length = grown
    wanted = len(table.header)
    if len(cells) != wanted:
        return _wrong_count(line, table, cells), 1
    for name, cell in zip(table.header, cells, strict=True):
        if "\x00" in cell:
            mend = "supprimez le caractère nul"
            return RowProblem(line, name, short(cell), "contient un caractère nul", mend), length
        if unread := _UNREAD.search(cell):
            problem = f"octet 0x{ord(unread[0]) - 0xDC00:02X} : ni UTF-8, ni Windows-1252"
            return RowProblem(line, name, short(cell), problem, "réenregistrez le fichier en UTF-8"), length
    return cells, length


def _grown(table: Table, position: int, text: str, length: int) -> tuple[str, int] | None:
    """The record with the next lines, up to one that could close its quote; None past the bounds."""
    while position + length < len(table.lines) and length < MAX_RECORD_LINES and len(text) <= 2 * MAX_CELL:
        following = table.lines[position + length]
        text, length = f"{text}\n{following}", length + 1
        if '"' in following:
            return text, length
    return None


def _unreadable(line: int, text: str, error: str) -> RowProblem:
    if _UNFINISHED in error:
        problem, mend = "un guillemet n’est jamais refermé", "doublez ou retirez le guillemet"
    elif "field larger" in error:
        problem, mend = f"une cellule dépasse {MAX_CELL} caractères", "raccourcissez-la"
    else:
        problem, mend = "guillemets ou fins de ligne mal placés", "doublez les guillemets à l’intérieur d’une cellule"
    return RowProblem(line, WHOLE_ROW, short(text), problem, mend)


def _wrong_count(line: int, table: Table, cells: list[str]) -> RowProblem:
    wanted = len(table.header)
    if len(cells) < wanted:
        column, value = table.header[len(cells)], table.delimiter.join(cells)
    else:
        column, value = WHOLE_ROW, table.delimiter.join(cells[wanted - 1 :])
    problem = f"{len(cells)} cellules au lieu de {wanted}"
    return RowProblem(line, column, short(value), problem, "vérifiez les séparateurs et les guillemets de cette ligne")
