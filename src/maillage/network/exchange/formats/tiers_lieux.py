"""The « tiers-lieux » schema as CSV, both ways: French columns, one row per place, everything carried.

The schema and its words are defined in `rules/tiers_lieux/definition.toml`.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import partial

from maillage.network.exchange.formats.format import Document, Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.reading import OwnReader
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, RowProblem
from maillage.network.exchange.rules.tables import open_table, rows
from maillage.network.exchange.rules.tiers_lieux import cells
from maillage.network.exchange.rules.tiers_lieux.checks import problems_of
from maillage.network.exchange.rules.tiers_lieux.definition import definition
from maillage.places.rules.sentences import sentence as _

SIGNATURE = frozenset({"nom", "statut", "activites", "code_insee", "licence"})
OURS = {field.ours: field.name for field in definition().fields if field.ours}
"""The column of each field of the registry."""


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write places as CSV of the schema, in chunks of text."""
    return in_chunks(_pieces(places, writing.site_url))


def _pieces(places: Iterable[ExportedPlace], site_url: str) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(definition().columns)
    for place in places:
        writer.writerow(cells.row_of(place, site_url))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def read(document: Document, options: Options) -> Reading:
    """Read a file of the schema, ours or filled by hand: each row names its source and licence, or the options do."""
    table = open_table(document.text)
    held = set(table.header)
    if not {"id", "nom"} <= held or not ("code_insee" in held or {"latitude", "longitude"} <= held):
        raise FileRefused(
            "Il manque des colonnes au format « Schéma tiers-lieux » : « id », « nom », et de quoi situer le lieu : "
            "« code_insee », ou « latitude » et « longitude ». "
            f"Colonnes trouvées : {', '.join(table.header)[:600]}. Ajoutez ces colonnes, puis relancez l’import."
        )
    reader = OwnReader(document.name, options, table.unmapped(definition().columns), OURS)
    for row in rows(table):
        if isinstance(row, RowProblem):
            reader.reading.refuse(row)
        else:
            reader.add(row.line, row.cells, partial(cells.read, row.cells, reader.fallback))
    return reader.reading


def check(document: Document) -> list[RowProblem]:
    """Every problem of a file against the schema, by line and column: a table, or the JSON of its JSON Schema."""
    return problems_of(document.text)


LOSSES = (
    Loss("photos", _("Les photos restent sur la page du lieu.")),
    Loss("history", _("L’historique reste sur la page du lieu\u202f; la ligne dit l’état d’aujourd’hui.")),
    Loss("confirmed_at", _("La dernière confirmation est écrite, jamais relue\u202f: un fichier ne confirme rien.")),
    Loss("raw", _("La ligne d’origine de chaque source n’est pas recopiée\u202f; ce qu’elle dit l’est.")),
)
FORMAT = Format(
    "tiers-lieux",
    "Schéma tiers-lieux (CSV)",
    SIGNATURE,
    read,
    write,
    check,
    losses=LOSSES,
    version=definition().version,
    reference="/schema/",
)
