"""The door of a scheme's funder: every page under /dispositifs/<number>/ passes it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache

from maillage.network.schemes.permissions import Funder, funder_of
from maillage.network.schemes.queries.schemes import scheme_of

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Funder, Any, P], HttpResponseBase]


def funding(view: Page[P]) -> Callable[..., HttpResponseBase]:
    """Let in only who runs the scheme of the address: a visitor signs in first, another is refused."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, scheme: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        found = scheme_of(scheme)
        if found is None:
            raise Http404
        funder = funder_of(request.user, found.scope)
        if funder is None:
            raise PermissionDenied
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return view(request, funder, found, *args, **kwargs)

    return answer
