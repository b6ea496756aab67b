"""What networks and those who observe are asked: the queue, the oldest first, and each exchange."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.accounts.permissions import scope_name
from maillage.journal.actions import KeyReused
from maillage.network.clearance.actions.granting import HelpRefused
from maillage.network.clearance.actions.helping import answer
from maillage.network.clearance.labels import FIELDS, SHORT
from maillage.network.clearance.permissions import Observer, observer, reads
from maillage.network.clearance.queries import helping as queries
from maillage.network.clearance.queries.grants import grants_with
from maillage.network.clearance.rules.helping import OPEN
from maillage.network.clearance.views import help_words as words
from maillage.network.clearance.views.desk import desk_of
from maillage.network.schemes.views.wording import key_of, number, sent_already

MOST_SHOWN = 100


@never_cache
@login_required
@require_safe
def network_help(request: HttpRequest, network: str) -> HttpResponse:
    """What places ask of a network."""
    here, _officer = desk_of(request, network)
    context = {"network": here, "up": reverse("network", args=[here.slug])}
    return _queue(request, queries.sent_to(here), context, lambda pk: reverse("network_help_one", args=[here.slug, pk]))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def network_help_one(request: HttpRequest, network: str, need: int) -> HttpResponse:
    """One exchange with a place, for its network."""
    here, officer = desk_of(request, network)
    found = queries.sent_to(here).filter(pk=need).first()
    return _one(request, found, by=officer.by, network=here, up=reverse("network_help", args=[here.slug]))


@never_cache
@login_required
@require_safe
def help_queue(request: HttpRequest) -> HttpResponse:
    """What places ask of those who observe their territory."""
    here = _observer(request)
    where = [scope_name(one) or one for one in here.scopes]
    context = {"where": where, "up": reverse("account"), "edits": queries.edits_by_observers()}
    return _queue(request, queries.sent_to_observers(here.scopes), context, lambda pk: reverse("help_one", args=[pk]))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_one(request: HttpRequest, need: int) -> HttpResponse:
    """One exchange with a place, for who observes its territory."""
    here = _observer(request)
    found = queries.sent_to_observers(here.scopes).filter(pk=need).first()
    return _one(request, found, by=here.by, network=None, up=reverse("help_queue"))


def _observer(request: HttpRequest) -> Observer:
    found = observer(request.user)
    if found is None:
        raise PermissionDenied
    return found


def _queue(request: HttpRequest, sent: Any, context: dict[str, Any], link: Callable[[int], str]) -> HttpResponse:
    now = timezone.now()
    theme, departement = (request.GET.get(name, "")[:10] for name in ("sujet", "departement"))
    departements = queries.departements_of(sent)
    theme = theme if theme in SHORT else ""
    departement = departement if departement in dict(departements) else ""
    found = queries.only(sent, theme=theme, departement=departement)
    live = found.filter(closed_at__isnull=True)
    told = [{**words.asked(one, now=now), "link": link(one.pk)} for one in live[:MOST_SHOWN]]
    over = found.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")[:20]
    context |= {
        "waiting": [one for one in told if one["state"] == OPEN],
        "going_on": [one for one in told if one["state"] != OPEN],
        "over": [{**words.asked(one, now=now), "link": link(one.pk)} for one in over],
        "median": words.median(queries.median_of(sent, now=now)),
        "themes": [{"code": code, "label": label, "on": code == theme} for code, label in SHORT.items()],
        "departements": [{"code": code, "label": name, "on": code == departement} for code, name in departements],
        "is_filtered": bool(theme or departement),
    }
    return render(request, "clearance/help/queue.html", context)


def _one(request: HttpRequest, found: Any, *, by: str, network: Any, up: str) -> HttpResponse:
    if found is None:
        raise Http404
    text, wrongs, key, status = "", {}, "", 200
    if request.method == "POST":
        text, key = words.typed(request, ("message",))["message"], key_of(request)
        seen = number(request.POST.get("vu", ""))
        now = timezone.now()
        try:
            answer(request_id=found.pk, network=network, text=text, seen=seen, by=by, now=now, key=key)
        except HelpRefused as refused:
            wrongs, status = refused.wrongs, words.REFUSED
        except KeyReused:
            wrongs, key, status = dict(sent_already()), "", words.REFUSED
        else:
            messages.success(request, _("Votre réponse est partie. Le lieu reçoit un courriel."))
            return redirect(request.path)
        found = queries.request_by_number(found.pk)
    said = words.exchange(found)
    grants = [one for one in grants_with(found, now=timezone.now()) if reads(request.user, one)]
    context = {
        "network": network,
        "up": up,
        "asked": words.asked(found, now=timezone.now()),
        "said": said,
        "seen": sum(one["is_help"] for one in said),
        "grants": [words.granted(one) for one in grants],
        "text": text,
        "key": key or str(uuid4()),
        "labels": FIELDS,
        **words.mistakes(wrongs),
    }
    return render(request, "clearance/help/helper.html", context, status=status)
