"""Pairs of sheets that may tell of one place: side by side, with what speaks for it and against."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.network.clearance import queries
from maillage.network.clearance.permissions import Officer
from maillage.network.clearance.views.desk import REFUSED, desk_of
from maillage.network.exchange.actions.matching import settle_candidate
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.merging import unmerge
from maillage.places.views.wording import day_in_words, kilometres

SAME, APART = "meme", "distincts"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pairs(request: HttpRequest, network: str) -> HttpResponse:
    """Show the pairs of the perimeter that wait for a person, and the last merges, which come apart."""
    here, officer = desk_of(request, network)
    return _page(request, here, officer)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest, network: str, pair: int) -> HttpResponse:
    """Say that two sheets are of one place, or of two for ever."""
    here, officer = desk_of(request, network)
    if queries.pair_of(here, pair) is None:
        raise Http404
    if request.method != "POST":
        return redirect("network_pairs", here.slug)
    same = SAME in request.POST
    if not same and APART not in request.POST:
        return _page(request, here, officer, why=_("Choisissez\u202f: le même lieu, ou deux lieux."), status=REFUSED)
    told = request.POST.get("motif", "").replace("\x00", "").strip()[:300]
    reason = told or ("Même lieu, à la relecture" if same else "Deux lieux, à la relecture")
    try:
        settled = settle_candidate(candidate_id=pair, same=same, reason=reason, by=officer.by, now=timezone.now())
    except (PlaceRefused, PermissionDenied) as refused:
        why = str(refused) or _("Votre rôle ne permet pas d’en décider.")
        return _page(request, here, officer, why=why, status=REFUSED)
    if settled.state != ("merged" if same else "apart"):
        why = _("Quelqu’un vient d’en décider autrement\u202f: relisez.")
        return _page(request, here, officer, why=why, status=REFUSED)
    said = _("C’est fait\u202f: une seule fiche, et les deux adresses y mènent.")
    messages.success(request, said if same else _("C’est noté pour toujours\u202f: ce sont deux lieux."))
    return redirect("network_pairs", here.slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def separate(request: HttpRequest, network: str, merge: int) -> HttpResponse:
    """Take two merged sheets apart again."""
    here, officer = desk_of(request, network)
    if all(one.pk != merge for one in queries.merges_of(here)):
        raise Http404
    if request.method != "POST":
        return redirect("network_pairs", here.slug)
    try:
        unmerge(merge_id=merge, reason="Séparés à la relecture", by=officer.by, now=timezone.now())
    except PlaceRefused as refused:
        return _page(request, here, officer, why=str(refused), status=REFUSED)
    messages.success(request, _("Chacun a retrouvé sa fiche\u202f; on ne le demandera plus."))
    return redirect("network_pairs", here.slug)


def _page(request: HttpRequest, here: Any, officer: Officer, *, why: str = "", status: int = 200) -> HttpResponse:
    context = {
        "network": here,
        "why": [why] if why else [],
        "pairs": [
            {"one": one, "sides": (one.one, one.other), "reasons": [_reason(each) for each in _reasons(one)]}
            for one in queries.pairs_of(here)
        ],
        "merges": [
            {"one": one, "when": day_in_words(timezone.localtime(one.merged_at), "j F Y")}
            for one in queries.merges_of(here)
        ],
    }
    return render(request, "clearance/pairs.html", context, status=status)


def _reasons(candidate: Any) -> list[Mapping[str, Any]]:
    found = candidate.evidence.get("reasons", []) if isinstance(candidate.evidence, dict) else []
    return [one for one in found if isinstance(one, dict)]


def _reason(told: Mapping[str, Any]) -> dict[str, Any]:
    """One reason in words; for it when its points are above zero."""
    what, points, measured = str(told.get("what")), int(told.get("points", 0)), float(told.get("measured", 0))
    words = {
        "name": _("noms proches à %(n)d\u202f%%") % {"n": round(measured * 100)},
        "address": _("rues proches à %(n)d\u202f%%") % {"n": round(measured * 100)},
        "distance": _("points à %(far)s") % {"far": kilometres(measured)},
        "siret": _("même Siret") if points > 0 else _("Siren différents"),
        "site": _("même site"),
        "email": _("même courriel"),
        "phone": _("même téléphone"),
    }
    return {"says": words.get(what, what), "is_for": points > 0, "is_against": points < 0}
