"""The papers of money: an issued invoice as PDF and as XML, its way to a platform, and the e-invoices received."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maillage.management.billing.actions.dispatch import hand_over
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.receiving import file_received
from maillage.management.billing.formats import received as formats
from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.xml import cii, ubl
from maillage.management.billing.queries.invoices import document_of, invoice_of
from maillage.management.billing.queries.received import received as received_by
from maillage.management.billing.queries.received import received_one
from maillage.management.billing.rules.dispatch import file_name
from maillage.management.billing.rules.documents import Document
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, mistakes
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.uploads import too_heavy
from maillage.places.views.wording import day_in_words

LABELS = {"fichier": gettext_lazy("Le fichier")}
PAGE = 100


@seated("run")
def pdf(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """The invoice that people and machines read, made on demand from what was issued."""
    document = _issued(seat, invoice)
    return _file(facturx_pdf(document), f"{file_name(document.number)}.pdf", "application/pdf", "inline")


@seated("run")
def xml(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """The data of the invoice alone, as a Factur-X holds it."""
    document = _issued(seat, invoice)
    return _file(cii(document), f"{file_name(document.number)}.xml")


@seated("run")
def as_ubl(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """The same as UBL 2.1."""
    document = _issued(seat, invoice)
    return _file(ubl(document), f"{file_name(document.number)}.ubl.xml")


@seated("run")
def hand(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """Hand the invoice over to the platform, once."""
    if invoice_of(seat.place, invoice) is None:
        raise Http404
    if request.method == "POST":
        try:
            is_new = hand_over(place=seat.place, invoice_id=invoice, by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                _("La facture attend la plateforme.")
                if is_new
                else _("La plateforme l’avait déjà\u202f: rien de plus."),
            )
    return redirect("manage_invoice", seat.place.slug, invoice)


@seated("run")
def received(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the e-invoices that suppliers sent, and file one more."""
    wrongs: Wrongs = {}
    if request.method == "POST":
        try:
            filed = file_received(place=seat.place, raw=_given(request), by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            told = _("La facture est rangée\u202f: voici ses lignes.") if filed.is_new else _("Elle était déjà rangée.")
            messages.success(request, told)
            return redirect("manage_received_one", seat.place.slug, filed.pk)
    context = {
        "seat": seat,
        "received": [_listed(one) for one in received_by(seat.place)[:PAGE]],
        "mistake": next(({"problem": problem, "mend": mend} for problem, mend in wrongs.values()), None),
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/received.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def one_received(request: HttpRequest, seat: Seat, received: int) -> HttpResponse:
    """Show one e-invoice with its lines, as it says itself."""
    found = received_one(seat.place, received)
    if found is None:
        raise Http404
    told = formats.read(found.xml)
    context = {
        "seat": seat,
        "received": found,
        "told": told,
        "issued": day_in_words(told.issued_on, "j F Y"),
        "due": day_in_words(told.due_on, "j F Y") if told.due_on else "",
        "items": [_item(one) for one in told.items],
    }
    return render(request, "billing/manage/received_one.html", context)


@seated("run")
def received_xml(request: HttpRequest, seat: Seat, received: int) -> HttpResponse:
    """The data of a received invoice, as they came."""
    found = received_one(seat.place, received)
    if found is None:
        raise Http404
    return _file(found.xml.encode(), f"recue-{found.pk}.xml")


def _listed(one: Any) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("pk", "supplier", "number", "total_cents")}
    return told | {"day": day_in_words(one.issued_on, "j F Y")}


def _item(item: formats.Item) -> dict[str, Any]:
    numbers = {name: _as_read(getattr(item, name)) for name in ("quantity", "price", "rate")}
    return {"label": item.label, "net_cents": item.net_cents, **numbers}


def _as_read(number: str) -> str:
    """A number of the XML as people write it; what is none, as it is."""
    try:
        return str(number_format(Decimal(number).normalize()))
    except InvalidOperation:
        return number


def _issued(seat: Seat, invoice_id: int) -> Document:
    found = invoice_of(seat.place, invoice_id)
    if found is None:
        raise Http404
    return document_of(found)


def _given(request: HttpRequest) -> bytes:
    """The bytes of the file; one that was too heavy to be read is told as such."""
    given: Any = request.FILES.get("fichier")
    if "fichier" in too_heavy(request):
        return b"x" * (formats.MOST_BYTES + 1)
    return bytes(given.read()) if given else b""


def _file(held: bytes, name: str, kind: str = "application/xml", how: str = "attachment") -> HttpResponse:
    headers = {"Content-Disposition": f'{how}; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(held, content_type=kind, headers=headers)
