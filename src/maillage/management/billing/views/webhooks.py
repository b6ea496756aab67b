"""Where providers say that a payment may have been made: bounded, unsigned, believed of nothing."""

import json
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from maillage.management.billing.actions import providers
from maillage.places.queries import place_by_slug

MOST_BYTES = 64 * 1024
PER_MINUTE = "60/m/ip"


@never_cache
@csrf_exempt
@require_POST
def hinted(request: HttpRequest, provider: str, slug: str) -> HttpResponse:
    """Keep a hint of a provider; the answer tells nothing of what is known."""
    if not ratelimit.consume(request, app="maillage.billing", action="hint", config={"hint": PER_MINUTE}):
        return _answer(429)
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 8 and int(length) <= MOST_BYTES):
        return _answer(413)
    found = place_by_slug(slug)
    if found.place is None or providers.provider_of(found.place.slug, provider) is None:
        return _answer(404)
    body = _read(request.body)
    if body is None:
        return _answer(400)
    providers.hint(place=found.place, provider=provider, body=body, now=timezone.now())
    return _answer(202)


def _read(raw: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _answer(status: int) -> JsonResponse:
    return JsonResponse({"status": status}, status=status)
