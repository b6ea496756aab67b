"""The agenda: what takes place this week near somebody, and the programme of one place."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from maillage.management.bookings.rules.clock import local_day
from maillage.management.events.labels import AUDIENCES, KINDS
from maillage.management.events.queries import public
from maillage.management.events.rules.agenda import DAYS, RADII, parse
from maillage.management.events.views import words
from maillage.management.events.views.asked import Answer, answer, notices
from maillage.places.queries.sheet import sheet_by_slug
from maillage.places.views.detail import elsewhere
from maillage.places.views.sheet import contact
from maillage.places.views.wording import day_in_words, of_name

WEEK = timedelta(days=DAYS)


@conditional_page
@cache_control(public=True, no_cache=True)
@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """What takes place near a commune or a point, day by day; a week unless days are asked."""
    told = answer(request)
    asked, found, here = told.asked, told.found, reverse("agenda")
    context = {
        "heading": _heading(told),
        "dates": _dates(told),
        "days": words.by_day(found.rows, first=asked.first, now=told.now),
        "total": ngettext("%(n)d séance", "%(n)d séances", found.total) % {"n": found.total},
        "notices": notices(told),
        "suggestions": [
            {"name": name, "context": context, "url": here + told.query(where=name)}
            for name, context in told.spot.suggestions
        ],
        "form": _form(told),
        "week_before": here + _week(told, -WEEK) if asked.first > told.today else "",
        "week_after": here + _week(told, WEEK),
        "previous": here + told.query(page=found.page - 1) if found.page > 1 else "",
        "next": here + told.query(page=found.page + 1) if found.page < found.pages else "",
        "ways_out": _ways_out(told, here) if not found.rows else [],
        "feeds": {name: reverse(f"agenda_{name}") + told.query() for name in ("ics", "rss", "json")},
        "noindex": bool(request.GET),
    }
    return render(request, "events/agenda.html", context)


def _heading(told: Answer) -> str:
    spot = told.spot
    if spot.is_lost or not (spot.point or spot.territory):
        return _("L’agenda des lieux")
    if spot.name and spot.territory:
        return _("L’agenda\u202f: %(name)s") % {"name": spot.name}
    if spot.name:
        return _("L’agenda autour %(of_name)s") % {"name": spot.name, "of_name": of_name(spot.name)}
    return _("L’agenda autour de vous")


def _dates(told: Answer) -> str:
    first, last = told.asked.first, told.asked.last
    if first == last:
        return capfirst(day_in_words(first, "l j F"))
    said = {"first": day_in_words(first, "l j F"), "last": day_in_words(last, "l j F")}
    return _("Du %(first)s au %(last)s") % said


def _week(told: Answer, by: timedelta) -> str:
    first = max(told.asked.first + by, told.today)
    return told.query(first=first, last=first + timedelta(days=DAYS - 1))


def _form(told: Answer) -> dict[str, Any]:
    asked = told.asked
    where = f"{asked.point[0]:g},{asked.point[1]:g}" if asked.point else asked.where
    return {
        "where": where,
        "radii": [{"code": n, "label": _("%(n)d\xa0km") % {"n": n}, "on": n == asked.radius_km} for n in RADII],
        "kinds": [{"code": code, "label": name, "on": code == asked.kind} for code, name in KINDS.items()],
        "audiences": [
            {"code": code, "label": name, "on": code == asked.audience}
            for code, name in AUDIENCES.items()
            if code != "all"
        ],
        "first": asked.first.isoformat(),
        "last": asked.last.isoformat(),
        "is_open": bool(asked.kind or asked.audience) or told.query(where="", point=None, radius_km=20) != "",
    }


def _ways_out(told: Answer, here: str) -> list[dict[str, str]]:
    """What to ask when nothing takes place: farther, later, anything, anywhere; then the places themselves."""
    asked, ways = told.asked, []
    if told.spot.point and asked.radius_km < RADII[-1]:
        wider = next(n for n in RADII if n > asked.radius_km)
        ways.append((_("Chercher jusqu’à %(n)d\xa0km") % {"n": wider}, told.query(radius_km=wider)))
    last = asked.first + timedelta(days=30)
    if asked.last < last:
        ways.append((_("Regarder sur un mois"), told.query(last=last)))
    if asked.kind or asked.audience:
        ways.append((_("Tous les genres, tous les publics"), told.query(kind="", audience="")))
    if asked.where or asked.point:
        ways.append((_("Partout"), told.query(where="", point=None)))
    said = [{"label": label, "url": here + query} for label, query in ways]
    near = f"?pres={asked.point[0]:g},{asked.point[1]:g}" if asked.point else ""
    near = near or (f"?q={asked.where}" if asked.where else "")
    return [*said, {"label": _("Voir les lieux"), "url": reverse("place_list") + near}]


@conditional_page
@cache_control(public=True, no_cache=True)
@require_safe
def place_agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The programme of a place, day by day, as far as it goes."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere(request, found, "place_agenda")
    place, now = sheet.place, timezone.now()
    (zone,) = public.zones_of([place]).values()
    today = local_day(now, zone)
    asked, _problems = parse({"page": request.GET.getlist("page")}, today=today, kinds=(), audiences=())
    page = public.of_place(place, now=now, page=asked.page)
    here = reverse("place_agenda", args=[place.slug])
    context = {
        "place": place,
        "days": words.by_day(page.rows, first=today, now=now),
        "previous": f"{here}?page={page.page - 1}" if page.page > 1 else "",
        "next": f"{here}?page={page.page + 1}" if page.page < page.pages else "",
        "contact": contact(sheet),
        "near": f"{reverse('agenda')}?lat={place.lat:.5f}&lon={place.lon:.5f}"
        if place.lat is not None and place.lon is not None
        else reverse("agenda"),
        "zone": zone.key if zone.key != "Europe/Paris" else "",
        "noindex": place.is_demo or bool(request.GET),
    }
    return render(request, "events/place_agenda.html", context)
