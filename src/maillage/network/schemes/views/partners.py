"""The places and the referrers of a scheme, lost cards, what tablets could not settle."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.billing.rules.amounts import as_typed
from maillage.management.bookings.rules.clock import WEEKDAYS
from maillage.network.schemes.actions import accrediting, forgetting, issuing
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.labels import STATES
from maillage.network.schemes.permissions import Funder
from maillage.network.schemes.queries.schemes import accreditation_of, claims_of, issue_of, referrers_of
from maillage.network.schemes.views.desk import funding
from maillage.network.schemes.views.funder import board
from maillage.network.schemes.views.wording import (
    REFUSED,
    Wrongs,
    control,
    key_of,
    mistakes,
    posted,
    sent_already,
)
from maillage.places.labels import say

RENT = ("desks", "rent", "rent_from", "rent_to")


@funding
def place(request: HttpRequest, funder: Funder, found: Any, accreditation: int) -> HttpResponse:
    """Answer a place that asked, and say what is rented there."""
    one = accreditation_of(found, accreditation)
    if one is None:
        raise Http404
    wrongs: Wrongs = {}
    raw = _rented(one)
    days = [str(number) for number in one.rented_weekdays]
    state = one.state if one.state != "asked" else "accepted"
    if request.method == "POST":
        raw = posted(request, (*RENT, "state"))
        days = [sign for sign in request.POST.getlist("weekdays")[:7] if sign in "1234567"]
        state = raw["state"][:20]
        act: dict[str, Any] = {"accreditation_id": one.pk, "by": funder.by, "now": timezone.now()}
        try:
            accrediting.answer(scheme_id=found.pk, state=state, raw={**raw, "weekdays": "".join(days)}, **act)
        except SchemesRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("C’est noté. Le lieu le voit sur sa page."))
            return redirect("scheme", found.pk)
    answers = [(code, STATES[code]) for code in accrediting.ANSWERS]
    weekdays = [(str(number), say(name)) for number, name in enumerate(WEEKDAYS, start=1)]
    context = {
        "scheme": found,
        "one": one,
        "answer": control("state", state, wrongs, kind="select", choices=answers),
        "rented": [
            control("desks", raw.get("desks"), wrongs, inputmode="numeric", maxlength=4),
            control("weekdays", days, wrongs, kind="checks", choices=weekdays),
            control("rent", raw.get("rent"), wrongs, inputmode="decimal", maxlength=20),
            control("rent_from", raw.get("rent_from"), wrongs, type="date"),
            control("rent_to", raw.get("rent_to"), wrongs, type="date"),
        ],
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/place.html", context, status=REFUSED if wrongs else 200)


@funding
def referrer_add(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """Make a referrer's link, and show it once."""
    if request.method != "POST":
        return redirect("scheme", found.pk)
    raw = posted(request, ("name",))
    try:
        linked = accrediting.add_referrer(
            scheme_id=found.pk, raw=raw, by=funder.by, now=timezone.now(), key=key_of(request)
        )
    except SchemesRefused as refused:
        return board(request, found, refused.wrongs, raw)
    except KeyReused:
        return board(request, found, sent_already(), raw)
    if not linked.secret:
        return redirect("scheme", found.pk)
    link = request.build_absolute_uri(reverse("scheme_hand", args=[linked.secret]))
    return board(request, found, link=link)


@funding
def referrer_close(request: HttpRequest, funder: Funder, found: Any, referrer: int) -> HttpResponse:
    """Close a referrer's link."""
    if all(one.pk != referrer for one in referrers_of(found)):
        raise Http404
    if request.method == "POST":
        accrediting.revoke_referrer(scheme_id=found.pk, referrer_id=referrer, by=funder.by, now=timezone.now())
        messages.success(request, _("Ce lien ne remet plus rien. Les passes déjà remis restent valables."))
    return redirect("scheme", found.pk)


@funding
def lost(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """Replace a lost card, or cancel it for good."""
    if request.method != "POST":
        return redirect("scheme", found.pk)
    raw = posted(request, ("code", "faire"))
    act: dict[str, Any] = {"scheme_id": found.pk, "code": raw["code"][:60], "by": funder.by, "now": timezone.now()}
    try:
        if raw["faire"] == "annuler":
            issuing.revoke(**act)
            messages.success(request, _("Ce code n’ouvre plus rien, et ce qui restait revient au budget."))
            return redirect("scheme", found.pk)
        made = issuing.replace_lost(**act)
    except SchemesRefused as refused:
        return board(request, found, refused.wrongs, raw)
    messages.success(request, _("La carte perdue n’ouvre plus rien. Voici la nouvelle, avec ce qui restait."))
    return redirect("scheme_card", found.pk, made.of.code)


@funding
def forget(request: HttpRequest, funder: Funder, found: Any, card: str) -> HttpResponse:
    """Forget who a pass is for; its card stays good."""
    if issue_of(found, card) is None:
        raise Http404
    if request.method == "POST":
        forgetting.forget_holder(scheme_id=found.pk, code=card, by=funder.by, now=timezone.now())
        messages.success(request, _("Plus rien ici ne dit à qui est ce passe. La carte reste valable."))
    return redirect("scheme_card", found.pk, card)


@funding
def claim(request: HttpRequest, funder: Funder, found: Any, claim: int) -> HttpResponse:
    """Write what became of a half-day that a tablet could not settle."""
    if all(one.pk != claim for one in claims_of(found)):
        raise Http404
    if request.method == "POST":
        raw = posted(request, ("outcome",))
        try:
            accrediting.close_claim(scheme_id=found.pk, claim_id=claim, raw=raw, by=funder.by, now=timezone.now())
        except SchemesRefused as refused:
            return board(request, found, refused.wrongs, raw)
        messages.success(request, _("C’est noté. Rien n’a été payé."))
    return redirect("scheme", found.pk)


def _rented(one: Any) -> dict[str, str]:
    if not one.rent_cents:
        return {}
    days = {name: getattr(one, name).isoformat() for name in ("rent_from", "rent_to")}
    return {"desks": str(one.rented_desks), "rent": as_typed(one.rent_cents), **days}
