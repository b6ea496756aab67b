"""An invoice in the terms of EN 16931 (BT-1, BG-25…): what Factur-X and UBL are both written from.

French rules of exchange (BR-FR) ask more of an invoice between professionals than EN 16931: how it is handled, three
mentions on late payment, and the address of each party, which is its Siren.
"""

from typing import Any

from maillage.management.billing.rules.documents import CREDIT, DEPOSIT, INVOICE, THOUSAND, Document, Line, Party
from maillage.management.billing.rules.documents import VatGroup as Group
from maillage.places.rules.text import one_line

TYPES = {INVOICE: "380", DEPOSIT: "386", CREDIT: "381"}
UNITS = {"each": "C62", "hour": "HUR", "half_day": "C62", "day": "DAY", "week": "WEE", "month": "MON"}
"""Codes of UN/ECE recommendation 20; a half-day has none."""
SERVICES, AFTER_DEPOSIT = "S1", "S4"
STANDARD, EXEMPT, OUTSIDE = "S", "E", "O"
SIREN, SIRET, ADDRESS, MAIL = "0002", "0009", "0225", "EM"
TRANSFER = "30"
LATE, COSTS, DISCOUNT = "PMD", "PMT", "AAB"
SIGNS = {COSTS: "recouvrement", LATE: "pénalité", DISCOUNT: "escompte"}
"""The word by which a mention is known to be the one of its code."""
TERMS = {
    COSTS: "En cas de retard de paiement, une indemnité forfaitaire de 40 € est due pour frais de recouvrement.",
    LATE: "En cas de retard de paiement, les pénalités sont de trois fois le taux de l’intérêt légal.",
    DISCOUNT: "Aucun escompte pour paiement anticipé.",
}
REASONS = {EXEMPT: "Exonéré de TVA", OUTSIDE: "Non soumis à la TVA"}
Fields = dict[str, Any]


def fields(document: Document) -> Fields:
    """The business terms of an invoice, by their codes; empty ones are left out."""
    told: Fields = {
        "BT-1": document.number,
        "BT-2": document.issued_on,
        "BT-3": TYPES[document.kind],
        "BT-5": "EUR",
        "BT-8": _taxed_when(document),
        "BT-10": document.service_code,
        "BT-13": document.engagement,
        "BT-23": AFTER_DEPOSIT if deducts_a_deposit(document) else SERVICES,
        "BG-1": notes(document),
        "BG-3": [_kept({"BT-25": document.corrects, "BT-26": document.corrects_on})] if document.corrects else [],
        "BG-4": _seller(document),
        "BG-7": _buyer(document),
        "BG-23": [_group(document, group) for group in document.groups],
        "BG-25": [_line(number, line) for number, line in enumerate(document.lines, start=1)],
        **_payment(document),
        **_delivery(document),
    }
    cents = {"BT-106": document.net_cents, "BT-109": document.net_cents, "BT-110": document.vat_cents}
    cents |= {"BT-112": document.total_cents, "BT-115": document.total_cents}
    return _cleaned(_kept(told)) | {code: amount(value) for code, value in cents.items()}


def amount(cents: int) -> str:
    """Cents as a decimal number of euros.

    >>> [amount(cents) for cents in (123456, 5, -50)]
    ['1234.56', '0.05', '-0.50']
    """
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def rate(hundredths: int) -> str:
    """A rate in percent.

    >>> [rate(one) for one in (2000, 550, 0)]
    ['20', '5.5', '0']
    """
    return _decimal(hundredths, 100)


def quantity(milli: int) -> str:
    """A quantity in units.

    >>> [quantity(one) for one in (1000, 2500, -333)]
    ['1', '2.5', '-0.333']
    """
    return _decimal(milli, THOUSAND)


def _decimal(number: int, by: int) -> str:
    whole, rest = divmod(abs(number), by)
    decimals = f"{rest:0{len(str(by)) - 1}}".rstrip("0")
    return f"{'-' if number < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"


def is_professional(buyer: Party) -> bool:
    """Whether the buyer is known to be one: late payment then costs what the Code de commerce says."""
    return bool(buyer.siret or buyer.vat_number)


def deducts_a_deposit(document: Document) -> bool:
    """Whether a line takes back what a deposit invoice already asked for."""
    return document.kind == INVOICE and any(line.subject.startswith("deposit:") for line in document.lines)


def terms(document: Document) -> dict[str, str]:
    """What is said of late payment and of early payment, by code: in the invoice's own words where it has some."""
    if not is_professional(document.buyer):
        return {}
    return {
        code: next((one for one in document.mentions if SIGNS[code] in one.lower()), standing)
        for code, standing in TERMS.items()
    }


def mentions(document: Document) -> list[str]:
    """Every sentence that the law wants on the paper, once each, those on payment last."""
    told = [one for one in document.mentions if one]
    return list(dict.fromkeys([*told, *terms(document).values()]))


def notes(document: Document) -> list[Fields]:
    """Every mention with the code of its subject, and how the platforms are to handle the invoice."""
    coded = terms(document)
    told = [{"BT-21": code, "BT-22": one_line(text)} for code, text in coded.items()]
    told += [{"BT-22": one_line(text)} for text in document.mentions if text not in coded.values() and one_line(text)]
    if text := one_line(document.note):
        told.append({"BT-21": "AAI", "BT-22": text})
    return [*told, {"BT-21": "BAR", "BT-22": handling(document.buyer)}]


def handling(buyer: Party) -> str:
    """How platforms handle an invoice to this buyer: between professionals, abroad, or to a private person."""
    if not is_professional(buyer):
        return "B2C"
    return "B2B" if buyer.siret or buyer.country == "FR" else "B2BINT"


def _taxed_when(document: Document) -> str:
    """When the VAT of services falls due; nothing where there is none."""
    if all(group.category != STANDARD for group in document.groups):
        return ""
    return "invoice" if document.vat_on_debits else "payment"


def _seller(document: Document) -> Fields:
    party = document.seller
    number = "" if _is_outside(document) else party.vat_number
    is_exempt = all(group.category == EXEMPT for group in document.groups)
    about = " · ".join(part for part in (one_line(party.legal_form), party.rna and f"RNA {party.rna}") if part)
    told: Fields = {
        "vat_identifier": number,
        "tax_identifier": party.siren if is_exempt and not number else "",
        "legal_info": about,
        "contacts": [{"name": one_line(party.name), "email": party.email}] if party.email else [],
    }
    told["identifiers"] = {SIRET: party.siret} if party.siret else {None: party.rna} if party.rna else {}
    return _kept(_party(party) | told)


def _buyer(document: Document) -> Fields:
    party = document.buyer
    number = "" if _is_outside(document) else party.vat_number
    told: Fields = {"vat_identifier": number, "identifiers": {SIRET: party.siret} if party.siret else {}}
    if not party.siret and party.email:
        told |= {"einvoicing_addr": party.email, "einvoicing_addr_schemeid": MAIL}
    return _kept(_party(party) | told)


def _is_outside(document: Document) -> bool:
    """Where VAT does not apply at all, nobody's VAT number may stand (BR-O-02)."""
    return any(group.category == OUTSIDE for group in document.groups)


def _party(party: Party) -> Fields:
    told: Fields = {
        "name": one_line(party.name) or "—",
        "addr_l1": one_line(party.street),
        "postcode": party.postal_code,
        "city": one_line(party.city),
        "country_code": party.country or "FR",
    }
    if party.siren:
        told |= {"legal_identifier": party.siren, "legal_identifier_schemeid": SIREN}
        told |= {"einvoicing_addr": party.siren, "einvoicing_addr_schemeid": ADDRESS}
    return told


def _group(document: Document, group: Group) -> Fields:
    told: Fields = {"BT-118": group.category, "BT-119": rate(group.rate) if group.category != OUTSIDE else ""}
    if group.category in REASONS:
        told["BT-120"] = one_line(group.reason) or REASONS[group.category]
    if group.category == OUTSIDE:
        told["BT-121"] = "VATEX-EU-O"
    elif group.category == EXEMPT and document.regime == "franchise":
        told["BT-121"] = "VATEX-FR-FRANCHISE"
    return _kept(told) | {"BT-116": amount(group.net_cents), "BT-117": amount(group.vat_cents)}


def _line(number: int, line: Line) -> Fields:
    """A line; a price is never below zero, so that what is taken off is a quantity below zero."""
    milli = line.quantity_milli if line.unit_price_cents >= 0 else -line.quantity_milli
    return _kept(
        {
            "BT-126": str(number),
            "BT-129": quantity(milli),
            "BT-130": UNITS.get(line.unit, "C62"),
            "BT-131": amount(line.net_cents),
            "BT-146": amount(abs(line.unit_price_cents)),
            "BT-151": line.vat_category,
            "BT-152": rate(line.vat_rate) if line.vat_category != OUTSIDE else "",
            "BT-153": one_line(line.label) or "—",
            "BT-154": one_line(line.detail),
        }
    )


def _payment(document: Document) -> Fields:
    if document.kind == CREDIT:
        return {"BT-20": "Avoir à déduire de ce qui est dû, ou à rembourser."}
    told: Fields = {"BT-9": document.due_on}
    if document.iban:
        told |= {"BT-81": TRANSFER, "BT-83": document.number, "BT-84": document.iban, "BT-86": document.bic}
    return told


def _delivery(document: Document) -> Fields:
    """When it was done: on the day of issue where no other is told; a deposit says where, as no day is known yet."""
    first, last = document.delivered_from, document.delivered_to
    if document.kind == DEPOSIT and not (first or last):
        address = ("name", "addr_l1", "postcode", "city", "country_code")
        return {"BG-13": {name: value for name, value in _party(document.seller).items() if name in address}}
    told: Fields = {"BT-72": last or first or document.issued_on}
    return told | ({"BT-73": first, "BT-74": last} if first and last and first < last else {})


def _cleaned(told: Any) -> Any:
    """The same, every text without the signs that no XML can hold."""
    if isinstance(told, str):
        return one_line(told)
    if isinstance(told, dict):
        return {code: _cleaned(value) for code, value in told.items()}
    return [_cleaned(value) for value in told] if isinstance(told, list) else told


def _kept(told: Fields) -> Fields:
    return {code: value for code, value in told.items() if value not in ("", None, [], {})}
