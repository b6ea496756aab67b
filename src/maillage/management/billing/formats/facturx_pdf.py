"""An issued invoice as a Factur-X: the PDF/A-3 that people read, with the XML that machines read inside."""

import io
import re
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from maillage.management.billing.formats.paper import paper
from maillage.management.billing.formats.xml import LEVEL, cii
from maillage.management.billing.rules.documents import Document
from maillage.places.rules.signs import printable
from maillage.places.rules.text import one_line

XML_NAME = "factur-x.xml"
_STAMPS = re.compile(rb"(?<=D:)\d{14}(?=\+00)|(?<=D\\072)\d{14}(?=\\05300)|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\+00:00<)")


def facturx_pdf(document: Document) -> bytes:
    """Write the invoice as people and machines read it; made again, the bytes are the same.

    The moment of writing is the day of issue: a paper made on demand says when it was issued, not when it was asked.
    Written over its own input the library would keep the first PDF as dead bytes, so that the result is a file apart.
    """
    from facturx import generate_from_file

    with TemporaryDirectory(prefix="maillage-") as folder:
        made = Path(folder) / "facture.pdf"
        generate_from_file(
            io.BytesIO(paper(document)),
            cii(document),
            flavor="factur-x",
            level=LEVEL,
            check_xsd=False,
            check_schematron=False,
            pdf_metadata=_about(document),
            lang="fr-FR",
            output_pdf_file=str(made),
            afrelationship="data",
            xmp_compression=False,
        )
        return _STAMPS.sub(lambda found: _stamp(found[0], document), made.read_bytes())


def _about(document: Document) -> dict[str, str]:
    kind = {"invoice": "Facture", "deposit": "Facture d’acompte", "credit": "Avoir"}[document.kind]
    told = {
        "author": document.seller.name,
        "keywords": "Factur-X",
        "title": f"{kind} {document.number}",
        "subject": f"{kind} {document.number} de {document.seller.name}, du {document.issued_on.isoformat()}",
    }
    return {name: printable(one_line(text)) for name, text in told.items()}


def _stamp(found: bytes, document: Document) -> bytes:
    """The same number of bytes, so that every offset of the file stays true."""
    moment = datetime.combine(document.issued_on, time(), UTC)
    pattern = "%Y-%m-%dT%H:%M:%S" if b"T" in found else "%Y%m%d%H%M%S"
    return moment.strftime(pattern).encode()
