"""The page of one event: what it is, when, how many seats are left."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from maillage.management.events.labels import AUDIENCES, KINDS, THEMES, price_said
from maillage.management.events.queries import ics, public
from maillage.management.events.rules.jsonld import session_jsonld
from maillage.management.events.views import words
from maillage.places.queries.places import Found
from maillage.places.queries.sheet import sheet_by_slug
from maillage.places.rules.jsonld import script_safe
from maillage.places.views.detail import elsewhere
from maillage.places.views.sheet import contact

MOST_TOLD = 20
"""How many sessions are told to search engines."""


@conditional_page
@cache_control(public=True, no_cache=True)
@require_safe
def event(request: HttpRequest, slug: str, event: str) -> HttpResponse:
    """Show an event that is on the programme of a place, or was."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere_too(request, found, "event", event)
    one = public.event_at(sheet.place, event)
    if one is None:
        raise Http404
    now, place = timezone.now(), sheet.place
    coming, over = public.dates_of(one, now=now)
    place_url = words.address("place", place.slug)
    known = [words.told(session, now=now) for session in coming[:MOST_TOLD]]
    told = [session_jsonld(session, words.place_told(place), page_url=place_url) for session in known]
    context = {
        "place": place,
        "event": one,
        "url": words.address("event", place.slug, one.slug),
        "kind": KINDS[one.kind],
        "audience": AUDIENCES[one.audience],
        "theme": THEMES.get(one.theme, ""),
        "price": price_said(one.price, one.price_cents),
        "organiser": one.organisation.name if one.organisation else "",
        "coming": [words.row(session, now=now) for session in coming],
        "over": [words.row(session, now=now) for session in over],
        "where": ics.where(place),
        "contact": contact(sheet),
        "jsonld": script_safe(told) if told else "",
    }
    return render(request, "events/event.html", context)


def elsewhere_too(request: HttpRequest, found: Found, page: str, *args: object) -> HttpResponse:
    """Answer for an address under that of a place that has moved, left or never was."""
    if not found.moved_to:
        return elsewhere(request, found, page)
    moved = HttpResponsePermanentRedirect(reverse(page, args=[found.moved_to, *args]))
    patch_cache_control(moved, no_cache=True)
    return moved
