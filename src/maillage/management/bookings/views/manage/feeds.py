"""The calendars kept elsewhere that a place follows: what each closes, what is wrong with it, the way to add one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.bookings.actions.feeds import MOST_FEEDS, add_feed, read_one, remove_feed
from maillage.management.bookings.actions.spaces import SpacesRefused
from maillage.management.bookings.labels import FEED_PROBLEMS
from maillage.management.bookings.queries.desk import grounds
from maillage.management.bookings.queries.feeds import Followed, followed
from maillage.management.bookings.rules.clock import local_day, moment_said
from maillage.management.bookings.views.manage.hours import choose_whose, told_outside
from maillage.management.bookings.views.manage.wording import REFUSED, Wrongs, control, mistakes, posted
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

NAMES = ("name", "address", "space")


@seated("run")
def feeds(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the calendars that a place follows, and follow another."""
    if request.method != "POST":
        return _feeds(request, seat, {})
    raw = posted(request, NAMES)
    try:
        feed = add_feed(place=seat.place, raw=raw, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _feeds(request, seat, raw, refused.wrongs)
    return _read(request, seat, feed.pk)


@seated("run")
def read(request: HttpRequest, seat: Seat, feed: int) -> HttpResponse:
    """Read a calendar now."""
    return _read(request, seat, feed) if request.method == "POST" else redirect("manage_feeds", seat.place.slug)


@seated("run")
def remove(request: HttpRequest, seat: Seat, feed: int) -> HttpResponse:
    """Ask once, then follow a calendar no longer."""
    if request.method == "POST":
        try:
            remove_feed(place=seat.place, feed_id=feed, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        messages.success(request, _("Cet agenda n’est plus suivi\u202f: ses heures se réservent de nouveau."))
        return redirect("manage_feeds", seat.place.slug)
    found = next((one for one in followed(seat.place, now=timezone.now()) if one.feed.pk == feed), None)
    if found is None:
        raise Http404
    return render(request, "bookings/manage/feed_remove.html", {"seat": seat, "feed": found.feed, "ahead": found.ahead})


def _read(request: HttpRequest, seat: Seat, feed_id: int) -> HttpResponse:
    """Read a calendar and say what came of it."""
    try:
        feed = read_one(place=seat.place, feed_id=feed_id, by=seat.by, now=timezone.now())
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    if settings.OFFLINE:
        messages.warning(request, _("Noté, mais rien n’est lu\u202f: ce serveur ne va pas sur le réseau."))
    elif feed.last_problem:
        messages.error(request, _("L’agenda n’a pas pu être lu. La raison est écrite dessous."))
    elif feed.taken_at is not None:
        messages.info(request, _("Cet agenda est en train d’être lu. Rechargez cette page dans un instant."))
    else:
        told_outside(request, seat, _("L’agenda est lu."))
    return redirect("manage_feeds", seat.place.slug)


def _feeds(request: HttpRequest, seat: Seat, raw: Mapping[str, str], wrongs: Wrongs | None = None) -> HttpResponse:
    wrongs, now = wrongs or {}, timezone.now()
    found, shown = grounds(seat.place, now=now), followed(seat.place, now=now)
    zone = ZoneInfo(found.settings.zone)
    where = _("Celle que le service donne pour s’abonner (iCal). Elle finit souvent par .ics.")
    context = {
        "seat": seat,
        "feeds": [_told(one, zone) for one in shown],
        "controls": [
            control(
                "address",
                raw.get("address"),
                wrongs,
                type="url",
                inputmode="url",
                required="required",
                maxlength=1_000,
                hint=where,
            ),
            control(
                "name",
                raw.get("name"),
                wrongs,
                maxlength=80,
                hint=_("Par exemple «\u202fAgenda de la mairie\u202f». Les visiteurs le lisent."),
            ),
            choose_whose(raw, wrongs, found.layout.spaces),
        ],
        "offline": settings.OFFLINE,
        "may_add": len(shown) < MOST_FEEDS,
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/feeds.html", context, status=REFUSED if wrongs else 200)


def _told(one: Followed, zone: ZoneInfo) -> dict[str, Any]:
    """A calendar in words: what it closes, when it was read, what stands in the way since when."""
    feed = one.feed
    problem = FEED_PROBLEMS.get(feed.last_problem)
    return {
        "pk": feed.pk,
        "name": feed.name,
        "host": urlsplit(feed.address).hostname or "",
        "space": feed.space.name if feed.space else "",
        "ahead": one.ahead,
        "first": local_day(one.first, zone) if one.first else None,
        "last": local_day(one.last, zone) if one.last else None,
        "read": say(moment_said(feed.last_read_at, zone)) if feed.last_read_at else "",
        "problem": problem % {"detail": feed.problem_detail} if problem else feed.last_problem,
        "since": say(moment_said(feed.failing_since, zone)) if feed.failing_since else "",
        "unread": feed.unread,
        "zones": feed.unknown_zones,
    }
