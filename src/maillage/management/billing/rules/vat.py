"""VAT as dated data (`vat.toml`): which rates exist where on a day, and what each regime writes on an invoice."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

FILE = Path(__file__).with_name("vat.toml")
REGIMES = OUTSIDE, FRANCHISE, LIABLE, ACCESSORY = "outside", "franchise", "liable", "accessory"
KEYS = STANDARD, INTERMEDIATE, REDUCED, SUPER_REDUCED, EXEMPT = (
    "standard",
    "intermediate",
    "reduced",
    "super_reduced",
    "exempt",
)
OF_REGIME = {OUTSIDE: "O", FRANCHISE: "E", ACCESSORY: "E"}
"""The category of EN 16931 of all that a seller without VAT sells: outside its scope, or exempt."""
KINDS = ("source", "assumption")
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))? ?%?")


class BadVat(ValueError):
    """A rate cannot be used; `problem`, and `mend`."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem} : {mend}.")
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class Entry:
    """A rate or a mention from a day on; `value` None: nobody knows it."""

    key: str
    where: tuple[str, ...]
    since: date
    value: int | None
    text: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """What VAT does to a line: its rate, its category (EN 16931), and why nothing is due."""

    rate: int
    category: str
    reason: str = ""


@cache
def entries(table: str, path: Path = FILE) -> tuple[Entry, ...]:
    """The entries of one table of the file, the oldest first; ValueError names the one that makes no sense."""
    read = [_read(table, entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get(table, [])]
    return tuple(sorted(read, key=lambda one: (one.key, one.where, one.since)))


def rates(on: date, departement: str = "", *, path: Path = FILE) -> dict[str, int | None]:
    """The rates that exist on a day in a département, by key, in hundredths of a percent; None: unknown.

    >>> rates(date(2026, 11, 23), "39")
    {'standard': 2000, 'intermediate': 1000, 'reduced': 550, 'super_reduced': 210, 'exempt': 0}
    >>> rates(date(2026, 11, 23), "974")["standard"], rates(date(2013, 12, 31))["standard"]
    (850, 1960)
    >>> rates(date(2026, 11, 23), "973")
    {'exempt': 0}
    """
    if nowhere(on, departement, path=path):
        return {EXEMPT: 0}
    own = departement if any(departement in one.where for one in entries("rate", path)) else ""
    held = {one.key: one.value for one in entries("rate", path) if own in one.where and one.since <= on}
    return {key: held[key] for key in KEYS if key in held} | {EXEMPT: 0}


def nowhere(on: date, departement: str, *, path: Path = FILE) -> str:
    """Why no French VAT is due in a département; empty where it is."""
    held = [one for one in entries("nowhere", path) if departement in one.where and one.since <= on]
    return held[-1].text if held else ""


def mention(key: str, on: date, *, path: Path = FILE) -> str:
    """What the law wants written on a day, or nothing."""
    held = [one for one in entries("mention", path) if one.key == key and one.since <= on]
    return held[-1].text if held else ""


def treatment(vat: str, *, regime: str, on: date, departement: str = "", path: Path = FILE) -> Treatment:
    """What VAT does to a line on a day: a key says what kind of thing is sold, the regime whether VAT is asked for it.

    `vat` is a key, or a percentage as people write it, which must be a rate of that day and place.

    >>> treatment("standard", regime="liable", on=date(2026, 11, 23))
    Treatment(rate=2000, category='S', reason='')
    >>> treatment("standard", regime="franchise", on=date(2026, 11, 23)).reason
    'TVA non applicable, article 293 B du CGI'
    >>> treatment("19,6", regime="liable", on=date(2026, 11, 23))
    Traceback (most recent call last):
    maillage.management.billing.rules.vat.BadVat: 19,6 % n’est pas un taux de TVA ce jour-là : choisissez 20 %, 10 %, \
5,5 %, 2,1 % ou 0 %.
    """
    key = read_vat(vat, regime=regime, on=on, departement=departement, path=path)
    if regime != LIABLE:
        return Treatment(0, OF_REGIME[regime], mention(regime, on, path=path))
    if why := nowhere(on, departement, path=path):
        return Treatment(0, "E", why)
    if key == EXEMPT:
        return Treatment(0, "E", mention(EXEMPT, on, path=path))
    rate = rates(on, departement, path=path)[key]
    if rate is None:
        raise BadVat(
            _("personne ne connaît encore ce taux de TVA"), _("choisissez-en un autre, ou attendez qu’il soit publié")
        )
    return Treatment(rate, "S")


def read_vat(vat: str, *, regime: str, on: date, departement: str = "", path: Path = FILE) -> str:
    """The key of a rate, given by its key or as a percentage that exists on that day; refused otherwise."""
    text = one_line(vat[:40])
    held = rates(on, departement, path=path)
    if text in KEYS:
        if regime == LIABLE and text not in held and not nowhere(on, departement, path=path):
            raise BadVat(_("ce taux de TVA n’existe pas ce jour-là"), _said_rates(held))
        return text
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise BadVat(_("ce taux de TVA est illisible"), _said_rates(held))
    asked = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if regime != LIABLE and asked:
        raise BadVat(
            _("ce lieu ne facture pas de TVA"),
            _("choisissez 0\u202f%, ou dites dans «\u202fQui facture\u202f» que la TVA est due"),
        )
    if not asked:
        return EXEMPT
    for key, rate in held.items():
        if rate == asked:
            return key
    raise BadVat(_("%(rate)s\u202f%% n’est pas un taux de TVA ce jour-là", rate=percent(asked)), _said_rates(held))


def percent(rate: int) -> str:
    """A rate as people write it, without zeros that say nothing.

    >>> percent(2000), percent(550), percent(0)
    ('20', '5,5', '0')
    """
    return f"{rate // 100},{rate % 100:02}".rstrip("0").rstrip(",")


def mentions(*, regime: str, on: date, reasons: tuple[str, ...], to_professional: bool, on_debits: bool) -> list[str]:
    """What an invoice must say, in order: why no VAT, the option for debits, what a late payment costs a business."""
    told = [reason for reason in dict.fromkeys(reasons) if reason]
    if regime == LIABLE and on_debits:
        told.append(mention("debits", on))
    if to_professional:
        told.append(mention("late", on))
    return [one for one in told if one]


def _said_rates(held: Mapping[str, int | None]) -> str:
    known = list(dict.fromkeys(f"{percent(rate)}\u202f%" for rate in held.values() if rate is not None))
    last = known.pop()
    return (
        _("choisissez %(rates)s ou %(last)s", rates=", ".join(known), last=last)
        if known
        else _("choisissez %(last)s", last=last)
    )


def _read(table: str, entry: Mapping[str, Any]) -> Entry:
    key, since, kind, source = entry.get("key", ""), entry.get("since"), entry.get("kind"), entry.get("source")
    value, text = entry.get("value", 0), entry.get("text", "")
    known = value == "unknown" or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000)
    named = key in KEYS if table == "rate" else bool(key) or table == "nowhere"
    if not (named and known and isinstance(since, date) and kind in KINDS and source):
        raise ValueError(f"vat.toml : « {key or table} » demande key, since, value ou text, kind et source.")
    where = tuple(str(entry.get("where", "")).split()) or ("",)
    return Entry(key, where, since, value if isinstance(value, int) else None, str(text), str(kind), str(source))
