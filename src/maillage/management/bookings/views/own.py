"""One's own bookings, at every place that knows one's account, and what the rooms above add to them."""

from importlib import import_module
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.accounts.rules import signature
from maillage.management.bookings.queries.links import token_of
from maillage.management.bookings.queries.own import MOST, Own, Turn, of_account, turns_of
from maillage.management.bookings.sentences import when
from maillage.management.people.actions.persons import link_own

_known: dict[str, None] = {}


def own_also(module: str) -> None:
    """Say which module has `rows(account_id)` beside one's bookings; called by `AppConfig.ready`."""
    _known[module] = None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bookings(request: HttpRequest) -> HttpResponse:
    """Show what is to come and what was, place by place in time; find what was booked before signing in."""
    user: Any = request.user
    if request.method == "POST":
        found = link_own(account=user, by=signature(user.pk, "self"), now=timezone.now())
        said = ngettext("%(n)d lieu vous a reconnu.", "%(n)d lieux vous ont reconnu.", found) % {"n": found}
        messages.success(
            request, said if found else _("Aucun autre lieu ne vous connaît sous vos adresses confirmées.")
        )
        return redirect("own_bookings")
    now = timezone.now()
    rows = [_row(one) for one in of_account(user.pk, now=now)]
    rows += [_turn(one) for one in turns_of(user.pk, now=now)]
    rows += [row for name in _known for row in import_module(name).rows(user.pk)]
    rows.sort(key=itemgetter("start"))
    context = {
        "coming": [row for row in rows if row["end"] > now],
        "past": [row for row in reversed(rows) if row["end"] <= now],
        "most": MOST,
    }
    return render(request, "bookings/own.html", context)


def _row(one: Own) -> dict[str, Any]:
    booking = one.booking
    return {
        "start": booking.start,
        "end": booking.end,
        "what": booking.space.name,
        "place": booking.place,
        "when": when(booking.start, booking.end, ZoneInfo(one.zone)),
        "state": booking.status,
        "url": reverse("reservation", args=[token_of(booking)]),
    }


def _turn(one: Turn) -> dict[str, Any]:
    waiting = one.waiting
    return {
        "start": waiting.start,
        "end": waiting.end,
        "what": waiting.space.name,
        "place": waiting.space.place,
        "when": when(waiting.start, waiting.end, ZoneInfo(one.zone)),
        "state": "waiting",
        "url": reverse("waiting", args=[token_of(waiting)]),
    }
