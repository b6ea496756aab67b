"""Suggestions that neighbours settle by their voices, where nobody looks after the territory yet."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.places.actions import voting
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.queries.votes import shown_to_voters, voted_by
from maillage.places.rules.suggesting import AT_ONCE, ENOUGH_FOR, OLD_ENOUGH, SETTLED_AFTER
from maillage.places.rules.text import one_line
from maillage.places.views.manage.suggestions import told
from maillage.territory.queries.communes import commune_meant

REFUSED, MOST = 409, 60
SAID = {
    "accepted": gettext_lazy("Merci\u202f! Assez de voix concordent\u202f: c’est publié."),
    "refused": gettext_lazy("Merci\u202f! Assez de voix concordent\u202f: la suggestion n’est pas retenue."),
    "person": gettext_lazy("Merci. Les voix ne concordent pas, ou ne suffisent pas\u202f: une personne décidera."),
    "": gettext_lazy("Merci, votre voix est comptée. Vous pouvez en changer tant que rien n’est tranché."),
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def votes(request: HttpRequest) -> HttpResponse:
    """Show what waits for voices."""
    return _page(request)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, suggestion: UUID) -> HttpResponse:
    """Give one's voice on a suggestion."""
    if not settings.VOTES:
        raise Http404
    answer = request.POST.get("voix")
    if request.method != "POST":
        return redirect("votes")
    if answer not in ("pour", "contre"):
        return _page(request, why=_("Dites pour ou contre, puis validez."), status=REFUSED)
    person: Any = request.user
    try:
        said = voting.vote(suggestion_id=suggestion, user=person, is_for=answer == "pour", now=timezone.now())
    except PlaceRefused as refused:
        return _page(request, why=str(refused), status=REFUSED)
    messages.success(request, SAID[said])
    return redirect("votes")


def _page(request: HttpRequest, *, why: str = "", status: int = 200) -> HttpResponse:
    if not settings.VOTES:
        raise Http404
    near = one_line(request.GET.get("commune", "")[:120])
    commune = commune_meant(near) if near else None
    found = shown_to_voters(commune, limit=MOST)
    own = {one.suggestion.pk: voting.fingerprint(one.suggestion, request.user) for one, _count in found}  # type: ignore[arg-type]
    given = voted_by(list(own.values()))
    departement = commune.departement_id if commune else ""
    context = {
        "why": why,
        "near": near,
        "unknown": bool(near) and commune is None,
        "items": [
            {
                **told(one, departement),
                "place": one.suggestion.place,
                "tally": count,
                "mine": given.get(one.suggestion.pk),
            }
            for one, count in found
        ],
        "rule": {"enough": ENOUGH_FOR, "days": SETTLED_AFTER.days, "at_once": AT_ONCE, "age": OLD_ENOUGH.days},
    }
    return render(request, "places/suggest/votes.html", context, status=status)
