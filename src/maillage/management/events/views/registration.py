"""What the links of the mails open: one registration, to be seen or given up by whoever holds the link."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.sentences import problems_said, when
from maillage.management.bookings.views.asking import signed
from maillage.management.bookings.views.calendars import CALENDAR
from maillage.management.bookings.views.reservation import secret
from maillage.management.events.actions import registering
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.labels import price_said
from maillage.management.events.queries import public
from maillage.management.events.queries.ics import one_registration
from maillage.management.events.queries.links import registration_of
from maillage.management.events.views import words


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, enrolment: str) -> HttpResponseBase:
    """Show a registration; withdraw it, once asked twice."""
    found = registration_of(enrolment)
    if found is None:
        return render(request, "events/no_link.html", status=404)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            if "annuler" in request.POST:
                registering.withdraw(registration_id=found.pk, by=signed(request), now=timezone.now())
            return redirect("registration", enrolment)
        except Refused as refused:
            problems = problems_said(refused.problems)
        except EventsRefused as refused:
            problems = [{"says": say, "why": "", "mend": mend} for say, mend in refused.wrongs.values()]
    context = {**_told(found), "problems": problems, "sure": "annuler" in request.GET, "ticket": enrolment}
    return render(request, "events/registration.html", context, status=409 if problems else 200)


def _told(found: Any) -> dict[str, Any]:
    (one,) = public.shown([found.session])
    session, now = found.session, timezone.now()
    return {
        "event": session.event,
        "place": session.event.place,
        "one": words.row(one, now=now),
        "when": when(session.start, session.end, one.zone),
        "price": price_said(session.event.price, session.event.price_cents),
        "state": found.state,
        "is_shown": session.event.published_at is not None,
        "called_off": session.cancelled_at is not None,
        "party": public.party_of(found),
        "is_past": session.start <= now,
    }


@secret
@require_safe
def calendar(request: HttpRequest, enrolment: str) -> HttpResponseBase:
    """A registration as a file for one's own calendar; given up or called off, it says so."""
    found = registration_of(enrolment)
    if found is None:
        raise Http404
    response = HttpResponse(one_registration(found), content_type=CALENDAR)
    response["Content-Disposition"] = 'attachment; filename="inscription.ics"'
    return response
