from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import ResolverMatch
from django.utils.cache import patch_vary_headers
from prometheus_client import Counter, Histogram

from maillage.journal import queries as journal
from maillage.places.views import map as live_map
from maillage.territory.rules.encodings import takes_gzip

REQUESTS = Counter("maillage_requests", "Requests answered.", ["view", "method", "status"])
SECONDS = Histogram("maillage_request_seconds", "Time to answer.", ["view"], buckets=(0.005, 0.02, 0.1, 0.5, 2, 10))
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Figures:
    """Count each answer by the name of its page, never by its address: nobody can be found again in the figures."""

    def __init__(self) -> None:
        self.counters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def add(self, view: str, method: str, status: int, seconds: float) -> None:
        """Count one answer and the time it took."""
        key = (view, method, status // 100)
        if key not in self.counters:
            self.counters[key] = REQUESTS.labels(view, method, f"{key[2]}xx"), SECONDS.labels(view)
        requests, histogram = self.counters[key]
        requests.inc()
        histogram.observe(seconds)


class Packed(GZipMiddleware):
    """Pack an answer for who takes gzip: Django's own takes « gzip;q=0 » for a yes."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        signed = "Content-Digest" in response.headers  # over the bytes as they are: packed, they would be others
        if not signed and takes_gzip(request.headers.get("Accept-Encoding", "")):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        return response


class Measured:
    """Count and time what Django answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.figures = Figures()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        response = self.get_response(request)
        taken = perf_counter() - started
        view = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        self.figures.add(view, method or "", response.status_code, taken)
        return response


class Tiles:
    """Answer for the live map's tiles before anything that only pages need; other questions go on their way."""

    MATCH = ResolverMatch(live_map.places, (), {}, "map_places")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(live_map.TILES) or not self.is_welcome(request):
            return self.get_response(request)
        answer = live_map.at_once(request)
        if answer is None:
            return self.get_response(request)
        request.resolver_match = self.MATCH
        return answer

    def is_welcome(self, request: HttpRequest) -> bool:
        """Whether the rest of the chain would neither refuse the host nor ask for HTTPS."""
        try:
            request.get_host()
        except DisallowedHost:
            return False
        return not settings.SECURE_SSL_REDIRECT or request.is_secure()


class OnePage:
    """Read the versions of the registry and of the ground once per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with journal.one_page():
            return self.get_response(request)


class RefuseUnprintable:
    """Answer 400 to a NUL or a lone surrogate in the address, and to thousands of parameters, whatever the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            _ = request.GET
        except TooManyFieldsSent as error:
            request.GET = QueryDict()
            raise BadRequest("trop de paramètres") from error
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object) -> None:
        texts = [request.path, *request.GET.keys(), *(v for values in request.GET.lists() for v in values[1])]
        for text in texts:
            if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
                raise BadRequest("caractère nul ou illisible")


class Permissions:
    """Say which powers of a browser a page uses: the position, when asked for, and passkeys; one page may name more."""

    POLICY = "camera=(), display-capture=(), geolocation=(self), microphone=(), payment=(), usb=()"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked = response.headers.get("Permissions-Policy", "")
        named = {one.partition("=")[0].strip() for one in asked.split(",")}
        others = [one for one in self.POLICY.split(", ") if one.partition("=")[0] not in named]
        response.headers["Permissions-Policy"] = ", ".join([*filter(None, [asked]), *others])
        return response
