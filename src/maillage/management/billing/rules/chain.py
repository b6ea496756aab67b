"""The chain of the books: each row's digest is the SHA-256 of its own text and of the digest before it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from maillage.management.billing.rules.documents import digest_of

SALES, CASH, BANK, OTHER = JOURNALS = ("VE", "CA", "BQ", "OD")
SERIES = "ECR"
"""The row of `Series` that the writers of a place's books wait for: its last number is their last position."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the books, as it is hashed."""

    place: str
    position: int
    journal: str
    writing: int
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
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed period, as it is hashed; its totals run from the first line of the books on."""

    place: str
    period: str
    starts_on: date
    ends_on: date
    last_position: int
    debit_cents: int
    credit_cents: int
    chain: str
    closed_at: datetime
    closed_by: str


def text_of(row: Row | Closed) -> str:
    """The row on one line, always the same for the same row."""
    return json.dumps(asdict(row), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_told)


def linked(row: Row | Closed, before: str) -> str:
    """The digest of a row that comes after `before`."""
    return digest_of(f"{before}\n{text_of(row)}")


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r}")
