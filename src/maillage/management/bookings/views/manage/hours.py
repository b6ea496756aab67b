"""When a place takes bookings: hours of the week, closures, settings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.bookings.actions.hours import (
    add_closure,
    add_openings,
    change_settings,
    remove_closure,
    remove_opening,
)
from maillage.management.bookings.actions.spaces import SpacesRefused
from maillage.management.bookings.queries.desk import grounds, misfits
from maillage.management.bookings.rules.clock import DAY_MINUTES, day_said, day_span, local_day
from maillage.management.bookings.views.manage.wording import (
    REFUSED,
    Wrongs,
    as_clock,
    control,
    day_hours,
    minute_words,
    mistakes,
    posted,
    weekday,
)
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

OPENING = ("space", "opens", "closes", "first_day", "last_day")
CLOSURE = ("space", "first_day", "last_day", "opens", "closes", "reason")
SETTINGS = ("zone", "half_day", "school_zone", "closes_on_holidays", "is_online")
ZONES = (
    *("Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion"),
    *("America/Miquelon", "Indian/Mayotte", "Pacific/Wallis", "Pacific/Tahiti", "Pacific/Noumea"),
)


@seated("run")
def hours(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the hours of the week, and add some."""
    if request.method != "POST":
        return _hours(request, seat, {"opens": "09:00", "closes": "18:00"}, [])
    raw, days = posted(request, OPENING), request.POST.getlist("weekdays")[:7]
    try:
        add_openings(place=seat.place, raw=raw, weekdays=days, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _hours(request, seat, raw, days, refused.wrongs)
    told_outside(request, seat, _("Ces heures sont ajoutées."))
    return redirect("manage_hours", seat.place.slug)


@seated("run")
def remove_hours(request: HttpRequest, seat: Seat, opening: int) -> HttpResponse:
    """Take some hours back."""
    if request.method == "POST":
        try:
            remove_opening(place=seat.place, opening_id=opening, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        told_outside(request, seat, _("Ces heures sont retirées."))
    return redirect("manage_hours", seat.place.slug)


@seated("run")
def closures(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the closures to come, and add one."""
    if request.method != "POST":
        return _closures(request, seat, {})
    raw = posted(request, CLOSURE)
    try:
        add_closure(place=seat.place, raw=raw, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _closures(request, seat, raw, refused.wrongs)
    told_outside(request, seat, _("La fermeture est notée."))
    return redirect("manage_closures", seat.place.slug)


@seated("run")
def remove_closed(request: HttpRequest, seat: Seat, closure: int) -> HttpResponse:
    """Open again what was to be closed."""
    if request.method == "POST":
        try:
            remove_closure(place=seat.place, closure_id=closure, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        told_outside(request, seat, _("La fermeture est retirée."))
    return redirect("manage_closures", seat.place.slug)


@seated("run")
def settings(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show and change how a place takes bookings."""
    if request.method != "POST":
        found = grounds(seat.place, now=timezone.now()).settings
        raw = {
            "zone": found.zone,
            "half_day": as_clock(found.half_day_minute),
            "school_zone": found.school_zone,
            "closes_on_holidays": "1" if found.closes_on_holidays else "",
            "is_online": "1" if found.is_online else "",
        }
        return _settings(request, seat, raw)
    raw = posted(request, SETTINGS)
    try:
        changed = change_settings(place=seat.place, raw=raw, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _settings(request, seat, raw, refused.wrongs)
    told_outside(request, seat, _("C’est enregistré.") if changed else _("Rien n’a changé."))
    return redirect("manage_spaces", seat.place.slug)


def opening_told(rule: Any) -> dict[str, Any]:
    """« mardi, de 9 h à 18 h », for the place or a space, in its season."""
    said = {"day": weekday(rule.weekday), "opens": minute_words(rule.opens_minute)}
    said["closes"] = minute_words(rule.closes_minute)
    if rule.closes_minute > DAY_MINUTES:
        words = _("%(day)s, de %(opens)s à %(closes)s le lendemain") % said
    elif rule.closes_minute == DAY_MINUTES:
        words = _("%(day)s, de %(opens)s à minuit") % said
    else:
        words = _("%(day)s, de %(opens)s à %(closes)s") % said
    return {
        "pk": rule.pk,
        "words": words,
        "space": rule.space.name if rule.space else "",
        "first_day": rule.first_day,
        "last_day": rule.last_day,
    }


def closure_told(closure: Any, zone: str) -> dict[str, Any]:
    """A closure in words: its days where it takes whole ones, else its hours."""
    return {
        "pk": closure.pk,
        "words": _closed(closure.start, closure.end, ZoneInfo(zone)),
        "space": closure.space.name if closure.space else "",
        "reason": closure.reason,
    }


def _closed(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    first, last = local_day(start, zone), local_day(end - timedelta(microseconds=1), zone)
    if (day_span(first, zone).start, day_span(last, zone).end) != (start, end):
        return day_hours(start, end, zone)
    if first == last:
        return say(day_said(first))
    return _("du %(first)s au %(last)s") % {"first": say(day_said(first)), "last": say(day_said(last))}


def told_outside(request: HttpRequest, seat: Seat, said: str) -> None:
    """Say what is done, and how many bookings it left outside the hours."""
    messages.success(request, said)
    if outside := misfits(seat.place, now=timezone.now()).total:
        warning = ngettext(
            "%(n)d réservation à venir tombe hors des heures. Elle tient toujours\u202f: à vous de décider, "
            "dans Espaces.",
            "%(n)d réservations à venir tombent hors des heures. Elles tiennent toujours\u202f: à vous de décider, "
            "dans Espaces.",
            outside,
        )
        listed = f"{reverse('manage_spaces', args=[seat.place.slug])}#outside"
        link = format_html('<a class="text" href="{}">{}</a>', listed, ngettext("La voir", "Les voir", outside))
        messages.warning(request, format_html("{} {}", warning % {"n": outside}, link))


def choose_whose(raw: Mapping[str, str], wrongs: Wrongs, spaces: Any) -> dict[str, Any]:
    """For all that is booked here, or for one of its spaces, of which one may be named « Tout le lieu »."""
    choices = [("", _("tous les espaces")), *((str(space.pk), space.name) for space in spaces)]
    return control("space", raw.get("space", ""), wrongs, kind="select", choices=choices, label=_("Pour"))


def _hours(
    request: HttpRequest, seat: Seat, raw: Mapping[str, str], days: list[str], wrongs: Wrongs | None = None
) -> HttpResponse:
    wrongs = wrongs or {}
    found = grounds(seat.place, now=timezone.now())
    season = _("Rien, si c’est toute l’année.")
    context = {
        "seat": seat,
        "openings": [opening_told(rule) for rule in found.openings],
        "controls": [
            control("weekdays", days, wrongs, kind="checks", choices=[(str(n), weekday(n)) for n in range(7)]),
            control("opens", raw.get("opens"), wrongs, type="time", required="required", label=_("Ouvre à")),
            control(
                "closes",
                raw.get("closes"),
                wrongs,
                type="time",
                required="required",
                label=_("Ferme à"),
                hint=_("Une heure plus petite que l’ouverture est celle du lendemain."),
            ),
            choose_whose(raw, wrongs, found.layout.spaces),
        ],
        "season": [
            control("first_day", raw.get("first_day"), wrongs, type="date", hint=season),
            control("last_day", raw.get("last_day"), wrongs, type="date"),
        ],
        "has_season": bool(raw.get("first_day") or raw.get("last_day")),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/hours.html", context, status=REFUSED if wrongs else 200)


def _closures(request: HttpRequest, seat: Seat, raw: Mapping[str, str], wrongs: Wrongs | None = None) -> HttpResponse:
    wrongs = wrongs or {}
    found = grounds(seat.place, now=timezone.now())
    context = {
        "seat": seat,
        "closures": [closure_told(closure, found.settings.zone) for closure in found.closures],
        "controls": [
            control("first_day", raw.get("first_day"), wrongs, type="date", required="required"),
            control("last_day", raw.get("last_day"), wrongs, type="date", hint=_("Rien, si c’est un seul jour.")),
            control("reason", raw.get("reason"), wrongs, maxlength=120, hint=_("Les visiteurs le lisent.")),
            choose_whose(raw, wrongs, found.layout.spaces),
        ],
        "part": [
            control("opens", raw.get("opens"), wrongs, type="time", label=_("À partir de")),
            control("closes", raw.get("closes"), wrongs, type="time", label=_("Jusqu’à")),
        ],
        "has_part": bool(raw.get("opens") or raw.get("closes")),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/closures.html", context, status=REFUSED if wrongs else 200)


def _settings(request: HttpRequest, seat: Seat, raw: Mapping[str, str], wrongs: Wrongs | None = None) -> HttpResponse:
    wrongs = wrongs or {}
    zones = ZONES if raw["zone"] in ZONES else (*ZONES, raw["zone"])
    context = {
        "seat": seat,
        "raw": raw,
        "controls": [
            control(
                "half_day",
                raw["half_day"],
                wrongs,
                type="time",
                required="required",
                hint=_("L’heure qui sépare le matin de l’après-midi."),
            ),
            control("zone", raw["zone"], wrongs, kind="select", choices=[(one, one) for one in zones]),
            control(
                "school_zone",
                raw["school_zone"],
                wrongs,
                kind="select",
                choices=[("", _("aucune")), ("A", "A"), ("B", "B"), ("C", "C")],
                hint=_("Pour les séries «\u202fsauf vacances scolaires\u202f»."),
            ),
        ],
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/settings.html", context, status=REFUSED if wrongs else 200)
