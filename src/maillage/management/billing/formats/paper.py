"""An issued invoice as people read it: one PDF/A-3, in French, that carries nothing yet."""

import io
import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import override

from maillage.management.billing.labels import KINDS, euros
from maillage.management.billing.rules.amounts import quantity_typed
from maillage.management.billing.rules.documents import CREDIT, Document, Line, Party
from maillage.management.billing.rules.facturx import is_professional, mentions
from maillage.places.rules.signs import all_printable
from maillage.places.views.wording import day_in_words

TEMPLATE = Path(__file__).parents[1] / "data" / "invoice.typ"
STANDARDS = ["a-3a", "ua-1"]
"""Asked of the typesetter so that it refuses what no screen reader could read."""
DEBITS = "Option pour le paiement de la TVA d’après les débits."
UNITS = {
    "hour": ("heure", "heures"),
    "half_day": ("demi-journée", "demi-journées"),
    "day": ("jour", "jours"),
    "week": ("semaine", "semaines"),
    "month": ("mois", "mois"),
}
MANY = 2000
"""From two on, in thousandths, French has a plural."""
LONGEST_EPC_NAME, LONGEST_EPC_TEXT = 70, 140
MOST_EPC_CENTS = 99_999_999_999


def paper(document: Document) -> bytes:
    """Write the invoice on A4; the same document gives the same bytes."""
    import typst

    told = {"data": json.dumps(all_printable(content(document)))}
    given: dict[str, Any] = {"pdf_standards": STANDARDS, "font_paths": _fonts(), "timestamp": 0}
    return bytes(typst.compile(_template(), format="pdf", sys_inputs=told, **given))


@cache
def _template() -> bytes:
    """The layout, read once: a newer one put down under a running site belongs to the newer code."""
    return TEMPLATE.read_bytes()


@cache
def _fonts() -> Any:
    """The letters that come with the typesetter, and no others: a paper is the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def content(document: Document) -> dict[str, Any]:
    """Every word and figure of the paper."""
    with override("fr"):
        shows_vat = any(group.rate for group in document.groups)
        return {
            "kind": str(KINDS[document.kind]),
            "number": document.number,
            "title": f"{KINDS[document.kind]} {document.number}",
            "date": [document.issued_on.year, document.issued_on.month, document.issued_on.day],
            "facts": _facts(document),
            "seller": _seller(document.seller),
            "buyer": _buyer(document.buyer),
            "note": document.note,
            "shows_vat": shows_vat,
            "lines": [_line(line, shows_vat) for line in document.lines],
            "groups": [
                [_percent(group.rate), euros(group.net_cents), euros(group.vat_cents)] for group in document.groups
            ],
            "totals": _totals(document, shows_vat),
            "due": _due(document),
            "pay": _pay(document),
            "mentions": _mentions(document),
        }


def _facts(document: Document) -> list[list[str]]:
    """What identifies it, each with its name; what is empty is left out."""
    corrected = f"{document.corrects}, du {_day(document.corrects_on)}" if document.corrects_on else document.corrects
    told = [
        ["Date", _day(document.issued_on)],
        ["Corrige la facture", corrected],
        ["À payer avant le", "" if document.kind == CREDIT else _day(document.due_on)],
        ["Prestation de services", _period(document.delivered_from, document.delivered_to)],
        ["Engagement", document.engagement],
        ["Code service", document.service_code],
    ]
    return [one for one in told if one[1]]


def _seller(party: Party) -> dict[str, Any]:
    ids = [
        party.siret and f"Siret {_spaced(party.siret)}",
        party.rna and f"RNA {party.rna}",
        party.vat_number and f"TVA {party.vat_number}",
    ]
    address = [party.street, f"{party.postal_code} {party.city}".strip()]
    return {
        "name": party.name,
        "form": party.legal_form,
        "lines": [one for one in (*address, party.email) if one],
        "ids": [one for one in ids if one],
    }


def _buyer(party: Party) -> dict[str, Any]:
    country = "" if party.country in ("", "FR") else party.country
    ids = [
        party.siret and f"Siret {_spaced(party.siret)}",
        party.vat_number and is_professional(party) and f"TVA {party.vat_number}",
    ]
    address = [party.street, f"{party.postal_code} {party.city}".strip(), country]
    return {
        "name": party.name,
        "lines": [one for one in address if one],
        "ids": [one for one in ids if one],
    }


def _line(line: Line, shows_vat: bool) -> dict[str, str]:
    unit = "" if line.unit == "each" else UNITS[line.unit][abs(line.quantity_milli) >= MANY]
    return {
        "label": line.label,
        "detail": line.detail,
        "quantity": quantity_typed(line.quantity_milli).replace("-", "−"),
        "unit": unit,
        "price": euros(line.unit_price_cents),
        "vat": _percent(line.vat_rate) if shows_vat else "",
        "net": euros(line.net_cents),
    }


def _totals(document: Document, shows_vat: bool) -> list[list[str]]:
    if not shows_vat:
        return []
    return [
        ["Total hors taxe", euros(document.net_cents)],
        ["TVA", euros(document.vat_cents)],
    ]


def _due(document: Document) -> list[str]:
    if document.kind == CREDIT:
        return ["En votre faveur", euros(document.total_cents)]
    return ["Total à payer", euros(document.total_cents)]


def _pay(document: Document) -> dict[str, str] | None:
    """How to pay by transfer, with the code that banks' applications read; nothing where there is nothing to pay."""
    if not document.iban or document.kind == CREDIT or not document.total_cents:
        return None
    return {
        "iban": " ".join(document.iban[at : at + 4] for at in range(0, len(document.iban), 4)),
        "bic": document.bic,
        "holder": document.seller.name,
        "reference": document.number,
        "qr": _epc(document),
    }


def _epc(document: Document) -> str:
    """The EPC code of the transfer, as SVG; empty beyond what the code can say."""
    from segno import helpers

    if document.total_cents > MOST_EPC_CENTS:
        return ""
    code = helpers.make_epc_qr(
        name=document.seller.name[:LONGEST_EPC_NAME],
        iban=document.iban,
        bic=document.bic or None,
        amount=Decimal(document.total_cents) / 100,
        text=f"Facture {document.number}"[:LONGEST_EPC_TEXT],
    )
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=0, dark="#14302a", xmldecl=False)
    return drawn.getvalue().decode()


def _mentions(document: Document) -> list[str]:
    """What the law wants said, once each: the reason of a missing VAT included."""
    told = mentions(document)
    told += [group.reason for group in document.groups if group.reason]
    if document.vat_on_debits and not any("débits" in one for one in told):
        told.append(DEBITS)
    return list(dict.fromkeys(told))


def _period(first: date | None, last: date | None) -> str:
    """From a day to another, without saying twice the month and the year that they share."""
    if not first or not last or first == last:
        return _day(last or first)
    same = (
        "j" if (first.year, first.month) == (last.year, last.month) else "j F" if first.year == last.year else "j F Y"
    )
    begins = "1er" if same == "j" and first.day == 1 else day_in_words(first, same)
    return f"du {begins} au {_day(last)}"


def _day(day: date | None) -> str:
    return day_in_words(day, "j F Y") if day else ""


def _percent(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    decimals = f"{rest:02}".rstrip("0")
    return f"{whole}{',' if decimals else ''}{decimals}\u202f%"


def _spaced(siret: str) -> str:
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}".strip()
