"""What the books begin with: what the closed year left, or what the place had before Maillage."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.opening import OPENED as PIECE
from maillage.management.billing.actions.opening import carry_over, open_balances
from maillage.management.billing.queries.books import opened_with, to_carry
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules.accounts import OPENED, label_of
from maillage.management.billing.rules.amounts import BadNumber, as_typed, read_amount
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, mistakes, number
from maillage.management.people.rules.entries import read_day
from maillage.places.forms.entered import text
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("run")
def opening(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what the books begin with, and write it."""
    now = timezone.now()
    today = today_at(seat.place, now)
    held = opened_with(seat.place, PIECE)
    raw = {name: as_typed(held[name, ""]) if held.get((name, "")) else "" for name in OPENED} | {
        "on": today.isoformat()
    }
    wrongs: Wrongs = {}
    if request.method == "POST" and "annee" in request.POST:
        wrongs = _carried(request, seat, now)
    elif request.method == "POST":
        raw = {name: text(request.POST, name)[:40] for name in (*OPENED, "on")}
        wrongs = _typed(request, seat, raw, now)
    if request.method == "POST" and not wrongs:
        return redirect("manage_books", seat.place.slug)
    labels = {name: label_of(name) for name in OPENED} | {"on": _("Au jour du"), "year": _("Année")}
    amounts: dict[str, Any] = {"inputmode": "decimal", "autocomplete": "off", "maxlength": 20}
    context = {
        "seat": seat,
        "year": to_carry(seat.place, today),
        "controls": [
            *(control(name, raw[name], wrongs, label=labels[name], **amounts) for name in OPENED),
            control("on", raw["on"], wrongs, label=labels["on"], hint=_("Un jour qui n’est pas clos."), type="date"),
        ],
        **mistakes(wrongs, labels),
    }
    return render(request, "billing/manage/books_open.html", context, status=REFUSED if wrongs else 200)


def _carried(request: HttpRequest, seat: Seat, now: Any) -> Wrongs:
    try:
        year = number(text(request.POST, "annee")[:4]) or 0
        written = carry_over(place=seat.place, year=year, by=seat.by, now=now)
    except BillingRefused as refused:
        return refused.wrongs
    _say(request, written)
    return {}


def _typed(request: HttpRequest, seat: Seat, raw: dict[str, str], now: Any) -> Wrongs:
    cents: dict[str, int] = {}
    wrongs: dict[str, tuple[str, str]] = {}
    for name in OPENED:
        bare = raw[name].strip()
        try:
            sign = -1 if bare[:1] in ("-", "−", "–") else 1
            cents[name] = sign * read_amount(bare[1:] if sign < 0 else bare) if bare else 0
        except BadNumber as bad:
            wrongs[name] = (say(bad.problem), say(bad.mend))
    if wrongs:
        return wrongs
    try:
        written = open_balances(place=seat.place, on=read_day(raw["on"]), cents=cents, by=seat.by, now=now)
    except BillingRefused as refused:
        return refused.wrongs
    _say(request, written)
    return {}


def _say(request: HttpRequest, written: int) -> None:
    if written:
        messages.success(request, _("C’est écrit\u202f: les comptes commencent avec ces soldes."))
    else:
        messages.success(request, _("Rien n’a changé."))
