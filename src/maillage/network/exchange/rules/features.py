"""GeoJSON read feature by feature, within bounds: no NaN, no infinity, no deep nesting, no lone surrogate."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from maillage.network.exchange.rules.reports import FileRefused, RowProblem, short

MAX_DEPTH = 12
MAX_BROKEN = 10_000
MAX_DIGITS = 30
MAX_NUMBERS = 100_000
"""In one object: enough for the finest outline of a building, too few to fill the memory."""
_SPACE = re.compile(r"[ \t\r\n]*")
_NEXT = re.compile(r"\n[ \t\r]*(?=\{)")
_ORDINARY = "écrivez un nombre ordinaire, ou null"
_SIGNS = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}]')


class _BadNumber(ValueError):
    pass


def _constant(text: str) -> float:
    raise _BadNumber(f"« {text} » n’est pas un nombre de JSON")


class _Numbers:
    """Reads the numbers of one object, and stops at one that no file needs, or at one too many."""

    def __init__(self) -> None:
        self.left = MAX_NUMBERS

    def _one_more(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _BadNumber(f"plus de {MAX_NUMBERS} nombres dans un seul objet, sans doute un contour trop fin")

    def real(self, text: str) -> float:
        self._one_more()
        number = float(text)
        if not math.isfinite(number):
            raise _BadNumber(f"le nombre {text[:20]} est trop grand")
        return number

    def whole(self, text: str) -> int:
        self._one_more()
        if len(text) > MAX_DIGITS:
            raise _BadNumber(f"un nombre entier dépasse {MAX_DIGITS} chiffres")
        return int(text)


def _decoder() -> json.JSONDecoder:
    numbers = _Numbers()
    return json.JSONDecoder(parse_constant=_constant, parse_float=numbers.real, parse_int=numbers.whole)


def decoded(text: str, position: int) -> tuple[Any, int]:
    """The JSON value that starts here, within bounds, and where it ends.

    Raises json.JSONDecodeError, RecursionError, or ValueError with a French reason.
    """
    value, end = _decoder().raw_decode(text, position)
    return value, end


def features(text: str, key: str = "features") -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """Yield each feature of a FeatureCollection with the line where it starts, or what is wrong with it.

    `key` names the list in other JSON of the same build.

    >>> list(features('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "A"}}]}'))
    [(1, {'type': 'Feature', 'properties': {'name': 'A'}})]
    """
    position, line, counted, broken = _start(text, key), 1, 0, 0
    while True:
        position = _skip(text, position)
        if position >= len(text):
            raise FileRefused(
                "Le fichier GeoJSON s’arrête avant sa fin : il est tronqué. Téléchargez-le à nouveau, puis relancez."
            )
        if text[position] == "]":
            return
        if text[position] == ",":
            position += 1
            continue
        line, counted = line + text.count("\n", counted, position), position
        found, position = _feature(text, position, line)
        if isinstance(found, RowProblem):
            broken += 1
            if broken > MAX_BROKEN:
                raise FileRefused(
                    f"Plus de {MAX_BROKEN} objets sont illisibles : ce n’est sans doute pas le bon fichier."
                )
        yield line, found


def _skip(text: str, position: int) -> int:
    matched = _SPACE.match(text, position)
    return matched.end() if matched else position


def _start(text: str, wanted: str) -> int:
    """The position just after the bracket that opens the features."""
    position = _skip(text, 0)
    if not text.startswith("{", position):
        raise _not_geojson()
    position += 1
    while True:
        position = _skip(text, position)
        if text.startswith(",", position):
            position = _skip(text, position + 1)
        try:
            key, position = decoded(text, position)
            position = _skip(text, position)
            if not isinstance(key, str) or not text.startswith(":", position):
                raise _not_geojson()
            position = _skip(text, position + 1)
            if key == wanted and text.startswith("[", position):
                return position + 1
            _, position = decoded(text, position)
        except (json.JSONDecodeError, _BadNumber, RecursionError) as error:
            raise _not_geojson() from error


def _not_geojson() -> FileRefused:
    return FileRefused(
        "Le fichier n’est pas un GeoJSON lisible : un objet « FeatureCollection » avec sa liste « features » est "
        "attendu. Exportez-le à nouveau en GeoJSON, puis relancez l’import."
    )


def _feature(text: str, position: int, line: int) -> tuple[dict[str, Any] | RowProblem, int]:
    try:
        found, end = decoded(text, position)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()):
            raise FileRefused(
                "Le fichier GeoJSON s’arrête avant sa fin : il est tronqué. Téléchargez-le à nouveau, puis relancez."
            ) from error
        return _broken(text, position, line, "objet JSON mal formé", "vérifiez virgules, guillemets et accolades")
    except _BadNumber as error:
        mend = "simplifiez le contour, ou donnez un point" if "nombres" in str(error) else _ORDINARY
        return _passed(text, position, line, str(error), mend)
    except RecursionError:
        return _passed(text, position, line, "objets emboîtés trop profondément", "aplatissez l’objet")
    problem = unfit(found)
    if problem is None and not isinstance(found, dict):
        problem = "ce n’est pas un objet « Feature »"
    if problem is not None:
        return RowProblem(line, "feature", short(text[position:end]), problem, "corrigez ou retirez cet objet"), end
    return found, end


def _passed(text: str, position: int, line: int, problem: str, mend: str) -> tuple[RowProblem, int]:
    """Tell the problem of an object that is whole, and go on just after it: nothing else on its line is lost."""
    depth = 0
    for found in _SIGNS.finditer(text, position):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0 and found[0] == "}":
            return RowProblem(line, "feature", short(text[position : position + 400]), problem, mend), found.end()
    return _broken(text, position, line, problem, mend)


def _broken(text: str, position: int, line: int, problem: str, mend: str) -> tuple[RowProblem, int]:
    """Tell the problem, and go on at the next line that opens an object, or at the end of the list."""
    following = _NEXT.search(text, position)
    end = following.end() if following else max(position + 1, text.rfind("]"))
    return RowProblem(line, "feature", short(text[position : position + 400]), problem, mend), end


def unfit(value: Any, depth: int = 0) -> str | None:
    """Why a JSON value must not be kept: too deep, a null character or a lone surrogate inside; None if it may.

    >>> unfit({"a": ["b"]}), unfit("\\ud800")
    (None, 'contient un caractère impossible à écrire')
    """
    if depth > MAX_DEPTH:
        return f"objets emboîtés sur plus de {MAX_DEPTH} niveaux"
    if isinstance(value, str):
        if "\x00" in value:
            return "contient un caractère nul"
        return (
            None
            if value.isascii() or value.isprintable() or _writable(value)
            else ("contient un caractère impossible à écrire")
        )
    children = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((problem for child in children if (problem := unfit(child, depth + 1))), None)


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
