"""Selling a carnet or a subscription, and counting the cheapest way to pay."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import UNITS
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.prices import price_for
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
from maillage.management.billing.views.tariffs import asked
from maillage.management.passes.actions import selling
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.labels import FIELDS
from maillage.management.passes.queries import checkout as reads
from maillage.management.passes.queries import formulas as queries
from maillage.management.passes.rules.checkout import TooMuch, Used, cheapest
from maillage.management.passes.rules.formulas import CARNET, SUBSCRIPTION, USABLE
from maillage.management.passes.views.manage.formulas import price_url
from maillage.management.passes.views.manage.passes import chosen
from maillage.management.passes.views.wording import explained, held, whose
from maillage.management.people.queries.persons import organisations, person_of, search
from maillage.management.people.rules.entries import read_day
from maillage.places.forms.entered import text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

SALE = ("who", "formula", "amount")
MOST_FOUND, LINES = 20, range(1, 5)


@seated("host")
def sell(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Find somebody, choose a carnet, sell it with its invoice."""
    raw: Mapping[str, str] = {"who": request.GET.get("who", "")[:40]}
    key = form_key(request)
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, SALE)
        person, body = chosen(request.POST)
        act: dict[str, Any] = {"person_id": person, "organisation_id": body, "amount": raw["amount"]}
        act |= {"formula_id": number(raw["formula"]) or 0, "key": key[:50], "by": seat.by, "now": timezone.now()}
        try:
            sold = selling.sell(place=seat.place, **act)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except PassRefused as refused:
            wrongs = {"formula": (refused.problem, refused.mend)}
        else:
            messages.success(request, _("Le carnet est vendu, et sa facture est faite. Son code est au-dessous."))
            return redirect("manage_pass", seat.place.slug, sold.pk)
    labels = {name: FIELDS[name] for name in SALE}
    context = {
        "seat": seat,
        **_people(request, seat, raw.get("who", "")),
        "formulas": _formulas(seat, CARNET, raw.get("formula", "")),
        "controls": [_amount(raw, wrongs)],
        "key": key,
        **mistakes(wrongs, labels),
    }
    return render(request, "passes/manage/sell.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def subscriptions(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the subscriptions of a place, and begin one."""
    now = timezone.now()
    raw: Mapping[str, str] = {"starts_on": today_at(seat.place, now).isoformat()}
    wrongs: Wrongs = {}
    if request.method == "POST":
        raw = posted(request, ("who", "formula", "starts_on"))
        starts = read_day(raw["starts_on"])
        person, body = chosen(request.POST)
        if starts is None:
            wrongs = {"starts_on": (_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))}
        else:
            act: dict[str, Any] = {"person_id": person, "organisation_id": body, "starts_on": starts}
            act |= {"formula_id": number(raw["formula"]) or 0, "by": seat.by, "now": now}
            wrongs = _begin(seat, act)
        if not wrongs:
            messages.success(request, _("L’abonnement commence\u202f: chaque mois, ses unités et sa facture viennent."))
            return redirect("manage_subscriptions", seat.place.slug)
    day = control("starts_on", raw.get("starts_on", ""), wrongs, label=FIELDS["starts_on"], type="date")
    context = {
        "seat": seat,
        **_people(request, seat, raw.get("who", "")),
        "subscriptions": [_subscription(one) for one in queries.subscriptions(seat.place)],
        "formulas": _formulas(seat, SUBSCRIPTION, raw.get("formula", "")),
        "controls": [day],
        **mistakes(wrongs, {name: FIELDS[name] for name in ("who", "formula", "starts_on")}),
    }
    return render(request, "passes/manage/subscriptions.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def end(request: HttpRequest, seat: Seat, subscription: int) -> HttpResponse:
    """Let a subscription end with its month."""
    if request.method == "POST":
        try:
            selling.end_subscription(place=seat.place, subscription_id=subscription, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        messages.success(request, _("L’abonnement s’arrêtera à la fin de son mois."))
    elif subscription not in [one.pk for one in queries.subscriptions(seat.place)]:
        raise Http404
    return redirect("manage_subscriptions", seat.place.slug)


@seated("host")
def checkout(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Count the cheapest way to pay for what somebody used; nothing is written."""
    on = today_at(seat.place, timezone.now())
    things = {one.word: one.label for one in subjects(seat.place, kind="space")}
    person, body = chosen(request.GET)
    known = person_of(seat.place, person) if person is not None else None
    fee_class = queries.fee_class_of(known, on) if known else ""
    has = queries.held_by(seat.place, person_id=known.pk if known else None, organisation_id=body, on=on)
    used, wrongs = _used(request, seat, things, fee_class, on)
    told = None
    if used and not wrongs:
        purses = reads.purses(seat.place, has, fee_class=fee_class, on=on)
        try:
            way = cheapest(used, purses)
        except TooMuch:
            wrongs = {"lines": (_("il y a trop de choses à compter"), _("comptez-les en deux fois"))}
        else:
            told = explained(way, used, purses, things) if way else None
            if way is None:
                wrongs = {"lines": (_("une de ces choses n’a pas de prix"), _("ajoutez-le aux tarifs"))}
    context = {
        "seat": seat,
        **_people(request, seat, text(request.GET, "who")[:40]),
        "held": [held(one) for one in has],
        "chosen": bool(person or body),
        "lines": [_line(request, n, things, wrongs) for n in LINES],
        "open_more": any(text(request.GET, f"combien-{n}").strip() for n in LINES if n > 1),
        "told": told,
        **mistakes(wrongs, {}),
    }
    return render(request, "passes/manage/checkout.html", context, status=REFUSED if wrongs else 200)


def _used(
    request: HttpRequest, seat: Seat, things: Mapping[str, str], fee_class: str, on: Any
) -> tuple[list[Used], Wrongs]:
    asked_for, wrongs = [], {}
    for n in LINES:
        subject, unit, many = (text(request.GET, f"{name}-{n}")[:60] for name in ("chose", "unite", "combien"))
        if not many.strip():
            continue
        count = number(many.strip())
        if subject not in things or unit not in USABLE or not count or count > 60:
            said = (_("la ligne %(n)d est illisible") % {"n": n}, _("choisissez une chose, et un nombre de 1 à 60"))
            wrongs[f"combien-{n}"] = said
        else:
            asked_for.append((subject, unit, count))
    return reads.priced(seat.place, asked_for, fee_class=fee_class, on=on), wrongs


def _line(request: HttpRequest, n: int, things: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    units = [(unit, UNITS[unit]) for unit in USABLE]
    value = {name: text(request.GET, f"{name}-{n}")[:60] for name in ("chose", "unite", "combien")}
    what, per, many = _("Quoi"), _("Compté par"), _("Combien")
    if n > 1:
        what, per, many = (f"{said} ({n})" for said in (what, per, many))
    return [
        control(f"chose-{n}", value["chose"], {}, label=what, kind="select", choices=things.items()),
        control(f"unite-{n}", value["unite"] or "half_day", {}, label=per, kind="select", choices=units),
        control(f"combien-{n}", value["combien"], wrongs, label=many, inputmode="numeric", maxlength=3),
    ]


def _begin(seat: Seat, act: dict[str, Any]) -> Wrongs:
    try:
        selling.subscribe(place=seat.place, **act)
    except BillingRefused as refused:
        return refused.wrongs
    except PassRefused as refused:
        return {"formula": (refused.problem, refused.mend)}
    return {}


def _people(request: HttpRequest, seat: Seat, who: str) -> dict[str, Any]:
    """Those whom a name finds, organisations first where nothing was asked."""
    wanted = request.GET.get("q", "")[:120].replace("\x00", "")
    persons = search(seat.place, wanted).items[:MOST_FOUND] if wanted.strip() else ()
    found = [{"code": f"person:{one.pk}", "label": one.name} for one in persons]
    found += [{"code": f"body:{one.pk}", "label": one.name} for one in organisations(seat.place)[:MOST_FOUND]]
    kind, _sign, given = who.partition(":")
    if kind == "person" and who not in [one["code"] for one in found]:
        known = person_of(seat.place, number(given) or 0)
        found = [{"code": who, "label": known.name}, *found] if known and known.name else found
    return {"wanted": wanted, "people": [{**one, "on": one["code"] == who} for one in found]}


def _formulas(seat: Seat, kind: str, given: str) -> list[dict[str, Any]]:
    on = today_at(seat.place, timezone.now())
    unit = "each" if kind == CARNET else "month"
    told = []
    for one in queries.formulas(seat.place, kind=kind):
        price = price_for(seat.place, subject=f"formula:{one.pk}", fee_class="", unit=unit, on=on)
        told.append(
            {
                "code": one.pk,
                "label": one.name,
                "price": asked(price) if price else "",
                "price_url": price_url(seat, one) if price is None and seat.may(RUN) else "",
                "on": str(one.pk) == given,
            }
        )
    return told


def _amount(raw: Mapping[str, str], wrongs: Wrongs) -> dict[str, Any]:
    hint = _("Seulement si le prix est au choix. Rien\u202f: le prix conseillé.")
    amount = raw.get("amount", "")
    return control("amount", amount, wrongs, label=FIELDS["amount"], hint=hint, inputmode="decimal", maxlength=20)


def _subscription(one: Any) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "name": one.formula.name,
        "whose": whose(one),
        "since": day_in_words(one.starts_on, "j F Y"),
        "until": day_in_words(one.ends_on, "j F Y") if one.ends_on else "",
    }
