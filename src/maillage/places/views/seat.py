"""The door of a place's team: every page under /gerer/<place>/ passes it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache

from maillage.places import permissions
from maillage.places.permissions import Seat
from maillage.places.queries import place_by_slug
from maillage.places.views.detail import elsewhere

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Seat, P], HttpResponseBase]


def seated(act: str) -> Callable[[Page[P]], Callable[..., HttpResponseBase]]:
    """Let in only those who may do `act` in the place of the address.

    A visitor is asked to sign in, whatever the address; then a place that is not there is 404 or 410, and one where
    they have no business is 403. Nothing behind this door is kept by any cache.
    """

    def guard(view: Page[P]) -> Callable[..., HttpResponseBase]:
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            found = place_by_slug(slug)
            if found.place is None:
                return elsewhere(request, found, "manage")
            seat = permissions.seat(request.user, found.place)
            if seat is None or not seat.may(act):
                raise PermissionDenied
            if request.method not in ("GET", "HEAD", "POST"):
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            return view(request, seat, *args, **kwargs)

        return answer

    return guard
