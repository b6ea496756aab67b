from collections.abc import Callable

from django.core.exceptions import BadRequest, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict

from maillage.journal import queries as journal


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
