"""The Murmurations profile of each place, at an address of its own, and the list of them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from maillage.network.exchange import queries
from maillage.network.exchange.formats import murmurations
from maillage.places import queries as places
from maillage.places.views.detail import elsewhere

MOST = 50_000


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Give the profile of one place; an index forgets it once it answers 404 or 410."""
    found = places.place_by_slug(slug)
    told = queries.exported_one(found.place.pk) if found.place else None
    if told is None:
        return elsewhere(request, found, "place_murmurations")
    return _json(murmurations.profile(told, settings.SITE_URL))


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the addresses of every profile, with the last change of each."""
    rows = [
        {
            "profile_url": settings.SITE_URL + reverse("place_murmurations", args=[slug]),
            "last_updated": int(updated_at.timestamp()),
        }
        for slug, updated_at in places.addresses(limit=MOST)
    ]
    return _json({"linked_schemas": [murmurations.SCHEMA], "profiles": rows})


def _json(told: object) -> JsonResponse:
    response = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
