"""The door of a place: a code is typed or scanned, and one screen says whether it is good."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.accounts.rules import RUN
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.passes.actions.ledger import PassRefused
from maillage.network.schemes.actions import accrediting, redeeming, stating
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.labels import HALVES, STATES
from maillage.network.schemes.queries.door import clocks_of, redemption_of_nonce
from maillage.network.schemes.queries.ground import today_in
from maillage.network.schemes.queries.public import places_to_count_at, shown
from maillage.network.schemes.queries.schemes import claims_at, left_on, scheme_of, schemes_for, today_at
from maillage.network.schemes.queries.statements import annex, months_at, statement_of
from maillage.network.schemes.rules.statements import bounds
from maillage.network.schemes.views.tablet_words import told_to
from maillage.network.schemes.views.wording import REFUSED, Wrongs, control, day, key_of, mistakes, month, posted
from maillage.places.permissions import Seat, scopes_of
from maillage.places.views.seat import seated

LONGEST_SHOWN = 600
CAMERA = "camera=(self)"
"""The one power of a browser that this page asks for beside those of every page."""


@seated("host")
def passes(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the schemes of a place, its months to sign, and what its tablets could not settle."""
    return desk(request, seat)


@seated("run")
def ask(request: HttpRequest, seat: Seat, scheme: int) -> HttpResponse:
    """Ask to be of a scheme."""
    found = _or_404(seat, scheme)
    if request.method == "POST":
        accrediting.ask(place=seat.place, scheme_id=found.pk, by=seat.by, now=timezone.now())
        messages.success(request, _("La demande est partie. Qui finance répond sur sa page."))
    return redirect("manage_schemes", seat.place.slug)


@seated("host")
def door(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Count a half-day, or say why not; nothing is counted by opening the page. A form sent twice counts once."""
    if request.method != "POST":
        done = redemption_of_nonce(seat.place, request.GET.get("fait", "")[:40])
        text = request.GET.get("code", "")[:LONGEST_SHOWN]
        return _door(request, seat, text=text, done=done)
    text, nonce = posted(request, ("code",))["code"][:LONGEST_SHOWN], key_of(request)
    try:
        redeeming.redeem(place=seat.place, text=text, nonce=nonce, by=seat.by, now=timezone.now())
    except (SchemesRefused, PassRefused) as refused:
        return _door(request, seat, text=text, refused=str(refused))
    return redirect(f"{reverse('manage_schemes_door', args=[seat.place.slug])}?fait={nonce}")


@seated("host")
def undo(request: HttpRequest, seat: Seat, redemption: int) -> HttpResponse:
    """Give back a half-day counted by mistake."""
    today = timezone.now().astimezone(clocks_of(seat.place)).date()
    if all(one.pk != redemption for one in today_at(seat.place, today)):
        raise Http404
    if request.method == "POST":
        try:
            redeeming.undo(place=seat.place, redemption_id=redemption, by=seat.by, now=timezone.now())
        except (SchemesRefused, PassRefused) as refused:
            return _door(request, seat, refused=str(refused))
        messages.success(request, _("La demi-journée est rendue au passe."))
    return redirect("manage_schemes_door", seat.place.slug)


@seated("host")
def statement(request: HttpRequest, seat: Seat, scheme: int, month_text: str) -> HttpResponse:
    """Show what a month owes with its half-days, and sign it once it is over: the invoice comes of it."""
    found = _or_404(seat, scheme)
    if bounds(month_text) is None:
        raise Http404
    wrongs: Wrongs = {}
    if request.method == "POST" and seat.may(RUN):
        act: dict[str, Any] = {"scheme_id": found.pk, "month": month_text, "by": seat.by, "now": timezone.now()}
        try:
            stating.sign(place=seat.place, **act)
        except (SchemesRefused, BillingRefused) as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Le relevé est signé, et sa facture est émise."))
            return redirect("manage_schemes_statement", seat.place.slug, scheme, month_text)
    context = {
        "seat": seat,
        "scheme": found,
        "month": month(month_text),
        "month_text": month_text,
        "signed": statement_of(found, seat.place, month_text),
        "one": next((one for one in _months(seat, found) if one.month == month_text), None),
        "lines": [{"one": one, "half": HALVES[one.half]} for one in annex(found, seat.place, month_text)],
        "may_sign": seat.may(RUN),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/manage/statement.html", context, status=REFUSED if wrongs else 200)


@require_safe
def own_pass(request: HttpRequest, signed: str) -> HttpResponse:
    """What a QR code opens: the pass as it stands for who bears it, and the way to the door for a team."""
    issue = shown(signed)
    if issue is None:
        return render(request, "schemes/no_pass.html", status=404)
    here = places_to_count_at(request.user, issue)
    context = {
        "issue": issue,
        "scheme": issue.scheme,
        "left": left_on([issue])[issue.of_id],
        "until": day(issue.of.ends_on),
        "is_over": issue.of.ends_on < today_in(issue.scheme.scope, timezone.now()),
        "places": here.all,
        "mine": here.mine,
        "token": signed,
    }
    answer = render(request, "schemes/pass.html", context)
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def desk(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The page of a place's schemes."""
    today = timezone.now().astimezone(clocks_of(seat.place)).date()
    here = schemes_for(seat.place, scopes_of(seat.place), today=today)
    rows = []
    for one in here:
        listed = _months(seat, one.scheme) if one.accreditation else []
        months = [{"one": each, "month": month(each.month)} for each in listed]
        rows.append(
            {"here": one, "state": STATES.get(one.state, ""), "until": day(one.scheme.ends_on), "months": months}
        )
    context = {"seat": seat, "schemes": rows, "claims": claims_at(seat.place), "may_run": seat.may(RUN)}
    return render(request, "schemes/manage/passes.html", context)


def door_page(seat: Seat, **more: Any) -> dict[str, Any]:
    """What the page of the door says to a browser that has just come; `more` is what this answer adds."""
    given = {"autocomplete": "off", "autocapitalize": "characters", "maxlength": LONGEST_SHOWN}
    return {
        "seat": seat,
        "code": control("code", more.pop("text", ""), {}, **given),
        "tablet": told_to(seat),
    } | more


def _door(request: HttpRequest, seat: Seat, *, text: str = "", refused: str = "", done: Any = None) -> HttpResponse:
    now = timezone.now()
    today = now.astimezone(clocks_of(seat.place)).date()
    rows = today_at(seat.place, today)
    left = left_on([one.issue for one in rows])
    issue = done.issue if done else None
    context = door_page(
        seat,
        text=text,
        key=str(uuid4()),
        refused=refused,
        done=done,
        done_left=left_on([issue])[issue.of_id] if issue else 0,
        done_until=day(issue.of.ends_on) if issue else "",
        rows=[
            {
                "one": one,
                "half": HALVES[one.half],
                "left": left[one.issue.of_id],
                "is_back": hasattr(one.movement, "undone_by") and one.movement.undone_by.kind == "restored",
                "is_paid": hasattr(one.movement, "undone_by") and one.movement.undone_by.kind == "reimbursed",
            }
            for one in rows
        ],
        wrong=bool(refused),
    )
    answer = render(request, "schemes/manage/door.html", context, status=REFUSED if refused else 200)
    answer.headers["Permissions-Policy"] = CAMERA
    return answer


def _months(seat: Seat, found: Any) -> list[Any]:
    today = timezone.now().astimezone(clocks_of(seat.place)).date()
    return months_at(found, seat.place, today=today)


def _or_404(seat: Seat, scheme: int) -> Any:
    """A scheme of this place's territories, or in which it is; any other is not there."""
    found = scheme_of(scheme)
    if found is None:
        raise Http404
    today = timezone.now().astimezone(clocks_of(seat.place)).date()
    if all(one.scheme.pk != found.pk for one in schemes_for(seat.place, scopes_of(seat.place), today=today)):
        raise Http404
    return found
