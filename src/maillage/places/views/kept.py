"""Public pages are the same for everyone: written once, then given again until something changes."""

import gzip
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from maillage.journal.queries import aside
from maillage.places.queries import registry_version
from maillage.territory.queries import ground_version
from maillage.territory.rules.encodings import takes_gzip

KEPT_S = 120
MOST_BYTES = 64 * 2**20
"""What the answers kept by one process may weigh together, compressed: the oldest give way."""
MOST_ANSWERS = 2_000
_weights: dict[str, int] = {}
_weighing = Lock()
View = Callable[..., HttpResponseBase]


def kept(view: View) -> View:
    """Keep a page's answer, compressed, until the registry or the ground changes, or the minute passes.

    What is open changes with the minute. The answer carries an ETag, so that a browser or a shared cache asks again
    and gets nothing but "unchanged".
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        minute = timezone.now().strftime("%Y%m%d%H%M")
        return kept_as(request, f"{minute}:{request.get_full_path()}", lambda: view(request, *args, **kwargs))

    return answer


def kept_as(
    request: HttpRequest, asked: str, write: Callable[[], HttpResponseBase], *, seconds: int = KEPT_S
) -> HttpResponseBase:
    """Keep an answer under what was asked, in the language of the page, until the registry or the ground changes."""
    key = f"{registry_version()}:{ground_version()}:{get_language()}:{asked}"
    mark = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    packed: bytes | None = aside.get(f"page:{mark}")
    if packed is None:
        response = write()
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        packed = gzip.compress(response.content, compresslevel=6, mtime=0)
        _keep(f"page:{mark}", packed, seconds)
    return _answer(request, packed, f'W/"{mark}"')


def _keep(key: str, packed: bytes, seconds: int) -> None:
    """Keep an answer, and forget the oldest ones beyond `MOST_BYTES`."""
    with _weighing:
        _weights.pop(key, None)
        _weights[key] = len(packed)
        gone: list[str] = []
        held = sum(_weights.values())
        for old, weight in _weights.items():
            if held <= MOST_BYTES and len(_weights) - len(gone) <= MOST_ANSWERS:
                break
            gone.append(old)
            held -= weight
        for old in gone:
            del _weights[old]
    aside.set(key, packed, seconds)
    aside.delete_many(gone)


def _answer(request: HttpRequest, packed: bytes, etag: str) -> HttpResponseBase:
    gzipped = takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(packed if gzipped else gzip.decompress(packed))
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=etag, response=response) or response
