"""An invoice as data: what is frozen when it is issued, and what every paper and file of it is made from.

Amounts are cents, quantities thousandths, VAT rates hundredths of a percent (2000 is 20 %). Field names follow the
business terms of EN 16931, which `facturx.py` writes out.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from itertools import groupby
from typing import Any

THOUSAND, WHOLE_RATE = 1000, 10_000
KINDS = INVOICE, DEPOSIT, CREDIT = "invoice", "deposit", "credit"
UNITS = ("each", "hour", "half_day", "day", "week", "month")


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys, as they were on the day."""

    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "FR"
    siret: str = ""
    vat_number: str = ""
    rna: str = ""
    legal_form: str = ""
    email: str = ""

    @property
    def siren(self) -> str:
        return self.siret[:9]


@dataclass(frozen=True, slots=True)
class Line:
    """What is sold, how much of it, at which price and rate; `subject` names it in its room ("booking:12")."""

    label: str
    quantity_milli: int
    unit: str
    unit_price_cents: int
    vat: str
    vat_rate: int
    vat_category: str
    net_cents: int
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class VatGroup:
    """The lines of one category and rate: their sum, and the VAT on that sum."""

    category: str
    rate: int
    net_cents: int
    vat_cents: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice, a deposit or a credit note, whole."""

    kind: str
    number: str
    issued_on: date
    due_on: date
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    groups: tuple[VatGroup, ...]
    net_cents: int
    vat_cents: int
    total_cents: int
    mentions: tuple[str, ...] = ()
    regime: str = "outside"
    corrects: str = ""
    corrects_on: date | None = None
    delivered_from: date | None = None
    delivered_to: date | None = None
    is_public: bool = False
    engagement: str = ""
    service_code: str = ""
    iban: str = ""
    bic: str = ""
    note: str = ""
    vat_on_debits: bool = False


def net_of(quantity_milli: int, unit_price_cents: int) -> int:
    """A line's amount in cents, half a cent going up.

    >>> net_of(2500, 900)
    2250
    >>> net_of(333, 1)
    0
    """
    return rounded(quantity_milli * unit_price_cents, THOUSAND)


def rounded(value: int, by: int) -> int:
    """A whole division, half going away from zero, as accounts round.

    >>> [rounded(value, 10) for value in (14, 15, -15)]
    [1, 2, -2]
    """
    sign = -1 if value < 0 else 1
    return sign * ((2 * abs(value) + by) // (2 * by))


def grouped(lines: Iterable[Line], reasons: dict[str, str] | None = None) -> tuple[VatGroup, ...]:
    """The VAT of a document, worked out once per category and rate on the sum of their lines (EN 16931, BR-CO-17)."""

    def by_rate(line: Line) -> tuple[str, int]:
        return line.vat_category, line.vat_rate

    told = []
    for (category, rate), own in groupby(sorted(lines, key=by_rate), key=by_rate):
        net = sum(line.net_cents for line in own)
        told.append(VatGroup(category, rate, net, rounded(net * rate, WHOLE_RATE), (reasons or {}).get(category, "")))
    return tuple(told)


def totals(groups: Sequence[VatGroup]) -> tuple[int, int, int]:
    """Net, VAT and total, in cents.

    >>> totals([VatGroup("S", 2000, 1000, 200), VatGroup("S", 550, 1000, 55)])
    (2000, 255, 2255)
    """
    net, vat = sum(group.net_cents for group in groups), sum(group.vat_cents for group in groups)
    return net, vat, net + vat


def canonical(document: Document) -> str:
    """The whole document on one line, the same for the same document: what is frozen and hashed."""
    return json.dumps(asdict(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_told)


def digest_of(text: str) -> str:
    """The SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> Document:
    """The document that a canonical text holds; ValueError where it is not one."""
    raw: dict[str, Any] = json.loads(text)
    if set(raw) != {field.name for field in fields(Document)}:
        raise ValueError("Ce texte n’est pas une facture de Maillage.")
    for name in ("issued_on", "due_on", "corrects_on", "delivered_from", "delivered_to"):
        raw[name] = date.fromisoformat(raw[name]) if raw[name] else None
    raw |= {"seller": Party(**raw["seller"]), "buyer": Party(**raw["buyer"]), "mentions": tuple(raw["mentions"])}
    raw |= {"lines": tuple(Line(**one) for one in raw["lines"])}
    return Document(**raw | {"groups": tuple(VatGroup(**one) for one in raw["groups"])})


def _told(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r}")
