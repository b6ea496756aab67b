"""What a place sells by the carnet or by the month: what each thing takes of it, and how long it holds."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.billing.rules.documents import UNITS
from maillage.management.people.rules.entries import Read
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

KINDS = CARNET, SUBSCRIPTION = "carnet", "subscription"
LONGEST_NAME = 120
MOST_UNITS, MOST_RATE, MOST_MONTHS = 1_000, 100, 60
CENTS_MOST = 10_000_000
USABLE = tuple(unit for unit in UNITS if unit != "month")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a thing takes: a half-day of office, two tickets."""

    subject: str
    unit: str
    units: int


def rates_of(kept: Mapping[str, Any]) -> tuple[Rate, ...]:
    """The rates of a pass as they are kept; what is no rate is left out.

    >>> rates_of({"space:1": {"unit": "half_day", "units": 2}, "space:2": {}})
    (Rate(subject='space:1', unit='half_day', units=2),)
    """
    read = []
    for subject, one in kept.items():
        units, unit = (one.get("units"), one.get("unit")) if isinstance(one, dict) else (None, None)
        if isinstance(units, int) and units > 0 and unit in UNITS:
            read.append(Rate(subject, unit, units))
    return tuple(read)


def units_for(kept: Mapping[str, Any], subject: str, quantity: int) -> int | None:
    """What so much of a thing takes; None where the pass is not for it.

    >>> units_for({"space:1": {"unit": "half_day", "units": 2}}, "space:1", 3)
    6
    """
    found = next((one for one in rates_of(kept) if one.subject == subject), None)
    return found.units * quantity if found else None


def last_day(first: date, months: int) -> date:
    """The last day of so many months from a day on: six months from 1 September end on 28 February.

    >>> last_day(date(2026, 9, 1), 6), last_day(date(2026, 8, 31), 6), last_day(date(2026, 11, 22), 1)
    (datetime.date(2027, 2, 28), datetime.date(2027, 2, 27), datetime.date(2026, 12, 21))
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


def month_of(first: date, number: int) -> tuple[date, date]:
    """The first and last days of the month so many months after a subscription began.

    >>> month_of(date(2026, 1, 31), 1), month_of(date(2026, 1, 31), 2)
    ((datetime.date(2026, 2, 28), datetime.date(2026, 3, 30)), (datetime.date(2026, 3, 31), datetime.date(2026, 4, 29)))
    """
    starts = last_day(first, number) + timedelta(days=1) if number else first
    return starts, last_day(first, number + 1)


def months_begun(first: date, last: date | None, today: date) -> list[int]:
    """The months of a subscription that have begun by a day, by number; none after its last day.

    >>> first = date(2026, 9, 15)
    >>> months_begun(first, None, date(2026, 11, 15)), months_begun(first, None, date(2026, 9, 1))
    ([0, 1, 2], [])
    """
    until = min(today, last) if last else today
    numbers: list[int] = []
    while month_of(first, len(numbers))[0] <= until:
        numbers.append(len(numbers))
    return numbers


def read_formula(raw: Mapping[str, str], subjects: Iterable[str]) -> Read:
    """A formula as it was typed: its name, kind, units, months, and what each thing of the place takes."""
    read = Read()
    name = one_line(raw.get("name", "")[: 4 * LONGEST_NAME])
    if not name:
        read.wrong("name", _("il manque un nom"), _("écrivez par exemple «\u202fCarnet de 10\u202f»"))
    elif len(name) > LONGEST_NAME or len(raw.get("name", "")) > 4 * LONGEST_NAME:
        read.wrong("name", _("dépasse %(n)d caractères", n=LONGEST_NAME), _("raccourcissez"))
    kind = raw.get("kind", "")
    if kind not in KINDS:
        read.wrong("kind", _("ce genre n’existe pas"), _("choisissez-en un de la liste"))
    read.values |= {"name": name, "kind": kind, "is_roaming": bool(raw.get("is_roaming"))}
    read.values["units"] = _whole(read, "units", raw.get("units", ""), MOST_UNITS)
    monthly = kind == SUBSCRIPTION
    read.values["months"] = 1 if monthly else _whole(read, "months", raw.get("months", ""), MOST_MONTHS)
    read.values["overage_cents"] = None
    if monthly and one_line(raw.get("overage", "")[:40]):
        try:
            read.values["overage_cents"] = read_amount(raw["overage"], most=CENTS_MOST)
        except BadNumber as bad:
            read.wrong("overage", bad.problem, bad.mend)
    _rates(read, raw, subjects)
    return read


def _rates(read: Read, raw: Mapping[str, str], subjects: Iterable[str]) -> None:
    rates: dict[str, dict[str, object]] = {}
    for subject in subjects:
        if not one_line(raw.get(f"units-{subject}", "")[:40]):
            continue
        units = _whole(read, f"units-{subject}", raw[f"units-{subject}"], MOST_RATE)
        unit = raw.get(f"unit-{subject}", "")
        if unit not in USABLE:
            read.wrong(f"unit-{subject}", _("ce choix n’existe pas"), _("choisissez-en un de la liste"))
        rates[subject] = {"unit": unit, "units": units}
    if not rates and not any(name.startswith("unit") and name != "units" for name in read.wrongs):
        read.wrong("rates", _("cette formule ne donne droit à rien"), _("dites ce que prend au moins un espace"))
    read.values["rates"] = rates


def _whole(read: Read, name: str, text: str, most: int) -> int:
    bare = text[:40].strip()
    number = int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 6 else 0
    if not 1 <= number <= most or len(text) > 40:
        read.wrong(name, _("ce nombre ne se peut pas"), _("écrivez un nombre entier, de 1 à %(n)d", n=most))
    return number
