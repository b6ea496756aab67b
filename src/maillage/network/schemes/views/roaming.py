"""The agreements of a place: proposed, read, joined, left."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.accounts.rules import RUN
from maillage.journal.actions import KeyReused
from maillage.management.billing.queries.days import today_at
from maillage.network.schemes.actions import roaming as acts
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.queries.roaming import agreement_of, agreements_of, can_be_invoiced, stay_of
from maillage.network.schemes.queries.roaming_months import is_over, months_of
from maillage.network.schemes.rules import roaming as rules
from maillage.network.schemes.views.roaming_words import STATES, control, mistakes, place_row
from maillage.network.schemes.views.wording import REFUSED, Wrongs, day, key_of, month, sent_already
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

TERMS = ("name", "price", "notice", "starts_on", "places")
NOTICE = "30"


@seated("host")
def roaming(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the agreements of a place, and the invitations that wait for an answer."""
    today = today_at(seat.place, timezone.now())
    rows = []
    for one in agreements_of(seat.place):
        state = one.state(today)
        count = sum(rules.holds(stay_of(row), today) for row in one.all)
        rows.append({"agreement": one.agreement, "state": state, "word": STATES[state], "places": count})
    context = {
        "seat": seat,
        "invitations": [row for row in rows if row["state"] == rules.INVITED],
        "agreements": [row for row in rows if row["state"] != rules.INVITED],
        "may_run": seat.may(RUN),
        "may_count": any(row["state"] in (rules.IN, rules.LEAVING) for row in rows),
    }
    return render(request, "schemes/roaming/agreements.html", context)


@seated("run")
def propose(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Propose an agreement to other places; a form sent twice proposes it once."""
    now = timezone.now()
    if request.method != "POST":
        raw = {"notice": NOTICE, "starts_on": today_at(seat.place, now).isoformat()}
        return _terms(request, seat, raw)
    raw, key = _typed(request, TERMS), key_of(request)
    try:
        made = acts.propose(place=seat.place, raw=raw, by=seat.by, now=now, key=key)
    except SchemesRefused as refused:
        return _terms(request, seat, raw, refused.wrongs, key)
    except KeyReused:
        return _terms(request, seat, raw, sent_already())
    messages.success(request, _("L’accord est proposé. Chaque lieu invité répond par sa propre équipe."))
    return redirect("manage_roaming_agreement", seat.place.slug, made.pk)


@seated("host")
def agreement(request: HttpRequest, seat: Seat, agreement: int) -> HttpResponse:
    """Show an agreement: its terms, who is in, its months."""
    return _page(request, seat, agreement)


@seated("run")
def answer(request: HttpRequest, seat: Seat, agreement: int) -> HttpResponse:
    """Come in, say no, leave, or take a departure back."""
    if agreement_of(seat.place, agreement) is None:
        raise Http404
    done = {"entrer": acts.join, "refuser": acts.decline, "quitter": acts.leave, "rester": acts.stay}
    act = done.get(request.POST.get("faire", "")[:20])
    if request.method == "POST" and act is not None:
        try:
            act(place=seat.place, agreement_id=agreement, by=seat.by, now=timezone.now())
        except SchemesRefused as refused:
            return _page(request, seat, agreement, refused.wrongs)
        messages.success(request, _("C’est noté. Les autres lieux le voient sur cette page."))
    return redirect("manage_roaming_agreement", seat.place.slug, agreement)


@seated("run")
def invite(request: HttpRequest, seat: Seat, agreement: int) -> HttpResponse:
    """Invite more places."""
    if agreement_of(seat.place, agreement) is None:
        raise Http404
    if request.method == "POST":
        raw = _typed(request, ("places",))
        try:
            n = acts.invite(place=seat.place, agreement_id=agreement, raw=raw, by=seat.by, now=timezone.now())
        except SchemesRefused as refused:
            return _page(request, seat, agreement, refused.wrongs, raw)
        said = ngettext("%(n)d lieu est invité.", "%(n)d lieux sont invités.", n) % {"n": n}
        messages.success(request, said)
    return redirect("manage_roaming_agreement", seat.place.slug, agreement)


def _typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """The values of a form; the list of places is longer than a line, and still bounded."""
    return {name: (request.POST.get(name) or "")[: rules.LONGEST_PLACES + 1] for name in names}


def _terms(
    request: HttpRequest, seat: Seat, raw: Mapping[str, str], wrongs: Wrongs | None = None, key: str = ""
) -> HttpResponse:
    wrongs = wrongs or {}
    hint = _("Le nom d’un lieu de l’annuaire, ou l’adresse de sa page. Chacun répond pour lui-même.")
    price_hint = _(
        "Le même dans tous les lieux de l’accord\u202f: ce que le lieu du carnet doit à celui qui accueille."
    )
    context = {
        "seat": seat,
        "controls": [
            control("name", raw.get("name"), wrongs, maxlength=rules.LONGEST_NAME),
            control("price", raw.get("price"), wrongs, hint=price_hint, inputmode="decimal", maxlength=20),
            control("starts_on", raw.get("starts_on"), wrongs, type="date"),
            control("notice", raw.get("notice"), wrongs, inputmode="numeric", maxlength=3),
            control("places", raw.get("places"), wrongs, kind="area", hint=hint, rows=5),
        ],
        "key": key or str(uuid4()),
        "can_be_invoiced": can_be_invoiced(seat.place, today_at(seat.place, timezone.now())),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/roaming/propose.html", context, status=REFUSED if wrongs else 200)


def _page(
    request: HttpRequest, seat: Seat, pk: int, wrongs: Wrongs | None = None, raw: Mapping[str, str] | None = None
) -> HttpResponse:
    found = agreement_of(seat.place, pk)
    if found is None:
        raise Http404
    wrongs, today = wrongs or {}, today_at(seat.place, timezone.now())
    state = found.state(today)
    may_run = seat.may(RUN)
    context = {
        "seat": seat,
        "agreement": found.agreement,
        "mine": place_row(found.mine, stay_of(found.mine), today),
        "state": state,
        "starts": day(found.agreement.starts_on),
        "joins": _joins(found, today),
        "places": [place_row(one, stay_of(one), today) for one in found.all],
        "months": [_month(one, today) for one in months_of(found.agreement, seat.place)],
        "may_answer": may_run and state in (rules.INVITED, rules.DECLINED),
        "may_leave": may_run and state in (rules.COMING, rules.IN),
        "may_stay": may_run and state == rules.LEAVING,
        "places_control": control("places", (raw or {}).get("places"), wrongs, kind="area", rows=3),
        "is_in": state in (rules.IN, rules.LEAVING),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/roaming/agreement.html", context, status=REFUSED if wrongs else 200)


def _joins(found: Any, today: Any) -> str:
    """From when this place would be in, if it said yes now."""
    first = rules.first_day(
        today=today,
        starts_on=found.agreement.starts_on,
        invited_on=today_at(found.mine.place, found.mine.invited_at),
        notice_days=found.agreement.notice_days,
        is_first=found.mine.is_first,
    )
    return day(first)


def _month(one: Any, today: Any) -> dict[str, Any]:
    return {"one": one, "name": month(one.month), "is_over": is_over(one.month, today)}
