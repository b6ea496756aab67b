"""The sheet, edited in short sections."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken, edit_sheet
from maillage.places.forms import SECTIONS, Address, Entered, Hours, Mistake
from maillage.places.forms.entered import reason, seen_number, several
from maillage.places.permissions import Seat
from maillage.places.queries.team import Desk, as_seen
from maillage.places.queries.team import desk as desk_of
from maillage.places.rules.choice import TOGETHER
from maillage.places.views.field_wording import hours_in_words
from maillage.places.views.manage.asking import asking, overtaken_lines
from maillage.places.views.manage.wording import TITLES
from maillage.places.views.names import names_of
from maillage.places.views.seat import seated

REFUSED = 422
LOOK = "apercu"
"""The button that shows something and saves nothing."""


@seated("edit")
def section(request: HttpRequest, seat: Seat, section: str) -> HttpResponse:
    """Ask for one section of the sheet, and write what is answered."""
    form = SECTIONS.get(section)
    if form is None:
        raise Http404
    desk = desk_of(seat.place)
    if request.method != "POST":
        return _page(request, seat, section, desk, Entered(form.initial(desk.values)))
    desk = replace(desk, values=as_seen(seat.place, seen_number(request.POST), desk.values))
    entered = form.read(request.POST, desk.values)
    if LOOK in request.POST and not entered.mistakes:
        return _page(request, seat, section, desk, entered, looking=True)
    if not entered.ready:
        return _page(request, seat, section, desk, entered, status=REFUSED)
    return _written(request, seat, section, desk, entered)


def _written(request: HttpRequest, seat: Seat, section: str, desk: Desk, entered: Entered) -> HttpResponse:
    left = _with_companions(several(request.POST, "laisse"))
    values = {name: value for name, value in entered.values.items() if name not in left}
    try:
        number = edit_sheet(
            place_id=seat.place.pk,
            values=values,
            seen=seen_number(request.POST),
            by=seat.by,
            now=timezone.now(),
            reason=reason(request.POST),
            over=seen_number(request.POST, "devant"),
        )
    except SheetOvertaken as overtaken:
        return _overtaken(request, seat, section, desk, overtaken)
    except PlaceRefused as refused:
        entered.mistakes[""] = Mistake(str(refused), "")
        return _page(request, seat, section, desk, entered, status=REFUSED)
    if number:
        messages.success(request, _done(section, values))
    else:
        messages.info(request, _("Rien n’a changé\u202f: la fiche disait déjà cela."))
    return redirect("manage", seat.place.slug)


def _done(section: str, values: Mapping[str, Any]) -> str:
    """What was saved; hours are said again whole, since one day may have taken others along."""
    if hours := values.get("opening_hours"):
        return _("Enregistré et publié, voici vos horaires. %(hours)s.") % {"hours": hours_in_words(hours)}
    return _("Enregistré\u202f: %(section)s. La page publique est à jour.") % _titled(section)


def _titled(section: str) -> dict[str, str]:
    title = TITLES[section]()
    return {"section": title[:1].lower() + title[1:]}


def _with_companions(names: list[str]) -> set[str]:
    left = set(names)
    for group in TOGETHER:
        if left & set(group):
            left |= set(group)
    return left


def _page(
    request: HttpRequest,
    seat: Seat,
    section: str,
    desk: Desk,
    entered: Entered,
    *,
    status: int = 200,
    looking: bool = False,
) -> HttpResponse:
    """The form as it stands; what was typed is kept, and what was seen stays what the person had before them."""
    posted = request.method == "POST"
    context: dict[str, Any] = {
        "seat": seat,
        "section": section,
        "title": TITLES[section](),
        "seen": seen_number(request.POST) if posted else desk.seen,
        "reason": reason(request.POST) if posted else "",
        "raw": entered.raw,
        "wrong": bool(entered.mistakes),
        **asking(section, SECTIONS[section], entered, desk.values, looking=looking),
    }
    template = {Address: "address", Hours: "hours"}.get(type(SECTIONS[section]), "section")
    return render(request, f"places/manage/{template}.html", context, status=status)


def _overtaken(request: HttpRequest, seat: Seat, section: str, desk: Desk, overtaken: SheetOvertaken) -> HttpResponse:
    """Say whose change came first, and let the person choose; nothing they typed is lost."""
    named = names_of([one.by for one in overtaken.overtaken], seat)
    controls = SECTIONS[section].controls
    context = {
        "seat": seat,
        "section": section,
        "title": TITLES[section](),
        "seen": seen_number(request.POST),
        "over": seen_number(request.POST, "devant"),
        "last": desk.seen,
        "reason": reason(request.POST),
        "lines": overtaken_lines(overtaken.overtaken, named),
        "kept": [(name, value) for name in controls for value in request.POST.getlist(name)[:100]],
        "left": several(request.POST, "laisse"),
        "fields": sorted({one.field for one in overtaken.overtaken}),
        "others": overtaken.rest,
    }
    return render(request, "places/manage/overtaken.html", context, status=409)
