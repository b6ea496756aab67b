"""The formulas of a place, and its subscriptions."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import UNITS
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.prices import current
from maillage.management.billing.queries.subjects import subjects
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, form_key, mistakes, posted
from maillage.management.billing.views.tariffs import asked
from maillage.management.passes.actions import formulas as actions
from maillage.management.passes.labels import FIELDS, KINDS
from maillage.management.passes.queries import formulas as queries
from maillage.management.passes.rules.formulas import CARNET, SUBSCRIPTION, USABLE
from maillage.management.passes.views.wording import rates, units
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

SOLD_BY = {CARNET: "each", SUBSCRIPTION: "month"}
PLAIN = ("name", "kind", "units", "months", "overage", "is_roaming")


@seated("run")
def formulas(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what a place sells by the carnet or by the month, and add a formula."""
    things = {one.word: one.label for one in subjects(seat.place, kind="space")}
    raw: Mapping[str, str] = {"kind": "carnet", "units": "10", "months": "6"}
    key = form_key(request)
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, [*PLAIN, *(f"{name}-{word}" for word in things for name in ("units", "unit"))])
        act: dict[str, Any] = {"raw": raw, "idempotency_key": key, "by": seat.by, "now": timezone.now()}
        try:
            actions.add_formula(place=seat.place, **act)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except KeyReused:
            said = (
                _("ce formulaire a déjà servi, avec d’autres réponses"),
                _("relisez-le, puis envoyez-le de nouveau"),
            )
            key, wrongs = "", {"form": said}
        else:
            messages.success(request, _("La formule est ajoutée\u202f: donnez-lui un prix dans les tarifs."))
            return redirect("manage_formulas", seat.place.slug)
    context = {
        "seat": seat,
        "formulas": [_told(seat, one, things) for one in queries.formulas(seat.place)],
        "controls": _controls(raw, wrongs),
        "rates": [_rate(word, label, raw, wrongs) for word, label in things.items()],
        "is_roaming": raw.get("is_roaming", ""),
        "key": key,
        **mistakes(wrongs, {**FIELDS, **_rate_labels(things)}),
    }
    return render(request, "passes/manage/formulas.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def archive(request: HttpRequest, seat: Seat, formula: int) -> HttpResponse:
    """Ask once, then sell a formula no more."""
    found = queries.formula_of(seat.place, formula)
    if found is None:
        raise Http404
    if request.method == "POST":
        actions.archive_formula(place=seat.place, formula_id=formula, by=seat.by, now=timezone.now())
        messages.success(request, _("«\u202f%(name)s\u202f» ne se vend plus.") % {"name": found.name})
        return redirect("manage_formulas", seat.place.slug)
    return render(request, "passes/manage/formula_archive.html", {"seat": seat, "formula": found})


def price_url(seat: Seat, one: Any) -> str:
    """Where a formula gets its price: the list of prices in force with the line begun, or the first list to write."""
    found = current(seat.place, on=today_at(seat.place, timezone.now()))
    if found is None:
        return reverse("manage_prices", args=[seat.place.slug])
    query = urlencode({"objet": f"formula:{one.pk}", "libelle": one.name, "unite": SOLD_BY[one.kind]})
    return f"{reverse('manage_price_list', args=[seat.place.slug, found.list.pk])}?{query}"


def _told(seat: Seat, one: Any, things: Mapping[str, str]) -> dict[str, Any]:
    found = current(seat.place, on=today_at(seat.place, timezone.now()))
    lines = [line for line in found.prices if line.subject == f"formula:{one.pk}"] if found else []
    return {
        "pk": one.pk,
        "name": one.name,
        "kind": KINDS[one.kind],
        "units": units(one.units),
        "months": one.months if one.kind == "carnet" else 0,
        "rates": rates(one.rates, things),
        "prices": [asked(line) for line in lines],
        "price_url": price_url(seat, one),
    }


def _controls(raw: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {
        name: {"value": raw.get(name, ""), "wrongs": wrongs, "label": FIELDS[name]} for name in PLAIN[:-1]
    }
    whole: dict[str, Any] = {"inputmode": "numeric", "maxlength": 6, "autocomplete": "off"}
    return [
        control("name", **said["name"], maxlength=120, required="required"),
        control("kind", **said["kind"], kind="select", choices=KINDS.items()),
        control("units", **said["units"], **whole, hint=_("Dans le carnet, ou chaque mois.")),
        control("months", **said["months"], **whole, hint=_("Pour un carnet.")),
        control(
            "overage",
            **said["overage"],
            inputmode="decimal",
            maxlength=20,
            hint=_("Pour un abonnement\u202f: ce que l’on paie au-delà. Rien\u202f: on ne va pas au-delà."),
        ),
    ]


def _rate(word: str, label: str, raw: Mapping[str, str], wrongs: Wrongs) -> dict[str, Any]:
    choices = [(unit, UNITS[unit]) for unit in USABLE]
    many = _("%(thing)s\u202f: unités") % {"thing": label}
    per = _("%(thing)s\u202f: par") % {"thing": label}
    unit = raw.get(f"unit-{word}", "half_day")
    return {
        "units": control(f"units-{word}", raw.get(f"units-{word}", ""), wrongs, label=many, inputmode="numeric"),
        "unit": control(f"unit-{word}", unit, wrongs, label=per, kind="select", choices=choices),
    }


def _rate_labels(things: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}-{word}": label for word, label in things.items() for name in ("units", "unit")}
