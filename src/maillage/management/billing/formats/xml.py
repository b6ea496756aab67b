"""An issued invoice as XML: Cross Industry Invoice, which a Factur-X carries, and UBL 2.1; profile EN 16931."""

from maillage.management.billing.rules.documents import Document
from maillage.management.billing.rules.facturx import fields

LEVEL = "en16931"


def cii(document: Document) -> bytes:
    """The XML that a Factur-X carries; the same document gives the same bytes."""
    return _written(document, "factur-x")


def ubl(document: Document) -> bytes:
    """The same invoice as UBL 2.1, which the platforms read too; a credit note is a CreditNote."""
    return _written(document, "ubl-2.1")


def _written(document: Document, flavor: str) -> bytes:
    """The library's own check of the schema reads it again each time, and its schematron asks another host."""
    from facturx import generate_xml

    asked = {"flavor": flavor, "level": LEVEL, "check_xsd": False, "check_schematron": False}
    return bytes(generate_xml(fields(document), **asked))
