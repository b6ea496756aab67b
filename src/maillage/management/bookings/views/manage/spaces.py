"""The spaces of a place and their units, in short forms."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.bookings.actions.reserving import Busy
from maillage.management.bookings.actions.spaces import (
    SpacesRefused,
    add_space,
    add_unit,
    archive_space,
    change_space,
    rename_unit,
    retire_unit,
)
from maillage.management.bookings.labels import KINDS
from maillage.management.bookings.queries.desk import grounds, misfits
from maillage.management.bookings.queries.feeds import followed
from maillage.management.bookings.queries.spaces import Layout, layout
from maillage.management.bookings.rules.entries import HOLDS, LIMITS
from maillage.management.bookings.rules.requests import length_said
from maillage.management.bookings.views.manage.hours import closure_told, opening_told
from maillage.management.bookings.views.manage.wording import (
    REFUSED,
    Wrongs,
    control,
    day_hours,
    length,
    minute_words,
    mistakes,
    number,
    posted,
    problem_words,
    where,
    who,
)
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

TEXTS = ("name", "kind", "inside", "description", "authorisation", "seats", "units", "is_online")
NAMES = (*TEXTS, *LIMITS)
LENGTHS = {
    "step_minutes": (15, 30, 60, 120, 240, 1440),
    "shortest_minutes": (15, 30, 60, 120, 240, 480),
    "longest_minutes": (60, 120, 240, 480, 720, 1440, 2880, 10080),
    "notice_minutes": (0, 60, 240, 1440, 2880, 10080),
}
HORIZONS = (7, 30, 90, 180, 365, 730)


@seated("run")
def spaces(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the spaces, hours, closures and settings of a place, and the bookings that hours left outside."""
    now = timezone.now()
    found, outside = grounds(seat.place, now=now), misfits(seat.place, now=now)
    zone = found.settings.zone
    context = {
        "seat": seat,
        "spaces": [_space(found.layout, space) for space in found.layout.spaces],
        "openings": [opening_told(rule) for rule in found.openings],
        "closures": [closure_told(closure, zone) for closure in found.closures],
        "feeds": followed(seat.place, now=now),
        "settings": found.settings,
        "noon": minute_words(found.settings.half_day_minute),
        "outside": [
            {
                "pk": one.pk,
                "when": day_hours(one.start, one.end, ZoneInfo(zone)),
                "where": where(one),
                "who": who(one),
            }
            for one in outside.shown
        ],
        "outside_total": outside.total,
    }
    return render(request, "bookings/manage/spaces.html", context)


@seated("run")
def add(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Add a space."""
    if request.method != "POST":
        raw = {name: str(usual) for name, (usual, _least, _most) in LIMITS.items()}
        return _form(request, seat, {**raw, "is_online": "1", "units": "1", "kind": request.GET.get("genre", "room")})
    raw = posted(request, NAMES)
    try:
        space = add_space(place=seat.place, raw=raw, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _form(request, seat, raw, wrongs=refused.wrongs)
    except Busy as busy:
        return _form(request, seat, raw, wrongs={"name": (problem_words(busy.problems[0]), "")})
    messages.success(request, _("«\u202f%(name)s\u202f» est ajouté.") % {"name": space.name})
    return redirect("manage_spaces", seat.place.slug)


@seated("run")
def change(request: HttpRequest, seat: Seat, room: int) -> HttpResponse:
    """Change a space; its bookings stay as they are."""
    found = layout(seat.place)
    space = _one(found, room)
    if request.method != "POST":
        raw = {name: str(getattr(space, name) or "") for name in NAMES if name not in ("inside", "units", "is_online")}
        raw |= {"inside": str(space.inside_id or ""), "is_online": "1" if space.is_online else ""}
        return _form(request, seat, {**raw, "notice_minutes": str(space.notice_minutes)}, space=space)
    raw = posted(request, NAMES)
    try:
        changed = change_space(place=seat.place, space_id=room, raw=raw, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _form(request, seat, raw, space=space, wrongs=refused.wrongs)
    except Busy as busy:
        return _form(request, seat, raw, space=space, wrongs={"name": (problem_words(busy.problems[0]), "")})
    messages.success(request, _("C’est enregistré.") if changed else _("Rien n’a changé."))
    return redirect("manage_spaces", seat.place.slug)


@seated("run")
def archive(request: HttpRequest, seat: Seat, room: int) -> HttpResponse:
    """Ask once, then take a space out of use; what was booked there stays written."""
    space = _one(layout(seat.place), room)
    wrongs: Wrongs = {}
    if request.method == "POST":
        try:
            archive_space(place=seat.place, space_id=room, by=seat.by, now=timezone.now())
        except SpacesRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("«\u202f%(name)s\u202f» ne se réserve plus.") % {"name": space.name})
            return redirect("manage_spaces", seat.place.slug)
    context = {"seat": seat, "space": space, "wrong": bool(wrongs), "mistakes": _bare(wrongs)}
    return render(request, "bookings/manage/space_archive.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def units(request: HttpRequest, seat: Seat, room: int) -> HttpResponse:
    """Show the units of a space, and add one by its name."""
    found = layout(seat.place)
    space = _one(found, room)
    name, wrongs = "", {}
    if request.method == "POST":
        name = posted(request, ("unit",))["unit"]
        try:
            unit = add_unit(place=seat.place, space_id=room, name=name, by=seat.by, now=timezone.now())
        except SpacesRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("«\u202f%(name)s\u202f» est ajouté.") % {"name": unit.name})
            return redirect("manage_units", seat.place.slug, room)
    context = {
        "seat": seat,
        "space": space,
        "units": [unit for unit in found.units if unit.space_id == space.pk],
        "may_add": space.kind in ("desk", "other"),
        "controls": [control("unit", name, wrongs, label=_("Son nom"), maxlength=80, required="required")],
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/units.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def unit(request: HttpRequest, seat: Seat, unit: int) -> HttpResponse:
    """Rename a unit, or take it out of use."""
    found = next((one for one in layout(seat.place).units if one.pk == unit), None)
    if found is None:
        raise Http404
    name, wrongs = found.name, {}
    if request.method == "POST":
        name = posted(request, ("unit",))["unit"]
        act: dict[str, Any] = {"place": seat.place, "unit_id": unit, "by": seat.by, "now": timezone.now()}
        try:
            if request.POST.get("retire"):
                retire_unit(**act)
            else:
                rename_unit(**act, name=name)
        except SpacesRefused as refused:
            wrongs = refused.wrongs
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("manage_units", seat.place.slug, found.space_id)
    context = {
        "seat": seat,
        "unit": found,
        "controls": [control("unit", name, wrongs, label=_("Son nom"), maxlength=80, required="required")],
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/unit.html", context, status=REFUSED if wrongs else 200)


def _one(found: Layout, room: int) -> Any:
    space = found.by_id.get(room)
    if space is None:
        raise Http404
    return space


def _bare(wrongs: Wrongs) -> list[dict[str, Any]]:
    return [{"control": "", "label": "", "problem": problem, "mend": mend} for problem, mend in wrongs.values()]


def _space(found: Layout, space: Any) -> dict[str, Any]:
    own = sum(unit.space_id == space.pk for unit in found.units)
    inside = found.by_id.get(space.inside_id or 0)
    facts = [str(KINDS[space.kind])]
    if own > 1:
        facts.append(ngettext("%(n)d unité", "%(n)d unités", own) % {"n": own})
    if inside:
        facts.append(_("dans «\u202f%(name)s\u202f»") % {"name": inside.name})
    if space.authorisation:
        facts.append(_("habilitation «\u202f%(name)s\u202f»") % {"name": space.authorisation})
    facts.append(
        _("de %(shortest)s à %(longest)s")
        % {"shortest": length(space.shortest_minutes), "longest": length(space.longest_minutes)}
    )
    facts.append(_("réservable en ligne") if space.is_online else _("réservé par l’équipe seulement"))
    return {"pk": space.pk, "name": space.name, "facts": facts, "has_units": space.kind in ("desk", "other")}


def _form(
    request: HttpRequest, seat: Seat, raw: Mapping[str, str], *, space: Any = None, wrongs: Wrongs | None = None
) -> HttpResponse:
    wrongs = wrongs or {}
    found = layout(seat.place)
    around = [("", _("nulle part, à part"))]
    around += [
        (str(one.pk), one.name) for one in found.spaces if one.kind in HOLDS and (not space or one.pk != space.pk)
    ]
    what = [
        control("name", raw.get("name", ""), wrongs, maxlength=80, required="required"),
        control("kind", raw["kind"], wrongs, kind="select", choices=KINDS.items()),
    ]
    if space is None:
        hint = _("Pour des bureaux qui se valent\u202f; une salle ou une machine n’en est qu’une.")
        what.append(control("units", raw["units"], wrongs, hint=hint, type="number", min=1, max=50))
    hint = _("Réserver l’espace du dehors prend aussi ceux du dedans.")
    what.append(control("inside", raw.get("inside", ""), wrongs, kind="select", choices=around, hint=hint))
    context = {
        "seat": seat,
        "space": space,
        "what": what,
        "about": [
            control("description", raw.get("description", ""), wrongs, maxlength=500),
            control("seats", raw.get("seats", ""), wrongs, type="number", min=0, max=9999),
            control(
                "authorisation",
                raw.get("authorisation", ""),
                wrongs,
                maxlength=80,
                hint=_("Pour une machine\u202f: le nom de la formation qu’il faut avoir suivie. Rien, si c’est libre."),
            ),
        ],
        "limits": [
            *(control(name, raw[name], wrongs, kind="select", choices=_lengths(name, raw[name])) for name in LENGTHS),
            control("horizon_days", raw["horizon_days"], wrongs, kind="select", choices=_horizons(raw["horizon_days"])),
        ],
        "is_online": raw.get("is_online", ""),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/space.html", context, status=REFUSED if wrongs else 200)


def _lengths(name: str, given: str) -> list[tuple[int, str]]:
    known = {*LENGTHS[name], *([number(given)] if number(given) else [])}
    return [(minutes, length(minutes)) for minutes in sorted(known)]


def _horizons(given: str) -> list[tuple[int, str]]:
    known = {*HORIZONS, *([number(given)] if number(given) else [])}
    return [(days, say(length_said(timedelta(days=days)))) for days in sorted(known)]
