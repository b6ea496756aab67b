"""Sessions in words, for everybody: when, where, for whom, at what price, and how many seats are left."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.sentences import hour, when
from maillage.management.events.labels import AUDIENCES, KINDS, price_said
from maillage.management.events.queries.public import Shown
from maillage.management.events.rules.jsonld import Told
from maillage.places.rules.nearness import nearness
from maillage.places.views.wording import day_in_words, far


def address(name: str, *args: Any) -> str:
    """An address of the site, whole, in the language of the page."""
    return settings.SITE_URL + reverse(name, args=args)


def event_pages() -> Callable[[str, str], str]:
    """How the pages of events are addressed, asked of the configuration once for many."""
    before, between, after = address("event", "0place0", "0event0").replace("0event0", "0place0").split("0place0")
    return lambda place, event: f"{before}{place}{between}{event}{after}"


def can_register(one: Shown, now: datetime) -> bool:
    """Whether anybody may still register, or wait."""
    session, event = one.session, one.event
    is_on = session.cancelled_at is None and event.archived_at is None and session.start > now
    return is_on and one.free is not None and one.place.status != "closed"


def hours(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """« 18 h – 20 h »; with the last day where it ends on another."""
    if local_day(start, zone) == local_day(end, zone):
        return f"{hour(start, zone)} – {hour(end, zone)}"
    last = day_in_words(end.astimezone(zone).date(), "l j F")
    return _("%(start)s, jusqu’au %(day)s à %(end)s") % {
        "start": hour(start, zone),
        "day": last,
        "end": hour(end, zone),
    }


def seats(one: Shown) -> tuple[str, str]:
    """The state of a session and what is said of its seats."""
    if one.session.cancelled_at is not None:
        return "cancelled", _("annulée")
    if one.free is None:
        return "open", _("sans inscription")
    if not one.free:
        return "full", _("complet, liste d’attente")
    return "free", ngettext("%(n)d place libre", "%(n)d places libres", one.free) % {"n": one.free}


def row(one: Shown, *, now: datetime) -> dict[str, Any]:
    """One session in a list."""
    session, event, place = one.session, one.event, one.place
    state, says = seats(one)
    return {
        "id": session.pk,
        "hours": hours(session.start, session.end, one.zone),
        "when": when(session.start, session.end, one.zone),
        "at": session.start.astimezone(one.zone).isoformat(),
        "title": event.title,
        "summary": event.summary,
        "url": reverse("event", args=[place.slug, event.slug]),
        "register": reverse("event_register", args=[place.slug, event.slug, session.pk])
        if can_register(one, now)
        else "",
        "place": place,
        "town": place.commune.name if place.commune else place.city,
        "far": _far(one),
        "room": session.booking.space.name if session.booking else "",
        "kind": KINDS[event.kind],
        "audience": AUDIENCES[event.audience] if event.audience != "all" else "",
        "price": price_said(event.price, event.price_cents),
        "state": state,
        "seats": says,
        "reason": session.reason if state == "cancelled" else "",
        "demo": place.is_demo,
        "is_abroad": one.zone.key != "Europe/Paris",
    }


def _far(one: Shown) -> str:
    """How far it is, no more exactly than it is known."""
    if one.distance_m is None:
        return ""
    said = far(one.distance_m, nearness(one.distance_m, one.known, same_commune=one.in_commune_asked), one.known)
    return " ".join(part for part in said if part)


def by_day(rows: Iterable[Shown], *, first: date, now: datetime) -> list[dict[str, Any]]:
    """Sessions under their days; what began before the first day stands under it."""

    def day(one: Shown) -> date:
        return max(local_day(one.session.start, one.zone), first)

    ordered = sorted(rows, key=lambda one: (day(one), one.session.start, one.session.pk))
    return [
        {
            "day": found,
            "said": capfirst(day_in_words(found, "l j F" if found.year == first.year else "l j F Y")),
            "rows": [row(one, now=now) for one in several],
        }
        for found, several in groupby(ordered, key=day)
    ]


def place_told(place: Any) -> dict[str, Any]:
    """A place as `place_jsonld` takes it."""
    names = ("name", "street", "postal_code", "city", "lat", "lon")
    return {name: getattr(place, name) for name in names} | {
        "commune_name": place.commune.name if place.commune else ""
    }


def told(one: Shown, *, now: datetime) -> Told:
    """A session as `session_jsonld` takes it."""
    session, event, place = one.session, one.event, one.place
    url = address("event", place.slug, event.slug)
    return Told(
        title=event.title,
        summary=event.summary or event.description[:300],
        kind=event.kind,
        start=session.start.astimezone(one.zone),
        end=session.end.astimezone(one.zone),
        is_cancelled=session.cancelled_at is not None,
        price=event.price,
        price_cents=event.price_cents,
        organiser=event.organisation.name if event.organisation else "",
        capacity=session.capacity,
        free=one.free,
        takes_registrations=event.takes_registrations,
        url=url,
        register_url=address("event_register", place.slug, event.slug, session.pk) if can_register(one, now) else "",
    )
