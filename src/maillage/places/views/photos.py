"""The photos of places, as files."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

A_YEAR_S = 31_536_000


def photo(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one photo; its name is its content's fingerprint, so it may be kept for ever."""
    try:
        file = default_storage.open(f"photos/{name}")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable"
    response["Content-Encoding"] = "identity"
    return response
