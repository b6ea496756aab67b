"""What of an invoice may still be credited: never more than what remains of each line, of each rate and of the total.

Two lines written alike are one: what is left of them is left of both. The last credit takes all the cents that remain,
so that credits that take everything sum to the invoice, whatever was rounded on the way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from maillage.management.billing.rules.documents import Document, Line, VatGroup, grouped, net_of
from maillage.management.billing.rules.drafts import BadDraft, DraftLine
from maillage.places.rules.sentences import sentence as _

Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What remains of a line: its quantity, and its amount."""

    line: Line
    quantity_milli: int
    net_cents: int

    def as_draft(self, quantity_milli: int | None = None) -> DraftLine:
        """The line of a credit note that takes this much of it, or all that remains."""
        line = self.line
        taken = self.quantity_milli if quantity_milli is None else quantity_milli
        return DraftLine(line.label, taken, line.unit, line.unit_price_cents, line.vat, line.subject, line.detail)


def left_of(invoice: Document, earlier: Iterable[Document]) -> list[Left]:
    """What remains of each line of an invoice after the credit notes that it had, lines written alike together."""
    found: dict[Identity, Left] = {}
    for line in invoice.lines:
        one = found.get(_identity(line), Left(line, 0, 0))
        found[_identity(line)] = _plus(one, line, 1)
    for line in (line for credit in earlier for line in credit.lines):
        found[_identity(line)] = _plus(found[_identity(line)], line, -1)
    return list(found.values())


def credited(
    lines: Sequence[DraftLine], invoice: Document, earlier: Sequence[Document]
) -> tuple[tuple[Line, ...], tuple[VatGroup, ...]]:
    """The lines and the VAT of a credit note; `BadDraft` where it asks for more than what remains."""
    if not lines:
        raise BadDraft(_("cet avoir est vide"), _("choisissez ce qu’il corrige"))
    left = {_identity(one.line): one for one in left_of(invoice, earlier)}
    told = []
    for number, asked in enumerate(lines, start=1):
        one = left.get(_identity(asked))
        if one is None:
            raise BadDraft(
                _("ligne %(n)d, elle n’est pas dans la facture", n=number), _("choisissez les lignes de la facture")
            )
        if abs(asked.quantity_milli) > abs(one.quantity_milli):
            raise BadDraft(
                _("ligne %(n)d, l’avoir dépasse ce qui reste de cette ligne", n=number), _("baissez la quantité")
            )
        line = _line(asked, one)
        left[_identity(asked)] = _plus(one, line, -1)
        told.append(line)
    groups = _groups(told, invoice, earlier)
    _within(groups, invoice, earlier)
    return tuple(told), groups


def _line(asked: DraftLine, left: Left) -> Line:
    net = net_of(asked.quantity_milli, asked.unit_price_cents)
    sign = -1 if asked.quantity_milli < 0 else 1
    net = (
        left.net_cents if asked.quantity_milli == left.quantity_milli else sign * min(sign * net, sign * left.net_cents)
    )
    rates = {"vat_rate": left.line.vat_rate, "vat_category": left.line.vat_category}
    return Line(**{**asdict(asked), **rates}, net_cents=net)


def _groups(lines: Sequence[Line], invoice: Document, earlier: Sequence[Document]) -> tuple[VatGroup, ...]:
    remaining = _remaining(invoice, earlier)
    reasons = {group.category: group.reason for group in invoice.groups}
    told = []
    for group in grouped(lines, reasons):
        net, vat = remaining[group.category, group.rate]
        told.append(replace(group, vat_cents=vat if group.net_cents == net else min(group.vat_cents, vat)))
    return tuple(told)


def _within(groups: Sequence[VatGroup], invoice: Document, earlier: Sequence[Document]) -> None:
    remaining = _remaining(invoice, earlier)
    for group in groups:
        net, vat = remaining[group.category, group.rate]
        if not (0 <= group.net_cents <= net and 0 <= group.vat_cents <= vat):
            raise BadDraft(
                _("cet avoir dépasse ce qui reste de la facture"),
                _("comptez aussi ses remises, ou baissez une quantité"),
            )


def _remaining(invoice: Document, earlier: Iterable[Document]) -> dict[tuple[str, int], tuple[int, int]]:
    found = {(group.category, group.rate): (group.net_cents, group.vat_cents) for group in invoice.groups}
    for group in (group for credit in earlier for group in credit.groups):
        net, vat = found[group.category, group.rate]
        found[group.category, group.rate] = net - group.net_cents, vat - group.vat_cents
    return found


def _plus(left: Left, line: Line, times: int) -> Left:
    quantity = left.quantity_milli + times * line.quantity_milli
    return replace(left, quantity_milli=quantity, net_cents=left.net_cents + times * line.net_cents)


def _identity(line: Line | DraftLine) -> Identity:
    is_taken_off = line.quantity_milli < 0
    return line.label, line.detail, line.unit, line.unit_price_cents, line.vat, line.subject, is_taken_off
