"""Lines of a bank's statement: how a cell is read, what makes a line one, and which payment it may be."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from maillage.management.people.rules.names import folded
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST_LABEL = 300
MOST_CENTS = 100_000_000_000
MOST_ROWS = 5_000
MOST_BYTES = 4 * 1024 * 1024
NEAR_DAYS = 10
SHORTEST_WORD = 3
CERTAIN, LIKELY, POSSIBLE = 2, 1, 0
NUMBER, AMOUNT, ALL_OWED, NAME, RECORDED = "number", "amount", "all_owed", "name", "recorded"
_DAYS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y")
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,3}(?:[ .,'’][0-9]{3})+|[0-9]{1,12})(?:[.,]([0-9]{0,2}))?")


class NotAStatement(ValueError):
    """A file of which nothing can be read: `problem`, and `mend`."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem} : {mend}.")
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class Row:
    """A movement, as the bank tells it."""

    line: int
    booked_on: date
    label: str
    amount_cents: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be read: where, what stands there, why, and the mend."""

    line: int
    column: str
    value: str
    problem: str
    mend: str


@dataclass(slots=True)
class Statement:
    """What a file holds: what could be read, and what could not."""

    rows: list[Row] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)

    def refuse(self, line: int, column: str, value: str, problem: str, mend: str) -> None:
        self.bad.append(Bad(line, one_line(column[:80]), one_line(value[:80]), problem, mend))


def read_day(text: str) -> date | None:
    """A day as French banks write it.

    >>> read_day("03/11/2026"), read_day("2026-11-03"), read_day("03/11/26"), read_day("31/02/2026")
    (datetime.date(2026, 11, 3), datetime.date(2026, 11, 3), datetime.date(2026, 11, 3), None)
    """
    bare = text.strip()
    if not bare.isascii() or len(bare) > 10:
        return None
    for pattern in _DAYS:
        try:
            day = datetime.strptime(bare, pattern).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
        return day if 2000 <= day.year <= 2100 else None
    return None


def read_cents(text: str) -> int | None:
    """A signed amount as banks write it, in cents; None where it is not one, or tells three decimals.

    >>> [read_cents(text) for text in ("1 234,56", "-12,5", "+9", "1.234,56", "1,234.56", "12,345", "²", "")]
    [123456, -1250, 900, 123456, 123456, None, None, None]
    """
    bare = text.strip().replace("\u202f", " ").replace("\u00a0", " ").replace("−", "-")
    bare = bare.removesuffix("€").removesuffix("EUR").rstrip()
    found = _AMOUNT.fullmatch(re.sub(r"^([+-])\s+", r"\1", bare))
    if found is None or (not bare.isascii() and "’" not in bare):
        return None
    sign, whole, decimals = found.groups()
    marks = {mark for mark in whole if mark in ".,"}
    if (marks and decimals is None) or len(marks) > 1:
        return None
    cents = int(re.sub(r"[^0-9]", "", whole)) * 100 + int((decimals or "").ljust(2, "0"))
    return None if cents > MOST_CENTS else -cents if sign == "-" else cents


def label_of(parts: Iterable[str]) -> str:
    """What a bank says of a movement, on one line, each part once."""
    told = dict.fromkeys(line for part in parts if (line := one_line(part[:2_000])))
    joined = " · ".join(told)
    return joined if len(joined) <= LONGEST_LABEL else joined[: LONGEST_LABEL - 1] + "…"


def digests(rows: Sequence[Row]) -> list[str]:
    """What makes each row one, among those that look the same too: a file read again gives the same.

    >>> day = date(2026, 11, 3)
    >>> one, other, third = digests([Row(1, day, "A", 900), Row(2, day, "A", 900), Row(3, day, "B", 900)])
    >>> one != other, digests([Row(9, day, "A", 900)]) == [one]
    (True, True)
    """
    seen: Counter[str] = Counter()
    made = []
    for row in rows:
        told = f"{row.booked_on.isoformat()}|{row.amount_cents}|{row.reference}|{row.label}"
        seen[told] += 1
        made.append(hashlib.sha256(f"{told}|{seen[told]}".encode("utf-8", "replace")).hexdigest())
    return made


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice that waits for money: its number as printed, its account, what is left."""

    invoice: int
    number: str
    customer: int
    left_cents: int


@dataclass(frozen=True, slots=True)
class Known:
    """A payment that is written down already, and on no line of the bank yet."""

    payment: int
    customer: int
    amount_cents: int
    received_on: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a line may be: money for these invoices, in this order, or a payment already written down, and why."""

    customer: int
    invoices: tuple[int, ...]
    payment: int
    certainty: int
    reasons: tuple[str, ...]


def propose(
    label: str, cents: int, on: date, *, opens: Sequence[Open], known: Sequence[Known], names: dict[int, str]
) -> list[Proposal]:
    """What a line of the bank may be, the surest first; a certain one is alone to be certain."""
    if cents <= 0:
        return []
    named = {customer for customer, name in names.items() if is_named(label, name)}
    found = [_recorded(one, named) for one in known if _may_be(one, cents, on)]
    by_customer: dict[int, list[Open]] = {}
    for one in opens:
        by_customer.setdefault(one.customer, []).append(one)
    for customer, own in by_customer.items():
        found += _of_customer(label, cents, own, customer, is_theirs=customer in named)
    found.sort(key=lambda one: (-one.certainty, -len(one.reasons), one.customer))
    if sum(one.certainty == CERTAIN for one in found) > 1:
        found = [Proposal(p.customer, p.invoices, p.payment, min(p.certainty, LIKELY), p.reasons) for p in found]
    return found[:5]


def is_numbered(label: str, number: str) -> bool:
    """Whether a label tells the number of an invoice, whatever stands between series and number.

    >>> [is_numbered(label, "F2026-00012") for label in ("VIR F2026-12 PETIT", "f2026 00012", "F2026-00120", "12")]
    [True, True, False, False]
    """
    series, _dash, count = number.rpartition("-")
    if not series or not count.isdigit():
        return False
    spaced = r"[\s\-/.]*".join(re.escape(part) for part in re.findall(r"[a-z]+|[0-9]+", series.lower()))
    pattern = rf"(?<![a-z0-9]){spaced}[\s\-/.]+0*{int(count)}(?![0-9])|(?<![a-z0-9]){spaced}{count}(?![0-9])"
    return re.search(pattern, label.lower()) is not None


def is_named(label: str, name: str) -> bool:
    """Whether a label tells every word of a name that counts.

    >>> is_named("VIREMENT DE MME PETIT-ROUX LEA", "Léa Petit-Roux"), is_named("PETITJEAN", "Petit")
    (True, False)
    """
    words = [word for word in _words(name) if len(word) >= SHORTEST_WORD]
    said = set(_words(label))
    return bool(words) and all(word in said for word in words)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", folded(text))


def _may_be(one: Known, cents: int, on: date) -> bool:
    return one.amount_cents == cents and abs(one.received_on - on) <= timedelta(days=NEAR_DAYS)


def _recorded(one: Known, named: set[int]) -> Proposal:
    theirs = one.customer in named
    reasons = (RECORDED, AMOUNT, NAME) if theirs else (RECORDED, AMOUNT)
    return Proposal(one.customer, (), one.payment, CERTAIN if theirs else LIKELY, reasons)


def _of_customer(label: str, cents: int, own: Sequence[Open], customer: int, *, is_theirs: bool) -> list[Proposal]:
    numbered = [one for one in own if is_numbered(label, one.number)]
    also = (NAME,) if is_theirs else ()
    if numbered:
        exact = sum(one.left_cents for one in numbered) == cents
        reasons = (NUMBER, AMOUNT, *also) if exact else (NUMBER, *also)
        return [Proposal(customer, tuple(one.invoice for one in numbered), 0, CERTAIN if exact else LIKELY, reasons)]
    found = [
        Proposal(customer, (one.invoice,), 0, LIKELY if is_theirs else POSSIBLE, (AMOUNT, *also))
        for one in own
        if one.left_cents == cents
    ]
    if not found and len(own) > 1 and sum(one.left_cents for one in own) == cents:
        all_own = tuple(one.invoice for one in own)
        found = [Proposal(customer, all_own, 0, LIKELY if is_theirs else POSSIBLE, (ALL_OWED, *also))]
    if not found and is_theirs:
        found = [Proposal(customer, (own[0].invoice,), 0, POSSIBLE, also)]
    return found


NO_TABLE = _("aucun tableau n’y est reconnu")
NO_TABLE_MEND = _("il faut une ligne de titres avec une date, un libellé, et un montant ou un débit et un crédit")
