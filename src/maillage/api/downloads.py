"""The registry as files, with the list's own filters."""

from collections.abc import Callable, Iterable
from hashlib import blake2b

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from maillage.api.kept import told_in_problems
from maillage.api.parameters import read_question
from maillage.network.exchange.formats import csv, geojson, jsonld
from maillage.network.exchange.queries import exported
from maillage.places.queries import registry_version
from maillage.territory.queries import ground_version


@csrf_exempt
def places_geojson(request: HttpRequest) -> HttpResponseBase:
    """Le registre en GeoJSON, avec les filtres de la liste."""
    return _file(request, "lieux.geojson", "application/geo+json", geojson.geojson_chunks)


@csrf_exempt
def places_csv(request: HttpRequest) -> HttpResponseBase:
    """Le registre en CSV, avec les filtres de la liste."""
    return _file(request, "lieux.csv", "text/csv; charset=utf-8", csv.csv_chunks)


@csrf_exempt
def places_jsonld(request: HttpRequest) -> HttpResponseBase:
    """Le registre en JSON-LD (schema.org), avec les filtres de la liste."""
    return _file(
        request, "lieux.jsonld", "application/ld+json", lambda rows: jsonld.jsonld_chunks(rows, settings.SITE_URL)
    )


@require_safe
@told_in_problems
def _file(
    request: HttpRequest, name: str, content_type: str, chunks: Callable[[Iterable], Iterable[str]]
) -> HttpResponseBase:
    asked, _given = read_question(request)
    now = timezone.now()
    minute = now.strftime("%Y%m%d%H%M") if asked.open_now else ""
    question = blake2b(f"{name}:{ground_version()}:{minute}:{asked!r}".encode(), digest_size=8).hexdigest()
    etag = f'W/"{registry_version()}-{question}"'
    unchanged = request.headers.get("If-None-Match") == etag
    response: HttpResponseBase = (
        HttpResponseNotModified()
        if unchanged
        else StreamingHttpResponse(chunks(exported(asked, now=now)), content_type=content_type)
    )
    if not unchanged:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    return response
