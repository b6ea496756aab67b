"""Who invoices at a place, asked once in plain words, and again when it changes."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.sellers import set_seller
from maillage.management.billing.labels import FIELDS, REGIMES, REGIMES_SAID
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on, sellers_of
from maillage.management.billing.rules.amounts import as_typed
from maillage.management.billing.rules.parties import SELLER, SELLER_CHECKS
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, mistakes, posted
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

ATTRIBUTES: Mapping[str, dict[str, Any]] = {
    "since": {"type": "date"},
    "legal_name": {"required": "required", "maxlength": 200},
    "legal_form": {"maxlength": 80},
    "siret": {"inputmode": "numeric", "maxlength": 20},
    "vat_number": {"maxlength": 20},
    "rna": {"maxlength": 12},
    "street": {"required": "required", "maxlength": 200},
    "postal_code": {"required": "required", "inputmode": "numeric", "maxlength": 5},
    "city": {"required": "required", "maxlength": 100},
    "email": {"type": "email", "maxlength": 254},
    "iban": {"maxlength": 42},
    "bic": {"maxlength": 14},
    "creditor": {"maxlength": 40},
    "payment_days": {"inputmode": "numeric", "maxlength": 3},
    "cash_ceiling": {"inputmode": "decimal", "maxlength": 20, "autocomplete": "off"},
}
FIRST = ("legal_name", "legal_form", "siret", "street", "postal_code", "city", "email")
MONEY = ("iban", "bic", "payment_days")
MORE = ("vat_number", "rna", "creditor", "cash_ceiling", "since")


@seated("run")
def seller(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show who invoices, and write what has changed, from a day on."""
    now = timezone.now()
    today = today_at(seat.place, now)
    raw = _raw(seller_on(seat.place, today)) | {"since": today.isoformat()}
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, (*SELLER, *SELLER_CHECKS))
        try:
            set_seller(place=seat.place, raw=raw, by=seat.by, now=now)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("C’est noté\u202f: les prochaines factures le diront."))
            return redirect("manage_seller", seat.place.slug)
    said = {
        name: control(name, raw.get(name, ""), wrongs, label=FIELDS[name], hint=_hint(name), **ATTRIBUTES[name])
        for name in ATTRIBUTES
    }
    problem, mend = wrongs.get("regime", ("", ""))
    context = {
        "seat": seat,
        "regimes": [
            {"code": code, "label": label, "says": REGIMES_SAID[code], "on": code == raw.get("regime")}
            for code, label in REGIMES.items()
        ],
        "regime_mistake": {"problem": problem, "mend": mend} if problem else None,
        "first": [said[name] for name in FIRST],
        "money": [said[name] for name in MONEY],
        "more": [said[name] for name in MORE],
        "open_more": bool({*MORE} & {*wrongs}),
        "checks": [{"name": name, "label": FIELDS[name], "on": raw.get(name) == "1"} for name in SELLER_CHECKS],
        "versions": [
            {
                "since": day_in_words(one.since, "j F Y"),
                "name": one.legal_name,
                "regime": REGIMES[one.regime],
                "is_coming": one.since > today,
            }
            for one in sellers_of(seat.place)
        ],
        **mistakes(wrongs, FIELDS),
    }
    return render(request, "billing/manage/seller.html", context, status=REFUSED if wrongs else 200)


def _raw(known: Any) -> dict[str, str]:
    if known is None:
        return {"payment_days": "30"}
    raw = {name: str(getattr(known, name)) for name in SELLER if name != "cash_ceiling"}
    raw["cash_ceiling"] = "" if known.cash_ceiling_cents is None else as_typed(known.cash_ceiling_cents)
    return raw | {name: "1" if getattr(known, name) else "" for name in SELLER_CHECKS}


def _hint(name: str) -> str:
    hints = {
        "legal_name": _("Tel qu’il figure dans les statuts."),
        "legal_form": _("Par exemple «\u202fassociation loi 1901\u202f»."),
        "siret": _(
            "Quatorze chiffres. Une association qui n’emploie ni ne facture à une collectivité peut ne pas en avoir."
        ),
        "iban": _("Écrit sur les factures, pour qui paie par virement."),
        "vat_number": _("Seulement si la TVA est facturée."),
        "rna": _("W et neuf chiffres, donné par la préfecture."),
        "creditor": _("Seulement pour prélever\u202f: la banque le donne."),
        "cash_ceiling": _("Au-delà, Maillage prévient. La loi, elle, refuse plus de 1 000 € pour une même dette."),
        "since": _("Les factures d’avant ce jour gardent ce qui valait alors."),
    }
    return hints.get(name, "")
