"""Public pages are the same for everyone: written once, then given again until something changes."""

import gzip
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from maillage.places.queries import registry_version
from maillage.territory.queries import ground_version

KEPT_S = 120
View = Callable[..., HttpResponseBase]


def kept(view: View) -> View:
    """Keep a page's answer, compressed, until the registry or the ground changes, or the minute passes.

    What is open changes with the minute. The answer carries an ETag, so that a browser or a shared cache asks again
    and gets nothing but "unchanged".
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        minute = timezone.now().strftime("%Y%m%d%H%M")
        asked = f"{registry_version()}:{ground_version()}:{get_language()}:{minute}:{request.get_full_path()}"
        mark = blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        packed: bytes | None = cache.get(f"page:{mark}")
        if packed is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or not isinstance(response, HttpResponse):
                return response
            packed = gzip.compress(response.content, compresslevel=6, mtime=0)
            cache.set(f"page:{mark}", packed, KEPT_S)
        return _answer(request, packed, f'W/"{mark}"')

    return answer


def _answer(request: HttpRequest, packed: bytes, etag: str) -> HttpResponseBase:
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if takes_gzip else gzip.decompress(packed))
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=etag, response=response) or response
