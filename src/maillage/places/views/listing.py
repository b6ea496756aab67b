from django.http import HttpRequest, HttpResponse


def place_list(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
