"""The books of a year as the tax office reads them (FEC)."""

from collections.abc import Iterable

from maillage.management.billing.rules.fec import COLUMNS, TAB, FecLine, cells

ENCODING = "iso8859-15"


def as_fec(lines: Iterable[FecLine]) -> str:
    """Lines in the order of the chain, one a row."""
    rows = [TAB.join(COLUMNS), *(TAB.join(cells(line)) for line in lines)]
    return "\r\n".join(rows) + "\r\n"


def encoded(text: str) -> bytes:
    """The file in the table of signs that the article names; a sign that it lacks is a question mark."""
    return text.encode(ENCODING, "replace")
