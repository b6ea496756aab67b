"""What a phone remembers of booking links, where somebody asked for it, so that the door knows whose it is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from maillage.management.bookings.queries.arriving import MOST

COOKIE = "maillage_billets"
KEPT_S = 60 * 24 * 3600
LONGEST = 1_200


def kept(request: HttpRequest) -> list[str]:
    """The booking links that this phone keeps."""
    return [one for one in request.COOKIES.get(COOKIE, "")[:LONGEST].split(".") if one][:MOST]


def keep(request: HttpRequest, response: HttpResponse, ticket: str) -> None:
    """Keep a booking link on this phone, as somebody asked there; the newest ten."""
    others = [one for one in kept(request) if one != ticket]
    response.set_cookie(
        COOKIE,
        ".".join([ticket, *others][:MOST]),
        max_age=KEPT_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
