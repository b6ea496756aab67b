"""The books of a year as the tax office reads them (FEC)."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from maillage.management.billing.models import Entry
from maillage.management.billing.rules.fec import COLUMNS, TAB, FecLine, cells

ENCODING = "iso8859-15"


def as_fec(entries: Iterable[Entry], zone: ZoneInfo) -> str:
    """Lines in the order of the chain, one a row; writings are numbered from 1 in the file, and stay so."""
    rows = [TAB.join(COLUMNS)]
    number, writing = 0, 0
    for entry in entries:
        if entry.writing != writing:
            number, writing = number + 1, entry.writing
        rows.append(TAB.join(cells(_line(entry, number, zone))))
    return "\r\n".join(rows) + "\r\n"


def encoded(text: str) -> bytes:
    """The file in the table of signs that the article names; a sign that it lacks is a question mark."""
    return text.encode(ENCODING, "replace")


def _line(entry: Entry, number: int, zone: ZoneInfo) -> FecLine:
    return FecLine(
        journal=entry.journal,
        number=number,
        on=entry.on,
        account=entry.account,
        account_label=entry.account_label,
        auxiliary=entry.auxiliary,
        auxiliary_label=entry.auxiliary_label,
        piece=entry.piece,
        piece_on=entry.piece_on,
        label=entry.label,
        debit_cents=entry.debit_cents,
        credit_cents=entry.credit_cents,
        valid_on=entry.written_at.astimezone(zone).date(),
    )
