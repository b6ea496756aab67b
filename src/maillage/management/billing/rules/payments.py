"""Money that came in: how a form is read, and how far an amount goes over what is due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.people.rules.entries import Wrong, read_day
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import invisible, one_line

METHODS = CASH, CHEQUE, TRANSFER, CARD, HELLOASSO, DEBIT, OTHER = (
    "cash",
    "cheque",
    "transfer",
    "card",
    "helloasso",
    "debit",
    "other",
)
BY_HAND = (CASH, CHEQUE, TRANSFER, CARD, OTHER)
"""What a team writes down itself; the others come from the provider or from the file of debits."""
LONGEST_REFERENCE = 120
OLDEST_DAYS = 10 * 366
FIELDS = ("amount", "method", "received_on", "reference")


@dataclass(frozen=True, slots=True)
class Due:
    """What an invoice still asks for, and since when."""

    invoice: int
    due_on: date
    left_cents: int


@dataclass(frozen=True, slots=True)
class Part:
    """What of an amount settles an invoice."""

    invoice: int
    cents: int


def spread(cents: int, dues: Iterable[Due]) -> list[Part]:
    """An amount over what is due, one after the other: never more than is due, never more than there is.

    >>> day = date(2026, 11, 1)
    >>> spread(2500, [Due(1, day, 2000), Due(2, day, 0), Due(3, day, 2000)])
    [Part(invoice=1, cents=2000), Part(invoice=3, cents=500)]
    """
    parts = []
    for due in dues:
        taken = min(cents, due.left_cents)
        if taken > 0:
            parts.append(Part(due.invoice, taken))
            cents -= taken
    return parts


def oldest_first(dues: Iterable[Due]) -> list[Due]:
    """What asks first is settled first."""
    return sorted(dues, key=lambda due: (due.due_on, due.invoice))


def in_order(dues: Sequence[Due], chosen: Sequence[int] | None) -> list[Due]:
    """The chosen invoices as they were chosen, or all of them, the oldest first.

    >>> day = date(2026, 11, 1)
    >>> [one.invoice for one in in_order([Due(1, day, 5), Due(2, day, 5)], [2, 9, 2])]
    [2]
    """
    if chosen is None:
        return oldest_first(dues)
    known = {due.invoice: due for due in dues}
    return [known[number] for number in dict.fromkeys(chosen) if number in known]


@dataclass(frozen=True, slots=True)
class Entered:
    """A payment as a form told it, and what is wrong with it."""

    values: Mapping[str, Any]
    wrongs: Mapping[str, Wrong]


def read_payment(raw: Mapping[str, str], today: date) -> Entered:
    """Amount, method, day and reference of a payment; `today` is that of the place.

    >>> read_payment({"amount": "12,5", "method": "cash", "received_on": "2026-11-22"}, date(2026, 11, 22)).values
    {'amount_cents': 1250, 'method': 'cash', 'received_on': datetime.date(2026, 11, 22), 'reference': ''}
    """
    values: dict[str, Any] = {}
    wrongs: dict[str, Wrong] = {}
    try:
        values["amount_cents"] = _amount(raw.get("amount", ""))
    except BadNumber as bad:
        wrongs["amount"] = Wrong(bad.problem, bad.mend)
    values["method"] = raw.get("method", "")
    if values["method"] not in BY_HAND:
        wrongs["method"] = Wrong(_("ce moyen de paiement n’existe pas"), _("choisissez-en un de la liste"))
    values["received_on"] = read_day(raw.get("received_on", ""))
    if wrong := day_wrong(values["received_on"], today):
        wrongs["received_on"] = wrong
    try:
        values["reference"] = read_reference(raw.get("reference", ""))
    except BadNumber as bad:
        wrongs["reference"] = Wrong(bad.problem, bad.mend)
    return Entered(values, wrongs)


def day_wrong(day: date | None, today: date) -> Wrong | None:
    """Why money cannot have come in on a day."""
    if day is None:
        return Wrong(_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    if day > today:
        return Wrong(_("ce jour n’est pas encore venu"), _("écrivez celui où l’argent est arrivé"))
    if day < today - timedelta(days=OLDEST_DAYS):
        return Wrong(_("ce jour remonte à plus de dix ans"), _("vérifiez l’année"))
    return None


def read_reference(text: str) -> str:
    """A short reference on one line: the number of a cheque, what a transfer says."""
    line = one_line(text[: 4 * LONGEST_REFERENCE])
    if len(line) > LONGEST_REFERENCE or len(text) > 4 * LONGEST_REFERENCE:
        raise BadNumber(_("dépasse %(n)d caractères", n=LONGEST_REFERENCE), _("raccourcissez"))
    return line


def _amount(text: str) -> int:
    if invisible(text.strip()):
        raise BadNumber(_("ce montant contient un signe invisible"), _("tapez-le de nouveau"))
    cents = read_amount(text)
    if not cents:
        raise BadNumber(_("un encaissement n’est pas zéro"), _("écrivez ce qui est arrivé, comme 12,50"))
    return cents
