from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def robots(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def sitemap(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def places_geojson(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def places_csv(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def places_jsonld(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
