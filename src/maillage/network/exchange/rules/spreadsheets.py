"""XLSX workbooks as delimited text, within bounds: one row of the sheet is one line, formulas are never run."""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from lxml.etree import XMLSyntaxError
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from maillage.network.exchange.rules.reports import FileRefused, short

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_MEMBERS = 2_000
MAX_UNPACKED = 128_000_000
MAX_SHEETS = 64
MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_CELLS = 1_000_000
MAX_EMPTY_ROWS = 1_000
_PIECE = 1_048_576
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_NO_RESULT = re.compile(rb"</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_LOOKED_AT = 50
_SPREADSHEET = "xl/workbook.xml"
_MEND = "Enregistrez la feuille des lieux seule, en CSV UTF-8 ou en .xlsx, puis relancez l’import."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as text: its name, the names of the other sheets that hold something, rows of titles above its header.

    `unread_formulas` says that somewhere in the workbook a formula has no kept result: its cell is empty.
    """

    name: str
    text: str
    others: tuple[str, ...]
    titles: int
    unread_formulas: bool


def is_workbook(data: bytes) -> bool:
    """Whether these bytes are those of a spreadsheet program, or of an archive."""
    return data.startswith((ZIP, OLD_EXCEL))


def read_workbook(data: bytes, *, sheet: str = "") -> Sheet:
    """Read the first sheet that holds a table, or the one named, as comma-separated text.

    Raises `FileRefused` for what is no .xlsx, is damaged, or unpacks to more than the bounds; nothing is unpacked
    before its declared size is known to fit.
    """
    if data.startswith(OLD_EXCEL):
        raise FileRefused(
            "C’est un ancien classeur Excel (.xls), ou un classeur protégé par un mot de passe. "
            "Enregistrez-le en .xlsx sans mot de passe, ou en CSV UTF-8, puis relancez l’import."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unread = _bounded(archive)
        return _read(io.BytesIO(data), sheet, unread)
    except FileRefused:
        raise
    except (zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, XMLSyntaxError, EOFError) as error:
        raise _damaged(error) from error
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError, NotImplementedError) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> FileRefused:
    return FileRefused(f"Le classeur est abîmé : {short(str(error))[:120] or type(error).__name__}. {_MEND}")


def _bounded(archive: zipfile.ZipFile) -> bool:
    """Refuse by the archive's own directory, then by what truly comes out, any workbook too large to be a list.

    Answers whether a formula has no kept result.
    """
    members = archive.infolist()
    names = {member.filename for member in members}
    if _SPREADSHEET not in names:
        kind = "un classeur OpenDocument (.ods)" if "content.xml" in names else "une archive, pas un classeur .xlsx"
        raise FileRefused(f"C’est {kind}. {_MEND}")
    if any(member.flag_bits & 1 for member in members):
        raise FileRefused(f"Le classeur est protégé par un mot de passe. {_MEND}")
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise _too_large()
    left, unread = MAX_UNPACKED, False
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as stream:
                size, formulas = _scanned(stream, left)
            left, unread = left - size, unread or formulas
    return unread


def _too_large() -> FileRefused:
    return FileRefused(
        f"Le classeur dépasse {MAX_UNPACKED // 1_000_000} Mo une fois décompressé : "
        f"ce n’est sans doute pas une liste de lieux. {_MEND}"
    )


def _scanned(stream: IO[bytes], left: int) -> tuple[int, bool]:
    """How many bytes come out, and whether a formula has no kept result.

    A document that declares entities, or is not written in UTF-8, is refused.
    """
    size, tail, unread = 0, b"", False
    while piece := stream.read(_PIECE):
        size += len(piece)
        if size > left:
            raise _too_large()
        seen = tail + piece
        if _ENTITY.search(seen) or b"\x00" in piece:
            raise FileRefused(f"Le classeur contient des déclarations XML qu’aucun tableur n’écrit. {_MEND}")
        unread = unread or bool(_NO_RESULT.search(seen))
        tail = seen[-32:]
    return size, unread


def _read(stream: io.BytesIO, wanted: str, unread_formulas: bool) -> Sheet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            return _chosen(book.worksheets, wanted, unread_formulas)
        finally:
            book.close()


def _chosen(sheets: Sequence[Any], wanted: str, unread_formulas: bool) -> Sheet:
    """The first sheet with a table, or the one named; the names of the others that hold something go with it."""
    names = [sheet.title for sheet in sheets]
    if len(names) > MAX_SHEETS:
        raise FileRefused(f"Le classeur compte plus de {MAX_SHEETS} feuilles. {_MEND}")
    if wanted and wanted not in names:
        listed = ", ".join(f"« {short(name)} »" for name in names)
        raise FileRefused(f"Le classeur n’a pas de feuille « {short(wanted)} ». Feuilles : {listed[:400]}.")
    text, chosen, titles, others = "", "", 0, []
    for sheet in sheets:
        sheet.reset_dimensions()
        if not text and (not wanted or sheet.title == wanted):
            text, titles = _text(sheet.iter_rows(values_only=True))
            chosen = sheet.title
        elif any(any(row) for row in islice(sheet.iter_rows(values_only=True), _LOOKED_AT)):
            others.append(sheet.title)
    if not text:
        raise FileRefused(f"Le classeur est vide. {_MEND}")
    return Sheet(chosen, text, tuple(others), titles, unread_formulas)


def _text(rows: Iterable[tuple[Any, ...]]) -> tuple[str, int]:
    """Rows as comma-separated text, and how many titles stood above the header.

    A row keeps its number: empty rows and titles are empty lines; empty rows at the end are left out.
    """
    trimmed = _trimmed(rows)
    first = list(islice(trimmed, _LOOKED_AT))
    header = _header(first)
    titles = sum(1 for row in first[:header] if row)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    width, empty, cells = 0, 0, 0
    for number, values in enumerate(chain([[]] * header, first[header:], trimmed), start=1):
        if not values:
            empty += 1
            if empty > MAX_EMPTY_ROWS:
                break
            continue
        width = width or len(values)
        cells += max(width, len(values))
        if number > MAX_ROWS or len(values) > MAX_COLUMNS or cells > MAX_CELLS:
            raise FileRefused(
                f"La feuille dépasse {MAX_ROWS} lignes, {MAX_COLUMNS} colonnes ou {MAX_CELLS} cellules. {_MEND}"
            )
        buffer.write("\n" * empty)
        empty = 0
        writer.writerow([*values, *[""] * (width - len(values))])
    return buffer.getvalue(), titles


def _header(rows: Sequence[Sequence[str]]) -> int:
    """The position of the first row that names columns: titles above it fill one cell only.

    >>> _header([["Lieux de 2025"], [], ["nom", "lat", "lon"]]), _header([["nom"], ["La Maille"]])
    (2, 0)
    """
    filled = [sum(1 for cell in row if cell) for row in rows]
    widest = max(filled, default=0)
    return next((i for i, count in enumerate(filled) if count > 1), 0) if widest > 1 else 0


def _trimmed(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[str]]:
    for row in rows:
        cells = [cell_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def cell_text(value: Any) -> str:
    """A cell as one line of text: days as ISO dates, whole numbers without a point, yes and no in French.

    >>> cell_text(1400.0), cell_text(datetime(2019, 6, 30)), cell_text(True), cell_text(46.99), cell_text("a\\nb")
    ('1400', '2019-06-30', 'oui', '46.99', 'a b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return " ".join(str(value).replace("_x000D_", " ").splitlines()).strip(" ")
