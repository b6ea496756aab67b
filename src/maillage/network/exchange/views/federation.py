"""The card of this instance, and the instances that its operator follows."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.network.exchange.actions import federation as acts
from maillage.network.exchange.actions.federation import FollowRefused
from maillage.network.exchange.labels import peer_problem
from maillage.network.exchange.queries import federation
from maillage.network.exchange.rules.feeds import keys
from maillage.network.exchange.views.pulls import operated

REFUSED = 409


@require_safe
def card(request: HttpRequest) -> JsonResponse:
    """Give what this instance says of itself: its name, its keys, where its feed is."""
    response = JsonResponse(federation.card(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@operated
def instances(request: HttpRequest, by: str) -> HttpResponse:
    """Show the instances that are followed; look at one more, accept its key, stop one."""
    if request.method != "POST":
        return _page(request)
    try:
        if "stop" in request.POST:
            return _stopped(request, by)
        looked = acts.look_at(request.POST.get("url", "")[:300])
        given = request.POST.get("key", "")[:100]
        if not given.strip():
            return _page(request, looked=looked)
        if not keys.is_key(given, looked.key):
            return _page(request, looked=looked, why=_("Cette empreinte n’est pas celle de la clé de cette instance."))
        peer = acts.follow(card=looked, name=request.POST.get("name", ""), by=by, now=timezone.now())
    except FollowRefused as refused:
        return _page(request, why=str(refused))
    said = _("«\u202f%(name)s\u202f» est suivie\u202f: ses lieux arrivent dans l’heure.") % {"name": peer.name}
    messages.success(request, said)
    return redirect("instances")


def _stopped(request: HttpRequest, by: str) -> HttpResponse:
    peer = federation.peer_named(request.POST.get("stop", "")[:300])
    if peer is None:
        return _page(request, why=_("Cette instance n’est pas de celles que vous suivez."))
    acts.stop(peer_id=peer.pk, by=by, now=timezone.now())
    said = _("«\u202f%(name)s\u202f» n’est plus suivie\u202f; ce qui en est venu reste, à sa date.") % {
        "name": peer.name
    }
    messages.success(request, said)
    return redirect("instances")


def _page(request: HttpRequest, *, looked: Any = None, why: str = "") -> HttpResponse:
    own = keys.public_of(federation.signing_key())
    context = {
        "followed": [told(one) for one in federation.followed()],
        "looked": looked,
        "fingerprint": keys.fingerprint(looked.key) if looked else "",
        "own": {"site": federation.here(), "fingerprint": keys.fingerprint(own)},
        "url": request.POST.get("url", ""),
        "name": request.POST.get("name", ""),
        "why": [why] if why else [],
    }
    return render(request, "exchange/instances.html", context, status=REFUSED if why else 200)


def told(one: federation.Followed) -> dict[str, Any]:
    """An instance as pages tell of it."""
    peer = one.peer
    return {
        "peer": peer,
        "places": one.places,
        "untold": one.untold,
        "aside": federation.set_aside(peer) if one.aside else [],
        "problem": peer_problem(peer.problem, peer.problem_detail) if peer.problem else "",
        "fingerprint": keys.fingerprint(peer.key),
    }
