"""What every answer under /api/ has in common."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from maillage.api import limits, problems
from maillage.api.problems import ProblemRaised

READS = ("GET", "HEAD")
_EXPOSED = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After"


class Api:
    """Count reads, open public reads to every site's pages, and tell every error as a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        response = self._answer(request)
        if request.method in (*READS, "OPTIONS"):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        return _headless(response) if request.method == "HEAD" else response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _preflight()
        try:
            told = limits.allow_read(request) if request.method in READS else {}
        except ProblemRaised as refused:
            return problems.answer(request, refused)
        # Operations are declared for GET: a HEAD is the same answer without its body.
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"
        response = self.get_response(request)
        request.method = asked
        if response.status_code >= 400 and not response.headers.get("Content-Type", "").startswith(
            problems.CONTENT_TYPE
        ):
            response = problems.in_place_of(request, response)
        for name, value in told.items():
            response.headers.setdefault(name, value)
        return response


def _preflight() -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Accept-Language, If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _headless(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = []
    elif isinstance(response, HttpResponse):
        response.content = b""
    response.headers.pop("Content-Length", None)
    return response
