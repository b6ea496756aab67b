"""How the pages of money say invoices, drafts and accounts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from maillage.management.billing.labels import KINDS, METHODS, UNITS, VAT, euros
from maillage.management.billing.rules.amounts import quantity_typed
from maillage.management.billing.rules.documents import CREDIT, Document
from maillage.management.billing.rules.vat import LIABLE, percent
from maillage.places.views.wording import day_in_words

SETTLED, PARTLY, LATE, TO_PAY, GIVEN = "settled", "partly", "late", "to-pay", "given"


def sent_already() -> dict[str, tuple[str, str]]:
    """A form that came twice with other words in it."""
    return {"": (_("ce formulaire a déjà servi, avec d’autres réponses"), _("relisez-le, puis envoyez-le de nouveau"))}


def state_of(invoice: Any, today: date) -> tuple[str, str]:
    """How far an invoice is paid, as a code and in words."""
    if invoice.kind == CREDIT:
        held = _("à rendre\u202f: %(sum)s") % {"sum": euros(invoice.left)}
        return (GIVEN, held) if invoice.left > 0 else (SETTLED, _("réglé"))
    if invoice.left <= 0:
        return SETTLED, _("réglée")
    if invoice.due_on < today:
        return LATE, _("en retard\u202f: reste %(sum)s") % {"sum": euros(invoice.left)}
    if invoice.left < invoice.total_cents:
        return PARTLY, _("reste %(sum)s") % {"sum": euros(invoice.left)}
    return TO_PAY, _("à payer avant le %(day)s") % {"day": day_in_words(invoice.due_on, "j F")}


def row(invoice: Any, today: date) -> dict[str, Any]:
    """An invoice as lists show it."""
    code, said = state_of(invoice, today)
    return {
        "pk": invoice.pk,
        "number": str(invoice),
        "kind": "" if invoice.kind == "invoice" else KINDS[invoice.kind],
        "customer": invoice.customer.name,
        "day": day_in_words(invoice.issued_on, "j F Y"),
        "total": invoice.total_cents if invoice.kind != CREDIT else -invoice.total_cents,
        "state": code,
        "said": said,
    }


def rows(invoices: Iterable[Any], today: date) -> list[dict[str, Any]]:
    return [row(one, today) for one in invoices]


def draft_row(draft: Any) -> dict[str, Any]:
    """A draft as lists show it."""
    return {
        "pk": draft.pk,
        "kind": KINDS[draft.kind],
        "customer": draft.customer.name,
        "lines": len(draft.lines),
        "corrects": str(draft.corrects) if draft.corrects else "",
    }


def sheet(document: Document) -> dict[str, Any]:
    """A document as its page shows it: both parties, its lines, its sums."""
    taxed = document.regime == LIABLE
    return {
        "document": document,
        "kind": KINDS[document.kind],
        "issued": day_in_words(document.issued_on, "j F Y"),
        "due": "" if document.kind == CREDIT else day_in_words(document.due_on, "j F Y"),
        "delivered": _days(document.delivered_from, document.delivered_to),
        "corrects_on": day_in_words(document.corrects_on, "j F Y") if document.corrects_on else "",
        "lines": [
            {
                "label": line.label,
                "detail": line.detail,
                "sum": line.net_cents,
                "how": _how(line, taxed),
            }
            for line in document.lines
        ],
        "groups": [
            {"rate": percent(group.rate), "net": group.net_cents, "vat": group.vat_cents}
            for group in document.groups
            if taxed
        ],
        "taxed": taxed,
    }


def _how(line: Any, taxed: bool) -> str:
    said = _("%(quantity)s × %(price)s") % {
        "quantity": quantity_typed(line.quantity_milli).replace("-", "−"),
        "price": euros(line.unit_price_cents),
    }
    told = [said] if line.unit == "each" else [said, str(UNITS[line.unit])]
    return " · ".join([*told, _("TVA %(rate)s\u202f%%") % {"rate": percent(line.vat_rate)}] if taxed else told)


def _days(first: date | None, last: date | None) -> str:
    if first and last and first != last:
        return _("du %(first)s au %(last)s") % {
            "first": day_in_words(first, "j F Y"),
            "last": day_in_words(last, "j F Y"),
        }
    day = first or last
    return day_in_words(day, "j F Y") if day else ""


def settlements(invoice: Any, allocations: Iterable[Any]) -> list[dict[str, Any]]:
    """What settled an invoice, or what a credit note settled, in words."""
    told = []
    for one in allocations:
        if one.payment is not None:
            what, day = str(METHODS.get(one.payment.method, one.payment.method)), one.payment.received_on
        else:
            other = one.credit if one.invoice_id == invoice.pk else one.invoice
            what, day = f"{KINDS[other.kind]} {other}", other.issued_on
        told.append({"what": what, "day": day_in_words(day, "j F Y"), "sum": one.amount_cents})
    return told


def vat_choices(held: Any) -> list[tuple[str, str]]:
    """The rates of a day, to choose from: « Taux normal, 20 % »."""
    return [
        (key, _("%(name)s, %(rate)s\u202f%%") % {"name": VAT[key], "rate": percent(rate)})
        for key, rate in held.items()
        if rate is not None
    ]
