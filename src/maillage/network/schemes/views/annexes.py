"""The attendance annex of a signed month: a page to print and a file, for the place that signed and for who pays."""

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.management.billing.rules.amounts import as_typed
from maillage.management.people.rules.tables import BOM, cell
from maillage.network.schemes.labels import HALVES
from maillage.network.schemes.permissions import Funder
from maillage.network.schemes.queries.annexes import Annex, annex_of
from maillage.network.schemes.queries.door import clocks_of
from maillage.network.schemes.queries.schemes import is_in, scheme_of
from maillage.network.schemes.rules.statements import bounds
from maillage.network.schemes.views.desk import funding
from maillage.network.schemes.views.wording import day, month
from maillage.places.permissions import Seat
from maillage.places.queries import place_by_slug
from maillage.places.views.seat import seated


@seated("host")
def annex(request: HttpRequest, seat: Seat, scheme: int, month_text: str) -> HttpResponse:
    """Show the annex of a month to the place; a month that is not signed has its statement to read."""
    found = _of_place(seat, scheme, month_text)
    if found is None:
        return redirect("manage_schemes_statement", seat.place.slug, scheme, month_text)
    back = reverse("manage_schemes_statement", args=[seat.place.slug, scheme, month_text])
    file = reverse("manage_schemes_annex_csv", args=[seat.place.slug, scheme, month_text])
    return _page(request, found, back=back, file=file)


@seated("host")
def annex_csv(request: HttpRequest, seat: Seat, scheme: int, month_text: str) -> HttpResponse:
    """Give the same as a file."""
    found = _of_place(seat, scheme, month_text)
    if found is None:
        return redirect("manage_schemes_statement", seat.place.slug, scheme, month_text)
    return _file(found)


@funding
def paid(request: HttpRequest, funder: Funder, found: Any, slug: str, month_text: str) -> HttpResponse:
    """Show the annex of a month to who pays."""
    made = _of_funder(found, slug, month_text)
    if made is None:
        return redirect("scheme", found.pk)
    file = reverse("scheme_annex_csv", args=[found.pk, slug, month_text])
    return _page(request, made, back=reverse("scheme", args=[found.pk]), file=file)


@funding
def paid_csv(request: HttpRequest, funder: Funder, found: Any, slug: str, month_text: str) -> HttpResponse:
    """Give the same as a file to who pays."""
    made = _of_funder(found, slug, month_text)
    return _file(made) if made else redirect("scheme", found.pk)


def _of_place(seat: Seat, scheme: int, month_text: str) -> Annex | None:
    found = scheme_of(scheme)
    if found is None or bounds(month_text) is None or not is_in(found, seat.place):
        raise Http404
    return annex_of(found, seat.place, month_text)


def _of_funder(found: Any, slug: str, month_text: str) -> Annex | None:
    place = place_by_slug(slug)
    here = place.place or place.removed
    if here is None or bounds(month_text) is None:
        raise Http404
    return annex_of(found, here, month_text)


def _page(request: HttpRequest, found: Annex, *, back: str, file: str) -> HttpResponse:
    context = {
        "annex": found,
        "scheme": found.scheme,
        "month": month(found.statement.month),
        "signed": day(found.statement.signed_at.astimezone(clocks_of(found.statement.place)).date()),
        "lines": [{"one": one, "half": HALVES[one.half]} for one in found.attended],
        "back": back,
        "file": file,
    }
    return render(request, "schemes/annex.html", context)


def _file(found: Annex) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("facture"), _("jour"), _("demi-journée"), _("code du passe"), _("montant, en euros")])
    number = found.document.number
    for one in found.attended:
        row = (number, one.day.isoformat(), HALVES[one.half], one.code, as_typed(one.cents))
        writer.writerow([cell(value) for value in row])
    if found.statement.rent_cents:
        writer.writerow([cell(number), "", "", _("postes loués"), as_typed(found.statement.rent_cents)])
    name = f"annexe-{found.statement.place.slug}-{found.statement.month}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(BOM + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
