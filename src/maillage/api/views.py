"""Open data without a key: the registry as files, with the list's own filters."""

import hashlib
from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

import maillage
from maillage.network.exchange.formats import csv, geojson, jsonld
from maillage.network.exchange.queries import exported
from maillage.places import queries
from maillage.places.rules.filters import PARAMETERS, PlaceFilter, Problem, parse

SITEMAP_LENGTH = 50_000
_WHY = {
    "unknown": "valeur inconnue",
    "number": "un nombre entier est attendu",
    "bounded": "entre 5 et 60",
    "territory": "attendu : reg-52, dep-44, epci-244400404 ou commune-44109",
    "near": "attendu : un code Insee de commune ou « latitude,longitude »",
    "bbox": "attendu : ouest,sud,est,nord en degrés",
    "bbox-reversed": "attendu : ouest,sud,est,nord, dans cet ordre",
    "cut": "200 caractères au plus",
}


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers and its database too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "maillage": maillage.__version__})


def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /chercher/",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def sitemap(request: HttpRequest) -> HttpResponse:
    with override("fr"):
        pages = [reverse(name) for name in ("home", "place_list", "observatory", "doc")]
        rows = [f"<url><loc>{settings.SITE_URL}{page}</loc></url>" for page in pages]
        rows += [
            f"<url><loc>{settings.SITE_URL}{reverse('place', args=[slug])}</loc><lastmod>{at:%Y-%m-%d}</lastmod></url>"
            for slug, at in queries.addresses(limit=SITEMAP_LENGTH - len(pages))
        ]
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return HttpResponse(body + "\n".join(rows) + "\n</urlset>\n", content_type="application/xml; charset=utf-8")


def places_geojson(request: HttpRequest) -> HttpResponseBase:
    return _file(request, "lieux.geojson", "application/geo+json", geojson.geojson_chunks)


def places_csv(request: HttpRequest) -> HttpResponseBase:
    return _file(request, "lieux.csv", "text/csv; charset=utf-8", csv.csv_chunks)


def places_jsonld(request: HttpRequest) -> HttpResponseBase:
    return _file(
        request, "lieux.jsonld", "application/ld+json", lambda rows: jsonld.jsonld_chunks(rows, settings.SITE_URL)
    )


@require_safe
def _file(
    request: HttpRequest, name: str, content_type: str, chunks: Callable[[Iterable], Iterable[str]]
) -> HttpResponseBase:
    asked, problems = parse(dict(request.GET.lists()))
    problems += [Problem(p, "", "unknown") for p in request.GET if p not in PARAMETERS and p != "page"]
    if problems:
        return _problem(request, problems)
    etag = _etag(asked)
    if not asked.open_now and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    response = StreamingHttpResponse(chunks(exported(asked, now=timezone.now())), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Access-Control-Allow-Origin"] = "*"
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return response


def _etag(asked: PlaceFilter) -> str:
    question = hashlib.sha256(asked.query_string().encode()).hexdigest()[:16]
    return f'W/"{queries.registry_version()}-{question}"'


def _problem(request: HttpRequest, problems: list[Problem]) -> HttpResponse:
    """Answer RFC 9457 problem details: what, why, what to do."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": "Paramètre non compris",
            "status": 400,
            "detail": "Corrigez ou retirez les paramètres nommés dans « errors ».",
            "instance": request.path,
            "errors": [{"parameter": p.parameter, "value": p.value, "reason": _WHY[p.code]} for p in problems],
        },
        status=400,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
