"""The page of a diagnosis, and what is said where it cannot be given."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.diagnosis import labels
from maillage.diagnosis.queries.diagnose import diagnose
from maillage.diagnosis.queries.opening import nearest_first, out_of_reach
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.facts import Diagnosis
from maillage.diagnosis.views import asking, shown
from maillage.diagnosis.views.asking import Asked, TooManyChanges
from maillage.diagnosis.views.bounds import spent, within_bounds
from maillage.diagnosis.views.index import MANY, lost
from maillage.places.views.kept import kept_as
from maillage.territory import queries as territory
from maillage.territory.queries.card import card

KEPT_S = 3600
MOST_CHOICES = 6


@require_safe
@within_bounds
def diagnosis(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Show what a territory lacks, or not; kept until the registry, the ground or the day changes."""
    try:
        asked = asking.read(reference, request.GET)
    except TooManyChanges:
        return too_many(request)
    if territory.find(reference) is None:
        return lost(request, reference)
    if asked.town:
        return _opened_by_name(request, asked)
    if asked.unread:
        return _page(request, asked, [_unread(name, value) for name, value in asked.unread])
    return settled(request, asked, lambda found, read, refused: _written(request, found, read, refused))


class Unfinished(Exception):
    """An answer whose search was stopped by the clock: given once, and kept by nobody."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def settled(
    request: HttpRequest, asked: Asked, write: Callable[[Diagnosis, Asked, list[dict[str, Any]]], HttpResponse]
) -> HttpResponseBase:
    """Answer a question, and keep the answer unless its search of sites was stopped before the end."""

    def answer() -> HttpResponse:
        with spent(request, asked.request.territory):
            found, read, refused = diagnosed(asked)
            response = write(found, read, refused)
        if is_unfinished(found):
            response.headers["Cache-Control"] = "no-store"
            raise Unfinished(response)
        return response

    today = timezone.localdate().isoformat()
    try:
        return kept_as(request, f"{today}:{request.path}?{asked.query()}", answer, seconds=KEPT_S)
    except Unfinished as stopped:
        return stopped.response


def is_unfinished(found: Diagnosis) -> bool:
    """Whether the sites proposed are only the best that were found in the time given."""
    return found.plan is not None and found.plan.gap > 0 and found.plan.stopped in ("time", "interrupted")


def _page(request: HttpRequest, asked: Asked, notices: list[dict[str, Any]]) -> HttpResponse:
    """Write the page of a question that is not kept."""
    with spent(request, asked.request.territory):
        found, asked, refused = diagnosed(asked)
        return _written(request, found, asked, [*notices, *refused])


def _written(request: HttpRequest, found: Diagnosis, asked: Asked, notices: list[dict[str, Any]]) -> HttpResponse:
    """Write the page of a question, the same for whoever asks it, however it was typed."""
    request.GET = QueryDict(asked.query())
    context = shown.page(found, asked) | {"notices": notices, "crumbs": crumbs(found)}
    return render(request, "diagnosis/diagnosis.html", context, status=200)


def diagnosed(asked: Asked) -> tuple[Diagnosis, Asked, list[dict[str, Any]]]:
    """Diagnose; a change that means nothing is left out and said, never answered by an error."""
    asked, notices = _within_reach(asked)
    today = timezone.localdate()
    try:
        return diagnose(asked.request, today=today), asked, notices
    except Refused as refused:
        notices.append({"text": labels.refusal(refused), "links": []})
    plain = Asked(replace(asked.request, opened=(), closed=(), sites=0), asked.sort, asked.whole)
    return diagnose(plain.request, today=today), plain, notices


def _within_reach(asked: Asked) -> tuple[Asked, list[dict[str, Any]]]:
    """Leave out, and say, the openings that are too far to change anything here."""
    far = out_of_reach(asked.request.territory, asked.request.opened)
    if not far:
        return asked, []
    text = _("%(name)s est hors de portée de ce territoire\u202f: y ouvrir un lieu n’y changerait rien.")
    kept = tuple(code for code in asked.request.opened if code not in far)
    return asked.but(opened=kept), [{"text": text % {"name": name}, "links": []} for name in far.values()]


def _opened_by_name(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Try the commune that was typed; where the name means several, ask which."""
    found = [hit for hit in territory.search(asked.town, limit=MANY) if hit.kind == "commune"]
    hits = nearest_first(asked.request.territory, found)
    exact = [hit for hit in hits if hit.exact]
    base = reverse("diagnosis", args=[asked.request.territory])

    def url(code: str) -> str:
        return f"{base}?{asked.but(opened=tuple(sorted({*asked.request.opened, code}))).query()}"

    if len(hits) == 1 or len(exact) == 1:
        return redirect(url((exact or hits)[0].code))
    if not hits:
        text = _(
            "Aucune commune ne s’appelle «\u202f%(name)s\u202f»\u202f: vérifiez son nom, ou donnez son code Insee."
        )
        return _page(request, asked.but(), [{"text": text % {"name": asked.town}, "links": []}])
    links = [{"url": url(hit.code), "label": f"{hit.name}, {hit.context}"} for hit in hits[:MOST_CHOICES]]
    return _page(request, asked.but(), [{"text": _("Quelle commune\u202f?"), "links": links}])


def _unread(name: str, value: str) -> dict[str, Any]:
    text = _("«\u202f%(value)s\u202f» n’est pas une valeur de «\u202f%(name)s\u202f»\u202f: elle est laissée de côté.")
    return {"text": text % {"name": name, "value": value}, "links": []}


def too_many(request: HttpRequest) -> HttpResponse:
    """Refuse more changes than anybody tries at once."""
    return render(request, "diagnosis/too_many.html", {"most": asking.MOST_CHANGES}, status=400)


def crumbs(found: Diagnosis) -> list[dict[str, str]]:
    """The territories that hold this one, the largest first."""
    told = card(found.reference)
    parents = reversed(told.parents) if told else []
    return [{"label": one.name, "url": reverse("diagnosis", args=[one.reference])} for one in parents]
