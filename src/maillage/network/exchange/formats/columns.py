"""CSV, GeoJSON or a workbook with any columns, read by a correspondence that a person has accepted."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules import centroids
from maillage.network.exchange.rules.features import features
from maillage.network.exchange.rules.mapping.correspondence import MENDS, Correspondence
from maillage.network.exchange.rules.mapping.proposing import SAMPLE_ROWS, Proposed, propose
from maillage.network.exchange.rules.mapping.values import Reader
from maillage.network.exchange.rules.reading import fallback_source
from maillage.network.exchange.rules.reports import Entry, FileRefused, Options, Reading, RowProblem, short
from maillage.network.exchange.rules.tables import LONGEST_REF, MAX_COLUMNS, WHOLE_ROW, Row, open_table, rows
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.slugs import slugify

GEOMETRY = ("geometry.lat", "geometry.lon")
"""The columns that the geometry of a GeoJSON feature gives."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as columns: their names, and its rows, read again at each call."""

    header: tuple[str, ...]
    rows: Callable[[], Iterator[Row | RowProblem]]


def open_sheet(document: Document) -> Sheet:
    """The columns of a table, or of the properties of GeoJSON features."""
    if document.text.lstrip()[:1] not in ("{", "["):
        table = open_table(document.text)
        return Sheet(table.header, lambda: _without_header_again(table.header, rows(table)))
    found = [_flat(line, feature) for line, feature in features(document.text)]
    header = dict.fromkeys(name for row in found if isinstance(row, Row) for name in row.cells)
    if len(header) > MAX_COLUMNS:
        raise FileRefused(f"Les objets portent plus de {MAX_COLUMNS} propriétés différentes. Retirez celles en trop.")
    empty = dict.fromkeys(header, "")
    return Sheet(
        tuple(header), lambda: (Row(row.line, empty | row.cells) if isinstance(row, Row) else row for row in found)
    )


def _without_header_again(header: Sequence[str], found: Iterator[Row | RowProblem]) -> Iterator[Row | RowProblem]:
    """Files joined end to end repeat their header: that row is told, never taken for a place."""
    for row in found:
        if isinstance(row, Row) and tuple(cell.strip() for cell in row.cells.values()) == tuple(dict.fromkeys(header)):
            yield RowProblem(row.line, WHOLE_ROW, short(", ".join(header)), "l’en-tête, une fois de plus", "retirez-la")
        else:
            yield row


def _flat(line: int, feature: dict[str, Any] | RowProblem) -> Row | RowProblem:
    if isinstance(feature, RowProblem):
        return feature
    properties = feature.get("properties")
    cells: dict[str, str] = {} if feature.get("id") is None else {"id": _cell(feature["id"])}
    for name, value in (properties if isinstance(properties, dict) else {}).items():
        if isinstance(value, dict):
            cells |= {f"{name}.{inner}": _cell(said) for inner, said in value.items()}
        else:
            cells[name] = _cell(value)
    if feature.get("geometry") is not None:
        try:
            lat, lon = centroids.of(feature["geometry"])
        except ValueError as error:
            return RowProblem(line, "geometry", short(feature["geometry"]), str(error), "donnez un point")
        cells |= {GEOMETRY[0]: repr(lat), GEOMETRY[1]: repr(lon)}
    return Row(line, cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return "|".join(_cell(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


def propose_for(document: Document) -> Proposed:
    """What the columns of a file suggest, from its header and its first rows."""
    sheet = open_sheet(document)
    sample = [row.cells for row in islice(sheet.rows(), SAMPLE_ROWS) if isinstance(row, Row)]
    return propose(sheet.header, sample)


def header_of(document: Document) -> tuple[str, ...]:
    """The names of the columns of a file."""
    return open_sheet(document).header


def read(document: Document, options: Options) -> Reading:
    """Read a file by `options.mapping`; a column that it does not name stays told, a word it does not know too."""
    correspondence, facts = _asked(document, options)
    sheet = open_sheet(document)
    absent = sorted(correspondence.used - set(sheet.header))
    if absent:
        raise FileRefused(
            f"Le fichier n’a pas ces colonnes : {', '.join(map(short, absent))[:400]}. "
            f"Colonnes trouvées : {', '.join(map(short, sheet.header))[:600]}."
        )
    unmapped = tuple(column for column in sheet.header if column and column not in (*correspondence.used, *MENDS))
    reading = Reading(sources={facts.slug: facts}, unmapped=unmapped)
    reader, seen = Reader(correspondence), dict[str, int]()
    for row in sheet.rows():
        if isinstance(row, RowProblem):
            reading.refuse(row)
        else:
            _add(row, reader, facts, reading, seen)
    _tell_the_whole(reader, reading)
    return reading


def _asked(document: Document, options: Options) -> tuple[Correspondence, SourceFacts]:
    if options.mapping is None or "name" not in options.mapping.columns:
        raise FileRefused(
            "On ne sait pas quelle colonne donne le nom des lieux. "
            "Dites-le, par exemple : --map nom=NOM_TL,lat=Y,lon=X."
        )
    facts = fallback_source(document.name, options)
    if facts is None:
        raise FileRefused(
            "Ce fichier ne dit pas sous quelle licence il est : on ne sait pas ce qu’on peut en faire. "
            'Relancez avec --licence, par exemple --licence "Licence Ouverte 2.0".'
        )
    return options.mapping, facts


def _add(row: Row, reader: Reader, facts: SourceFacts, reading: Reading, seen: dict[str, int]) -> None:
    values, told = reader.read(row.line, row.cells)
    ref, dated = str(values.pop("ref", "")), str(values.pop("dated", ""))
    columns = {name: said[0] for name, said in reader.correspondence.columns.items()}
    if len(ref) > LONGEST_REF:
        problem = RowProblem(row.line, columns["ref"], short(ref), "identifiant trop long", "200 signes au plus")
        reading.refuse(problem, row.cells)
        return
    given, ref = ref, ref or _made_up(values)
    if ref in seen:
        column, mend = columns["name"], "retirez la ligne ; si ce sont deux lieux, nommez-les autrement"
        if given:
            column, mend = columns["ref"], "donnez un identifiant unique, ou retirez la ligne"
        said = short(given or str(values.get("name", "")))
        reading.refuse(RowProblem(row.line, column, said, f"déjà vu à la ligne {seen[ref]}", mend), row.cells)
        return
    seen[ref] = row.line
    draft = Draft(facts.slug, ref, values, dict(row.cells), facts.licence, dated=dated)
    reading.entries.append(Entry(row.line, (draft,), columns, warnings=tuple(told)))


def _made_up(values: Mapping[str, Any]) -> str:
    """A reference for a row that has none: its name and where it is, the same when the file comes back."""
    where = values.get("commune") or values.get("postal_code") or f"{values.get('lat', '')},{values.get('lon', '')}"
    street = slugify(str(values.get("street", ""))[:80])
    return f"{slugify(str(values.get('name', ''))[:200])}@{str(where)[:40]}{f'/{street}' if street else ''}"[
        :LONGEST_REF
    ]


def _tell_the_whole(reader: Reader, reading: Reading) -> None:
    """What concerns many rows is told once: unknown words with their number, coordinates converted."""
    told = reader.unknown.told()
    if reader.metres:
        column = reader.correspondence.columns.get("lat", ("",))[0]
        count = f"{reader.metres} ligne(s) en mètres Lambert-93, converties en degrés"
        told.append(RowProblem(1, column, "", count, "vérifiez un lieu sur la carte"))
    reading.warnings += told


FORMAT = Format("columns", "CSV, GeoJSON ou classeur aux colonnes quelconques, avec leur correspondance", read=read)
