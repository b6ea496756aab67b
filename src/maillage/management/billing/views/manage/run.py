"""The invoice run: say what is asked and of whom, see how many it makes, then issue them all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.run import issue_run
from maillage.management.billing.labels import UNITS
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.run import issued_in, payers
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.rules.run import FIELDS, BadRun, Run, key_of, net_for, read_run
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, mistakes, posted
from maillage.management.people.labels import KINDS
from maillage.places.forms.entered import several
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

MOST_SECONDS = 20.0
"""What one page may take; what is left is a click away, and nothing is issued twice."""
SHOWN = 12
LABELS = {
    "name": gettext_lazy("Nom du tirage"),
    "label": gettext_lazy("Ce que dit la ligne"),
    "price": gettext_lazy("Prix d’une unité, en euros, hors taxe"),
    "unit": gettext_lazy("Unité"),
    "starts": gettext_lazy("Prestation du"),
    "ends": gettext_lazy("au"),
    "kinds": gettext_lazy("À qui"),
}
HINTS = {
    "name": gettext_lazy("Il rend chaque facture unique\u202f: par exemple Cotisation 2027, ou Abonnements de mars.")
}


@seated("run")
def run(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the form, then what it would issue, then issue it; a run that was cut short goes on."""
    now = timezone.now()
    raw: Mapping[str, str] = dict.fromkeys(FIELDS, "")
    kinds = ["member"]
    wrongs: Wrongs = {}
    plan: dict[str, Any] | None = None
    if request.method == "POST":
        raw, kinds = posted(request, FIELDS), several(request.POST, "kinds")
        try:
            asked = read_run(raw, kinds)
            if request.POST.get("act") == "issue":
                return _issued(request, seat, asked, now)
            plan = _plan(seat, asked, now)
        except BadRun as bad:
            wrongs = {name: (say(one.problem), say(one.mend)) for name, one in bad.wrongs.items()}
        except BillingRefused as refused:
            wrongs = refused.wrongs
    context = {
        "seat": seat,
        "controls": _controls(raw, wrongs),
        "kinds": _kinds(kinds, wrongs),
        "plan": plan,
        "has_seller": seller_on(seat.place, today_at(seat.place, now)) is not None,
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/run.html", context, status=REFUSED if wrongs else 200)


def _issued(request: HttpRequest, seat: Seat, asked: Run, now: datetime) -> HttpResponse:
    count = sum(1 for _ in issue_run(place=seat.place, run=asked, by=seat.by, now=now, most_seconds=MOST_SECONDS))
    messages.success(request, ngettext("%(n)s facture émise.", "%(n)s factures émises.", count) % {"n": count})
    left = _plan(seat, asked, now)["count"]
    if left:
        said = ngettext(
            "Il en reste %(n)s\u202f: lancez de nouveau le même tirage, il continue.",
            "Il en reste %(n)s\u202f: lancez de nouveau le même tirage, il continue.",
            left,
        )
        messages.warning(request, said % {"n": left})
        return redirect("manage_run", seat.place.slug)
    return redirect("manage_invoices", seat.place.slug)


def _plan(seat: Seat, asked: Run, now: datetime) -> dict[str, Any]:
    """What is left to issue: how many, for how much before VAT, and the first names."""
    done = issued_in(seat.place, asked)
    left = [one for one in payers(seat.place, asked, on=today_at(seat.place, now)) if key_of(asked, one) not in done]
    return {
        "count": len(left),
        "already": len(done),
        "net_cents": sum(net_for(asked, one) for one in left),
        "first": [{"name": one.name, "count": one.count, "net_cents": net_for(asked, one)} for one in left[:SHOWN]],
        "more": max(0, len(left) - SHOWN),
    }


def _controls(raw: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = {
        "unit": {"kind": "select", "choices": list(UNITS.items())},
        "starts": {"type": "date"},
        "ends": {"type": "date"},
        "price": {"inputmode": "decimal"},
    }
    return [
        control(name, raw[name], wrongs, label=LABELS[name], hint=str(HINTS.get(name, "")), **kinds.get(name, {}))
        for name in FIELDS
    ]


def _kinds(chosen: list[str], wrongs: Wrongs) -> dict[str, Any]:
    problem, mend = wrongs.get("kinds", ("", ""))
    return {
        "name": "kinds",
        "kind": "checks",
        "label": LABELS["kinds"],
        "words": [{"code": code, "label": said, "on": code in chosen} for code, said in KINDS.items()],
        "mistake": {"problem": problem, "mend": mend} if problem else None,
    }
