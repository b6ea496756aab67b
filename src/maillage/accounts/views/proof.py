"""A proof of the last hour: what changes how an account opens asks for it, and the administration does too."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

RECENT = timedelta(hours=1)


def proved_lately(request: HttpRequest) -> bool:
    """Whether somebody proved who they are within the hour, in this session: by a code too, or by a link."""
    proofs = [proof["at"] for proof in get_authentication_records(request, request.user)]
    return bool(proofs) and time.time() - max(proofs) < RECENT.total_seconds()


def ask_again(request: HttpRequest) -> HttpResponseBase:
    """Ask for a password or a second proof again; who has neither has only the door, and passes it again."""
    if get_reauthentication_flows(request.user):
        raise ReauthenticationRequired
    get_adapter().logout(request)
    messages.info(
        request,
        _("Avant de changer quelque chose ici, entrez de nouveau\u202f: vous êtes là depuis plus d’une heure."),
    )
    return redirect_to_login(request.get_full_path())


def changing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open a page that changes how one comes in only to who proved lately who they are; whole or not at all."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not proved_lately(request):
            return ask_again(request)
        with atomic() if request.method == "POST" else nullcontext():
            return view(request, *args, **kwargs)

    return answer
