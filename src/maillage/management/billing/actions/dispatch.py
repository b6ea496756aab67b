"""Handing an issued invoice over to a platform, once."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.door import enter, invoice_here, note, refuse
from maillage.management.billing.formats.dropped import Folder
from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.xml import ubl
from maillage.management.billing.models import Invoice
from maillage.management.billing.rules.dispatch import Platform, parcel, route, why_not
from maillage.management.billing.rules.documents import read
from maillage.places.models import Place
from maillage.places.permissions import let_in


def platform() -> Platform:
    """The platform of this installation: a folder, which the program of a real one empties."""
    return Folder(settings.EINVOICES)


def hand_over(*, place: Place, invoice_id: int, by: str, now: datetime, to: Platform | None = None) -> bool:
    """Give the files of an invoice to the platform; False where it has them already. Nothing is written twice.

    The files are drawn from what was frozen, before anybody waits for them. A folder that was filled by a writer who
    then failed is found as it is, and the journal then says so.
    """
    let_in(RUN, place, by)
    document = read(Invoice.objects.get(pk=invoice_id, place=place).canonical)
    if wrong := why_not(document):
        raise refuse("invoice", *wrong)
    files = parcel(document, folder=place.slug, pdf=facturx_pdf(document), ubl=ubl(document))
    with transaction.atomic():
        here = enter(place, by)
        invoice = invoice_here(here, invoice_id)
        is_new = (to or platform()).deposit(files)
        if is_new:
            note("billing.handed_over", invoice, place=here, by=by, now=now, route=route(document))
    return is_new
