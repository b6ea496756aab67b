"""A place that is missing, told in three short screens; those that it may already be are shown on the way."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.places.actions.suggestions import Proposed
from maillage.places.forms import Address, Entered
from maillage.places.forms.address import CENTRE
from maillage.places.forms.entered import Mistake, text
from maillage.places.forms.plain import Plain
from maillage.places.queries.alike import Alike, alike
from maillage.places.queries.team import commune_names
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.fields import blank
from maillage.places.rules.text import one_line
from maillage.places.views.differences import changes
from maillage.places.views.manage.asking import asking
from maillage.places.views.suggesting import (
    METHODS,
    REFUSED,
    SEND,
    carried,
    contact_of,
    foot,
    mistakes_of,
    said_of,
    sent_or_again,
)
from maillage.places.views.wording import alike_told
from maillage.territory.queries.communes import commune_by_code, commune_meant

NAME, WHAT = Plain(("name",)), Plain(("activities", "website", "phone", "email", "description"))
WHERE = Address()
BLANK = {name: blank(name) for name in FIELDS} | {"status": "open"}
SCREENS = ("ou", "quoi", "relire")


@require_http_methods(METHODS)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Ask where the place is, then what is done there, then show it all and send it."""
    if request.method != "POST":
        return _where(request, Entered(NAME.initial(BLANK) | WHERE.initial(BLANK)), status=200)
    where = _read_where(request)
    if not where.ready:
        return _where(request, where)
    found = alike(where.values["name"], commune_by_code(where.values["commune"]))
    if found and "autre" not in request.POST:
        return _where(request, where, found=found, status=200)
    asked = text(request.POST, "ecran")
    if asked in ("", "ou"):
        initial = Entered(WHAT.entered(request.POST) if WHAT.fields[-1] in request.POST else WHAT.initial(BLANK))
        return _what(request, where, initial, status=200)
    what = WHAT.read(request.POST, BLANK)
    if not what.ready:
        return _what(request, where, what)
    values = {name: value for name, value in {**where.values, **what.values}.items() if value != blank(name)}
    if SEND not in request.POST:
        return _review(request, values, what)
    contact = contact_of(request, what)
    if not what.ready:
        return _review(request, values, what, status=REFUSED)
    return sent_or_again(
        request,
        Proposed(kind="new", values=values, contact=contact),
        said=said_of(request),
        refuse=lambda why, status: _review(request, values, what, why=why, status=status),
    )


@require_safe
@never_cache
def alike_places(request: HttpRequest) -> HttpResponse:
    """The places that a name being typed may already be, as a piece of page."""
    name = one_line(request.GET.get("name", "")[:200])
    commune = commune_meant(one_line(request.GET.get("commune_cherche", "")[:120]))
    found = alike(name, commune) if len(name) > 2 else []
    return render(request, "places/suggest/_alike.html", {"alike": alike_told(found)})


def _read_where(request: HttpRequest) -> Entered:
    post = request.POST.copy()
    post["point"] = post.get("point") or CENTRE
    where, name = WHERE.read(post, BLANK), NAME.read(request.POST, BLANK)
    if "commune_cherche" in where.mistakes and not one_line(text(post, "commune_cherche")):
        where.mistakes["commune_cherche"] = Mistake(_("il manque la commune"), _("écrivez son nom ou son code postal"))
    return Entered(
        raw={**name.raw, **where.raw},
        values={**name.values, **where.values},
        mistakes={**name.mistakes, **where.mistakes},
        questions=where.questions,
        choices=where.choices,
    )


def _where(
    request: HttpRequest, entered: Entered, *, found: list[Alike] | None = None, status: int = REFUSED
) -> HttpResponse:
    name = asking("presentation", NAME, Entered({"name": entered.raw["name"]}, mistakes=entered.mistakes), BLANK)
    context = {
        "screen": "ou",
        "number": 1,
        "raw": entered.raw,
        "wrong": bool(entered.mistakes),
        "name_control": name["controls"][0],
        "alike": alike_told(found or []),
        **foot(request),
        **asking("adresse", WHERE, entered, BLANK),
    }
    return render(request, "places/suggest/new.html", context, status=status)


def _what(request: HttpRequest, where: Entered, entered: Entered, *, status: int = REFUSED) -> HttpResponse:
    context = {
        "screen": "quoi",
        "number": 2,
        "name": where.values["name"],
        "wrong": bool(entered.mistakes),
        "carried": [one for one in carried(request) if one[0] not in (*WHAT.fields, "ecran")],
        **foot(request),
        **asking("activites", WHAT, entered, BLANK),
    }
    return render(request, "places/suggest/new.html", context, status=status)


def _review(
    request: HttpRequest, values: dict[str, Any], what: Entered, *, why: str = "", status: int = 200
) -> HttpResponse:
    pairs = {name: [None, value] for name, value in values.items()}
    context = {
        "screen": "relire",
        "number": 3,
        "name": values["name"],
        "why": why,
        "wrong": bool(what.mistakes),
        "mistakes": mistakes_of(what),
        "errors": what.mistakes,
        "changes": changes(pairs, first=True, communes=commune_names([values.get("commune") or ""])),
        "carried": [one for one in carried(request) if one[0] != "ecran"],
        **foot(request),
    }
    return render(request, "places/suggest/new.html", context, status=status)
