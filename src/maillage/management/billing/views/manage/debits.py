"""Direct debits: mandates, the file for the bank, and what the bank paid."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import debits as acts
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.queries import payments as payment_queries
from maillage.management.billing.queries import statements as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.views.manage.controls import (
    REFUSED,
    Wrongs,
    control,
    form_key,
    mistakes,
    number,
    posted,
)
from maillage.management.billing.views.manage.payments import sent_already
from maillage.places.forms.entered import several, text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

MANDATE = ("holder", "iban", "bic", "mandate_reference", "signed_on")
LABELS = {
    "collect_on": gettext_lazy("À prélever le"),
    "holder": gettext_lazy("Titulaire du compte"),
    "iban": gettext_lazy("IBAN"),
    "bic": gettext_lazy("BIC"),
    "mandate_reference": gettext_lazy("Référence du mandat"),
    "signed_on": gettext_lazy("Signé le"),
}


@seated("run")
def debits(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what may be drawn and the files made, and make one."""
    wrongs: Wrongs = {}
    key = form_key(request)
    chosen = [one for each in several(request.POST, "facture") if (one := number(each)) is not None]
    day = text(request.POST, "collect_on")
    if request.method == "POST":
        act: dict[str, Any] = {"invoices": chosen, "collect_on": day, "key": key, "by": seat.by}
        try:
            made = acts.make_run(place=seat.place, now=timezone.now(), **act)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except KeyReused:
            wrongs = sent_already()
        else:
            messages.success(request, _("Le fichier est prêt\u202f: donnez-le à la banque."))
            return redirect("manage_debit_run", seat.place.slug, made.pk)
    context = {
        "seat": seat,
        "key": key,
        "rows": [
            {"one": one, "mandate": mandate, "left": payment_queries.left_of(one), "on": not chosen or one.pk in chosen}
            for one, mandate in queries.to_debit(seat.place)
        ],
        "controls": [control("collect_on", day, wrongs, label=LABELS["collect_on"], type="date")],
        "mandates": queries.mandates_of(seat.place),
        "customers": payment_queries.customers_named(seat.place),
        "runs": [_run(one) for one in queries.runs_of(seat.place)],
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/debits.html", context, status=REFUSED if wrongs else 200)


def _run(run: Any) -> dict[str, Any]:
    rows = sorted(run.debits.all(), key=lambda one: one.pk)
    return {
        "run": run,
        "debits": rows,
        "cents": sum(one.amount_cents for one in rows),
        "paid": sum(one.payment_id is not None for one in rows),
    }


@seated("run")
def run(request: HttpRequest, seat: Seat, run: int) -> HttpResponse:
    """Show a file of debits; say what the bank paid of it, or give it up."""
    found = queries.run_of(seat.place, run)
    if found is None:
        raise Http404
    wrongs: Wrongs = {}
    if request.method == "POST":
        told: dict[str, Any] = {"place": seat.place, "run_id": run, "by": seat.by, "now": timezone.now()}
        unpaid = [one for each in several(request.POST, "refuse") if (one := number(each)) is not None]
        try:
            if text(request.POST, "acte") == "abandon":
                acts.drop_run(**told)
                messages.success(request, _("Fichier abandonné\u202f: ses factures se prélèvent de nouveau."))
            else:
                done = acts.collect_run(**told, unpaid=unpaid)
                said = ngettext("%(n)d encaissement noté.", "%(n)d encaissements notés.", done)
                messages.success(request, said % {"n": done})
            return redirect("manage_debit_run", seat.place.slug, run)
        except BillingRefused as refused:
            wrongs = refused.wrongs
    context = {"seat": seat, **_run(found), **mistakes(wrongs, {})}
    return render(request, "billing/manage/debit_run.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def xml(request: HttpRequest, seat: Seat, run: int) -> HttpResponse:
    """The file itself, as it was made."""
    found = queries.run_of(seat.place, run)
    if found is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="prelevements-{found.number}.xml"'}
    return HttpResponse(found.xml, content_type="application/xml; charset=utf-8", headers=headers)


@seated("run")
def mandate(request: HttpRequest, seat: Seat, customer: int) -> HttpResponse:
    """Write down a mandate that somebody signed."""
    account = payment_queries.account_of(seat.place, customer)
    if account is None:
        raise Http404
    raw: Mapping[str, str] = {"holder": account.customer.name[:70]}
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, MANDATE)
        try:
            acts.sign_mandate(place=seat.place, customer_id=customer, raw=raw, by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Le mandat est noté."))
            return redirect("manage_debits", seat.place.slug)
    hints = {"bic": _("Facultatif."), "mandate_reference": _("Facultatif\u202f: une référence est donnée sans cela.")}
    controls = [
        control(name, raw.get(name), wrongs, label=LABELS[name], hint=hints.get(name, ""), **_attributes(name))
        for name in MANDATE
    ]
    context = {"seat": seat, "customer": account.customer, "controls": controls, **mistakes(wrongs, LABELS)}
    context["today"] = today_at(seat.place, timezone.now())
    return render(request, "billing/manage/mandate.html", context, status=REFUSED if wrongs else 200)


def _attributes(name: str) -> dict[str, str]:
    return {"type": "date"} if name == "signed_on" else {"autocomplete": "off", "maxlength": "80"}


@seated("run")
def mandate_end(request: HttpRequest, seat: Seat, mandate: int) -> HttpResponse:
    """Withdraw a mandate."""
    if request.method == "POST":
        try:
            acts.end_mandate(place=seat.place, mandate_id=mandate, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        messages.success(request, _("Mandat retiré\u202f: plus rien ne sera prélevé sous lui."))
    return redirect("manage_debits", seat.place.slug)
