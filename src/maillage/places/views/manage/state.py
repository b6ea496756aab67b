"""Close a place, re-open it, let it sleep."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken, close_place, reopen_place
from maillage.places.forms import Closing, Entered, Mistake
from maillage.places.forms.entered import seen_number, text
from maillage.places.permissions import Seat
from maillage.places.queries.team import Desk
from maillage.places.queries.team import desk as desk_of
from maillage.places.rules.vocabulary import CLOSING_CAUSES, STATUSES
from maillage.places.views.field_wording import field_label, word
from maillage.places.views.manage.asking import overtaken_lines
from maillage.places.views.names import names_of
from maillage.places.views.seat import seated

REFUSED = 422


@seated("close")
def state(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for the state of a place; a closing is asked once more before it is written."""
    form, desk = Closing(), desk_of(seat.place)
    if request.method != "POST":
        return _page(request, seat, desk, Entered(form.initial(desk.values)))
    entered = form.read(request.POST, today=timezone.localdate())
    if entered.mistakes:
        return _page(request, seat, desk, entered, status=REFUSED)
    closing = entered.values["status"] == "closed" and seat.place.status != "closed"
    if closing and text(request.POST, "certain") != "oui":
        return _page(request, seat, desk, entered, sure=True)
    try:
        number = _write(request, seat, entered)
    except SheetOvertaken as overtaken:
        return _overtaken(request, seat, desk, entered, overtaken)
    except PlaceRefused as refused:
        entered.mistakes["status"] = Mistake(str(refused), "")
        return _page(request, seat, desk, entered, status=REFUSED)
    messages.success(request, _told(entered) if number else _("Rien n’a changé\u202f: la fiche disait déjà cela."))
    return redirect("manage", seat.place.slug)


def _write(request: HttpRequest, seat: Seat, entered: Entered) -> int | None:
    seen, over = seen_number(request.POST), seen_number(request.POST, "devant")
    now, values = timezone.now(), entered.values
    if values["status"] == "closed":
        return close_place(
            place_id=seat.place.pk,
            closed_on=values["closed_on"],
            cause=values["closed_cause"],
            seen=seen,
            by=seat.by,
            now=now,
            over=over,
        )
    return reopen_place(place_id=seat.place.pk, status=values["status"], seen=seen, by=seat.by, now=now, over=over)


def _told(entered: Entered) -> str:
    if entered.values["status"] == "closed":
        return _("C’est écrit. La fiche reste, pour mémoire\u202f; merci de ce que ce lieu a fait.")
    said = {"state": word("status", entered.values["status"])}
    return _("C’est écrit\u202f: %(state)s.") % said


def _page(
    request: HttpRequest, seat: Seat, desk: Desk, entered: Entered, *, status: int = 200, sure: bool = False
) -> HttpResponse:
    raw = entered.raw
    context = {
        "seat": seat,
        "seen": seen_number(request.POST) if request.method == "POST" else desk.seen,
        "raw": raw,
        "sure": sure,
        "wrong": bool(entered.mistakes),
        "mistakes": [
            {"control": name, "label": field_label(name), "problem": wrong.problem, "mend": wrong.mend}
            for name, wrong in entered.mistakes.items()
        ],
        "errors": entered.mistakes,
        "states": [_state(code, raw["status"]) for code in ("open", "dormant", "project", "closed")],
        "causes": causes(raw["closed_cause"]),
    }
    return render(request, "places/manage/state.html", context, status=status)


def causes(chosen: str) -> list[dict[str, Any]]:
    """The causes of a closing to choose among; unknown, where none is chosen."""
    return [
        {"code": code, "label": word("closed_cause", code), "on": (chosen or "inconnue") == code}
        for code in CLOSING_CAUSES
    ]


def _state(code: str, chosen: str) -> dict[str, Any]:
    say = {
        "open": _("Le lieu accueille."),
        "dormant": _("Il fait une pause\u202f: sa fiche reste visible, et le dit."),
        "project": _("Il n’a pas encore ouvert."),
        "closed": _("Il n’existe plus\u202f: sa fiche reste, pour mémoire, et quitte les recherches."),
    }[code]
    return {"code": code, "label": word("status", code), "say": say, "on": code == chosen and code in STATUSES}


def _overtaken(
    request: HttpRequest, seat: Seat, desk: Desk, entered: Entered, overtaken: SheetOvertaken
) -> HttpResponse:
    named = names_of([one.by for one in overtaken.overtaken], seat)
    context = {
        "seat": seat,
        "section": "",
        "title": field_label("status"),
        "seen": seen_number(request.POST),
        "last": desk.seen,
        "reason": "",
        "lines": overtaken_lines(overtaken.overtaken, named),
        "kept": [*entered.raw.items(), ("certain", "oui")],
        "left": [],
        "fields": [],
        "others": False,
    }
    return render(request, "places/manage/overtaken.html", context, status=409)
