"""The link that brings somebody in: read as often as one likes, spent by a press on its button."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.accounts import actions, labels, queries
from maillage.accounts.rules import OPERATOR, same_address
from maillage.places.queries.scopes import Where, where


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show who invites to what, or accept it. A link that opens nothing says the same whatever the reason."""
    answer = _accept(request, token) if request.method == "POST" else _show(request, token)
    # The address of this page is its secret: no other site reads it. « no-referrer » would also hide from ourselves
    # where the form comes from, and the browser's Origin would be refused as forged.
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _show(request: HttpRequest, token: str, *, refusal: str = "") -> HttpResponse:
    made = queries.invitation(token, now=timezone.now())
    place = where(made.scope) if made else None
    if made is None or place is None:
        return render(request, "places/invitation_over.html", status=404)
    user = queries.account(made.email)
    signed_in = request.user if request.user.is_authenticated else None
    context = {
        "invitation": made,
        "where": place,
        "role": labels.ROLES[made.role],
        "gives": labels.GIVES[made.role],
        "inviter": queries.names([made.created_by]).get(made.created_by, ""),
        "refusal": refusal,
        "other": signed_in if signed_in and signed_in != user else None,
        "second": user if user and user == signed_in and not same_address(user.email, made.email) else None,
        "must_sign_in": bool(user) and not made.signs_in and signed_in is None,
        "asks_name": user is None or not user.name,
        "here": request.path,
    }
    return render(request, "places/invitation.html", context, status=409 if refusal else 200)


def _accept(request: HttpRequest, token: str) -> HttpResponseBase:
    made = queries.invitation(token, now=timezone.now())
    signed_in = request.user if request.user.is_authenticated else None
    if (
        made is None
        or where(made.scope) is None
        or (signed_in is not None and signed_in != queries.account(made.email))
    ):
        return _show(request, token)
    name = request.POST.get("name", "")
    try:
        given = actions.accept(token=token, by=signed_in, now=timezone.now(), name=name)
    except actions.InvitationRefused as refusal:
        return _show(request, token, refusal=str(refusal))
    onward = _desk(given.role, where(given.scope))
    messages.success(request, _("Bienvenue\u202f! Votre rôle\u202f: %(role)s.") % {"role": labels.ROLES[given.role]})
    if signed_in is not None:
        return redirect(onward)
    messages.info(
        request,
        format_html(
            _(
                "Pour revenir sans attendre de courriel\u202f: une clé d’accès ou un mot de passe, à choisir dans "
                '<a class="text" href="{account}">Mon compte</a>.'
            ),
            account=reverse("account"),
        ),
    )
    return perform_login(request, Login(user=given.user, email=given.user.email, redirect_url=onward))


def _desk(role: str, place: Where | None) -> str:
    """Where somebody who just came in begins."""
    if role == OPERATOR:
        return reverse("admin:index")
    return reverse("manage", args=[place.slug]) if place and place.slug else reverse(settings.LOGIN_REDIRECT_URL)
