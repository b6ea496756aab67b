"""The prices of a place: which list holds on a day, which line is for whom, and what somebody typed into one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.billing.rules.documents import UNITS
from maillage.management.people.rules.entries import Read, read_day
from maillage.management.people.rules.memberships import FEES
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

KINDS = FIXED, SCALE, OPEN = "fixed", "scale", "open"
VAT = ("standard", "intermediate", "reduced", "super_reduced", "exempt")
LONGEST_TITLE = LONGEST_LABEL = 120
MOST_PRICES = 200
CENTS_MOST = 10_000_000


class Dated(Protocol):
    """A list of prices, from a day on."""

    @property
    def since(self) -> date: ...


class Priced(Protocol):
    """A line of a list."""

    @property
    def subject(self) -> str: ...
    @property
    def fee_class(self) -> str: ...
    @property
    def unit(self) -> str: ...


L = TypeVar("L", bound=Dated)
P = TypeVar("P", bound=Priced)


def in_force(lists: Iterable[L], on: date) -> L | None:
    """The list of a day: the last that has begun; None before the first."""
    begun = [one for one in lists if one.since <= on]
    return max(begun, key=lambda one: one.since, default=None)


def is_past(since: date, others: Iterable[date], today: date) -> bool:
    """Whether another list has taken over from this one: what held then is not changed any more.

    >>> first, second = date(2025, 9, 1), date(2026, 9, 1)
    >>> is_past(first, [first, second], date(2026, 9, 1)), is_past(second, [first, second], date(2026, 9, 1))
    (True, False)
    """
    return any(since < other <= today for other in others)


def best(prices: Iterable[P], *, subject: str, fee_class: str, unit: str) -> P | None:
    """The line for somebody: that of their class, else that of everybody."""
    here = [one for one in prices if (one.subject, one.unit) == (subject, unit)]
    for wanted in (fee_class, ""):
        found = next((one for one in here if one.fee_class == wanted), None)
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Tariff:
    """How a price is asked: one amount, a scale within which people choose, or whatever they give."""

    kind: str
    price_cents: int
    low_cents: int | None = None
    high_cents: int | None = None


def allows(tariff: Tariff, cents: int) -> bool:
    """Whether an amount may be paid for it.

    >>> allows(Tariff("scale", 900, 600, 1200), 500), allows(Tariff("open", 900), 1), allows(Tariff("fixed", 900), 1)
    (False, True, False)
    """
    if tariff.kind == FIXED:
        return cents == tariff.price_cents
    low, high = tariff.low_cents or 0, tariff.high_cents if tariff.high_cents is not None else CENTS_MOST
    return low <= cents <= high


def read_list(raw: Mapping[str, str]) -> Read:
    """The title of a list, its first day and the day of the vote."""
    read = Read()
    title = one_line(raw.get("title", "")[: 4 * LONGEST_TITLE])
    if not title:
        read.wrong("title", _("il manque un titre"), _("écrivez par exemple «\u202fTarifs 2027\u202f»"))
    elif len(title) > LONGEST_TITLE or len(raw.get("title", "")) > 4 * LONGEST_TITLE:
        read.wrong("title", _("dépasse %(n)d caractères", n=LONGEST_TITLE), _("raccourcissez"))
    read.values["title"] = title
    for name in ("since", "voted_on"):
        given = one_line(raw.get(name, "")[:40])
        day = read_day(given)
        if given and day is None:
            read.wrong(name, _("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
        read.values[name] = day
    if not one_line(raw.get("since", "")[:40]):
        read.wrong("since", _("il manque le premier jour"), _("écrivez-le comme 2026-09-01"))
    return read


def read_price(raw: Mapping[str, str], subjects: Iterable[str]) -> Read:
    """A line of a list; `subjects` are the things of the place that a price may be of."""
    read = Read()
    label = one_line(raw.get("label", "")[: 4 * LONGEST_LABEL])
    if not label:
        read.wrong("label", _("il manque un libellé"), _("écrivez ce que les gens liront, comme «\u202fBureau\u202f»"))
    elif len(label) > LONGEST_LABEL or len(raw.get("label", "")) > 4 * LONGEST_LABEL:
        read.wrong("label", _("dépasse %(n)d caractères", n=LONGEST_LABEL), _("raccourcissez"))
    read.values["label"] = label
    for name, words in (
        ("subject", ("", *subjects)),
        ("fee_class", ("", *FEES)),
        ("unit", UNITS),
        ("kind", KINDS),
        ("vat", VAT),
    ):
        given = raw.get(name, "") or (words[0] if name in ("vat", "kind") else "")
        if given not in words:
            read.wrong(name, _("ce choix n’existe pas"), _("choisissez-en un de la liste"))
        read.values[name] = given
    _amounts(read, raw)
    return read


def _amounts(read: Read, raw: Mapping[str, str]) -> None:
    kind = read.values["kind"]
    for name, column in (("price", "price_cents"), ("low", "low_cents"), ("high", "high_cents")):
        given = raw.get(name, "")
        read.values[column] = None if name != "price" else 0
        if name != "price" and (kind == FIXED or not one_line(given[:40])):
            continue
        try:
            read.values[column] = read_amount(given, most=CENTS_MOST)
        except BadNumber as bad:
            read.wrong(name, bad.problem, bad.mend)
    low, price, high = (read.values[f"{name}_cents"] for name in ("low", "price", "high"))
    if set(read.wrongs) & {"low", "price", "high"} or kind == FIXED:
        return
    if kind == SCALE and (low is None or high is None):
        missing = "low" if low is None else "high"
        read.wrong(missing, _("il manque une borne"), _("écrivez le plus petit et le plus grand montant"))
    elif low is not None and high is not None and low > high:
        read.wrong("high", _("le plus grand montant est sous le plus petit"), _("échangez-les"))
    elif (low is not None and price < low) or (high is not None and price > high):
        read.wrong("price", _("le montant conseillé sort des bornes"), _("écrivez-en un entre les deux"))
