"""Whether a table follows the schema: what is wrong, where, and how to mend it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import chain, islice

from maillage.network.exchange.rules.neutral import restore
from maillage.network.exchange.rules.own import Unreadable
from maillage.network.exchange.rules.reports import RowProblem, short
from maillage.network.exchange.rules.tables import Row, Table, identity, open_table, rows
from maillage.network.exchange.rules.tiers_lieux import cells as translation
from maillage.network.exchange.rules.tiers_lieux import objects
from maillage.network.exchange.rules.tiers_lieux.definition import SEVERAL, Field, definition
from maillage.network.exchange.rules.tiers_lieux.documents import pattern_of
from maillage.places.rules.drafts import SourceFacts
from maillage.places.rules.fields import check as check_place
from maillage.places.rules.sentences import sentence as _

MOST = 10_000
"""Beyond so many problems the check stops: the file is of another kind, or one mistake is everywhere."""
_ANYBODY = SourceFacts("fichier", "fichier", "licence")
_LOCATING = ("code_insee", "latitude", "longitude")


def problems_of(text: str) -> list[RowProblem]:
    """Every problem of a file, table or JSON, in its order, `MOST` at most.

    Raises FileRefused for what is neither.
    """
    if objects.is_json(text):
        return list(islice(_rows(objects.rows(text), every=definition().columns), MOST))
    table = open_table(text)
    return list(islice(chain(_header(table), _rows(rows(table))), MOST))


def _rows(found: Iterator[Row | RowProblem], every: Iterable[str] = ()) -> Iterator[RowProblem]:
    """What is wrong with each row; `every` names the cells that a row may leave out, and must not when mandatory."""
    absent = dict.fromkeys(every, "")
    seen: dict[str, int] = {}
    for told in found:
        if isinstance(told, RowProblem):
            yield told
            continue
        row = Row(told.line, absent | told.cells)
        if "id" in row.cells and (problem := identity(row, "id", seen)):
            yield problem
        yield from _row(row)


def _header(table: Table) -> Iterator[RowProblem]:
    """Columns that are lacking, and those whose name looks like a slip of the pen."""
    line, held = table.first - 1, set(table.header)
    lacking = [name for name in definition().columns if name not in held]
    needed = [field.name for field in definition().fields if field.required and field.name not in held]
    if "code_insee" not in held and not {"latitude", "longitude"} <= held:
        needed.append("code_insee")
    for name in table.unmapped(definition().columns):
        close = get_close_matches(name.lower(), lacking, n=1, cutoff=0.8)
        if close:
            mend = _("renommez-la «\u202f%(name)s\u202f»", name=close[0])
            yield RowProblem(line, short(name), "", _("colonne inconnue du schéma"), mend, warning=True)
    for name in needed:
        yield RowProblem(line, name, "", _("la colonne manque"), _("ajoutez-la à l’en-tête, et remplissez-la"))


def _row(row: Row) -> Iterator[RowProblem]:
    told: set[str] = set()
    for field in definition().fields:
        cell = row.cells.get(field.name, "")
        if (field.kind not in translation.AS_IT_IS) and cell:
            cell = restore(cell)
        found = _lacking(field, row.cells) if not cell.strip() else _shape(field, cell)
        if found:
            told.add(field.name)
            yield RowProblem(row.line, field.name, short(cell), *found)
    yield from _place(row, told)
    if "sources" not in told and row.cells.get("sources", "").strip():
        try:
            translation.read(row.cells, _ANYBODY)
        except Unreadable as problem:
            yield problem.at(row.line)


def _lacking(field: Field, cells: Mapping[str, str]) -> tuple[str, str] | None:
    if not field.required or field.name not in cells or field.name == "id":
        return None
    if field.name == "nom":
        return _("le nom manque"), _("donnez un nom au lieu")
    return _("la cellule est vide"), _("remplissez-la\u202f: ce champ est obligatoire")


def _place(row: Row, told: set[str]) -> Iterator[RowProblem]:
    """What the registry itself would say of the place, in the words of the schema."""
    columns = {field.ours: field.name for field in definition().fields if field.ours}
    values = translation.shown(row.cells)
    skipped = {ours for ours, name in columns.items() if name in told}
    if skipped & {"lat", "lon", "commune"}:
        values.setdefault("commune", "01001")
    for problem in check_place({ours: value for ours, value in values.items() if ours not in skipped}).problems:
        name = columns[problem.field]
        if name in told or (problem.field == "name" and "nom" not in row.cells):
            continue
        what, mend = problem.problem, problem.mend
        if problem.field in ("closed_on", "closed_cause") and not problem.value:
            if values.get("status") == "closed":
                continue
            mend = _("mettez «\u202fferme\u202f» dans la colonne «\u202fstatut\u202f», ou videz cette cellule")
        if problem.field == "commune" and not problem.value:
            mend = _("donnez le code Insee de la commune, ou la latitude et la longitude")
        yield RowProblem(row.line, name, short(row.cells.get(name, "")), what, mend)


def _shape(field: Field, cell: str) -> tuple[str, str] | None:
    """What is wrong with the form of one cell, and its mend."""
    if field.kind in ("word", "words"):
        return _unknown_words(field, cell)
    if field.longest and len(cell) > field.longest:
        return _("dépasse %(n)d caractères", n=field.longest), _("raccourcissez")
    if field.kind in ("number", "integer"):
        return _number(field, cell)
    if field.kind == "boolean" and cell not in ("true", "false"):
        return _("ce n’est ni «\u202ftrue\u202f» ni «\u202ffalse\u202f»"), _("écrivez true ou false")
    if field.kind == "date" and not _is_day(cell):
        return _("ce n’est pas une date"), _("écrivez par exemple %(example)s", example=field.example)
    if field.kind in ("url", "links"):
        return _addresses(field, cell)
    if (pattern := pattern_of(field)) and not re.fullmatch(pattern, cell):
        return _("n’a pas la forme attendue"), _("écrivez par exemple %(example)s", example=field.example or "2024-03")
    return None


def _unknown_words(field: Field, cell: str) -> tuple[str, str] | None:
    said = cell.split(SEVERAL) if field.kind == "words" else [cell]
    strange = [word for word in said if word not in field.codes]
    known = ", ".join(field.codes)
    if not strange:
        if len(set(said)) == len(said):
            return None
        return _("le même mot est dit deux fois"), _("ne le dites qu’une fois")
    if any(sign in strange[0] for sign in ",;/") or (field.kind == "word" and SEVERAL in strange[0]):
        mend = _("un seul mot ici, parmi\u202f: %(words)s", words=known)
        if field.kind == "words":
            mend = _(
                "séparez les mots par «\u202f|\u202f», sans espace\u202f; mots connus\u202f: %(words)s", words=known
            )
        return _("mot inconnu\u202f: %(word)s", word=short(strange[0])[:80]), mend
    close = get_close_matches(strange[0].strip().lower(), field.codes, n=1, cutoff=0.75)
    mend = _("mots connus\u202f: %(words)s", words=known)
    if close:
        mend = _("vouliez-vous dire «\u202f%(word)s\u202f»\u202f?", word=close[0])
    return _("mot inconnu\u202f: %(word)s", word=short(strange[0])[:80]), mend


def _number(field: Field, cell: str) -> tuple[str, str] | None:
    form = r"[+-]?[0-9]{1,6}" if field.kind == "integer" else r"[+-]?[0-9]{1,3}(\.[0-9]{1,24})?"
    if re.fullmatch(form, cell):
        number = float(cell)
        if (field.least is None or number >= field.least) and (field.most is None or number <= field.most):
            return None
        mend = _("de %(least)s à %(most)s", least=f"{field.least:g}", most=f"{field.most:.0f}")
        return _("le nombre sort des bornes"), mend
    if "," in cell and re.fullmatch(form, cell.replace(",", ".").strip()):
        return (
            _("le nombre est écrit avec une virgule"),
            _("écrivez %(number)s", number=cell.replace(",", ".").strip()),
        )
    return _("ce n’est pas un nombre"), _("écrivez par exemple %(example)s", example=field.example)


def _addresses(field: Field, cell: str) -> tuple[str, str] | None:
    said = cell.split(" ") if field.kind == "links" else [cell]
    if len(said) > 10:
        return _("plus de dix adresses"), _("gardez les dix premières")
    wrong = next((one for one in said if not re.fullmatch(r"https?://\S+", one)), None)
    if wrong is None:
        return None
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", wrong):
        return _("l’adresse ne commence pas par https://"), _("écrivez https://%(address)s", address=wrong[:120])
    return _("ce n’est pas une adresse de site"), _("donnez une adresse qui commence par https://")


def _is_day(cell: str) -> bool:
    try:
        return len(cell) == 10 and bool(date.fromisoformat(cell))
    except ValueError:
        return False
