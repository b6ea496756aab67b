"""A diagnosis kept under an address that no longer changes: asked once, then the same figures for ever."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.diagnosis import labels, queries
from maillage.diagnosis.actions import keep as keep_it
from maillage.diagnosis.queries.kept import KeptDiagnosis, kept_of
from maillage.diagnosis.queries.kept import kept as kept_under
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.changes import changes
from maillage.diagnosis.views import asking, shown
from maillage.diagnosis.views.asking import Asked, TooManyChanges
from maillage.diagnosis.views.bounds import spent, visitor, within_bounds
from maillage.diagnosis.views.index import lost
from maillage.diagnosis.views.pages import KEPT_S, crumbs, diagnosed, too_many
from maillage.places.views.kept import kept_as
from maillage.places.views.wording import day_in_words
from maillage.territory import queries as territory

VISITOR = "visiteur"
MOST_CHANGES = 12


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@within_bounds
def keep(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask once, then keep: the figures of this very question, for whoever has the address."""
    try:
        asked = asking.read(reference, request.GET)
    except TooManyChanges:
        return too_many(request)
    if territory.find(reference) is None:
        return lost(request, reference)
    with spent(request, reference):
        return _keep(request, reference, asked)


def _keep(request: HttpRequest, reference: str, asked: Asked) -> HttpResponse:
    refused = ""
    if request.method == "POST":
        try:
            link = keep_it(request=asked.request, by=_signature(request), now=timezone.now(), visitor=visitor(request))
        except Refused as trouble:
            refused = labels.refusal(trouble)
        else:
            return redirect("diagnosis_kept", reference, link)
    found, asked, _notices = diagnosed(asked)
    base = reverse("diagnosis", args=[reference])
    context: dict[str, Any] = {
        "d": found,
        "answer": labels.verdict(found),
        "tried": shown.tried(found, asked),
        "refused": refused,
        "back": f"{base}?{asked.query()}" if asked.query() else base,
        "before": [
            {"url": reverse("diagnosis_kept", args=[found.reference, link]), "day": _day(made_at)}
            for link, made_at in kept_of(found.reference)
        ],
    }
    return render(request, "diagnosis/keep.html", context, status=409 if refused else 200)


def _signature(request: HttpRequest) -> str:
    """Who keeps it: an account if there is one; nobody has to have one."""
    return f"compte:{request.user.pk}" if request.user.is_authenticated else VISITOR


def _day(moment: Any) -> str:
    return day_in_words(timezone.localtime(moment), "j F Y")


@require_safe
@within_bounds
def kept(request: HttpRequest, reference: str, kept: str) -> HttpResponseBase:
    """Give the figures of a kept diagnosis again, and what has changed since."""
    found = kept_under(kept)
    if found is None or reference not in (found.diagnosis.reference, found.diagnosis.request.territory):
        raise Http404(_("Aucun constat n’est gardé à cette adresse."))
    today = timezone.localdate().isoformat()

    def write() -> HttpResponse:
        with spent(request, found.diagnosis.reference):
            return _page(request, found)

    return kept_as(request, f"{today}:{request.path}", write, seconds=KEPT_S)


def _page(request: HttpRequest, found: KeptDiagnosis) -> HttpResponse:
    then, base = found.diagnosis, reverse("diagnosis", args=[found.diagnosis.reference])
    asked = Asked(then.request, base=base)
    told: dict[str, Any] = {"day": _day(found.made_at), "today": f"{base}?{asked.query()}" if asked.query() else base}
    try:
        now = queries.diagnose(then.request, today=timezone.localdate())
        told["changes"] = [labels.change(one) for one in changes(then, now)][:MOST_CHANGES]
    except Refused as refused:
        told["gone"] = labels.refusal(refused)
    links = {
        kind: reverse("diagnosis_kept_file", args=[then.reference, found.id, kind])
        for kind in ("pdf", "json", "csv", "geojson")
    }
    context = shown.page(then, asked) | {"kept": told, "crumbs": crumbs(then), "links": links}
    return render(request, "diagnosis/diagnosis.html", context)
