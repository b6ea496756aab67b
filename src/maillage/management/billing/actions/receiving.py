"""Filing the e-invoices that suppliers send: each once, as it came."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from maillage.management.billing.actions.door import enter, note, refuse
from maillage.management.billing.formats.received import BadInvoice, read, xml_of
from maillage.management.billing.models import Received
from maillage.management.billing.rules.documents import digest_of
from maillage.places.models import Place


class Filed(NamedTuple):
    """A received invoice, and whether it came now."""

    pk: int
    is_new: bool


def file_received(*, place: Place, raw: bytes, by: str, now: datetime) -> Filed:
    """File the e-invoice that a PDF or an XML holds; the same one again is the one that is filed.

    Reading comes before anybody's turn: a heavy file keeps no other writer waiting.
    """
    try:
        text = xml_of(raw)
        told = read(text)
    except BadInvoice as bad:
        raise refuse("fichier", bad.problem, bad.mend) from bad
    digest = digest_of(text)
    with transaction.atomic():
        enter(place, by)
        found = {
            "supplier": told.supplier,
            "supplier_siret": told.supplier_siret,
            "number": told.number,
            "issued_on": told.issued_on,
            "total_cents": -told.total_cents if told.is_credit else told.total_cents,
            "xml": text,
            "filed_at": now,
            "filed_by": by,
        }
        received, is_new = Received.objects.get_or_create(place=place, digest=digest, defaults=found)
        if is_new:
            note("billing.received", received, place=place, by=by, now=now)
    return Filed(received.pk, is_new)
