"""What people suggest about a place, answered by its team or by whoever looks after its territory."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken
from maillage.places.actions.suggestions import accept, refuse, undo_decision
from maillage.places.forms.entered import several, text
from maillage.places.permissions import Seat, may_clear
from maillage.places.queries.alike import alike
from maillage.places.queries.suggestions import Waiting, answered_of, by_id, pending_of
from maillage.places.queries.team import commune_names
from maillage.places.rules.text import one_line
from maillage.places.views.differences import changes
from maillage.places.views.field_wording import field_label
from maillage.places.views.seat import seated
from maillage.places.views.wording import alike_told, moment_in_words
from maillage.territory.queries.communes import commune_by_code

REFUSED = 409
ACTS = {"accepter": "accept", "refuser": "refuse", "reprendre": "undo"}


@seated("look")
def suggestions(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what waits for an answer about a place, and what was answered."""
    return _page(request, seat)


@seated("edit")
def suggestion(request: HttpRequest, seat: Seat, suggestion: UUID) -> HttpResponse:
    """Answer one suggestion: yes to some of its fields, no with a reason, or take an answer back."""
    found = by_id(suggestion)
    if found is None or found.place != seat.place:
        raise Http404
    if request.method != "POST":
        return redirect("manage_suggestions", seat.place.slug)
    try:
        said = answered(request, suggestion, by=seat.by)
    except PermissionDenied:
        raise
    except (PlaceRefused, SheetOvertaken) as refused:
        return _page(request, seat, why=str(refused), status=REFUSED)
    messages.success(request, said)
    return redirect("manage_suggestions", seat.place.slug)


def answered(request: HttpRequest, suggestion: UUID, *, by: str) -> str:
    """Do what the form asks of a suggestion, and say it in words; raises what the actions raise."""
    act = next((name for word, name in ACTS.items() if word in request.POST), "")
    reason, now = one_line(text(request.POST, "motif"))[:300], timezone.now()
    if act == "accept":
        fields = several(request.POST, "champ") if "choix" in request.POST else None
        accept(suggestion_id=suggestion, fields=fields, reason=reason, by=by, now=now)
        return _("C’est publié. L’historique dit qui l’a accepté.")
    if act == "refuse":
        refuse(suggestion_id=suggestion, reason=reason, by=by, now=now)
        return _("C’est répondu\u202f: la suggestion n’est pas retenue.")
    if act == "undo":
        undo_decision(suggestion_id=suggestion, by=by, now=now)
        return _("La réponse est reprise\u202f: la suggestion attend de nouveau.")
    raise PlaceRefused(_("Choisissez d’accepter ou de refuser."))


def _page(request: HttpRequest, seat: Seat, *, why: str = "", status: int = 200) -> HttpResponse:
    departement = seat.place.commune.departement_id if seat.place.commune else ""
    context = {
        "seat": seat,
        "why": why,
        "waiting": [told(one, departement) for one in pending_of(seat.place)],
        "answered": [
            {
                "one": one,
                "when": moment_in_words(one.decided_at or one.suggested_at, departement),
                "what": corrected(one),
                "may_undo": one.state != "withdrawn",
            }
            for one in answered_of(seat.place)
        ],
        "may_answer": may_clear(seat.user, seat.place, None),
    }
    return render(request, "places/manage/suggestions.html", context, status=status)


def corrected(one: Any) -> str:
    """The fields of a correction, those that were written once some were; nothing for what is not a correction."""
    if one.kind != "edit":
        return ""
    names = [name for name in one.values if one.revision is None or name in one.revision.changes]
    return ", ".join(str(field_label(name)) for name in names[:4])


def told(one: Waiting, departement: str) -> dict[str, Any]:
    """A suggestion that waits, as a page shows it: what it would change, field by field, and what changed since."""
    said, values = one.suggestion, one.suggestion.values
    codes = [code for code in (one.now.get("commune"), values.get("commune")) if isinstance(code, str)]
    names = commune_names(codes)
    pairs = {name: [one.now.get(name), values[name]] for name in one.standing.to_write}
    return {
        "one": said,
        "when": moment_in_words(said.suggested_at, departement),
        "fields": [
            {
                "name": name,
                "label": field_label(name),
                "changes": changes({name: pair}, first=said.kind == "new", communes=names),
                "overtaken": name in one.standing.overtaken,
            }
            for name, pair in pairs.items()
        ],
        "alike": _alike(values) if said.kind == "new" else [],
        "already": [field_label(name) for name in one.standing.already],
    }


def _alike(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The places that a proposed one may already be."""
    name, code = values.get("name"), values.get("commune")
    commune = commune_by_code(code) if isinstance(code, str) and code else None
    return alike_told(alike(name, commune)) if isinstance(name, str) and name else []
