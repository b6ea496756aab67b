"""The carnets of a place: found by code or name, sold, used, undone, cancelled."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import departement_of
from maillage.management.billing.queries.subjects import subjects
from maillage.management.billing.views.manage.controls import (
    REFUSED,
    Wrongs,
    control,
    form_key,
    mistakes,
    number,
    posted,
)
from maillage.management.passes.actions import using
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.labels import FIELDS, HALVES
from maillage.management.passes.queries import formulas as queries
from maillage.management.passes.queries.ledger import balance, movements
from maillage.management.passes.rules.formulas import rates_of
from maillage.management.passes.views.wording import held, movement, pieces, rates, units, whose
from maillage.management.people.rules.entries import read_day
from maillage.places.forms.entered import text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

USE = ("subject", "quantity", "day", "half", "beyond")


@seated("host")
def carnets(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the carnets and allowances that are good today, or find one by its code or a name."""
    wanted = request.GET.get("q", "")[: queries.LONGEST_SEARCH].replace("\x00", "")
    found = queries.passes(seat.place, text=wanted, on=today_at(seat.place, timezone.now()))
    context = {"seat": seat, "passes": [held(one) for one in found], "wanted": wanted, "may_run": seat.may(RUN)}
    return render(request, "passes/manage/carnets.html", context)


@seated("host")
def carnet(request: HttpRequest, seat: Seat, carnet: int) -> HttpResponse:
    """Show one carnet with what happened to it, and use it by hand."""
    found = queries.pass_of(seat.place, carnet)
    if found is None:
        raise Http404
    now = timezone.now()
    raw: Mapping[str, str] = {"quantity": "1", "day": today_at(seat.place, now).isoformat()}
    key = form_key(request)
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, USE)
        wrongs = _unread(raw)
        if not wrongs:
            wrongs = _use(seat, carnet, raw, key)
        if not wrongs:
            messages.success(request, _("C’est noté\u202f: il reste %(left)s.") % {"left": units(balance(carnet))})
            return redirect("manage_pass", seat.place.slug, carnet)
    things = {one.word: one.label for one in subjects(seat.place, kind="space")}
    rows = movements(carnet)
    context = {
        "seat": seat,
        "pass": found,
        "whose": whose(found),
        "left": units(sum(row.amount for row in rows)),
        "starts": day_in_words(found.starts_on, "j F Y"),
        "until": day_in_words(found.ends_on, "j F Y"),
        "rates": rates(found.rates, things),
        "movements": [movement(row, things, departement_of(seat.place)) for row in reversed(rows)],
        "controls": _controls(found, raw, wrongs, things),
        "overage": found.formula.overage_cents if found.formula else None,
        "beyond": raw.get("beyond", ""),
        "may_run": seat.may(RUN),
        "may_cancel": seat.may(RUN) and sum(row.amount for row in rows) > 0,
        "key": key,
        **mistakes(wrongs, FIELDS),
    }
    return render(request, "passes/manage/carnet.html", context, status=REFUSED if wrongs else 200)


@seated("host")
def undo(request: HttpRequest, seat: Seat, carnet: int, movement: int) -> HttpResponse:
    """Undo a use that was a slip."""
    found = queries.pass_of(seat.place, carnet)
    if found is None or movement not in [row.pk for row in movements(carnet)]:
        raise Http404
    if request.method == "POST":
        try:
            using.undo(place=seat.place, movement_id=movement, by=seat.by, now=timezone.now())
            messages.success(request, _("C’est défait\u202f: les unités sont revenues."))
        except PassRefused as refused:
            messages.error(request, str(refused))
    return redirect("manage_pass", seat.place.slug, carnet)


@seated("run")
def cancel(request: HttpRequest, seat: Seat, carnet: int) -> HttpResponse:
    """Ask once, then take what is left of a carnet that is lost or given back."""
    found = queries.pass_of(seat.place, carnet)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            using.cancel(place=seat.place, pass_id=carnet, key=form_key(request)[:50], by=seat.by, now=timezone.now())
            messages.success(request, _("Ce carnet est annulé. Pour rendre l’argent, faites un avoir sur sa facture."))
        except PassRefused as refused:
            messages.error(request, str(refused))
        return redirect("manage_pass", seat.place.slug, carnet)
    context = {"seat": seat, "pass": found, "left": units(balance(carnet)), "key": form_key(request)}
    return render(request, "passes/manage/carnet_cancel.html", context)


def _unread(raw: Mapping[str, str]) -> Wrongs:
    wrongs = {}
    if not number(raw["quantity"].strip()):
        wrongs["quantity"] = (_("ce nombre ne se peut pas"), _("écrivez un nombre entier, comme 1"))
    if read_day(raw["day"]) is None:
        wrongs["day"] = (_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    return wrongs


def _use(seat: Seat, carnet: int, raw: Mapping[str, str], key: str) -> Wrongs:
    day = read_day(raw["day"])
    assert day is not None
    try:
        using.use(
            place=seat.place,
            pass_id=carnet,
            subject=raw["subject"][:60],
            quantity=number(raw["quantity"].strip()) or 0,
            day=day,
            half=raw["half"][:2],
            beyond=bool(raw["beyond"]),
            key=key[:50],
            by=seat.by,
            now=timezone.now(),
        )
    except BillingRefused as refused:
        return refused.wrongs
    except PassRefused as refused:
        return {"pass": (refused.problem, refused.mend)}
    return {}


def _controls(found: Any, raw: Mapping[str, str], wrongs: Wrongs, things: Mapping[str, str]) -> list[dict[str, Any]]:
    what = [
        (
            one.subject,
            _("%(thing)s (%(units)s pour %(piece)s)")
            % {"thing": things[one.subject], "units": units(one.units), "piece": pieces(1, one.unit)},
        )
        for one in rates_of(found.rates)
        if one.subject in things
    ]
    said: dict[str, dict[str, Any]] = {
        name: {"value": raw.get(name, ""), "wrongs": wrongs, "label": FIELDS[name]} for name in USE[:-1]
    }
    hint = _("Combien d’heures, de demi-journées ou de personnes.")
    return [
        control("subject", **said["subject"], kind="select", choices=what),
        control("quantity", **said["quantity"], inputmode="numeric", maxlength=3, hint=hint),
        control("day", **said["day"], type="date", required="required"),
        control("half", **said["half"], kind="select", choices=HALVES.items()),
    ]


def chosen(post: Any) -> tuple[int | None, int | None]:
    """Who was chosen on a form: a person or an organisation, by number."""
    kind, _sign, given = text(post, "who")[:40].partition(":")
    return (number(given), None) if kind == "person" else (None, number(given)) if kind == "body" else (None, None)
