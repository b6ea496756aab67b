"""Cheques that wait, and the slips by which they are brought to the bank."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.slips import bank_slip, make_slip
from maillage.management.billing.labels import euros
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.payments import cheques_at_hand
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.queries.statements import slip_of, slips_of
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, form_key, mistakes, number
from maillage.management.billing.views.manage.payments import sent_already
from maillage.management.people.rules.entries import read_day
from maillage.places.forms.entered import several, text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("run")
def slips(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the cheques at hand and the slips made, and make one."""
    wrongs: Wrongs = {}
    key = form_key(request)
    chosen = [one for told in several(request.POST, "cheque") if (one := number(told)) is not None]
    if request.method == "POST":
        try:
            made = make_slip(place=seat.place, cheques=chosen, key=key, by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except KeyReused:
            wrongs = sent_already()
        else:
            messages.success(request, _("Le bordereau est prêt\u202f: imprimez-le, signez-le, joignez les chèques."))
            return redirect("manage_slip", seat.place.slug, made)
    context = {
        "seat": seat,
        "key": key,
        "cheques": [{"one": one, "on": not chosen or one.pk in chosen} for one in cheques_at_hand(seat.place)],
        "slips": [
            {"one": slip, "count": len(rows), "cents": sum(row.payment.amount_cents for row in rows)}
            for slip in slips_of(seat.place)
            if (rows := list(slip.cheques.all())) is not None
        ],
        **mistakes(wrongs, {"cheques": _("Chèques")}),
    }
    return render(request, "billing/manage/slips.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def slip(request: HttpRequest, seat: Seat, slip: int) -> HttpResponse:
    """Show a slip as it is printed, and say when the bank has it."""
    found = slip_of(seat.place, slip)
    if found is None:
        raise Http404
    now = timezone.now()
    typed, wrongs = today_at(seat.place, now).isoformat(), {}
    if request.method == "POST":
        typed = text(request.POST, "banked_on")[:20]
        try:
            cents = bank_slip(place=seat.place, slip_id=slip, on=read_day(typed), by=seat.by, now=now)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            said = _("C’est écrit\u202f: %(cents)s sont à la banque.") % {"cents": euros(cents)}
            messages.success(request, said if cents else _("Ce bordereau était déjà crédité."))
            return redirect("manage_slip", seat.place.slug, slip)
    rows = sorted((row.payment for row in found.cheques.all()), key=lambda one: one.pk)
    label = _("Crédité par la banque le")
    context = {
        "seat": seat,
        "slip": found,
        "cheques": rows,
        "cents": sum(one.amount_cents for one in rows),
        "seller": seller_on(seat.place, found.made_on),
        "banked": control("banked_on", typed, wrongs, label=label, type="date"),
        **mistakes(wrongs, {"banked_on": label}),
    }
    return render(request, "billing/manage/slip.html", context, status=REFUSED if wrongs else 200)
