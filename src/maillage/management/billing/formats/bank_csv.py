"""The statement of a bank as a table of text: whatever its signs, its separator, and the lines before its titles."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from maillage.management.billing.rules.bank import (
    MOST_BYTES,
    MOST_ROWS,
    NO_TABLE,
    NO_TABLE_MEND,
    NotAStatement,
    Row,
    Statement,
    label_of,
    read_cents,
    read_day,
)
from maillage.management.people.rules.names import folded
from maillage.places.rules.sentences import sentence as _

SEPARATORS = (";", "\t", ",", "|")
TITLES_WITHIN = 40
DAYS = (
    "date operation",
    "date d operation",
    "date de comptabilisation",
    "date comptable",
    "date de l operation",
    "date",
)
LABELS = (
    "libelle",
    "libelle operation",
    "libelle simplifie",
    "libelle complet",
    "libelle de l operation",
    "libelle interne",
    "intitule",
    "intitule de l operation",
    "nature de l operation",
    "description",
    "details",
    "detail",
    "detail de l ecriture",
    "communication",
    "reference",
    "informations complementaires",
    "motif",
    "emetteur",
    "nom",
    "tiers",
)
AMOUNTS = (
    "montant",
    "montant eur",
    "montant euros",
    "montant en euros",
    "montant en eur",
    "montant operation",
    "amount",
)
DEBITS = ("debit", "debit euros", "debit eur", "montant debit", "debit en euros")
CREDITS = ("credit", "credit euros", "credit eur", "montant credit", "credit en euros")


@dataclass(frozen=True, slots=True)
class _Titles:
    """Which column tells what; the names as the bank writes them."""

    names: tuple[str, ...]
    day: int
    labels: tuple[int, ...]
    amount: int | None
    debit: int | None
    credit: int | None


def read(raw: bytes) -> Statement:
    """The movements of a file; `NotAStatement` where there is no table at all."""
    if len(raw) > MOST_BYTES:
        raise NotAStatement(
            _("ce fichier dépasse %(n)d Mo", n=MOST_BYTES // 1_048_576),
            _("demandez à la banque une période plus courte"),
        )
    text = decoded(raw)
    if "\x00" in text:
        raise NotAStatement(_("ce fichier n’est pas du texte"), _("choisissez l’export CSV ou CAMT.053 de la banque"))
    for separator in SEPARATORS:
        found = _titles(text, separator)
        if found:
            return _rows(text, separator, *found)
    raise NotAStatement(NO_TABLE, NO_TABLE_MEND)


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 where it says so or is so, else as Windows and old banks write French.

    >>> [decoded("Débit".encode(signs)) for signs in ("cp1252", "utf-8", "utf-8-sig", "utf-16")]
    ['Débit', 'Débit', 'Débit', 'Débit']
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").replace("\ufffd", "?")


def _title(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", folded(text)).strip()


def _first(titles: Sequence[str], names: Sequence[str]) -> int | None:
    return next((titles.index(name) for name in names if name in titles), None)


def _titles(text: str, separator: str) -> tuple[int, _Titles] | None:
    try:
        for number, cells in enumerate(_cells(text, separator)):
            if number >= TITLES_WITHIN:
                return None
            titles = [_title(cell[:80]) for cell in cells[:60]]
            day, amount = _first(titles, DAYS), _first(titles, AMOUNTS)
            debit, credit = _first(titles, DEBITS), _first(titles, CREDITS)
            labels = tuple(place for place, title in enumerate(titles) if title in LABELS)
            if day is not None and labels and (amount is not None or (debit is not None and credit is not None)):
                names = tuple(cell.strip() for cell in cells)
                return number, _Titles(names, day, labels, amount, debit, credit)
    except csv.Error:
        return None
    return None


def _cells(text: str, separator: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _rows(text: str, separator: str, after: int, titles: _Titles) -> Statement:
    told = Statement()
    reader = _cells(text, separator)
    number = -1
    while True:
        started = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return told
        except csv.Error:
            told.refuse(
                started, "", "", _("cette ligne est coupée ou trop longue"), _("exportez de nouveau le fichier")
            )
            return told
        number += 1
        if number <= after or not any(cell.strip() for cell in cells):
            continue
        if len(told.rows) + len(told.bad) >= MOST_ROWS:
            mend = _("la suite n’est pas lue\u202f: coupez le fichier en deux")
            told.refuse(started, "", "", _("ce fichier dépasse %(n)d lignes", n=MOST_ROWS), mend)
            return told
        _row(told, started, cells, titles)


def _row(told: Statement, line: int, cells: list[str], titles: _Titles) -> None:
    def cell(place: int | None) -> str:
        return cells[place].strip() if place is not None and place < len(cells) else ""

    day = read_day(cell(titles.day))
    if day is None:
        mend = _("écrivez-le comme 03/11/2026, ou retirez la ligne")
        told.refuse(line, titles.names[titles.day], cell(titles.day), _("ce jour est illisible"), mend)
        return
    column, value, cents = _amount(cell, titles)
    if cents is None:
        mend = _("écrivez-le comme 1 234,56, dans une seule colonne")
        told.refuse(line, column, value, _("ce montant est illisible"), mend)
        return
    label = label_of(cell(place) for place in titles.labels)
    if not label:
        told.refuse(
            line, titles.names[titles.labels[0]], "", _("il manque le libellé"), _("écrivez d’où vient l’argent")
        )
        return
    told.rows.append(Row(line, day, label, cents))


def _amount(cell: Callable[[int | None], str], titles: _Titles) -> tuple[str, str, int | None]:
    """The column and the text of an amount, and what it is: money in is above zero."""
    if titles.amount is not None and (cell(titles.amount) or titles.debit is None):
        value = cell(titles.amount)
        return titles.names[titles.amount], value, read_cents(value) or None
    debit, credit = cell(titles.debit), cell(titles.credit)
    out, came = read_cents(debit), read_cents(credit)
    name = titles.names[titles.credit or 0] if credit or not debit else titles.names[titles.debit or 0]
    if (debit and out is None) or (credit and came is None) or bool(out) == bool(came):
        return name, f"{debit} {credit}".strip(), None
    return name, credit or debit, came if came else -abs(out or 0)
