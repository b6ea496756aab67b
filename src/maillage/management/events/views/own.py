"""One's own registrations, and the secret calendar that holds them with one's bookings."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.accounts.rules import signature
from maillage.management.bookings.queries.links import token_of as booking_token
from maillage.management.bookings.queries.own import of_account as bookings_of
from maillage.management.bookings.sentences import when
from maillage.management.bookings.views.calendars import CALENDAR
from maillage.management.bookings.views.reservation import secret
from maillage.management.events.actions import calendars
from maillage.management.events.queries import ics
from maillage.management.events.queries.links import calendar_of, token_of
from maillage.management.events.queries.own import Own, of_account
from maillage.management.events.queries.own_calendar import open_calendar
from maillage.management.events.rules.ical import CANCELLED, CONFIRMED, TENTATIVE, Entry, written
from maillage.management.events.views import words


def rows(account_id: int) -> list[dict[str, Any]]:
    """The registrations of an account, as the page of its bookings lists them."""
    return [_row(one) for one in of_account(account_id, now=timezone.now())]


def _row(one: Own) -> dict[str, Any]:
    session = one.registration.session
    return {
        "start": session.start,
        "end": session.end,
        "what": session.event.title,
        "party": one.party,
        "place": session.event.place,
        "when": when(session.start, session.end, ZoneInfo(one.zone)),
        "state": "cancelled" if session.cancelled_at else one.registration.state,
        "url": reverse("registration", args=[token_of(one.registration)]),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def calendar(request: HttpRequest) -> HttpResponseBase:
    """Make the secret address of one's calendar, show it, make another that ends the old one, or close it."""
    user: Any = request.user
    if request.method == "POST":
        by, now = signature(user.pk, "self"), timezone.now()
        if "fermer" in request.POST:
            calendars.close(account=user, by=by, now=now)
            messages.success(request, _("L’agenda personnel est fermé\u202f: son adresse n’ouvre plus rien."))
        elif "ouvrir" in request.POST:
            calendars.renew(account=user, by=by, now=now)
            messages.success(request, _("Voici votre adresse secrète. L’ancienne, s’il y en avait une, est morte."))
        return redirect("own_calendar")
    token = open_calendar(user.pk)
    url = words.address("own_calendar_ics", token) if token else ""
    context = {"url": url, "webcal": f"webcal://{url.partition('://')[2]}" if url else "", "sure": request.GET}
    return render(request, "events/own_calendar.html", context)


@secret
@require_safe
def calendar_file(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The bookings and registrations of whoever made this address, at every place; nothing once it is closed."""
    found = calendar_of(secret)
    if found is None:
        raise Http404
    now = timezone.now()
    entries = [_booking(one.booking) for one in bookings_of(found.pk, now=now) if one.booking.status != "lapsed"]
    entries += [ics.of_registration(one.registration) for one in of_account(found.pk, now=now)]
    entries.sort(key=lambda one: (one.start, one.uid))
    return HttpResponse(written(_("Maillage\u202f: mon agenda"), entries), content_type=CALENDAR)


def _booking(booking: Any) -> Entry:
    status = {"confirmed": CONFIRMED, "held": TENTATIVE}.get(booking.status, CANCELLED)
    return Entry(
        uid=f"booking-{booking.pk}@{ics.host()}",
        start=booking.start,
        end=booking.end,
        changed_at=booking.changed_at,
        summary=f"{booking.space.name}, {booking.place.name}",
        location=ics.where(booking.place),
        url=words.address("reservation", booking_token(booking)),
        status=status,
        sequence=(status != TENTATIVE) + (status == CANCELLED),
    )
