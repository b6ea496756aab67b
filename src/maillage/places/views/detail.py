from django.http import HttpRequest, HttpResponse


def place(request: HttpRequest, slug: str) -> HttpResponse:
    raise NotImplementedError


def poster(request: HttpRequest, slug: str) -> HttpResponse:
    raise NotImplementedError


def history(request: HttpRequest, slug: str) -> HttpResponse:
    raise NotImplementedError
