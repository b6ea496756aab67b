from django.http import HttpRequest, HttpResponse


def rss(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def json_feed(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
