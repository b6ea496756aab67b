"""What the interactive map asks for: its tiles of places, and the list of the places it shows."""

import gzip
import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.places import queries
from maillage.places.rules.filters import PlaceFilter, parse, parse_page
from maillage.places.rules.tiles import NEAREST_ZOOM, read_tile
from maillage.places.views import listing
from maillage.places.views.kept import kept
from maillage.territory.rules.encodings import takes_gzip

A_YEAR_S = 31_536_000
TILES = "/carte/lieux/"
PLAIN = re.compile(TILES + r"([0-9]{1,2})/([0-9]{1,5})/([0-9]{1,5})\.json")
PLAIN_QUERY = re.compile(r"(?:v=[0-9-]{1,40})?")
READ_ANYWAY = ("bounded", "cut")
"""Problems of a filter after which the question is still the one that was asked."""
OF_UNCHANGED = ("ETag", "Cache-Control", "Vary", "X-Content-Type-Options")


@require_safe
def places(request: HttpRequest, z: str, x: str, y: str) -> HttpResponseBase:
    """One tile of places; its address carries the version, so a browser keeps it until a place changes."""
    tile = read_tile(z, x, y)
    if tile is None:
        told = _("Il n’y a pas de carreau %(z)s/%(x)s/%(y)s : le zoom va de 0 à %(most)s, x et y de 0 à 2^zoom − 1.")
        return _refused(told % {"z": z[:12], "x": x[:12], "y": y[:12], "most": NEAREST_ZOOM})
    asked, problems = parse(dict(request.GET.lists())) if request.GET else (PlaceFilter(), [])
    for problem in problems:
        if problem.code not in READ_ANYWAY:
            told = _("Le paramètre « %(name)s » ne se comprend pas : « %(value)s ». Corrigez-le ou retirez-le.")
            return _refused(told % {"name": problem.parameter, "value": problem.value})
    now, version = timezone.now(), queries.map_version()
    minute = now.strftime("%Y%m%d%H%M") if asked.open_now else ""
    etag = queries.tile_etag(asked, tile, version, minute)
    lasting = request.GET.get("v") == version and not asked.open_now
    if request.headers.get("If-None-Match") == etag:
        return _answer(request, None, etag, lasting=lasting)
    return _answer(request, queries.place_tile(asked, tile, now=now), etag, lasting=lasting)


def at_once(request: HttpRequest) -> HttpResponse | None:
    """A tile of every place, for the middleware that answers before all others; None for any other question."""
    found = PLAIN.fullmatch(request.path_info)
    asked = request.META.get("QUERY_STRING", "")
    tile = read_tile(*found.groups()) if found and request.method == "GET" else None
    if tile is None or not PLAIN_QUERY.fullmatch(asked):
        return None
    ready = queries.ready_tile(tile, now=timezone.now())
    known = request.META.get("HTTP_IF_NONE_MATCH") == ready.etag
    return _answer(request, None if known else ready.packed, ready.etag, lasting=asked[2:] == ready.version)


def is_plain(path: str, query: str) -> bool:
    """Whether an address is that of a tile of every place, of which anybody gets the same answer."""
    return bool(PLAIN.fullmatch(path) and PLAIN_QUERY.fullmatch(query))


def _answer(request: HttpRequest, packed: bytes | None, etag: str, *, lasting: bool) -> HttpResponse:
    """Send a tile, or say that it has not changed."""
    response = HttpResponse(status=304) if packed is None else _packed(request, packed)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable" if lasting else "public, no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@kept
def listed(request: HttpRequest) -> HttpResponse:
    """The list of the places in view, as the page of the same question shows it, without the page around it."""
    now = timezone.now()
    params = dict(request.GET.lists())
    found = queries.listing(parse(params)[0], page=parse_page(params), now=now)
    context = listing.listed(found, now, live=True) | {"live": {"version": queries.map_version()}}
    return render(request, "places/_places.html", context)


def _packed(request: HttpRequest, packed: bytes) -> HttpResponse:
    gzipped = takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(packed if gzipped else gzip.decompress(packed), content_type="application/json")
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    return response


def _refused(told: str) -> HttpResponse:
    return HttpResponse(told, status=400, content_type="text/plain; charset=utf-8")
