"""Which account a sale, a payment or a volunteer's hour goes to (`chart.toml`), and the lines that make them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from maillage.management.billing.rules.documents import CREDIT, DEPOSIT, Document

FILE = Path(__file__).with_name("chart.toml")
PARTS = IN, OUT, TAX, OWED, HELD, OWN, TIME = "in", "out", "tax", "owed", "held", "own", "time"
CUSTOMERS, DEPOSITS, SALES, GIFTS, BANK = "411", "4191", "706", "754", "512"
VOLUNTEERS, VOLUNTEERING = "864", "875"
VAT = "44571"
CHEQUES, CARRIED = "5112", "110"
OPENED = (BANK, "531", CHEQUES, "5115", "5116")
"""The accounts that a place may have had something in before its books began here."""
KEPT_CLASSES = "12345"
"""The classes of accounts whose balance goes over to the next year; the others begin again from nothing."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart, and the part of the page that tells of it."""

    number: str
    label: str
    part: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts used, where each thing goes, and which text says so."""

    accounts: Mapping[str, Account]
    methods: Mapping[str, str]
    subjects: Mapping[str, str]
    vat: Mapping[str, str]
    source: str
    since: date
    verified: date


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a writing: an account, and cents to its debit (above zero) or to its credit (below)."""

    account: str
    cents: int
    auxiliary: str = ""
    auxiliary_label: str = ""

    @property
    def debit_cents(self) -> int:
        return max(self.cents, 0)

    @property
    def credit_cents(self) -> int:
        return max(-self.cents, 0)


@cache
def chart(path: Path = FILE) -> Chart:
    """The chart of accounts; ValueError names what leads to an account that it does not hold."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    accounts = {entry["number"]: Account(entry["number"], entry["label"], entry["part"]) for entry in raw["account"]}
    for table in ("methods", "subjects", "vat"):
        for name, number in raw[table].items():
            if number not in accounts:
                raise ValueError(f"{path.name}\u202f: {table}.{name} mène au compte {number}, qui manque.")
    for one in accounts.values():
        if one.part not in PARTS:
            raise ValueError(f"{path.name}\u202f: le compte {one.number} demande une part parmi {', '.join(PARTS)}.")
    told = raw["source"], raw["since"], raw["verified"]
    return Chart(accounts, raw["methods"], raw["subjects"], raw["vat"], *told)


def label_of(number: str) -> str:
    """What an account is called; an unknown one by its number."""
    known = chart().accounts.get(number)
    return known.label if known else number


def sold(subject: str) -> str:
    """The account of what a line sells.

    >>> [sold(subject) for subject in ("booking:12", "dues", "", "deposit:3")]
    ['7061', '756', '706', '4191']
    """
    return chart().subjects.get(subject.partition(":")[0], SALES)


def collected(rate: int) -> str:
    """The account of the VAT of a rate.

    >>> [collected(rate) for rate in (2000, 550, 333)]
    ['445711', '445713', '44571']
    """
    return chart().vat.get(str(rate), VAT)


def landed(method: str) -> str:
    """The account where the money of a payment lands.

    >>> landed("cash"), landed("transfer")
    ('531', '512')
    """
    return chart().methods[method]


def of_sale(document: Document, *, auxiliary: str) -> tuple[Posting, ...]:
    """The lines of a sale: the customer owes, sales and VAT come in; a credit note says the contrary.

    What comes to nothing writes nothing: a free invoice has no line in the books.
    """
    sign = -1 if document.kind == CREDIT else 1
    sums: dict[str, int] = {}
    for line in document.lines:
        account = DEPOSITS if document.kind == DEPOSIT else sold(line.subject)
        sums[account] = sums.get(account, 0) - line.net_cents
    for group in document.groups:
        account = collected(group.rate)
        sums[account] = sums.get(account, 0) - group.vat_cents
    owed = Posting(CUSTOMERS, sign * document.total_cents, auxiliary, document.buyer.name)
    told = [owed, *(Posting(account, sign * cents) for account, cents in sorted(sums.items()))]
    return tuple(posting for posting in told if posting.cents)


def of_payment(method: str, cents: int, *, auxiliary: str, name: str, is_banked: bool = False) -> tuple[Posting, ...]:
    """The lines of a payment: money lands, the customer owes less; money that goes back says the contrary.

    A cheque that the bank already has (`is_banked`) leaves the bank, and no more the cheques at hand.
    """
    where = BANK if is_banked and landed(method) == CHEQUES else landed(method)
    return Posting(where, cents), Posting(CUSTOMERS, -cents, auxiliary, name)


def of_slip(cents: int) -> tuple[Posting, ...]:
    """The lines of a slip that the bank has credited: cheques at hand become money in the bank.

    >>> [(one.account, one.cents) for one in of_slip(1_600)]
    [('512', 1600), ('5112', -1600)]
    """
    return Posting(BANK, cents), Posting(CHEQUES, -cents)


def brought(asked: Mapping[tuple[str, str], int], held: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """What is still to write so that accounts open with what is asked, the rest being carried over.

    >>> brought({("512", ""): 900}, {("512", ""): 500, ("531", ""): 100, ("110", ""): -600})
    {('512', ''): 400, ('531', ''): -100, ('110', ''): -300}
    """
    names = [name for name in sorted({*asked, *held}) if name[0] != CARRIED]
    gaps = {name: asked.get(name, 0) - held.get(name, 0) for name in names}
    gaps[CARRIED, ""] = -sum(gaps.values())
    return {name: cents for name, cents in gaps.items() if cents}


def is_balanced(postings: Iterable[Posting]) -> bool:
    """Whether what is debited is what is credited.

    >>> is_balanced((Posting("512", 5), Posting("411", -5))), is_balanced((Posting("512", 5),))
    (True, False)
    """
    return sum(posting.cents for posting in postings) == 0
