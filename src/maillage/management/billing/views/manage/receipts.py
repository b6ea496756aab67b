"""Receipts for gifts: those given, the yearly sums, what may get one, and each as a paper."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.receipts import issue_receipt
from maillage.management.billing.formats.receipts import pdf as paper
from maillage.management.billing.queries import receipts as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.rules.receipts import ASKED, LONGEST
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, mistakes, posted
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

LABELS = {
    "purpose": gettext_lazy("Objet de l’association"),
    "signatory": gettext_lazy("Qui signe, et à quel titre"),
}
HINTS = {
    "purpose": gettext_lazy("Tel que dans les statuts, en une phrase."),
    "signatory": gettext_lazy("Par exemple\u202f: Nadine Roux, présidente."),
}
PAGE = 100


@seated("run")
def receipts(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What was given for gifts, and what may still get a receipt."""
    seller = seller_on(seat.place, today_at(seat.place, timezone.now()))
    context = {
        "seat": seat,
        "is_general_interest": seller is not None and seller.is_general_interest,
        "receipts": [
            {"of": one, "day": day_in_words(one.given_on, "j F Y")} for one in queries.receipts_of(seat.place)[:PAGE]
        ],
        "years": queries.years(seat.place),
        "gifts": [
            {"of": one, "day": day_in_words(one.received_on, "j F Y")} for one in queries.maybe_gifts(seat.place)
        ],
    }
    return render(request, "billing/manage/receipts.html", context)


@seated("run")
def give(request: HttpRequest, seat: Seat, gift: int) -> HttpResponse:
    """Give a receipt for a payment that was a gift."""
    found = queries.payment_of(seat.place, gift)
    if found is None:
        raise Http404
    raw, wrongs = queries.last_words(seat.place), dict[str, tuple[str, str]]()
    if request.method == "POST":
        raw = posted(request, ASKED)
        try:
            receipt = issue_receipt(place=seat.place, payment_id=gift, raw=raw, by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Le reçu %(number)s est émis.") % {"number": receipt})
            return redirect("manage_receipts", seat.place.slug)
    return _form(request, seat, {"payment": found, "day": day_in_words(found.received_on, "j F Y")}, raw, wrongs)


def _form(
    request: HttpRequest, seat: Seat, shown: dict[str, object], raw: dict[str, str], wrongs: Wrongs
) -> HttpResponse:
    controls = [
        control(name, raw[name], wrongs, label=LABELS[name], hint=str(HINTS[name]), maxlength=LONGEST[name])
        for name in ASKED
    ]
    context = {"seat": seat, **shown, "controls": controls, **mistakes(wrongs, LABELS)}
    return render(request, "billing/manage/receipt_give.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def pdf(request: HttpRequest, seat: Seat, receipt: int) -> HttpResponse:
    """The receipt as a paper, made on demand from what was frozen."""
    found = queries.receipt_of(seat.place, receipt)
    if found is None:
        raise Http404
    headers = {"Content-Disposition": f'inline; filename="recu-{found}.pdf"'}
    return HttpResponse(paper(queries.given(found)), content_type="application/pdf", headers=headers)
