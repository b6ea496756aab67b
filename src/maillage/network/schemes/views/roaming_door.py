"""The door of a host: the code of a carnet from elsewhere, and one screen that says whether it is good."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.billing.queries.days import today_at
from maillage.management.passes.actions.ledger import PassRefused
from maillage.network.schemes.actions import roaming_door as acts
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.queries.roaming import accepted_at, left_on, visit_at, visit_of_nonce, visits_on
from maillage.network.schemes.views.roaming_words import control, visit_rows
from maillage.network.schemes.views.wording import REFUSED, day, key_of, posted
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

LONGEST_SHOWN = 60


@seated("host")
def door(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Count a half-day of a carnet from elsewhere, or say why not; a form sent twice counts once."""
    if request.method != "POST":
        done = visit_of_nonce(seat.place, request.GET.get("fait", "")[:40].replace("\x00", ""))
        return _door(request, seat, text=request.GET.get("code", "")[:LONGEST_SHOWN], done=done)
    text, nonce = posted(request, ("code",))["code"][:LONGEST_SHOWN], key_of(request)
    try:
        acts.count(place=seat.place, text=text, nonce=nonce, by=seat.by, now=timezone.now())
    except (SchemesRefused, PassRefused) as refused:
        return _door(request, seat, text=text, refused=str(refused))
    return redirect(f"{reverse('manage_roaming_door', args=[seat.place.slug])}?fait={nonce}")


@seated("host")
def undo(request: HttpRequest, seat: Seat, counted: int) -> HttpResponse:
    """Give back a half-day that was counted by mistake, until its month is signed."""
    found = visit_at(seat.place, counted)
    if found is None:
        raise Http404
    today = today_at(seat.place, timezone.now())
    if request.method == "POST":
        try:
            acts.undo(place=seat.place, visit_id=counted, by=seat.by, now=timezone.now())
        except (SchemesRefused, PassRefused) as refused:
            return _door(request, seat, refused=str(refused))
        messages.success(request, _("La demi-journée est rendue au carnet."))
    if found.day == today:
        return redirect("manage_roaming_door", seat.place.slug)
    return redirect("manage_roaming_month", seat.place.slug, found.agreement_id, f"{found.day:%Y-%m}")


def _door(request: HttpRequest, seat: Seat, *, text: str = "", refused: str = "", done: Any = None) -> HttpResponse:
    today = today_at(seat.place, timezone.now())
    shown = {"autocomplete": "off", "autocapitalize": "characters", "maxlength": LONGEST_SHOWN}
    context = {
        "seat": seat,
        "code": control("code", text, {}, **shown),
        "key": str(uuid4()),
        "refused": refused,
        "done": done,
        "done_left": left_on(done) if done else 0,
        "done_until": day(done.movement.of.ends_on) if done else "",
        "done_units": -done.movement.amount if done else 0,
        "partners": accepted_at(seat.place, today),
        "rows": visit_rows(visits_on(seat.place, today)),
        "wrong": bool(refused),
    }
    return render(request, "schemes/roaming/door.html", context, status=REFUSED if refused else 200)
