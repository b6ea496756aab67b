"""The ledger of passes in plain words: codes, what a pass still allows, and why it does not."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from maillage.management.people.rules.entries import Wrong
from maillage.places.rules.sentences import sentence as _

KINDS = CARNET, SUBSCRIPTION, FUNDED = "carnet", "subscription", "funded"
ISSUED, HELD, REDEEMED, RELEASED, RESTORED = "issued", "held", "redeemed", "released", "restored"
EXPIRED, CANCELLED, REIMBURSED = "expired", "cancelled", "reimbursed"
HALVES = AM, PM = "am", "pm"
MOST_UNITS = 10_000
LONGEST_KEY = 100

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def check_sign(nine: str) -> str:
    """The last sign of a code: one sign mistaken, or any two exchanged, give another (a sum over GF(32)).

    >>> check_sign("7K3QX0M2A"), check_sign("7K3QX0M2B"), check_sign("K73QX0M2A")
    ('5', '7', '1')
    """
    total = 0
    for sign in nine:
        total = _twice(total) ^ SIGNS.index(sign)
    return SIGNS[_twice(total)]


def _twice(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled


def new_code(pick: Callable[[str], str]) -> str:
    """A code whose signs somebody draws, its check sign last.

    >>> new_code(lambda signs: signs[1])
    '11111-1111J'
    """
    nine = "".join(pick(SIGNS) for _sign in range(CODE_LENGTH - 1))
    return _written(nine + check_sign(nine))


def read_code(text: str) -> str:
    """A code as somebody typed it, written as it is kept; empty for what is none.

    >>> read_code(" 1l1i1 1111j "), read_code("11111-1111T"), read_code("bonjour")
    ('11111-1111J', '', '')
    """
    bare = "".join(sign for sign in text[:60].upper().translate(_READ_AS) if sign.isascii() and sign.isalnum())
    if len(bare) != CODE_LENGTH or not set(bare) <= set(SIGNS) or check_sign(bare[:-1]) != bare[-1]:
        return ""
    return _written(bare)


def _written(bare: str) -> str:
    return f"{bare[:5]}-{bare[5:]}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A pass as it stands: what is left, its days, whether it was cancelled, and the half-days it has spent."""

    balance: int
    starts_on: date
    ends_on: date
    is_cancelled: bool = False
    halves: frozenset[tuple[date, str]] = frozenset()


def refused(standing: Standing, *, units: int, day: date, half: str = "", today: date | None = None) -> str:
    """Why so many units cannot be taken for a day, as a word of `REASONS`; empty when they can.

    >>> ten = Standing(10, date(2026, 9, 1), date(2027, 2, 28))
    >>> refused(ten, units=1, day=date(2026, 9, 1)), refused(ten, units=11, day=date(2026, 9, 1))
    ('', 'empty')
    """
    if not 1 <= units <= MOST_UNITS:
        return "units"
    if standing.is_cancelled:
        return "cancelled"
    if day < standing.starts_on:
        return "not_yet"
    if day > standing.ends_on:
        return "expired"
    if today is not None and day > today:
        return "ahead"
    if half and (day, half) in standing.halves:
        return "half_used"
    return "empty" if units > standing.balance else ""


REASONS: Mapping[str, Wrong] = {
    "unknown": Wrong(
        _("ce code n’est pas celui d’un carnet ou d’un passe d’ici"),
        _("relisez-le signe par signe, ou cherchez la personne"),
    ),
    "units": Wrong(_("ce nombre d’unités ne se peut pas"), _("donnez un nombre entier, de 1 à 10 000")),
    "days": Wrong(_("le dernier jour est avant le premier"), _("donnez un dernier jour qui vient après")),
    "cancelled": Wrong(_("ce passe a été annulé"), _("rien ne peut plus en être pris\u202f: proposez-en un autre")),
    "not_yet": Wrong(_("ce passe n’est pas encore valable"), _("revenez à partir de son premier jour")),
    "expired": Wrong(_("ce passe n’est plus valable ce jour-là"), _("proposez-en un autre, ou le prix à l’unité")),
    "ahead": Wrong(_("ce jour n’est pas encore venu"), _("notez la venue le jour même")),
    "half_used": Wrong(_("cette demi-journée est déjà comptée sur ce passe"), _("il n’y a rien de plus à noter")),
    "empty": Wrong(
        _("il ne reste pas assez d’unités sur ce passe"), _("payez le reste à l’unité, ou prenez un autre carnet")
    ),
    "nothing_left": Wrong(_("il ne reste rien sur ce passe"), _("il n’y a rien à en retirer")),
    "still_valid": Wrong(_("ce passe est encore valable"), _("attendez que son dernier jour soit passé")),
    "undone": Wrong(_("ce mouvement est déjà défait"), _("il n’y a rien de plus à faire")),
    "reimbursed": Wrong(_("cette venue est déjà remboursée"), _("voyez avec qui finance le passe")),
    "elsewhere": Wrong(_("cette venue a été notée par un autre lieu"), _("demandez-lui de la défaire")),
    "not_that": Wrong(_("ce mouvement ne se défait pas ainsi"), _("rechargez la page et choisissez-en un autre")),
    "key": Wrong(_("cette clé a déjà servi à une autre demande"), _("rechargez la page, puis recommencez")),
    "changed": Wrong(_("la base a refusé ce mouvement"), _("rechargez la page, puis recommencez")),
}


def fingerprint(request: Mapping[str, Any]) -> str:
    """The print of a request: the same request always has the same, whoever sends it again and when.

    >>> fingerprint({"a": 1, "b": date(2026, 9, 1)}) == fingerprint({"b": date(2026, 9, 1), "a": 1})
    True
    """
    told = json.dumps(request, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()
