"""Answers to public reads: written once, then given again until the registry or the ground changes."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import override

from maillage.api.problems import ProblemRaised, answer, language_of
from maillage.journal.queries import aside
from maillage.network.exchange.queries.federation import signing_key
from maillage.network.exchange.rules.feeds.signing import Asked, headers_of
from maillage.places.queries import registry_version
from maillage.territory.queries import ground_version
from maillage.territory.rules.encodings import takes_gzip

KEPT_S = 120
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What an operation answers; `version` goes into its ETag, `link` into its Link header."""

    body: dict[str, Any]
    version: str = ""
    link: str = ""


def told_in_problems(view: View) -> Callable[..., HttpResponseBase]:
    """Answer what an operation raises as a problem, in the language of the request."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            with override(language_of(request)):
                return view(request, *args, **kwargs)
        except ProblemRaised as problem:
            return answer(request, problem)

    return answered


def public(view: View, *, changes_daily: bool = False) -> Callable[..., HttpResponseBase]:
    """Answer a public read, with an ETag known before any work: the same question to the same registry.

    What is open changes with the minute; what tells how long ago something was checked, with the day.
    """

    @told_in_problems
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        minute = timezone.now().strftime("%Y%m%d%H%M") if "ouvert" in request.GET else ""
        day = timezone.localdate().isoformat() if changes_daily else ""
        asked = f"{registry_version()}:{ground_version()}:{minute}{day}:{request.get_full_path()}"
        mark = blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        kept: tuple[str, str, bytes] | None = aside.get(f"api:{mark}")
        if kept is None:
            told = view(request, *args, **kwargs)
            if not isinstance(told, Told):
                return told
            kept = (_etag(told, mark), told.link, gzip.compress(written(told.body), compresslevel=5, mtime=0))
            aside.set(f"api:{mark}", kept, KEPT_S)
        return _given(request, *kept)

    return answered


daily = partial(public, changes_daily=True)


def fresh(view: View) -> Callable[..., HttpResponseBase]:
    """Answer a public read worked out every time; its ETag is that of its content."""

    @told_in_problems
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        told = view(request, *args, **kwargs)
        body = written(told.body)
        mark = blake2b(body, digest_size=12).hexdigest()
        return _given(request, _etag(told, mark), told.link, gzip.compress(body, compresslevel=1, mtime=0))

    return answered


def signed(view: View) -> Callable[..., HttpResponseBase]:
    """Answer as `fresh` does, signed over the very bytes that leave, with what was asked (decision 0032).

    A page of whole places is never packed: whoever checks it must not have to know how it travelled.
    """

    @told_in_problems
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        told = view(request, *args, **kwargs)
        body = written(told.body)
        mark = blake2b(body, digest_size=12).hexdigest()
        packed = gzip.compress(body, compresslevel=1, mtime=0)
        response = _given(request, _etag(told, mark), told.link, packed, plain="records" in request.GET)
        if response.status_code == HTTPStatus.OK and isinstance(response, HttpResponse):
            response.headers["Cache-Control"] = "public, no-cache, no-transform"
            asked = Asked(request.path_info, request.META.get("QUERY_STRING", ""))
            now = int(timezone.now().timestamp())
            for name, value in headers_of(response.content, asked, signing_key(), now).items():
                response.headers[name] = value
        return response

    return answered


def written(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _etag(told: Told, mark: str) -> str:
    """Of a place, its version and its content: it outlives what happens to the others."""
    if not told.version:
        return f'W/"{mark}"'
    return f'W/"{told.version}-{blake2b(written(told.body), digest_size=8).hexdigest()}"'


def _given(request: HttpRequest, etag: str, link: str, packed: bytes, *, plain: bool = False) -> HttpResponseBase:
    gzipped = not plain and takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(packed if gzipped else gzip.decompress(packed), content_type="application/json")
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    if link:
        response.headers["Link"] = f'<{link}>; rel="next"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=etag, response=response) or response
