"""A month of an agreement: who came, who went, who owes whom, what is signed and accepted."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.queries.days import today_at
from maillage.network.schemes.actions import roaming_months as acts
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.queries.roaming import Mine, agreement_of
from maillage.network.schemes.queries.roaming_months import Side, bill_at, is_over, lines_of, sides_of
from maillage.network.schemes.rules.roaming_months import nets, set_off
from maillage.network.schemes.rules.statements import bounds
from maillage.network.schemes.views.roaming_words import mistakes, visit_rows
from maillage.network.schemes.views.wording import REFUSED, Wrongs, month
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("host")
def statement(request: HttpRequest, seat: Seat, agreement: int, month_text: str) -> HttpResponse:
    """Show a month: both sides of this place, what is left to pay, and where all places stand."""
    return _page(request, seat, _found(seat, agreement, month_text), month_text)


@seated("run")
def sign(request: HttpRequest, seat: Seat, agreement: int, month_text: str) -> HttpResponse:
    """Sign what this place hosted: each home gets its invoice."""
    found = _found(seat, agreement, month_text)
    if request.method == "POST":
        act: dict[str, Any] = {"agreement_id": agreement, "month": month_text, "by": seat.by, "now": timezone.now()}
        try:
            acts.sign(place=seat.place, **act)
        except (SchemesRefused, BillingRefused) as refused:
            return _page(request, seat, found, month_text, refused.wrongs)
        messages.success(request, _("Le mois est signé, et ses factures sont émises."))
    return redirect("manage_roaming_month", seat.place.slug, agreement, month_text)


@seated("run")
def accept(request: HttpRequest, seat: Seat, agreement: int, month_text: str, bill: int) -> HttpResponse:
    """Say that this place owes what a host signed."""
    found = _found(seat, agreement, month_text)
    if bill_at(seat.place, found.agreement, month_text, bill) is None:
        raise Http404
    if request.method == "POST":
        acts.accept(place=seat.place, bill_id=bill, by=seat.by, now=timezone.now())
        messages.success(request, _("C’est accepté. Payez sa facture, ou ce qui en reste après compensation."))
    return redirect("manage_roaming_month", seat.place.slug, agreement, month_text)


def _found(seat: Seat, agreement: int, month_text: str) -> Mine:
    """An agreement in which this place is or was, for a month that is one."""
    found = agreement_of(seat.place, agreement)
    if found is None or found.mine.first_day is None or bounds(month_text) is None:
        raise Http404
    return found


def _page(request: HttpRequest, seat: Seat, found: Mine, month_text: str, wrongs: Wrongs | None = None) -> HttpResponse:
    wrongs, place = wrongs or {}, seat.place
    sides = sides_of(found.agreement, month_text)
    hosted = [one for one in sides if one.host.pk == place.pk]
    owed = [one for one in sides if one.home.pk == place.pk]
    came = lines_of(found.agreement, place, month_text, is_host=True)
    went = lines_of(found.agreement, place, month_text, is_host=False)
    over = is_over(month_text, today_at(place, timezone.now()))
    context = {
        "seat": seat,
        "agreement": found.agreement,
        "month": month(month_text),
        "month_text": month_text,
        "hosted": hosted,
        "owed": owed,
        "balance": _balance(sides).get(place.pk, 0),
        "payments": _payments(hosted + owed, place),
        "places": _places(sides),
        "total": sum(_balance(sides).values()),
        "came": visit_rows(came),
        "went": visit_rows(went),
        "is_over": over,
        "to_sign": over and any(one.bill is None for one in hosted),
        "waits_for_others": any(one.bill is None for one in owed),
        "may_run": seat.may(RUN),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/roaming/month.html", context, status=REFUSED if wrongs else 200)


def _balance(sides: Iterable[Side]) -> dict[Any, int]:
    return nets(one.debt for one in sides)


def _places(sides: list[Side]) -> list[dict[str, Any]]:
    """Where each place stands, by name; the balances sum to zero."""
    names = {place.pk: place for one in sides for place in (one.host, one.home)}
    told = _balance(sides)
    ordered = sorted(names.values(), key=lambda place: (place.sort_name, str(place.pk)))
    return [{"place": place, "cents": told[place.pk]} for place in ordered]


def _payments(sides: list[Side], place: Any) -> list[dict[str, Any]]:
    """What is left to pay between this place and each other one."""
    names = {one.pk: one for side in sides for one in (side.host, side.home)}
    told = [
        {
            "one": one,
            "is_mine": one.payer == place.pk,
            "other": names[one.payee if one.payer == place.pk else one.payer],
        }
        for one in set_off(side.debt for side in sides)
    ]
    return sorted(told, key=lambda row: (row["other"].sort_name, str(row["other"].pk)))
