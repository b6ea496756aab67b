"""The photos of places, as files."""

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from maillage.places.queries.album import is_shown

A_DAY_S = 86_400
FIVE_MINUTES_S = 300


@require_safe
def photo(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one photo that some place shows.

    Its name is its content's fingerprint, so what a browser holds is never stale; but a photo may be taken out of
    sight, so that a shared cache asks again after five minutes, and a browser after a day.
    """
    file = f"photos/{name}"
    if not is_shown(file):
        raise Http404
    etag = f'"{name}"'
    response = get_conditional_response(request, etag=etag) or send(file)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={A_DAY_S}, s-maxage={FIVE_MINUTES_S}, immutable"
    return response


def send(file: str) -> HttpResponseBase:
    """A photo's file, never compressed again."""
    try:
        with default_storage.open(file) as opened:
            response = HttpResponse(opened.read(), content_type="image/webp")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response["Content-Encoding"] = "identity"
    return response
