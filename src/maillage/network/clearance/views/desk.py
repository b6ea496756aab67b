"""The pages of networks: what each answers for, what waits for its answer, what it has to look at again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.accounts.permissions import scope_name
from maillage.network.clearance import queries
from maillage.network.clearance.actions.networks import NetworkRefused, accept_many, verify_many
from maillage.network.clearance.permissions import Officer, officer_of
from maillage.network.clearance.queries.helping import unanswered
from maillage.places.actions import claiming
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken
from maillage.places.labels import LABELS
from maillage.places.queries.maps import map_of_chosen
from maillage.places.views.field_wording import word
from maillage.places.views.manage.suggestions import answered, corrected, told
from maillage.places.views.wording import day_in_words, moment_in_words

REFUSED = 409
LICENCE = "Licence Ouverte 2.0"


@require_safe
def networks(request: HttpRequest) -> HttpResponse:
    """Show the networks that look after places."""
    count = queries.counted()
    told_ones = [{"network": one, "where": _where(one), "count": count.get(one.slug, 0)} for one in queries.networks()]
    return render(request, "clearance/networks.html", {"networks": told_ones})


@require_safe
def network(request: HttpRequest, network: str) -> HttpResponse:
    """Show what a network answers for: each place as the network last cleared it."""
    here = _or_404(network)
    found = queries.cleared(here)
    rows = [_row(one) for one in found if one.values.get("lat") is not None]
    officer = officer_of(request.user, here)
    context = {
        "network": here,
        "where": _where(here),
        "themes": [str(LABELS["activities"][code]) for code in here.themes],
        "cleared": [_line(one) for one in found],
        "map": map_of_chosen(queries.only_territory(here), rows),
        "officer": officer,
        "help_waits": unanswered(here) if officer else 0,
        "tally": queries.tally(here, now=timezone.now()),
    }
    return render(request, "clearance/network.html", context)


@require_safe
def network_geojson(request: HttpRequest, network: str) -> HttpResponse:
    """The places that a network answers for, as it last cleared them, for its own map."""
    here = _or_404(network)
    features = [
        {
            "type": "Feature",
            "id": str(one.place.pk),
            "geometry": {"type": "Point", "coordinates": [one.values["lon"], one.values["lat"]]}
            if one.values.get("lat") is not None
            else None,
            "properties": {
                "slug": one.place.slug,
                **{name: one.values.get(name) for name in ("name", "status", "city", "website", "activities")},
                "revision": one.number,
                "verified_at": one.verified_at.isoformat(),
                "verified_by": here.name,
            },
        }
        for one in queries.cleared(here)
    ]
    answer = JsonResponse({"type": "FeatureCollection", "licence": LICENCE, "features": features})
    answer["Content-Type"] = "application/geo+json"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest, network: str) -> HttpResponse:
    """Show what waits within the perimeter; accept several suggestions at once."""
    here, officer = desk_of(request, network)
    if request.method != "POST":
        return _queue(request, here, officer)
    chosen = _identifiers(request, "suggestion")
    try:
        done = accept_many(network=here, suggestions=chosen, by=officer.by, now=timezone.now())
    except NetworkRefused as refused:
        return _queue(request, here, officer, why=[str(refused)], status=REFUSED)
    if done.refused:
        return _queue(request, here, officer, why=sorted(set(done.refused.values())), status=REFUSED)
    said = ngettext("%(n)d suggestion publiée.", "%(n)d suggestions publiées.", done.accepted) % {"n": done.accepted}
    messages.success(request, said)
    return redirect("network_queue", here.slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, network: str, suggestion: UUID) -> HttpResponse:
    """Answer one suggestion of the perimeter."""
    here, officer = desk_of(request, network)
    if queries.suggestion_of(here, suggestion) is None:
        raise Http404
    if request.method != "POST":
        return redirect("network_queue", here.slug)
    try:
        said = answered(request, suggestion, by=officer.by)
    except (PlaceRefused, SheetOvertaken) as refused:
        return _queue(request, here, officer, why=[str(refused)], status=REFUSED)
    messages.success(request, said)
    return redirect("network_queue", here.slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, network: str) -> HttpResponse:
    """Show the places of the perimeter, those to look at first; answer for several of them."""
    here, officer = desk_of(request, network)
    why = ""
    if request.method == "POST":
        chosen, how = _identifiers(request, "lieu"), request.POST.get("comment", "").replace("\x00", "")[:300]
        try:
            count = verify_many(network=here, place_ids=chosen, how=how, by=officer.by, now=timezone.now())
        except (NetworkRefused, PlaceRefused) as refused:
            why = str(refused)
        else:
            said = ngettext("%(n)d fiche vérifiée.", "%(n)d fiches vérifiées.", count) % {"n": count}
            messages.success(request, said)
            return redirect("network_verify", here.slug)
    context = {
        "network": here,
        "why": [why] if why else [],
        "tally": queries.tally(here, now=timezone.now()),
        "charges": [
            {
                "one": one,
                "when": day_in_words(timezone.localtime(one.verified_at), "j F Y") if one.verified_at else "",
            }
            for one in queries.charges(here)
        ],
    }
    return render(request, "clearance/verify.html", context, status=REFUSED if why else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, network: str, asked: int) -> HttpResponse:
    """Answer for who says that they run a place, decline, or print the letter that proves it."""
    here, officer = desk_of(request, network)
    now = timezone.now()
    found = next((one for one in queries.claims_for(here, now=now) if one.pk == asked), None)
    if found is None:
        raise Http404
    if request.method != "POST":
        return redirect("network_queue", here.slug)
    try:
        if "lettre" in request.POST:
            code = claiming.write_letter(claim_id=asked, by=officer.by, now=now)
            return render(request, "clearance/letter.html", {"network": here, "claim": found, "code": code})
        if "accorder" in request.POST:
            claiming.grant(claim_id=asked, by=officer.by, now=now)
            messages.success(request, _("Le lien pour entrer est parti par courriel."))
        else:
            reason = request.POST.get("motif", "").replace("\x00", "")[:300]
            claiming.decline(claim_id=asked, reason=reason, by=officer.by, now=now)
            messages.success(request, _("C’est répondu\u202f: la demande n’est pas accordée."))
    except PlaceRefused as refused:
        return _queue(request, here, officer, why=[str(refused)], status=REFUSED)
    return redirect("network_queue", here.slug)


def _queue(
    request: HttpRequest, here: Any, officer: Officer, *, why: list[str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "network": here,
        "why": why or [],
        "tally": queries.tally(here, now=timezone.now()),
        "claims": queries.claims_for(here, now=timezone.now()),
        "waiting": [told(one, _departement(one.suggestion)) for one in queries.waiting_for(here)],
        "answered": [
            {
                "one": one,
                "what": corrected(one),
                "when": moment_in_words(one.decided_at or one.suggested_at, _departement(one)),
            }
            for one in queries.answered_by(here)
        ],
    }
    return render(request, "clearance/queue.html", context, status=status)


def _departement(suggestion: Any) -> str:
    return suggestion.commune.departement_id if suggestion.commune else ""


def desk_of(request: HttpRequest, slug: str) -> tuple[Any, Officer]:
    """The network of an address and who sits at its desk; refused to who does not speak for it."""
    here = _or_404(slug)
    officer = officer_of(request.user, here)
    if officer is None:
        raise PermissionDenied
    return here, officer


def _or_404(slug: str) -> Any:
    found = queries.network_by_slug(slug)
    if found is None:
        raise Http404
    return found


def _identifiers(request: HttpRequest, name: str) -> list[UUID]:
    found = []
    for text in request.POST.getlist(name)[:1_000]:
        try:
            found.append(UUID(text[:40]))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _where(network: Any) -> list[str]:
    return [scope_name(one.scope) or _("toute la France") for one in network.perimeters.all()]


def _row(one: Any) -> tuple[Any, ...]:
    commune = one.place.commune
    values = one.values
    named = commune.name if commune else ""
    return (values["lat"], values["lon"], one.place.slug, values["name"], one.place.commune_id, named)


def _line(one: Any) -> dict[str, Any]:
    return {
        "place": one.place,
        "name": one.values["name"],
        "what": ", ".join(word("activities", code) for code in one.values["activities"]),
        "when": day_in_words(timezone.localtime(one.verified_at), "j F Y"),
        "behind": one.behind,
        "closed": one.values["status"] == "closed",
    }
