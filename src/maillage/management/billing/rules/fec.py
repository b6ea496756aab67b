"""The file of accounting entries (FEC): its 18 columns, and what the tax office checks of them.

Livre des procédures fiscales, article A47 A-1 (arrêté du 29 juillet 2013): names and order of the columns, days as
YYYYMMDD, amounts with a decimal comma, entries in the order of validation, tab or pipe between columns, a name made of
the Siren and of the day on which the year ends.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

COLUMNS = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
EMPTY_ALLOWED = frozenset({"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"})
DAYS = ("EcritureDate", "PieceDate", "DateLet", "ValidDate")
SEPARATORS = TAB, PIPE = "\t", "|"
JOURNALS = {"VE": "Ventes", "CA": "Caisse", "BQ": "Banque", "OD": "Opérations diverses", "AN": "À nouveaux"}
OPENING = "AN"
_DAY, _AMOUNT, _ACCOUNT = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]+,[0-9]{2}"), re.compile(r"[0-9]{3}[0-9A-Za-z]*")
_BREAKS = re.compile(r"[\t|\r\n\x00-\x1f\x7f\u2028\u2029\"]+")


@dataclass(frozen=True, slots=True)
class FecLine:
    """A line of the books as the file tells it."""

    journal: str
    number: int
    on: date
    account: str
    account_label: str
    auxiliary: str
    auxiliary_label: str
    piece: str
    piece_on: date
    label: str
    debit_cents: int
    credit_cents: int
    valid_on: date


def file_name(siren: str, ends_on: date) -> str:
    """The name that the tax office asks for.

    >>> file_name("732829320", date(2026, 12, 31))
    '732829320FEC20261231.txt'
    """
    return f"{siren}FEC{ends_on:%Y%m%d}.txt"


def cells(line: FecLine) -> tuple[str, ...]:
    """A line as its 18 cells."""
    return (
        line.journal,
        JOURNALS.get(line.journal, line.journal),
        str(line.number),
        f"{line.on:%Y%m%d}",
        line.account,
        plain(line.account_label),
        line.auxiliary,
        plain(line.auxiliary_label) if line.auxiliary else "",
        plain(line.piece),
        f"{line.piece_on:%Y%m%d}",
        plain(line.label) or plain(line.piece),
        amount(line.debit_cents),
        amount(line.credit_cents),
        "",
        "",
        f"{line.valid_on:%Y%m%d}",
        "",
        "",
    )


def amount(cents: int) -> str:
    """An amount with its decimal comma.

    >>> amount(123405), amount(0)
    ('1234,05', '0,00')
    """
    return f"{cents // 100},{cents % 100:02}"


def plain(text: str) -> str:
    """A text that breaks no line and no column.

    >>> plain(' Café\\t"Le|Nid" ')
    'Café Le Nid'
    """
    return _BREAKS.sub(" ", text).strip()


def problems(text: str, name: str) -> list[str]:
    """What the tax office would refuse of a file, each in one sentence; empty when nothing is."""
    found = []
    if not re.fullmatch(r"[0-9]{9}FEC[0-9]{8}\.txt", name):
        found.append(f"Nom de fichier\u202f: {name} n’est pas SirenFECAAAAMMJJ.txt.")
    rows = [line for line in text.split("\r\n") if line]
    if not rows:
        return [*found, "Le fichier est vide."]
    separator = TAB if TAB in rows[0] else PIPE
    if tuple(rows[0].split(separator)) != COLUMNS:
        found.append("Ligne 1\u202f: les 18 colonnes n’ont pas leurs noms, ou pas leur ordre.")
    held = [row.split(separator) for row in rows[1:]]
    for number, row in enumerate(held, start=2):
        if len(row) != len(COLUMNS):
            found.append(f"Ligne {number}\u202f: {len(row)} colonnes au lieu de 18.")
            continue
        found += _line(number, dict(zip(COLUMNS, row, strict=True)))
    return found + list(_writings([row for row in held if len(row) == len(COLUMNS)]))


def _line(number: int, row: dict[str, str]) -> Iterator[str]:
    for name in COLUMNS:
        if not row[name] and name not in EMPTY_ALLOWED:
            yield f"Ligne {number}\u202f: {name} est vide."
    for name in DAYS:
        if row[name] and not _is_day(row[name]):
            yield f"Ligne {number}\u202f: {name} n’est pas un jour AAAAMMJJ ({row[name]})."
    for name in ("Debit", "Credit"):
        if row[name] and not _AMOUNT.fullmatch(row[name]):
            yield f"Ligne {number}\u202f: {name} n’est pas un montant à virgule ({row[name]})."
    if row["CompteNum"] and not _ACCOUNT.fullmatch(row["CompteNum"]):
        yield f"Ligne {number}\u202f: CompteNum ne commence pas par trois chiffres ({row['CompteNum']})."
    if bool(row["CompAuxNum"]) != bool(row["CompAuxLib"]):
        yield f"Ligne {number}\u202f: CompAuxNum et CompAuxLib vont ensemble."
    if bool(row["Montantdevise"]) != bool(row["Idevise"]):
        yield f"Ligne {number}\u202f: Montantdevise et Idevise vont ensemble."


def _writings(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Numbers follow each other from 1, each writing is balanced, and what is validated comes in order."""
    sums: dict[str, int] = {}
    last, valid = 0, ""
    for row in rows:
        told = dict(zip(COLUMNS, row, strict=True))
        number = told["EcritureNum"]
        if not number.isdigit() or not last <= int(number) <= last + 1:
            yield f"Écriture {number}\u202f: elle ne suit pas l’écriture {last}."
        last = int(number) if number.isdigit() else last
        # What the year begins with comes first in the file, whenever it was written.
        if told["JournalCode"] != OPENING and told["ValidDate"] < valid:
            yield f"Écriture {number}\u202f: validée avant celle qui la précède."
        valid = valid if told["JournalCode"] == OPENING else told["ValidDate"]
        sums[number] = sums.get(number, 0) + _cents(told["Debit"]) - _cents(told["Credit"])
    for number, cents in sums.items():
        if cents:
            yield f"Écriture {number}\u202f: débit et crédit diffèrent de {amount(abs(cents))}."


def _cents(text: str) -> int:
    return int(text.replace(",", "")) if _AMOUNT.fullmatch(text) else 0


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True
