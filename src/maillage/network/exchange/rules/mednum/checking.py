"""A file of the standard checked cell by cell: line, column, value, what is wrong, how to mend it.

The published patterns let some values slip (`X|Jeunes` ends as it should): each value is held against its list.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from maillage.network.exchange.rules.mednum import table
from maillage.network.exchange.rules.reports import RowProblem, short
from maillage.network.exchange.rules.tables import Row, Table, open_table, rows
from maillage.places.rules.fields import BadValue, box_of, read_field, read_url
from maillage.places.rules.hours import validate

MOST = 10_000
LONGEST_ID = 256
OFTEN_ADDED = frozenset({"structure_coop_id"})
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SEVERAL_NUMBERS = re.compile(r"[|;,/]|\+.*\+")
_OTHER_SPELLINGS = {"Étapes numériques (La Poste)": "Étapes numériques(La Poste)"}
"""What the description of the schema writes, and what its pattern accepts."""
Found = Iterator[tuple[str, str, bool]]
"""What is wrong with a value, the mend, and whether it is only worth a look."""
MENDS = {
    "pivot": "9 à 14 lettres ou chiffres : un Siret (14 chiffres) ou un RNA (W et 9 chiffres)",
    "code_postal": "5 chiffres ; gardez le zéro de tête : 01400",
    "code_insee": "5 signes : 01001, 2A004 ; gardez le zéro de tête",
    "telephone": "un numéro avec son indicatif, sans espace : +33180059880",
}


def problems(text: str) -> list[RowProblem]:
    """All that a file of the standard has wrong, in the order of its lines; at most `MOST`."""
    opened = open_table(text)
    found = list(islice(_all(opened), MOST + 1))
    if len(found) > MOST:
        mend = "corrigez ceux-ci, puis relancez"
        found[MOST] = RowProblem(found[MOST].line, "", "", f"plus de {MOST} problèmes : la suite n’est pas lue", mend)
    return found


def _all(opened: Table) -> Iterator[RowProblem]:
    yield from _header(opened)
    seen: dict[str, int] = {}
    for row in rows(opened):
        if isinstance(row, RowProblem):
            yield row
        else:
            yield from _row(row, seen)


def _header(opened: Table) -> Iterator[RowProblem]:
    line = opened.first - 1
    if opened.delimiter != ",":
        shown = "tabulation" if opened.delimiter == "\t" else opened.delimiter
        yield RowProblem(line, "", shown, "les colonnes ne sont pas séparées par une virgule", "enregistrez avec « , »")
    missing = [column for column in table.COLUMNS if column not in opened.header]
    for column in missing:
        mend = "ajoutez-la, vide si vous n’en savez rien"
        yield RowProblem(line, column, "", "cette colonne manque", mend)
    for column in opened.unmapped(table.COLUMNS):
        known = "ajoutée par la cartographie nationale" if column in OFTEN_ADDED else "inconnue du standard"
        yield RowProblem(line, short(column), "", f"colonne {known}", "retirez-la avant de publier", warning=True)
    ours = [column for column in opened.header if column in table.COLUMNS]
    if not missing and ours != list(table.COLUMNS):
        first = next(a for a, b in zip(ours, table.COLUMNS, strict=True) if a != b)
        mend = f"suivez cet ordre : {', '.join(table.COLUMNS)}"
        yield RowProblem(line, first, "", "les colonnes ne sont pas dans l’ordre du standard", mend)


def _row(row: Row, seen: dict[str, int]) -> Iterator[RowProblem]:
    ref = row.cells.get("id", "").strip()
    if ref and ref in seen:
        problem = f"identifiant déjà vu à la ligne {seen[ref]}"
        yield RowProblem(row.line, "id", short(ref), problem, "donnez un identifiant unique, ou retirez la ligne")
    seen.setdefault(ref, row.line)
    for field in table.FIELDS:
        cell = row.cells.get(field["name"])
        if cell is None:
            continue
        for problem, mend, warning in _cell(field, cell):
            yield RowProblem(row.line, field["name"], short(cell), problem, mend, warning)
    yield from _point(row)


def _cell(field: Mapping[str, Any], cell: str) -> Found:
    if not cell.strip():
        if field["constraints"].get("required"):
            yield "valeur obligatoire absente", _needed(field["name"]), False
        return
    yield from _kind(field, cell)
    looked_at = LOOKS.get(field["name"])
    if looked_at:
        yield from looked_at(cell)


def _needed(column: str) -> str:
    if column == "pivot":
        return f"donnez le Siret ou le RNA ; {table.NO_PIVOT} s’il n’est pas connu"
    return "complétez-la"


def _kind(field: Mapping[str, Any], cell: str) -> Found:
    name, constraints = field["name"], field["constraints"]
    if field["type"] == "number":
        yield from _number(cell)
    elif field["type"] == "date":
        yield from _day(cell)
    elif name in table.VALUES:
        yield from _listed(name, cell)
    elif name in table.PATTERNS and not table.PATTERNS[name].fullmatch(cell):
        several = name == "telephone" and _SEVERAL_NUMBERS.search(cell)
        yield "un seul numéro est accepté" if several else "forme inattendue", MENDS[name], False
    longest = constraints.get("maxLength")
    if longest and len(cell) > longest:
        yield f"{len(cell)} signes, {longest} au plus", "raccourcissez", False


def _number(cell: str) -> Found:
    if not _NUMBER.fullmatch(cell[:60]) or not math.isfinite(float(cell[:60])):
        mend = (
            f"écrivez {cell.replace(',', '.')}"
            if _NUMBER.fullmatch(cell[:60].replace(",", "."))
            else "écrivez 43.52609"
        )
        yield "ce n’est pas un nombre", mend, False


def _day(cell: str) -> Found:
    try:
        if not _DATE.fullmatch(cell):
            raise ValueError(cell[:20])
        day = date.fromisoformat(cell)
    except ValueError:
        yield "ce n’est pas une date", "écrivez 2024-04-02", False
    else:
        if day.year < 2000:
            yield "date d’avant 2000", "vérifiez l’année", True


def _listed(column: str, cell: str) -> Found:
    seen: set[str] = set()
    for value in cell.split("|"):
        if value in _OTHER_SPELLINGS:
            right = _OTHER_SPELLINGS[value]
            yield f"« {value} » : orthographe de la description, non du motif", f"écrivez « {right} »", True
        elif value not in table.VALUES[column]:
            yield _unlisted(column, value)
        elif value in seen:
            yield f"« {value} » est dit deux fois", "gardez-le une fois", True
        seen.add(value)


def _unlisted(column: str, value: str) -> tuple[str, str, bool]:
    shown = short(value)[:80]
    if not value.strip():
        return "valeur vide entre deux séparateurs", "retirez le « | » en trop", False
    parts = table.split(value)
    if len(parts) > 1 and all(table.recognised(column, part) for part in parts):
        return "les valeurs sont séparées par « ; »", "séparez-les par « | »", False
    meant = table.recognised(column, value)
    mend = f"écrivez « {meant} »" if meant else f"une de : {', '.join(table.VALUES[column])}"
    return f"« {shown} » n’est pas dans la liste", mend, False


def _point(row: Row) -> Iterator[RowProblem]:
    """What only the two coordinates together can tell."""
    told = {name: row.cells.get(name, "").strip() for name in ("latitude", "longitude")}
    if bool(told["latitude"]) != bool(told["longitude"]):
        empty = next(name for name, cell in told.items() if not cell)
        yield RowProblem(
            row.line, empty, "", "une seule des deux coordonnées est donnée", "donnez les deux", warning=True
        )
        return
    if not all(_NUMBER.fullmatch(cell[:60]) for cell in told.values()):
        return
    lat, lon = float(told["latitude"]), float(told["longitude"])
    if not box_of(lat, lon):
        swapped = box_of(lon, lat)
        problem = "latitude et longitude semblent échangées" if swapped else "le point n’est pas en France"
        shown = f"{told['latitude'][:30]}, {told['longitude'][:30]}"
        yield RowProblem(row.line, "latitude", shown, problem, "vérifiez les coordonnées (degrés, WGS84)", warning=True)


def _pivot(cell: str) -> Found:
    if cell == table.NO_PIVOT:
        yield "pivot inconnu : le lieu sera plus difficile à rapprocher", "donnez le Siret ou le RNA", True
    elif re.fullmatch(r"[0-9]{14}", cell):
        try:
            read_field("siret", cell)
        except BadValue as bad:
            yield bad.problem, bad.mend, True


def _typologies(cell: str) -> Found:
    for value in table.split(cell):
        if value not in table.TYPOLOGIES:
            near = next((code for code in table.TYPOLOGIES if code.casefold() == value.casefold()), "")
            mend = f"écrivez « {near} »" if near else "un code de la cartographie nationale, par exemple TIERS_LIEUX"
            yield f"« {short(value)[:80]} » n’est pas un code en usage", mend, True
    if ";" in cell:
        yield "les valeurs sont séparées par « ; »", "séparez-les par « | »", True


def _emails(cell: str) -> Found:
    for value in table.split(cell):
        try:
            read_field("email", value)
        except BadValue as bad:
            yield bad.problem, bad.mend, True


def _sites(cell: str) -> Found:
    for value in table.split_addresses(cell):
        try:
            read_url(value)
        except BadValue as bad:
            yield bad.problem, bad.mend, True


def _hours(cell: str) -> Found:
    unread = validate(cell[:500])
    if unread:
        yield unread.what, unread.mend, True


def _long(cell: str) -> Found:
    if len(cell) > LONGEST_ID:
        problem = f"identifiant de {len(cell)} signes : d’autres catalogues écartent le lieu au-delà de {LONGEST_ID}"
        yield problem, "donnez un identifiant court, qui ne raconte pas les fusions", True


LOOKS: dict[str, Callable[[str], Found]] = {
    "id": _long,
    "pivot": _pivot,
    "typologie": _typologies,
    "courriels": _emails,
    "site_web": _sites,
    "fiche_acces_libre": _sites,
    "prise_rdv": _sites,
    "horaires": _hours,
}
"""What is worth a look although the schema says nothing of it."""
