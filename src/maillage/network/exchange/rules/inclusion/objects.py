"""The objects of a JSON file one by one, with the line where each starts: a document of lists, one list, JSON Lines."""

import json
import math
import re
from collections.abc import Generator, Iterator
from typing import Any

from maillage.network.exchange.rules.features import unfit
from maillage.network.exchange.rules.reports import FileRefused, RowProblem, short

LONGEST_INTEGER = 30
_SPACE = re.compile(r"[ \t\r\n]*")
Found = tuple[str, int, dict[str, Any] | RowProblem]
"""The list that holds it (empty where the file has only one), its line, the object or what is wrong with it."""


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text[:40]


def _int(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_INTEGER else text[:40]


_DECODER = json.JSONDecoder(parse_constant=str, parse_float=_float, parse_int=_int)
"""What is no number stays a text, so that the field that holds it is named."""


def objects(text: str) -> Iterator[Found]:
    """Yield every object of the lists of a file.

    >>> list(objects('{"structures": [{"id": "a"}],\\n"services": [{"id": "b"}]}'))
    [('structures', 1, {'id': 'a'}), ('services', 2, {'id': 'b'})]
    >>> list(objects('[{"id": "a"}]')), list(objects('{"id": "a"}\\n{"id": "b"}\\n'))
    ([('', 1, {'id': 'a'})], [('', 1, {'id': 'a'}), ('', 2, {'id': 'b'})])
    """
    start = _skip(text, 0)
    if text.startswith("[", start):
        position = yield from _items(text, "", start + 1)
    elif _is_document(text, start):
        position = yield from _document(text, start + 1)
    else:
        yield from _lines(text)
        return
    if _skip(text, position) < len(text):
        raise _malformed(text, _skip(text, position), "du texte suit la fin")


def _skip(text: str, position: int) -> int:
    matched = _SPACE.match(text, position)
    return matched.end() if matched else position


def _is_document(text: str, start: int) -> bool:
    """Whether the first value of the first key is a list of objects, as no structure has."""
    return re.match(r'\{\s*"[^"\\]{1,80}"\s*:\s*\[\s*[\]{]', text[start : start + 500]) is not None


def _document(text: str, position: int) -> Generator[Found, None, int]:
    while True:
        position = _skip(text, position)
        if text.startswith("}", position):
            return position + 1
        key, position = _value(text, position)
        position = _skip(text, position)
        if not isinstance(key, str) or not text.startswith(":", position):
            raise _malformed(text, position, "« : » manque")
        position = _skip(text, position + 1)
        if text.startswith("[", position):
            position = yield from _items(text, key, position + 1)
        else:
            _, position = _value(text, position)
        position = _skip(text, position)
        if text.startswith(",", position):
            position += 1
        elif not text.startswith("}", position):
            raise _malformed(text, position, "« , » ou « } » manque")


def _items(text: str, key: str, position: int) -> Generator[Found, None, int]:
    line, counted = 1, 0
    while True:
        position = _skip(text, position)
        if text.startswith("]", position):
            return position + 1
        line, counted = line + text.count("\n", counted, position), position
        found, position = _value(text, position)
        yield key, line, _fit(found, line)
        position = _skip(text, position)
        if text.startswith(",", position):
            position += 1
        elif not text.startswith("]", position):
            raise _malformed(text, position, "« , » ou « ] » manque")


def _value(text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise _malformed(text, error.pos, "objet mal formé") from error
    except RecursionError as error:
        raise _malformed(text, position, "objets emboîtés trop profondément") from error


def _lines(text: str) -> Iterator[Found]:
    """JSON Lines: a line that cannot be read condemns only itself."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = _DECODER.decode(line)
        except (ValueError, RecursionError):
            mend = "un objet par ligne ; vérifiez virgules, guillemets et accolades"
            yield "", number, RowProblem(number, "", short(line[:400]), "objet JSON mal formé", mend)
        else:
            yield "", number, _fit(found, number)


def _fit(found: Any, line: int) -> dict[str, Any] | RowProblem:
    problem = unfit(found) or (None if isinstance(found, dict) else "ce n’est pas un objet")
    return found if problem is None else RowProblem(line, "", short(found), problem, "corrigez ou retirez cet objet")


def _malformed(text: str, position: int, what: str) -> FileRefused:
    line = text.count("\n", 0, position) + 1
    return FileRefused(
        f"Le fichier JSON est mal formé à la ligne {line} : {what}. "
        "Exportez-le ou téléchargez-le à nouveau, puis relancez."
    )
