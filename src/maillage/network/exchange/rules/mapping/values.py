"""One row of a file read by a correspondence: our fields as raw values, and all that had to be told of it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maillage.network.exchange.rules.mapping import lambert
from maillage.network.exchange.rules.mapping.correspondence import Correspondence
from maillage.network.exchange.rules.mapping.shapes import number, pair
from maillage.network.exchange.rules.mapping.words import CODED, TITLES, WORDS, code_of, is_yes, pieces
from maillage.network.exchange.rules.mending import address, partial_date, plain
from maillage.network.exchange.rules.reports import RowProblem, short
from maillage.territory.rules.names import fold

WIDTHS = {"postal_code": 5, "commune": 5, "siret": 14}
_DECIMAL = re.compile(r"([0-9]{3,14})[.,]0+")
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|VALEUR!|NOM\?|NAME\?|DIV/0!|NUL!|NULL!|NOMBRE!|NUM!)")


@dataclass(slots=True)
class Unknown:
    """Words that mean nothing here: how often each came, and where first."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lines: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, line: int, name: str, column: str, word: str) -> None:
        key = (name, column, short(word))
        self.counts[key] += 1
        self.lines.setdefault(key, line)

    def told(self) -> list[RowProblem]:
        """Each word once, the most frequent first, with the mend that maps it by hand."""
        found = []
        for (name, column, word), count in sorted(self.counts.items(), key=lambda one: (-one[1], one[0])):
            times = "une fois" if count == 1 else f"{count} fois"
            mend = f"dites-en le sens : --word « {TITLES[name]}:{word}=… », vide pour le laisser"
            found.append(RowProblem(self.lines[name, column, word], column, word, f"mot inconnu, {times}", mend))
        return found


@dataclass(slots=True)
class Reader:
    """Reads rows one after the other, and gathers what they have in common."""

    correspondence: Correspondence
    unknown: Unknown = field(default_factory=Unknown)
    metres: int = 0

    def read(self, line: int, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[RowProblem]]:
        """What one row says, field by field, empty ones left out, and what was mended or left aside in it.

        >>> said = Correspondence({"name": ("NOM",), "services": ("Wifi", "offre"), "postal_code": ("CP",)})
        >>> row = {"NOM": "La Maille", "Wifi": "oui", "offre": "Formation; salle de réunion", "CP": "1400"}
        >>> values, told = Reader(said).read(2, row)
        >>> values, [(one.column, one.problem) for one in told]
        ({'name': 'La Maille', 'services': ['wifi', 'formation', 'salle-de-reunion'], 'postal_code': '01400'}, \
[('CP', 'zéro de tête perdu')])
        """
        told: list[RowProblem] = []
        values: dict[str, Any] = {}
        for name, columns in self.correspondence.columns.items():
            filled = [(column, said) for column in columns if (said := _filled(cells.get(column, "")))]
            read = self._field(line, name, filled, told) if filled else ""
            if read not in ("", [], None):
                values[name] = read
        self._place(line, values, told)
        return values, told

    def _field(self, line: int, name: str, filled: list[tuple[str, str]], told: list[RowProblem]) -> Any:
        if name in CODED:
            return self._codes(line, name, filled)
        if name == "street":
            return " ".join(said for _column, said in filled)
        if name == "description":
            return "\n".join(plain(said) for _column, said in filled)
        column, said = filled[0]
        if name == "links":
            return [link for one, cell in filled for link in _links(line, one, cell, told)]
        read = _READ.get(name)
        return read(line, column, said, told) if read else plain(said)

    def _codes(self, line: int, name: str, filled: list[tuple[str, str]]) -> Any:
        own = self.correspondence.words.get(name, {})
        found: list[str] = []
        for column, cell in filled:
            answer = is_yes(cell) if fold(cell) not in own else None
            if answer is not None:
                code = own.get(fold(column), WORDS[name].get(fold(column)))
                if answer and code:
                    found.append(code)
                elif answer:
                    self.unknown.add(line, name, column, column)
                continue
            for word in pieces(name, cell, own):
                code = code_of(name, word, own)
                if code is None and is_yes(word) is None:
                    self.unknown.add(line, name, column, word)
                elif code:
                    found.append(code)
        kept = list(dict.fromkeys(found))
        return (kept[0] if kept else "") if name == "status" else kept

    def _place(self, line: int, values: dict[str, Any], told: list[RowProblem]) -> None:
        """One cell with both coordinates, and metres of Lambert-93, become degrees."""
        point = values.pop("point", None)
        if point and "lat" not in values:
            found = pair(point)
            if found:
                values["lat"], values["lon"] = (repr(degrees) for degrees in found)
            else:
                column = self.correspondence.columns["point"][0]
                mend = "écrivez « 46.99, 5.70 »"
                told.append(RowProblem(line, column, short(point), "ce ne sont pas deux coordonnées", mend))
        x_m, y_m = number(str(values.get("lon", ""))), number(str(values.get("lat", "")))
        if x_m is not None and y_m is not None and lambert.is_lambert93(x_m, y_m):
            values["lat"], values["lon"] = (repr(degrees) for degrees in lambert.to_degrees(x_m, y_m))
            self.metres += 1


def _filled(cell: str) -> str:
    said = cell.strip()
    return "" if _ERROR.fullmatch(said) else said


def _links(line: int, column: str, cell: str, told: list[RowProblem]) -> list[str]:
    found = []
    for word in re.split(r"[\s|;,]+", cell)[:20]:
        link = address(word)
        if link:
            found.append(link)
    if not found:
        told.append(RowProblem(line, column, short(cell), "aucune adresse de page lue", "écrivez https://…"))
    return found


def _website(line: int, column: str, cell: str, told: list[RowProblem]) -> str:
    found = address(cell)
    if not found:
        told.append(RowProblem(line, column, "", "ce n’est pas une adresse de site", "écrivez https://…"))
    return found or ""


def _date(line: int, column: str, cell: str, told: list[RowProblem]) -> str:
    found = partial_date(cell)
    if found is None:
        mend = "écrivez 2019, 06/2019 ou 30/06/2019"
        told.append(RowProblem(line, column, short(cell), "date illisible", mend))
    return found or ""


def _code(width: int) -> Callable[[int, str, str, list[RowProblem]], str]:
    def read(line: int, column: str, cell: str, told: list[RowProblem]) -> str:
        said = re.sub(r"[\s\u202f\u00a0]", "", cell)
        if decimal := _DECIMAL.fullmatch(said):
            said = decimal[1]
        if said in ("0", "00000"):
            return ""
        if said.isascii() and said.isdecimal() and len(said) == width - 1:
            mend = "mettez la colonne en texte dans le tableur, pour garder les zéros"
            told.append(RowProblem(line, column, short(cell), "zéro de tête perdu", f"lu 0{said} ; {mend}"))
            return f"0{said}"
        return said

    return read


_READ: Mapping[str, Callable[[int, str, str, list[RowProblem]], str]] = {
    "website": _website,
    "opened_on": _date,
    "closed_on": _date,
    "dated": _date,
    **{name: _code(width) for name, width in WIDTHS.items()},
}
