"""Money that comes in: written down in a few seconds, undone by another row, given back."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import paying, providers
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import METHODS, euros
from maillage.management.billing.queries import hints as hint_queries
from maillage.management.billing.queries import payments as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import cash_ceiling, seller_on
from maillage.management.billing.rules.amounts import as_typed
from maillage.management.billing.rules.payments import BY_HAND, FIELDS
from maillage.management.billing.views.manage.controls import (
    REFUSED,
    Wrongs,
    control,
    form_key,
    mistakes,
    number,
    posted,
)
from maillage.places.forms.entered import several, text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

LABELS = {
    "customer": gettext_lazy("De qui"),
    "amount": gettext_lazy("Montant, en euros"),
    "method": gettext_lazy("Moyen"),
    "received_on": gettext_lazy("Reçu le"),
    "reference": gettext_lazy("Référence"),
}
LIABLE = "liable"


def sent_already() -> dict[str, tuple[str, str]]:
    """What is said of a form whose key has served for something else."""
    return {"": (_("cet envoi a déjà servi"), _("vérifiez la liste, puis recommencez"))}


@seated("run")
def payments(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what came in last and who has something to pay, and write a payment down."""
    today = today_at(seat.place, timezone.now())
    raw: Mapping[str, str] = _asked(request, seat, today.isoformat())
    wrongs: Wrongs = {}
    key = form_key(request)
    if request.method == "POST":
        raw = posted(request, ("customer", *FIELDS))
        wrongs = _record(request, seat, raw, key)
        if not wrongs:
            return redirect("manage_payments", seat.place.slug)
    context = {
        "seat": seat,
        "key": key,
        "controls": _controls(seat, raw, wrongs),
        "chosen": _chosen(request, seat, raw),
        "debts": queries.debts(seat.place),
        "payments": [_row(one) for one in queries.last_payments(seat.place)],
        "strays": hint_queries.strays(seat.place),
        "waiting": hint_queries.waiting(seat.place),
        "customers": queries.customers_named(seat.place),
        "providers": [(name, METHODS.get(name, name)) for name in providers.providers_of(seat.place.slug)],
        "is_liable": is_liable(seat),
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/payments.html", context, status=REFUSED if wrongs else 200)


def is_liable(seat: Seat) -> bool:
    """Whether cash sold here asks for a certified till, which this is not."""
    seller = seller_on(seat.place, today_at(seat.place, timezone.now()))
    return seller is not None and seller.regime == LIABLE


def _record(request: HttpRequest, seat: Seat, raw: Mapping[str, str], key: str) -> Wrongs:
    customer = number(raw["customer"])
    if customer is None:
        return {"customer": (_("il manque un compte"), _("choisissez-en un de la liste"))}
    chosen = [one for text_ in several(request.POST, "facture") if (one := number(text_)) is not None]
    act: dict[str, Any] = {"raw": raw, "allocate": chosen or None, "key": f"page:{key}"}
    act |= {"by": seat.by, "now": timezone.now()}
    try:
        paid = paying.record_typed(place=seat.place, customer_id=customer, **act)
    except BillingRefused as refused:
        return refused.wrongs
    except KeyReused:
        return sent_already()
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    ceiling = cash_ceiling(seat.place, paid.received_on)
    if paid.method == "cash" and ceiling is not None and paid.amount_cents > ceiling:
        messages.warning(
            request,
            _("C’est plus que le plafond d’espèces du lieu, %(cents)s\u202f: noté quand même.")
            % {"cents": euros(ceiling)},
        )
    told = {"cents": euros(paid.amount_cents), "who": paid.customer.name}
    messages.success(request, _("%(who)s\u202f: %(cents)s reçus, c’est noté. Merci.") % told)
    return {}


def _asked(request: HttpRequest, seat: Seat, today: str) -> dict[str, str]:
    """The form as a link fills it: whose, which invoice, what is left of it."""
    customer = number(request.GET.get("client", "")[:20]) or 0
    wanted = number(request.GET.get("facture", "")[:20])
    due = queries.open_invoices(seat.place, customer) if customer else []
    cents = sum(queries.left_of(one) for one in due if wanted in (None, one.pk))
    amount = as_typed(cents) if cents else ""
    return {"customer": str(customer or ""), "amount": amount, "method": "cash", "received_on": today, "reference": ""}


def _chosen(request: HttpRequest, seat: Seat, raw: Mapping[str, str]) -> list[dict[str, Any]]:
    """The open invoices of the account, ticked as they were."""
    customer = number(raw["customer"])
    wanted = several(request.POST, "facture") or [request.GET.get("facture", "")[:20]]
    rows = queries.open_invoices(seat.place, customer) if customer else []
    return [{"one": one, "left": queries.left_of(one), "on": str(one.pk) in wanted} for one in rows]


def _controls(seat: Seat, raw: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    names = [("", _("choisissez"))] + [(one.pk, one.name) for one in queries.customers_named(seat.place)]
    methods = [(code, METHODS[code]) for code in BY_HAND]
    about = _("Le numéro du chèque, par exemple. Facultatif.")
    return [
        control("customer", raw["customer"], wrongs, label=LABELS["customer"], kind="select", choices=names),
        control("amount", raw["amount"], wrongs, label=LABELS["amount"], inputmode="decimal", autocomplete="off"),
        control("method", raw["method"], wrongs, label=LABELS["method"], kind="select", choices=methods),
        control("received_on", raw["received_on"], wrongs, label=LABELS["received_on"], type="date"),
        control("reference", raw["reference"], wrongs, label=LABELS["reference"], hint=about, maxlength=120),
    ]


def _row(one: Any) -> dict[str, Any]:
    undone = getattr(one, "undone_by", None)
    return {"one": one, "method": METHODS[one.method], "is_back": one.amount_cents < 0, "is_undone": undone is not None}


@seated("run")
def payment(request: HttpRequest, seat: Seat, payment: int) -> HttpResponse:
    """Show a payment and what it settles; undo it."""
    found = queries.payment_of(seat.place, payment)
    if found is None:
        raise Http404
    wrongs: Wrongs = {}
    if request.method == "POST":
        try:
            paying.undo_payment(place=seat.place, payment_id=payment, by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Annulé par une ligne de plus\u202f: ce qu’il réglait est de nouveau dû."))
            return redirect("manage_payment", seat.place.slug, payment)
    context = {"seat": seat, **_row(found), "settled": queries.settled_by(found), **mistakes(wrongs, {})}
    return render(request, "billing/manage/payment.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def refund(request: HttpRequest, seat: Seat, customer: int) -> HttpResponse:
    """Give back to an account what it has in advance."""
    found = queries.account_of(seat.place, customer)
    if found is None:
        raise Http404
    today = today_at(seat.place, timezone.now()).isoformat()
    kept = as_typed(found.kept_cents) if found.kept_cents > 0 else ""
    raw: Mapping[str, str] = {"amount": kept, "method": "transfer", "received_on": today}
    wrongs: Wrongs = {}
    key = form_key(request)
    if request.method == "POST":
        raw = posted(request, ("amount", "method", "received_on"))
        act: dict[str, Any] = {"raw": raw, "key": f"rendu:{key}", "by": seat.by, "now": timezone.now()}
        try:
            paying.refund_typed(place=seat.place, customer_id=customer, **act)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except KeyReused:
            wrongs = sent_already()
        else:
            messages.success(request, _("Remboursement noté."))
            return redirect("manage_payments", seat.place.slug)
    labels = LABELS | {"received_on": _("Rendu le")}
    controls = [
        control("amount", raw["amount"], wrongs, label=LABELS["amount"], inputmode="decimal", autocomplete="off"),
        control(
            "method",
            raw["method"],
            wrongs,
            label=LABELS["method"],
            kind="select",
            choices=[(code, METHODS[code]) for code in BY_HAND],
        ),
        control("received_on", raw["received_on"], wrongs, label=labels["received_on"], type="date"),
    ]
    context = {"seat": seat, "account": found, "key": key, "controls": controls, **mistakes(wrongs, labels)}
    return render(request, "billing/manage/refund.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def claim(request: HttpRequest, seat: Seat, hint: int) -> HttpResponse:
    """Say whose a payment is that came by the provider without our link."""
    customer = number(text(request.POST, "customer")) if request.method == "POST" else None
    if customer is not None:
        try:
            act: dict[str, Any] = {"hint_id": hint, "customer_id": customer, "by": seat.by, "now": timezone.now()}
            providers.claim(place=seat.place, **act)
        except BillingRefused as refused:
            messages.error(request, str(refused))
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        else:
            messages.success(request, _("Rattaché\u202f: c’est noté."))
    elif not hint_queries.is_stray(seat.place, hint):
        raise Http404
    return redirect("manage_payments", seat.place.slug)


@seated("run")
def link(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """Make a link where an invoice is paid, and show it to be sent."""
    if request.method == "POST":
        back = settings.SITE_URL + reverse("place", args=[seat.place.slug])
        act: dict[str, Any] = {"provider": text(request.POST, "provider")[:20], "back_url": back, "by": seat.by}
        try:
            url = providers.make_link(place=seat.place, invoice_id=invoice, now=timezone.now(), **act)
        except BillingRefused as refused:
            messages.error(request, str(refused))
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        else:
            messages.success(request, _("Le lien à envoyer, bon un quart d’heure\u202f: %(url)s") % {"url": url})
    elif not queries.has_invoice(seat.place, invoice):
        raise Http404
    return redirect("manage_payments", seat.place.slug)
