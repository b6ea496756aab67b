"""Calendars to subscribe to: when a place or a space is taken, without a name."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from icalendar import Event

from maillage.management.bookings.queries import busy, free, ics
from maillage.places.queries import place_by_slug
from maillage.places.views.detail import elsewhere

CALENDAR = "text/calendar; charset=utf-8"
KEPT_S = 300


@cache_control(public=True, max_age=KEPT_S)
@require_safe
def place_calendar(request: HttpRequest, slug: str) -> HttpResponseBase:
    """When the spaces of a place are taken: no name, no purpose."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "booking_ics")
    return _answer(found.place, busy.online_spaces(_online(found.place)), found.place.name)


@cache_control(public=True, max_age=KEPT_S)
@require_safe
def space_calendar(request: HttpRequest, slug: str, space: str) -> HttpResponseBase:
    """When one space is taken: no name, no purpose."""
    found = place_by_slug(slug)
    if found.place is None:
        raise Http404
    spaces = [one for one in busy.online_spaces(_online(found.place)) if one.slug == space]
    if not spaces:
        raise Http404
    return _answer(found.place, spaces, f"{spaces[0].name} · {found.place.name}")


def _online(place: Any) -> Any:
    if not free.is_online(place, free.settings_here(place)):
        raise Http404
    return place


def _answer(place: Any, spaces: list[Any], name: str) -> HttpResponse:
    now = timezone.now()
    told = ics.calendar(name, (_busy(one, now) for one in busy.firm(spaces, now=now)))
    return HttpResponse(told.to_ical(), content_type=CALENDAR)


def _busy(booking: Any, now: datetime) -> Event:
    event = ics.event_of(booking, now)
    event.add("summary", _("Pris\u202f: %(space)s") % {"space": booking.space.name})
    event.add("transp", "OPAQUE")
    return event
