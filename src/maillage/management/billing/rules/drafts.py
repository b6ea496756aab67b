"""Lines being written, and the document they become: read strictly, priced on the day, summed by rate.

A price is never negative (BT-146 of EN 16931): what takes something off has a negative quantity, and never takes off
more than its rate has in the document.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from maillage.management.billing.rules.amounts import CENTS_MOST, QUANTITY_MOST
from maillage.management.billing.rules.documents import (
    CREDIT,
    INVOICE,
    UNITS,
    Document,
    Line,
    Party,
    VatGroup,
    grouped,
    net_of,
    totals,
)
from maillage.management.billing.rules.vat import KEYS, STANDARD, BadVat, mentions, treatment
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST_LABEL, LONGEST_DETAIL, LONGEST_NOTE, MOST_LINES = 200, 500, 500, 200
FIXED, SCALE, OPEN = "fixed", "scale", "open"
_SUBJECT = re.compile(r"[a-z_]{1,20}:[0-9A-Za-z_:-]{1,39}")


class BadDraft(ValueError):
    """A draft cannot be what is asked; `problem`, and `mend`."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem} : {mend}.")
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it is written: the price is the one chosen when it was sold, and stays."""

    label: str
    quantity_milli: int
    unit: str
    unit_price_cents: int
    vat: str = STANDARD
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Who sells on a day, and under which VAT."""

    seller: Party
    regime: str
    departement: str = ""
    iban: str = ""
    bic: str = ""
    payment_days: int = 30
    vat_on_debits: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What an invoice says beside its lines."""

    delivered_from: date | None = None
    delivered_to: date | None = None
    is_public: bool = False
    engagement: str = ""
    service_code: str = ""
    note: str = ""


def as_json(lines: Iterable[DraftLine]) -> list[dict[str, Any]]:
    """Lines as a draft keeps them."""
    return [asdict(line) for line in lines]


def read_lines(raw: object) -> tuple[DraftLine, ...]:
    """The lines that a draft keeps, or `BadDraft` naming the first that is none."""
    if not isinstance(raw, list):
        raise BadDraft(_("ces lignes sont illisibles"), _("recommencez le brouillon"))
    return checked(DraftLine(**one) if _is_line(one) else None for one in raw)


def checked(lines: Iterable[DraftLine | None]) -> tuple[DraftLine, ...]:
    """The same lines, cleaned of what nobody sees, each within its bounds; `BadDraft` names the first that is not."""
    told = []
    for number, line in enumerate(lines, start=1):
        if number > MOST_LINES:
            raise BadDraft(_("plus de %(n)d lignes", n=MOST_LINES), _("faites deux factures"))
        told.append(_checked(number, line))
    return tuple(told)


def _is_line(one: object) -> bool:
    if not isinstance(one, Mapping) or not {"label", "quantity_milli", "unit", "unit_price_cents"} <= set(one):
        return False
    return set(one) <= {field.name for field in fields(DraftLine)}


def _checked(number: int, line: DraftLine | None) -> DraftLine:
    if line is None:
        raise _of_line(number, _("elle est illisible"), _("retirez-la et écrivez-la de nouveau"))
    words = (line.label, line.unit, line.vat, line.subject, line.detail)
    figures = (line.quantity_milli, line.unit_price_cents)
    if not all(isinstance(one, str) for one in words) or any(type(one) is not int for one in figures):
        raise _of_line(number, _("elle est illisible"), _("retirez-la et écrivez-la de nouveau"))
    label, detail = one_line(line.label[: 4 * LONGEST_LABEL]), one_line(line.detail[: 4 * LONGEST_DETAIL])
    if not label:
        raise _of_line(number, _("il manque un libellé"), _("dites en quelques mots ce qui est vendu"))
    if len(label) > LONGEST_LABEL or len(detail) > LONGEST_DETAIL:
        raise _of_line(number, _("son texte est trop long"), _("raccourcissez"))
    if line.unit not in UNITS:
        raise _of_line(number, _("cette unité n’existe pas"), _("choisissez-en une de la liste"))
    if not 0 <= line.unit_price_cents <= CENTS_MOST:
        raise _of_line(
            number,
            _("ce prix n’est pas possible"),
            _("écrivez un prix positif, et une quantité négative pour une remise"),
        )
    if not line.quantity_milli or abs(line.quantity_milli) > QUANTITY_MOST:
        raise _of_line(number, _("cette quantité n’est pas possible"), _("écrivez un nombre, comme 1 ou 2,5"))
    if line.subject and not _SUBJECT.fullmatch(line.subject):
        raise _of_line(number, _("son objet est illisible"), _("retirez-la et écrivez-la de nouveau"))
    return DraftLine(label, line.quantity_milli, line.unit, line.unit_price_cents, line.vat[:40], line.subject, detail)


def _of_line(number: int, problem: str, mend: str) -> BadDraft:
    return BadDraft(_("ligne %(n)d, %(problem)s", n=number, problem=problem), mend)


def chosen_price(
    kind: str, price_cents: int, *, low: int | None = None, high: int | None = None, chosen: int | None = None
) -> int:
    """The price at which something is sold: the fixed one, one of its scale, or the one that is freely given.

    >>> chosen_price("fixed", 900), chosen_price("scale", 750, low=600, high=900, chosen=600)
    (900, 600)
    >>> chosen_price("open", 500, chosen=0), chosen_price("scale", 750, low=600, high=900)
    (0, 750)
    """
    if kind == FIXED:
        if chosen not in (None, price_cents):
            raise BadDraft(_("ce prix est fixe"), _("laissez-le, ou ajoutez une ligne de remise"))
        return price_cents
    if chosen is None:
        return price_cents
    least, most = (low or 0, CENTS_MOST if high is None else high) if kind == SCALE else (0, CENTS_MOST)
    if not least <= chosen <= most:
        raise BadDraft(_("ce prix sort de la fourchette"), _("choisissez un prix de la fourchette"))
    return chosen


def priced(lines: Sequence[DraftLine], terms: Terms, on: date) -> tuple[tuple[Line, ...], dict[str, str]]:
    """Lines with their amounts and the VAT of the day, and the reason of each category that owes none."""
    told, reasons = [], {}
    for number, line in enumerate(lines, start=1):
        try:
            vat = treatment(line.vat, regime=terms.regime, on=on, departement=terms.departement)
        except BadVat as bad:
            raise _of_line(number, bad.problem, bad.mend) from bad
        net = net_of(line.quantity_milli, line.unit_price_cents)
        told.append(Line(**asdict(line), vat_rate=vat.rate, vat_category=vat.category, net_cents=net))
        reasons[vat.category] = vat.reason
    return tuple(told), reasons


def draw_up(
    lines: Sequence[DraftLine],
    *,
    terms: Terms,
    buyer: Party,
    on: date,
    about: About | None = None,
    kind: str = INVOICE,
    number: str = "",
) -> Document:
    """The invoice that lines make on a day; `BadDraft` where they make none."""
    if not lines:
        raise BadDraft(_("cette facture est vide"), _("ajoutez d’abord une ligne"))
    own, reasons = priced(lines, terms, on)
    groups = grouped(own, reasons)
    if any(group.net_cents < 0 for group in groups):
        raise BadDraft(
            _("une remise dépasse ce qu’elle réduit"), _("baissez-la\u202f: pour rendre de l’argent, faites un avoir")
        )
    return _document(own, groups, kind=kind, number=number, terms=terms, buyer=buyer, on=on, about=about or About())


def draw_credit(
    lines: Sequence[Line],
    groups: Sequence[VatGroup],
    *,
    corrected: Document,
    terms: Terms,
    on: date,
    number: str = "",
    note: str = "",
) -> Document:
    """The credit note that these lines make, under the VAT of the invoice that it corrects."""
    about = About(
        delivered_from=corrected.delivered_from,
        delivered_to=corrected.delivered_to,
        is_public=corrected.is_public,
        engagement=corrected.engagement,
        service_code=corrected.service_code,
        note=note,
    )
    return _document(
        lines,
        groups,
        kind=CREDIT,
        number=number,
        terms=terms,
        buyer=corrected.buyer,
        on=on,
        about=about,
        corrected=corrected,
    )


def _document(
    lines: Sequence[Line],
    groups: Sequence[VatGroup],
    *,
    kind: str,
    number: str,
    terms: Terms,
    buyer: Party,
    on: date,
    about: About,
    corrected: Document | None = None,
) -> Document:
    net, vat, total = totals(groups)
    regime = corrected.regime if corrected else terms.regime
    told = mentions(
        regime=regime,
        on=on,
        reasons=tuple(group.reason for group in groups),
        to_professional=bool(buyer.siret) and not about.is_public and corrected is None,
        on_debits=terms.vat_on_debits,
    )
    return Document(
        kind=kind,
        number=number,
        issued_on=on,
        due_on=on if corrected else on + timedelta(days=terms.payment_days),
        seller=terms.seller,
        buyer=buyer,
        lines=tuple(lines),
        groups=tuple(groups),
        net_cents=net,
        vat_cents=vat,
        total_cents=total,
        mentions=tuple(told),
        regime=regime,
        corrects=corrected.number if corrected else "",
        corrects_on=corrected.issued_on if corrected else None,
        iban=terms.iban,
        bic=terms.bic,
        vat_on_debits=terms.vat_on_debits,
        **asdict(about),
    )


def is_key(vat: str) -> bool:
    """Whether this names a rate by its key."""
    return vat in KEYS
