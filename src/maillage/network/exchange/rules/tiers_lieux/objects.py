"""A JSON list of places of the schema, seen as rows: the same check serves both."""

import json
from collections.abc import Iterator
from typing import Any

from maillage.network.exchange.rules.features import unfit
from maillage.network.exchange.rules.reports import FileRefused, RowProblem, short
from maillage.network.exchange.rules.tables import MAX_BROKEN, WHOLE_ROW, Row
from maillage.network.exchange.rules.tiers_lieux.definition import SEVERAL, Field, definition
from maillage.places.rules.sentences import sentence as _

_SPACE = " \t\r\n"
_LISTS = frozenset({"words", "links", "records"})
_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "integer": (int,), "boolean": (bool,)}
_DECODER = json.JSONDecoder()


def is_json(text: str) -> bool:
    """Whether a text is JSON rather than a table."""
    return text.lstrip()[:1] in ("[", "{")


def rows(text: str) -> Iterator[Row | RowProblem]:
    """Yield each object of a list, or the only one, as the cells of a row with the line where it begins.

    Raises FileRefused where the JSON itself cannot be read to its end.

    >>> [row.cells for row in rows('[{"id": "1", "activites": ["cafe", "fablab"], "capacite": 40}]')]
    [{'id': '1', 'activites': 'cafe|fablab', 'capacite': '40'}]
    """
    for line, told in _objects(text):
        if not isinstance(told, dict):
            yield RowProblem(line, WHOLE_ROW, short(told), _("ce n’est pas un objet"), _("un lieu est un objet JSON"))
            continue
        if problem := unfit(told):
            yield RowProblem(line, WHOLE_ROW, "", problem, _("corrigez ou retirez cet objet"))
            continue
        cells: dict[str, str] = {}
        for name, value in told.items():
            field = next((field for field in definition().fields if field.name == name), None)
            if field is None or value is None:
                continue
            cell = _cell(field, value)
            if isinstance(cell, str):
                cells[name] = cell
            else:
                yield RowProblem(line, name, short(value), *cell)
        yield Row(line, cells)


def _objects(text: str) -> Iterator[tuple[int, Any]]:
    position, several = _skip(text, 0), text.lstrip()[:1] == "["
    position += several
    line, counted = 1, 0
    for _turn in range(MAX_BROKEN * 100):
        position = _skip(text, position, ",") if several else _skip(text, position)
        if position >= len(text) or text[position] == "]":
            return
        line, counted = line + text.count("\n", counted, position), position
        try:
            told, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            at = text.count("\n", 0, getattr(error, "pos", position)) + 1
            raise FileRefused(
                f"Le JSON ne se lit plus à partir de la ligne {at} : vérifiez virgules, guillemets et accolades."
            ) from error
        yield line, told


def _skip(text: str, position: int, more: str = "") -> int:
    while position < len(text) and text[position] in _SPACE + more:
        position += 1
    return position


def _cell(field: Field, value: Any) -> str | tuple[str, str]:
    """A value as a cell says it, or what is wrong with its type and the mend."""
    if field.kind in _LISTS:
        if not isinstance(value, list):
            return _("ce n’est pas une liste"), _("mettez-le entre crochets")
        if field.kind == "records":
            return json.dumps(value, ensure_ascii=False)
        return (SEVERAL if field.kind == "words" else " ").join(str(one) for one in value)
    if wanted := _TYPES.get(field.kind):
        if not isinstance(value, wanted) or (isinstance(value, bool) and field.kind != "boolean"):
            return _("ce n’est pas la sorte de valeur attendue"), _("retirez les guillemets")
        return json.dumps(value)
    return value if isinstance(value, str) else (_("ce n’est pas un texte"), _("mettez-le entre guillemets"))
