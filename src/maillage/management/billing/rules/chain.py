"""The chain of the books: each row's digest is the SHA-256 of its own text and of the digest before it.

Where a row was changed, the chain says which one; where another copy of the same fact gives the digest back, it says
which column, and what stood there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from maillage.management.billing.rules.documents import digest_of

SALES, CASH, BANK, OTHER, OPENING = JOURNALS = ("VE", "CA", "BQ", "OD", "AN")
SERIES = "ECR"
"""The row of `Series` that the writers of a place's books wait for: its last number is their last position."""
CLOSINGS = "CLO"
"""The row of `Series` that counts the closings of a place: the last of them could otherwise go without a trace."""

ENTRY = (
    "place_id",
    "position",
    "journal",
    "writing",
    "on",
    "account",
    "account_label",
    "auxiliary",
    "auxiliary_label",
    "piece",
    "piece_on",
    "label",
    "debit_cents",
    "credit_cents",
    "written_at",
    "written_by",
    "seal",
)
SHARED = ("place_id", "journal", "writing", "on", "piece", "piece_on", "label", "written_at", "written_by", "seal")
"""What the lines of one writing have in common."""

CLOSING = (
    "place_id",
    "period",
    "starts_on",
    "ends_on",
    "last_position",
    "debit_cents",
    "credit_cents",
    "chain",
    "closed_at",
    "closed_by",
)
INVOICE = (
    "place_id",
    "customer_id",
    "kind",
    "series",
    "number",
    "issued_on",
    "due_on",
    "corrects_id",
    "net_cents",
    "vat_cents",
    "total_cents",
    "digest",
    "key",
    "issued_at",
    "issued_by",
)
PAYMENT = (
    "place_id",
    "customer_id",
    "method",
    "amount_cents",
    "received_on",
    "reference",
    "provider",
    "provider_ref",
    "undoes_id",
    "key",
    "recorded_at",
    "recorded_by",
)
SLIP = ("place_id", "number", "made_on", "banked_on", "banked_at", "banked_by")
CONTENT, DIGEST, BEFORE, GONE = "content", "digest", "before", "gone"
"""What may be wrong with a row where no column can be named."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A row as it stands: what it says, and the digests beside it."""

    values: Values
    before: str
    digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A row of a chain that is not what was written: its index, the column where one can be named, and what it held."""

    index: int
    column: str
    was: str = ""


def text_of(values: Values) -> str:
    """The values on one line, always the same for the same values.

    >>> text_of({"on": date(2026, 3, 2), "a": 1})
    '{"a":1,"on":"2026-03-02"}'
    """
    plain = {name: told(value) for name, value in values.items()}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def told(value: Any) -> Any:
    """A value as it is hashed: a moment in UTC to the microsecond, a day, a number, a text, or nothing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int) else str(value)


def linked(values: Values, before: str) -> str:
    """The digest of a row that comes after `before`."""
    return digest_of(f"{before}\n{text_of(values)}")


def sealed(values: Values) -> str:
    """The digest of a piece, kept in the lines that tell of it."""
    return digest_of(text_of(values))


def judged(links: Sequence[Link], index: int, candidates: Iterable[tuple[str, Any]] = ()) -> Broken | None:
    """What is wrong with one row of a chain, None when it holds; `links` are the rows around it, from the first or not.

    A row is held to the digest before it and to its own; where its own is wrong, the row after says whether it was the
    digest that changed. `candidates` are values that may have stood in its columns.
    """
    link = links[index]
    expected = links[index - 1].digest if index else ""
    recomputed = linked(link.values, link.before)
    if link.before != expected:
        if recomputed == link.digest:
            rewritten = index > 0 and link.before == linked(links[index - 1].values, links[index - 1].before)
            return None if rewritten else Broken(index, GONE)
        if linked(link.values, expected) == link.digest:
            return Broken(index, BEFORE, expected)
    elif recomputed == link.digest:
        return None
    if index + 1 < len(links) and links[index + 1].before == recomputed:
        return Broken(index, DIGEST, recomputed)
    for column, value in candidates:
        if linked({**link.values, column: value}, link.before) == link.digest:
            return Broken(index, column, str(told(value)))
    return Broken(index, CONTENT)


def alike(values: Sequence[Values]) -> list[list[tuple[str, Any]]]:
    """For the lines of one writing, the values that each may have held: those of its sisters, and what balances them.

    >>> alike([{"on": 1, "debit_cents": 5, "credit_cents": 0}, {"on": 2, "debit_cents": 0, "credit_cents": 7}])[0]
    [('on', 2), ('debit_cents', 7)]
    """
    ways_of = []
    for index, own in enumerate(values):
        sisters = [other for place, other in enumerate(values) if place != index]
        ways = [(name, one[name]) for name in SHARED if name in own for one in sisters if one[name] != own[name]]
        gap = whole(own["debit_cents"]) - whole(own["credit_cents"])
        gap -= sum(whole(one["debit_cents"]) - whole(one["credit_cents"]) for one in values)
        ways += [("debit_cents", gap)] if gap > 0 and gap != own["debit_cents"] else []
        ways += [("credit_cents", -gap)] if gap < 0 and -gap != own["credit_cents"] else []
        ways_of.append(ways)
    return ways_of


def whole(value: Any) -> int:
    """A number of a row, zero where something else stands there.

    >>> whole(12), whole("1x")
    (12, 0)
    """
    return value if isinstance(value, int) else 0
