"""At the door: who scanned its code says in one more touch that they are there; only their own bookings are shown."""

from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from maillage.management.bookings.actions import arriving
from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.queries.arriving import of_today
from maillage.management.bookings.queries.free import settings_here
from maillage.management.bookings.sentences import problems_said, when
from maillage.management.bookings.views.asking import signed
from maillage.management.bookings.views.phone import kept
from maillage.management.bookings.views.reservation import secret
from maillage.places.queries import place_by_slug
from maillage.places.views.detail import elsewhere

LONGEST_CODE = 60


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def arrival(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show one's own bookings of today to whoever scanned the code at the door, and note that they are there."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "arrival")
    place, now = found.place, timezone.now()
    code = (request.POST if request.method == "POST" else request.GET).get("porte", "")[:LONGEST_CODE]
    settings = settings_here(place)
    at_door = arriving.fits(settings, code)
    account = request.user.pk if request.user.is_authenticated else None
    mine = of_today(place, settings, account_id=account, tickets=kept(request), now=now) if at_door else []
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        one = next((one for one in mine if str(one.pk) == request.POST.get("reservation")), None)
        try:
            if one is None and at_door:
                raise Http404
            arriving.arrive(place=place, booking_id=one.pk if one else 0, code=code, by=signed(request), now=now)
            return redirect(f"{reverse('arrival', args=[slug])}?porte={code}")
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        except Refused as refused:
            problems = problems_said(refused.problems)
    zone = ZoneInfo(settings.zone)
    context = {
        "place": place,
        "at_door": at_door,
        "code": code if at_door else "",
        "here": request.get_full_path(),
        "signed_in": request.user.is_authenticated,
        "problems": problems,
        "bookings": [
            {"pk": one.pk, "what": one.space.name, "when": when(one.start, one.end, zone), "arrived": one.arrived_at}
            for one in mine
        ],
    }
    return render(request, "bookings/arrival.html", context, status=409 if problems else 200)
