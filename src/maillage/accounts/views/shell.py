"""What every page of sign-in and of one's account has in common, whoever wrote its view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache


def private(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let no cache keep the page, not even the browser's "back"; and let `site` be ours, which allauth covers."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        context = getattr(response, "context_data", None)
        if context:
            context.pop("site", None)
        return response

    return answer
