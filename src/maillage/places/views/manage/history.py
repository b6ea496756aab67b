"""Who changed what, and taking it back."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import EDIT
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken, StateNotYours
from maillage.places.actions.sheet import take_back as put_back
from maillage.places.permissions import Seat, act_of
from maillage.places.queries.story import TakingBack, story, taking_back
from maillage.places.views.differences import changes, sides
from maillage.places.views.field_wording import field_label, in_french
from maillage.places.views.names import Names
from maillage.places.views.seat import seated
from maillage.places.views.wording import moment_in_words


@seated("look")
def history(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Tell everything that happened to a place, the newest first."""
    asked = request.GET.get("page", "1")
    told = story(seat.place.pk, page=int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1)
    named = Names(told.names, seat, told.keys)
    departement = seat.place.commune.departement_id if seat.place.commune else ""
    lines: list[dict[str, Any]] = [
        {
            "at": one.at,
            "when": moment_in_words(one.at, departement),
            "rank": (one.at, 1, one.number),
            "number": one.number,
            "by": named(one.by),
            "how": _how(one.by),
            "reason": one.reason,
            "changes": changes(one.changes, first=one.number == 1, communes=told.communes),
            "about_photos": "photos" in one.changes,
            "may_take_back": _may_take_back(seat, one.number, one.changes),
        }
        for one in told.revisions
    ]
    lines += [
        {
            "at": one.at,
            "when": moment_in_words(one.at, departement),
            "rank": (one.at, 0, one.pk),
            "by": named(one.by),
            "says": _said(one.action),
        }
        for one in told.others
    ]
    lines.sort(key=lambda line: line["rank"], reverse=True)
    context = {"seat": seat, "lines": lines, "told": told, "newer": told.page - 1, "older": told.page + 1}
    return render(request, "places/manage/history.html", context)


def _may_take_back(seat: Seat, number: int, changes: Collection[str]) -> bool:
    own_page = set(changes) == {"photos"}
    return number > 1 and not own_page and seat.may(EDIT) and seat.may(act_of(changes))


@seated("edit")
def take_back(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Show what each field would become, then put it back."""
    found = taking_back(seat.place, number)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            put_back(place_id=seat.place.pk, number=number, by=seat.by, now=timezone.now())
        except SheetOvertaken as overtaken:
            fields = frozenset(one.field for one in overtaken.overtaken)
            return _taking_back(request, seat, found, overtaken=fields)
        except StateNotYours as refused:
            return _taking_back(request, seat, found, refused=str(refused), status=403)
        except PlaceRefused as refused:
            return _taking_back(request, seat, found, refused=str(refused))
        messages.success(request, _("C’est annulé. L’historique le dit, et cela peut s’annuler aussi."))
        return redirect("manage_history", seat.place.slug)
    if not seat.may(act_of(found.fields)):
        return _taking_back(request, seat, found, refused=str(StateNotYours()), status=403)
    return _taking_back(request, seat, found, overtaken=found.overtaken, refused=_refusal(found))


def _taking_back(
    request: HttpRequest,
    seat: Seat,
    found: TakingBack,
    *,
    overtaken: frozenset[str] = frozenset(),
    refused: str = "",
    status: int = 409,
) -> HttpResponse:
    """The page that asks; where nothing can be put back, it says why and what to do, and answers `status`."""
    fields = [_would(name, now, would, found, overtaken) for name, (now, would) in found.fields.items()]
    context = {
        "seat": seat,
        "revision": found.revision,
        "by": Names(found.names, seat, found.keys)(found.revision.by),
        "fields": fields,
        "overtaken": bool(overtaken),
        "refused": refused,
        "about_photos": "photos" in found.revision.changes,
    }
    return render(request, "places/manage/history_back.html", context, status=status if overtaken or refused else 200)


def _would(name: str, now: Any, would: Any, found: TakingBack, overtaken: frozenset[str]) -> dict[str, Any]:
    both = sides(name, now, would, found.communes)
    return {
        "field": field_label(name),
        "now": both.before,
        "would": both.after,
        "now_french": in_french(name, now),
        "would_french": in_french(name, would),
        "overtaken": name in overtaken,
    }


def _refusal(found: TakingBack) -> str:
    if found.revision.number == 1:
        return _("C’est l’arrivée du lieu dans le registre\u202f: il n’y a rien avant elle à remettre.")
    return "" if found.fields else _("Les photos se retirent et se remettent sur la page des photos.")


def _how(by: str) -> str:
    """By what way a change came, when no page of the site made it."""
    if by.startswith("commande:import"):
        return _("d’un fichier ou d’un jeu de données")
    return ""


def _said(action: str) -> str:
    return {
        "places.confirmed": _("Fiche confirmée\u202f: toujours exacte"),
        "places.removed": _("Lieu retiré du registre"),
        "places.restored": _("Lieu remis au registre"),
        "places.slug_renamed": _("Adresse de la page changée"),
    }[action]
