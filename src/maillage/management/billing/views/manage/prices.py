"""The price lists of a place: the one that holds, those to come, those that are over."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import pricing
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import UNITS, VAT
from maillage.management.billing.queries import prices as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.subjects import subjects
from maillage.management.billing.rules.amounts import as_typed
from maillage.management.billing.views.manage.controls import (
    REFUSED,
    Wrongs,
    control,
    form_key,
    mistakes,
    number,
    posted,
)
from maillage.management.billing.views.tariffs import listed, options
from maillage.management.people.labels import FEES
from maillage.places.forms.entered import text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

LIST = ("title", "since", "voted_on")
PRICE = ("label", "subject", "fee_class", "unit", "kind", "price", "low", "high", "vat")
KINDS = {
    "fixed": gettext_lazy("Un prix"),
    "scale": gettext_lazy("Au choix, entre deux montants"),
    "open": gettext_lazy("Prix libre"),
}
LABELS = {
    "title": gettext_lazy("Titre"),
    "since": gettext_lazy("À partir du"),
    "voted_on": gettext_lazy("Votés le"),
    "label": gettext_lazy("Ce que les gens lisent"),
    "subject": gettext_lazy("Ce que c’est"),
    "fee_class": gettext_lazy("Pour qui"),
    "unit": gettext_lazy("Prix par"),
    "kind": gettext_lazy("Comment on paie"),
    "price": gettext_lazy("Prix en euros, hors taxe"),
    "low": gettext_lazy("Au moins, en euros"),
    "high": gettext_lazy("Au plus, en euros"),
    "vat": gettext_lazy("TVA, si le lieu en facture"),
}


@seated("run")
def prices(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the lists of a place, and begin one."""
    now = timezone.now()
    today = today_at(seat.place, now)
    found = queries.lists(seat.place, on=today)
    raw: Mapping[str, str] = {"title": "", "since": today.isoformat(), "voted_on": ""}
    copies = found[0].list.pk if found else None
    key = form_key(request)
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw, copies = posted(request, LIST), number(text(request.POST, "copies"))
        act: dict[str, Any] = {"raw": raw, "copies": copies, "idempotency_key": key, "by": seat.by, "now": now}
        made, wrongs, key = _once(key, lambda: pricing.add_list(place=seat.place, **act))
        if made:
            messages.success(request, _("La liste est là\u202f: vérifiez ses lignes."))
            return redirect("manage_price_list", seat.place.slug, made)
    context = {
        "seat": seat,
        "lists": [listed(one) for one in found],
        "controls": _list_controls(raw, wrongs),
        "copies": [{"code": one.list.pk, "label": one.list.title, "on": one.list.pk == copies} for one in found],
        "key": key,
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/prices.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def price_list(request: HttpRequest, seat: Seat, tariff: int) -> HttpResponse:
    """Show one list with its lines, and add one."""
    now = timezone.now()
    found = queries.one_list(seat.place, tariff, on=today_at(seat.place, now))
    if found is None:
        raise Http404
    unit = request.GET.get("unite", "")
    raw: Mapping[str, str] = {"kind": "fixed", "vat": "standard", "unit": unit if unit in UNITS else "half_day"}
    raw = {**raw, "subject": request.GET.get("objet", "")[:60], "label": request.GET.get("libelle", "")[:120]}
    key = form_key(request)
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, PRICE)
        act: dict[str, Any] = {"list_id": tariff, "raw": raw, "idempotency_key": key, "by": seat.by, "now": now}
        made, wrongs, key = _once(key, lambda: pricing.add_price(place=seat.place, **act))
        if made:
            messages.success(request, _("La ligne est ajoutée."))
            return redirect("manage_price_list", seat.place.slug, tariff)
    context = {
        "seat": seat,
        "list": listed(found),
        "controls": _price_controls(seat, raw, wrongs),
        "key": key,
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/price_list.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def price(request: HttpRequest, seat: Seat, price: int) -> HttpResponse:
    """Change one line of a list, or take it out."""
    found = queries.price_of(seat.place, price)
    if found is None:
        raise Http404
    raw = _typed(found)
    wrongs: Wrongs = {}
    if request.method == "POST":
        act: dict[str, Any] = {"place": seat.place, "price_id": price, "by": seat.by, "now": timezone.now()}
        taken_out = bool(text(request.POST, "retirer"))
        raw = raw if taken_out else posted(request, PRICE)
        try:
            if taken_out:
                pricing.remove_price(**act)
                said = _("La ligne est retirée.")
            else:
                said = _("C’est enregistré.") if pricing.change_price(**act, raw=raw) else _("Rien n’a changé.")
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        else:
            messages.success(request, said)
            return redirect("manage_price_list", seat.place.slug, found.price_list_id)
    context = {
        "seat": seat,
        "price": found,
        "controls": _price_controls(seat, raw, wrongs),
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/price.html", context, status=REFUSED if wrongs else 200)


def _once(key: str, act: Any) -> tuple[int | None, Wrongs, str]:
    """What an act made, what was wrong with it, and the key of the form to show next."""
    try:
        return act(), {}, key
    except BillingRefused as refused:
        return None, refused.wrongs, key
    except KeyReused:
        said = (_("ce formulaire a déjà servi, avec d’autres réponses"), _("relisez-le, puis envoyez-le de nouveau"))
        return None, {"form": said}, ""
    except ObjectDoesNotExist as gone:
        raise Http404 from gone


def _list_controls(raw: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {
        name: {"value": raw.get(name, ""), "wrongs": wrongs, "label": LABELS[name]} for name in LIST
    }
    hint = _("Le jour de l’assemblée ou du conseil, s’il y en a eu un.")
    return [
        control(
            "title",
            **said["title"],
            maxlength=120,
            required="required",
            hint=_("Par exemple «\u202fTarifs 2027\u202f»."),
        ),
        control("since", **said["since"], type="date", required="required"),
        control("voted_on", **said["voted_on"], type="date", hint=hint),
    ]


def _price_controls(seat: Seat, raw: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {
        name: {"value": raw.get(name, ""), "wrongs": wrongs, "label": LABELS[name]} for name in PRICE
    }
    things = [(one.word, one.label) for one in subjects(seat.place)]
    amount: dict[str, Any] = {"inputmode": "decimal", "maxlength": 20, "autocomplete": "off"}
    free = _("Seulement si l’on choisit ce que l’on donne.")
    return [
        control("label", **said["label"], maxlength=120, required="required"),
        control("price", **said["price"], **amount, hint=_("Ce qui est conseillé, si l’on choisit.")),
        control(
            "subject",
            **said["subject"],
            kind="select",
            choices=options(things, _("Autre chose (une adhésion, un café…)")),
        ),
        control("fee_class", **said["fee_class"], kind="select", choices=options(FEES.items(), _("Tout le monde"))),
        control(
            "unit",
            **said["unit"],
            kind="select",
            choices=UNITS.items(),
            hint=_("Un carnet\u202f: l’unité. Un abonnement\u202f: le mois."),
        ),
        control("kind", **said["kind"], kind="select", choices=KINDS.items()),
        control("low", **said["low"], **amount, hint=free),
        control("high", **said["high"], **amount, hint=free),
        control("vat", **said["vat"], kind="select", choices=VAT.items()),
    ]


def _typed(found: Any) -> dict[str, str]:
    raw = {name: getattr(found, name) for name in ("label", "subject", "fee_class", "unit", "kind", "vat")}
    amounts = {name: getattr(found, f"{name}_cents") for name in ("price", "low", "high")}
    return raw | {name: "" if cents is None else as_typed(cents) for name, cents in amounts.items()}
