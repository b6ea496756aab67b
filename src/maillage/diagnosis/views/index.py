"""The door of the diagnoses: a search, régions and départements; and what is suggested while one types."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from maillage.diagnosis import labels
from maillage.diagnosis.queries.opening import nearest_first
from maillage.diagnosis.rules.facts import Verdict
from maillage.places.rules.text import one_line
from maillage.places.views.kept import kept_as
from maillage.territory import queries as territory
from maillage.territory.queries import maps
from maillage.territory.queries.find import FRANCE
from maillage.territory.rules.names import normalise

LONGEST = 200
SHORTEST = 2
MOST_NEAR = 6
MOST_FOUND = 8
MANY = 80
"""Namesakes looked at before those of the territory are put first."""
VERDICTS: tuple[Verdict, ...] = ("useful", "smaller", "share", "not-now", "unknown")


@require_safe
def territories(request: HttpRequest) -> HttpResponseBase:
    """Find a territory by its name or its code, or go down from a région."""
    text = one_line(request.GET.get("q", "")[:LONGEST])
    if not text:
        return kept_as(request, request.path, lambda: _index(request, "", []))
    hits = territory.search(text, limit=MOST_FOUND + 1)
    sure = [hit for hit in hits if hit.exact]
    if len(hits) == 1 or len(sure) == 1:
        return redirect("diagnosis", (sure or hits)[0].reference)
    return _index(request, text, hits[:MOST_FOUND], more=len(hits) > MOST_FOUND)


def _index(request: HttpRequest, text: str, hits: list[territory.Hit], *, more: bool = False) -> HttpResponse:
    names = maps.names()
    regions: dict[str, list[dict[str, str]]] = {code: [] for code in names.region}
    for code, name in sorted(names.departement.items()):
        regions[names.region_of[code]].append({"code": code, "name": name, "url": _url(f"dep-{code}")})
    context: dict[str, Any] = {
        "text": text,
        "more": more,
        "hits": [
            {"name": hit.name, "context": hit.context, "kind": labels.kind(hit.kind), "url": _url(hit.reference)}
            for hit in hits
        ],
        "regions": [
            {"name": name, "url": _url(f"reg-{code}"), "departements": regions[code]}
            for code, name in sorted(names.region.items(), key=lambda item: normalise(item[1]))
        ],
        "france": _url(FRANCE),
        "verdicts": [
            {"code": code, "title": labels.verdict_title(code), "say": labels.verdict_means(code)} for code in VERDICTS
        ],
        "ground": territory.current_ground(),
    }
    return render(request, "diagnosis/territories.html", context)


def _url(reference: str) -> str:
    return reverse("diagnosis", args=[reference])


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The territories under the search field while one types."""
    return _suggested(request, searched(request), {"commune", "epci", "dep", "reg", "bv"}, _url)


@require_safe
def towns(request: HttpRequest, reference: str) -> HttpResponse:
    """The communes under the field « ouvrir ici » while one types; what is tried already is kept by the form."""
    base = _url(reference)
    hits = nearest_first(reference, searched(request, MANY))
    return _suggested(request, hits, {"commune"}, lambda found: f"{base}?ouvrir={found.partition('-')[2]}")


def searched(request: HttpRequest, limit: int = 12) -> list[territory.Hit]:
    """The territories whose name begins as what is typed."""
    text = one_line(request.GET.get("q", "")[:LONGEST])
    return territory.search(text, limit=limit) if len(text) >= SHORTEST else []


def _suggested(request: HttpRequest, hits: list[territory.Hit], kinds: set[str], url: Any) -> HttpResponse:
    options = [
        {"url": url(hit.reference), "name": hit.name, "context": hit.context} for hit in hits if hit.kind in kinds
    ]
    response = render(request, "web/suggestions.html", {"options": options[:8]})
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def lost(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that no territory has this reference, with those whose code or name is near."""
    found = territory.propose(reference, limit=MOST_NEAR)
    context = {
        "reference": reference,
        "near": [{"name": one.name, "kind": labels.kind(one.kind), "url": _url(one.reference)} for one in found],
    }
    return render(request, "diagnosis/lost.html", context, status=404)
