"""What the links of the mails open: one booking, or one place on a waiting list; whoever holds the link may act."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.management.bookings.actions import visiting
from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.queries.free import settings_here
from maillage.management.bookings.queries.ics import one_booking
from maillage.management.bookings.queries.links import booking_of, token_of, waiting_of
from maillage.management.bookings.queries.spaces import places_taken
from maillage.management.bookings.rules.clock import moment_said
from maillage.management.bookings.sentences import problems_said, when
from maillage.management.bookings.views.asking import signed
from maillage.management.bookings.views.calendars import CALENDAR
from maillage.management.bookings.views.phone import keep, kept
from maillage.places.labels import say
from maillage.places.views.detail import qr_code

View = Callable[..., HttpResponseBase]


def secret(view: View) -> View:
    """The address of these pages is their secret: no cache keeps them, no engine lists them, no other site reads it."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def reservation(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Show a booking; cancel it once asked twice; take what was offered."""
    found = booking_of(ticket)
    if found is None:
        return _nothing(request)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        by, now = signed(request), timezone.now()
        try:
            if "prendre" in request.POST:
                language = (get_language() or "fr")[:2]
                visiting.take_offer(booking=found, by=by, language=language, now=now)
            elif "annuler" in request.POST:
                visiting.give_back(booking=found, by=by, now=now)
            answer = redirect("reservation", ticket)
            if "garder" in request.POST:
                keep(request, answer, ticket)
            return answer
        except Refused as refused:
            problems = problems_said(refused.problems)
    told = _told(found)
    expected = told["state"] == "confirmed" and found.end > timezone.now() and not found.arrived_at
    code = f"{settings.SITE_URL}{reverse('manage_ticket', args=[found.place.slug, ticket])}" if expected else ""
    told["is_kept"] = ticket in kept(request)
    told["qr"] = qr_code(code, _("Code à montrer à l’accueil")) if code else ""
    context = {**told, "problems": problems, "sure": "annuler" in request.GET, "ticket": ticket}
    return render(request, "bookings/reservation.html", context, status=409 if problems else 200)


def _told(found: Any) -> dict[str, Any]:
    zone, now = ZoneInfo(settings_here(found.place).zone), timezone.now()
    held = found.status == "held" and found.expires_at > now
    state = found.status if found.status != "held" or held else "lapsed"
    return {
        "booking": found,
        "place": found.place,
        "space": found.space,
        "units": places_taken(found),
        "when": when(found.start, found.end, zone),
        "state": state,
        "until": say(moment_said(found.expires_at, zone)) if held else "",
        "is_past": found.start <= now,
    }


@secret
@require_safe
def calendar(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """A booking as a file for one's own calendar; cancelled, it says so."""
    found = booking_of(ticket)
    if found is None:
        raise Http404
    response = HttpResponse(one_booking(found), content_type=CALENDAR)
    response["Content-Disposition"] = 'attachment; filename="reservation.ics"'
    return response


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, turn: str) -> HttpResponseBase:
    """Show somebody's place on a waiting list, and let them leave it."""
    found = waiting_of(turn)
    if found is None:
        return _nothing(request)
    if request.method == "POST":
        if "quitter" in request.POST:
            visiting.stop_waiting(waiting=found, by=signed(request), now=timezone.now())
        return redirect("waiting", turn)
    place = found.space.place
    context = {
        "place": place,
        "space": found.space,
        "when": when(found.start, found.end, ZoneInfo(settings_here(place).zone)),
        "over": found.ended_at is not None or found.start <= timezone.now(),
        "offer": token_of(found.offer) if found.offer and found.ended_at is None else "",
        "turn": turn,
    }
    return render(request, "bookings/waiting.html", context)


def _nothing(request: HttpRequest) -> HttpResponse:
    return render(request, "bookings/no_link.html", status=404)
