from django.http import HttpRequest, HttpResponse


def base_map(request: HttpRequest, frame: str) -> HttpResponse:
    raise NotImplementedError
