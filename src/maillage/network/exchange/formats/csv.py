"""Maillage's own CSV, both ways: one row per place, several words joined by `|`, addresses by a space.

Text cells that a spreadsheet would run are neutralised on the way out and restored on the way in.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from maillage.network.exchange.formats.format import Document, Format, Writing, in_chunks
from maillage.network.exchange.rules import own
from maillage.network.exchange.rules.features import unfit
from maillage.network.exchange.rules.neutral import neutralise, restore
from maillage.network.exchange.rules.own import ExportedPlace, Unreadable
from maillage.network.exchange.rules.reading import OwnReader
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, RowProblem
from maillage.network.exchange.rules.tables import Row, open_table, rows
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS

COLUMNS = ("id", "slug", *FIELDS, "category", "demo", "licence", "attribution", "sources")
NUMBERS = frozenset({"lat", "lon", "capacity"})
SIGNATURE = frozenset({"name", "lat", "lon", "commune"})


def write(places: Iterable[ExportedPlace], _writing: Writing) -> Iterator[str]:
    """Write places as CSV, in chunks of text."""
    return in_chunks(_pieces(places))


def _pieces(places: Iterable[ExportedPlace]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for place in places:
        yield _taken(buffer)
        writer.writerow([_cell(name, value) for name, value in _row(place).items()])
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _row(place: ExportedPlace) -> dict[str, Any]:
    row: dict[str, Any] = {"id": str(place.id), "slug": place.slug}
    row |= {name: place.values.get(name, "") for name in FIELDS}
    row |= {"category": place.category, "demo": "1" if place.demo else ""}
    row |= {"licence": "; ".join(place.licences), "attribution": place.attribution}
    row["sources"] = json.dumps(own.sources_of(place), ensure_ascii=False, separators=(",", ":"))
    return row


def _cell(name: str, value: Any) -> str:
    if name in NUMBERS:
        return "" if value in ("", None) else repr(value)
    if isinstance(value, list):
        return neutralise((" " if name == "links" else "|").join(value))
    return neutralise(value)


def read(document: Document, options: Options) -> Reading:
    """Read our own CSV back, or one filled by hand with the same columns."""
    table = open_table(document.text)
    if "name" not in table.header or not ({"lat", "lon"} <= set(table.header) or "commune" in table.header):
        raise FileRefused(
            "Il manque des colonnes au format « CSV de Maillage » : « name », et de quoi situer le lieu : « lat » et "
            f"« lon », ou « commune » (code Insee). Colonnes trouvées : {', '.join(table.header)[:600]}. "
            "Ajoutez ces colonnes, puis relancez l’import."
        )
    reader = OwnReader(document.name, options, table.unmapped(COLUMNS))
    for row in rows(table):
        if isinstance(row, RowProblem):
            reader.reading.refuse(row)
        else:
            reader.add(row.line, row.cells, partial(_own_row, row, reader))
    return reader.reading


def _own_row(row: Row, reader: OwnReader) -> own.OwnRow:
    cells = {name: cell if name in NUMBERS else restore(cell) for name, cell in row.cells.items()}
    shown = {name: _value(name, cells[name]) for name in FIELDS if cells.get(name)}
    return own.read_row(
        identifier=cells.get("id", "").strip(),
        slug=cells.get("slug", "").strip(),
        demo=cells.get("demo") == "1",
        shown=shown,
        records=_records(cells.get("sources", "")),
        fallback=reader.fallback,
    )


def _value(name: str, cell: str) -> Any:
    if name in FEATURE_FIELDS:
        return [word.strip() for word in cell.split("|") if word.strip()]
    return cell.split() if name == "links" else cell


def _records(cell: str) -> object:
    if not cell.strip():
        return None
    mend = "laissez la colonne « sources » comme à l’export"
    try:
        records = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise Unreadable("sources", cell, "la liste des sources n’est pas du JSON", mend) from error
    problem = unfit(records)
    if problem:
        raise Unreadable("sources", cell, problem, mend)
    return records


FORMAT = Format("csv", "CSV de Maillage", SIGNATURE, read, write, required=frozenset({"name"}))
