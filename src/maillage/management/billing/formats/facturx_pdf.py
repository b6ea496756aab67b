"""An issued invoice as a Factur-X: the PDF/A-3 that people read, with the XML that machines read inside."""

import re
from datetime import UTC, datetime, time

from maillage.management.billing.formats.paper import paper
from maillage.management.billing.formats.xml import LEVEL, cii
from maillage.management.billing.rules.documents import Document

XML_NAME = "factur-x.xml"
_STAMPS = re.compile(rb"D:\d{14}\+00'00'|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


def facturx_pdf(document: Document) -> bytes:
    """Write the invoice as people and machines read it; made again, the bytes are the same.

    The moment of writing is the day of issue: a paper made on demand says when it was issued, not when it was asked.
    """
    from facturx import generate_from_binary

    made = generate_from_binary(
        paper(document),
        cii(document),
        flavor="factur-x",
        level=LEVEL,
        check_xsd=False,
        check_schematron=False,
        pdf_metadata=_about(document),
        lang="fr-FR",
        afrelationship="data",
        xmp_compression=False,
    )
    return _STAMPS.sub(lambda found: _stamp(found[0], document), bytes(made))


def _about(document: Document) -> dict[str, str]:
    kind = {"invoice": "Facture", "deposit": "Facture d’acompte", "credit": "Avoir"}[document.kind]
    return {
        "author": document.seller.name,
        "keywords": "Factur-X",
        "title": f"{kind} {document.number}",
        "subject": f"{kind} {document.number} de {document.seller.name}, du {document.issued_on.isoformat()}",
    }


def _stamp(found: bytes, document: Document) -> bytes:
    """The same number of bytes, so that every offset of the file stays true."""
    moment = datetime.combine(document.issued_on, time(), UTC)
    pattern = "D:%Y%m%d%H%M%S+00'00'" if found.startswith(b"D:") else "%Y-%m-%dT%H:%M:%S+00:00"
    return moment.strftime(pattern).encode()
