from django.http import HttpRequest, HttpResponse


def observatory(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
