"""One's own account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from maillage.accounts import actions, permissions, queries
from maillage.accounts.forms import NameForm
from maillage.accounts.labels import ROLES
from maillage.accounts.rules import EVERYWHERE, signature


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Everything one has here, and the ways to change it; only the name changes on this page."""
    user: Any = request.user
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        by = signature(user.pk, "self")
        actions.rename(user=user, name=form.cleaned_data["name"], by=by, now=timezone.now())
        messages.success(request, gettext("Votre nom est enregistré."))
        return redirect("account")
    own = queries.own(user)
    roles = [
        {"label": ROLES[role], "count": count, "where": where and _named(where)} for role, count, where in own.roles
    ]
    return render(request, "account/account.html", {"form": form, "own": own, "roles": roles})


def _named(scope: str) -> str:
    """Where a role holds, as people call it; the code of what is no longer on the ground."""
    return gettext("toute la France") if scope == EVERYWHERE else permissions.scope_name(scope) or scope
