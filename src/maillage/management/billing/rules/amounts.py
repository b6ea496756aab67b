"""Amounts and quantities as people type them, read exactly: cents and thousandths, or a refusal that says why."""

import re

from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

CENTS_MOST = 100_000_000
"""A million euros: above, a point was mistaken for a comma."""
QUANTITY_MOST = 100_000_000
"""A hundred thousand, in thousandths."""
LONGEST = 40
_GROUPED = r"[0-9]{1,3}(?:[ '’][0-9]{3})+|[0-9]{1,9}"
_NUMBER = re.compile(rf"({_GROUPED})(?:[.,]([0-9]*))?")


class BadNumber(ValueError):
    """A typed number cannot be taken: `problem`, and `mend`."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem} : {mend}.")
        self.problem, self.mend = problem, mend


def read_amount(text: str, *, most: int = CENTS_MOST) -> int:
    """An amount in euros, as people write it, in cents, zero included.

    >>> [read_amount(text) for text in ("12", "12,5", "12.50", "1 234,56 €", "0")]
    [1200, 1250, 1250, 123456, 0]
    >>> read_amount("12,345")
    Traceback (most recent call last):
    maillage.management.billing.rules.amounts.BadNumber: un montant s’arrête aux centimes : écrivez deux chiffres \
après la virgule, comme 12,50.
    """
    bare = _bare(text).removesuffix("€").removesuffix("EUR").rstrip()
    mend = _("écrivez-le en euros, comme 12,50")
    if not bare:
        raise BadNumber(_("il manque un montant"), mend)
    if bare.startswith(("-", "−", "–")):
        raise BadNumber(_("un montant n’est pas négatif"), _("écrivez-le sans signe"))
    found = _NUMBER.fullmatch(bare)
    if found is None:
        raise BadNumber(_("ce montant est illisible"), mend)
    decimals = found[2] or ""
    if len(decimals) > 2:
        raise BadNumber(_("un montant s’arrête aux centimes"), _("écrivez deux chiffres après la virgule, comme 12,50"))
    cents = _whole(found[1]) * 100 + int(decimals.ljust(2, "0"))
    if cents > most:
        raise BadNumber(_("ce montant dépasse %(n)s euros", n=_grouped(most // 100)), _("vérifiez la virgule"))
    return cents


def read_quantity(text: str, *, negative: bool = False) -> int:
    """A quantity, in thousandths: never zero, and below zero only where a line takes something off.

    >>> read_quantity("2,5"), read_quantity("1 200"), read_quantity("-1", negative=True)
    (2500, 1200000, -1000)
    """
    bare = _bare(text)
    mend = _("écrivez un nombre, comme 1 ou 2,5")
    if not bare:
        raise BadNumber(_("il manque une quantité"), mend)
    sign = -1 if bare.startswith(("-", "−", "–")) else 1
    found = _NUMBER.fullmatch(bare[1:].lstrip() if sign < 0 else bare)
    if found is None:
        raise BadNumber(_("cette quantité est illisible"), mend)
    decimals = found[2] or ""
    if len(decimals) > 3:
        raise BadNumber(_("une quantité s’arrête aux millièmes"), mend)
    milli = _whole(found[1]) * 1000 + int(decimals.ljust(3, "0"))
    if not milli:
        raise BadNumber(_("une quantité n’est pas zéro"), _("écrivez un nombre, ou retirez la ligne"))
    if sign < 0 and not negative:
        raise BadNumber(_("cette quantité est négative"), mend)
    if milli > QUANTITY_MOST:
        raise BadNumber(_("cette quantité dépasse %(n)s", n=_grouped(QUANTITY_MOST // 1000)), _("vérifiez la virgule"))
    return sign * milli


def as_typed(cents: int) -> str:
    """An amount as a form holds it.

    >>> as_typed(1250), as_typed(600)
    ('12,50', '6,00')
    """
    return f"{cents // 100},{cents % 100:02}"


def quantity_typed(milli: int) -> str:
    """A quantity as a form holds it, without zeros that say nothing.

    >>> quantity_typed(2500), quantity_typed(1000), quantity_typed(-1000)
    ('2,5', '1', '-1')
    """
    whole, rest = divmod(abs(milli), 1000)
    shown = f"{whole},{rest:03}".rstrip("0") if rest else str(whole)
    return f"-{shown}" if milli < 0 else shown


def _bare(text: str) -> str:
    line = one_line(text[:LONGEST].replace("\u202f", " ").replace("\u00a0", " "))
    return line if len(text) <= LONGEST else "?"


def _whole(digits: str) -> int:
    return int(re.sub(r"[^0-9]", "", digits))


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
