"""« C'est votre lieu ? »: three ways to prove it, then a link by mail."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.journal.actions import TooMany
from maillage.places.actions import claiming
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.forms import Entered
from maillage.places.forms.entered import text
from maillage.places.permissions import has_team
from maillage.places.queries.places import place_by_slug
from maillage.places.views import slowing
from maillage.places.views.detail import elsewhere
from maillage.places.views.suggesting import METHODS, REFUSED, contact_of, foot, too_many

WAYS = {"courriel": claiming.BY_EMAIL, "reseau": claiming.BY_NETWORK, "lettre": claiming.BY_LETTER}

MOST_CODES = 10
"""How many codes one address on the network may try in a day."""


@require_http_methods(METHODS)
@never_cache
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask how somebody proves that they run a place, and do it."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "place_claim")
    if request.method != "POST":
        return _page(request, found.place)
    entered = Entered({})
    slow = slowing.refusal(request)
    if slow:
        return _page(request, found.place, why=slow, status=REFUSED)
    try:
        done = _try(request, found.place, entered)
    except PlaceRefused as refused:
        return _page(request, found.place, why=str(refused), status=REFUSED)
    except TooMany:
        return _page(request, found.place, why=too_many(), status=429)
    if not done:
        return _page(request, found.place, entered=entered, status=REFUSED)
    return _page(request, found.place, done=done)


def _try(request: HttpRequest, place: Any, entered: Entered) -> str:
    """Do what the form asks; the sentence that says so, or nothing when an answer is to be mended."""
    now = timezone.now()
    if "code" in request.POST:
        code = text(request.POST, "code")[:40].replace("\x00", "")
        tried = {f"code:{name}": MOST_CODES for name in slowing.uses(request, "")}
        if claiming.open_by_code(place=place, code=code, uses=tried, now=now):
            return _("C’est prouvé. Le lien pour entrer est parti à l’adresse que vous aviez donnée.")
        raise PlaceRefused(_("Ce code n’ouvre pas ce lieu\u202f: relisez-le sur la lettre, signe par signe."))
    way = WAYS.get(text(request.POST, "moyen"), "")
    if way == claiming.BY_EMAIL:
        claiming.claim_by_email(place=place, uses={f"claim:place:{place.pk}": 2, **slowing.uses(request, "")}, now=now)
        return _("Un lien vient de partir à l’adresse publiée sur la fiche. Ouvrez-le\u202f: vous y êtes.")
    email = contact_of(request, entered)
    if not email and not entered.mistakes:
        raise PlaceRefused(_("Donnez votre adresse électronique\u202f: le lien pour entrer y arrivera."))
    if entered.mistakes:
        return ""
    message = text(request.POST, "message").replace("\x00", "")
    uses = dict(slowing.uses(request, email))
    claiming.ask(place=place, proof=way, email=email, message=message, uses=uses, by="visiteur", now=now)
    if way == claiming.BY_LETTER:
        return _("C’est demandé. Une lettre avec un code arrivera au lieu\u202f: revenez ici l’écrire.")
    return _("C’est demandé. Le réseau qui suit ce territoire vous répondra par courriel.")


def masked(email: str) -> str:
    """An address as a stranger may see it: enough for its owner.

    >>> masked("contact@la-maille.fr")
    'c•••@la-maille.fr'
    """
    name, _at, host = email.partition("@")
    return f"{name[:1]}•••@{host}"


def _page(
    request: HttpRequest,
    place: Any,
    *,
    entered: Entered | None = None,
    why: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    mistakes = entered.mistakes if entered else {}
    context: dict[str, Any] = {
        "place": place,
        "why": why,
        "done": done,
        "taken": has_team(place),
        "published": masked(place.email) if place.email else "",
        "letter": bool(place.street and place.city),
        "wrong": bool(mistakes),
        "mistakes": [
            {"control": name, "label": _("Votre adresse électronique"), "problem": one.problem, "mend": one.mend}
            for name, one in mistakes.items()
        ],
        "errors": mistakes,
        "way": text(request.POST, "moyen")[:20],
        **foot(request),
    }
    return render(request, "places/suggest/claim.html", context, status=status)
