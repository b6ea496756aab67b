"""A diagnosis to take away: the council's two pages, and the figures for programs and spreadsheets."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.diagnosis.queries.kept import kept as kept_under
from maillage.diagnosis.rules import documents
from maillage.diagnosis.rules.facts import Diagnosis
from maillage.diagnosis.views import asking
from maillage.diagnosis.views.asking import TooManyChanges
from maillage.diagnosis.views.bounds import no_paper, spent, within_bounds
from maillage.diagnosis.views.index import lost
from maillage.diagnosis.views.pages import KEPT_S, settled, too_many
from maillage.diagnosis.views.paper import NoReport
from maillage.diagnosis.views.paper import pdf as written
from maillage.places.views.kept import kept_as
from maillage.territory import queries as territory

TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}


@within_bounds
def _answer(request: HttpRequest, reference: str, kind: str) -> HttpResponseBase:
    try:
        asked = asking.read(reference, request.GET)
    except TooManyChanges:
        return too_many(request)
    if territory.find(reference) is None:
        return lost(request, reference)
    try:
        response = settled(request, asked, lambda found, _asked, _refused: HttpResponse(WRITERS[kind](found)))
    except NoReport:
        return no_paper(request, reverse("diagnosis", args=[reference]), asked.query())
    return _named(response, f"constat-{reference}", kind)


def _named(response: HttpResponseBase, name: str, kind: str) -> HttpResponseBase:
    response.headers["Content-Type"] = TYPES[kind]
    place = "inline" if kind in ("pdf", "json") else "attachment"
    response.headers["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(f'{name}.{kind}')}"
    return response


WRITERS: dict[str, Callable[[Diagnosis], Any]] = {
    "pdf": lambda found: written(found, (get_language() or "fr")[:2]),
    "json": documents.as_json,
    "csv": documents.as_csv,
    "geojson": documents.as_geojson,
}


@require_safe
@within_bounds
def kept_file(request: HttpRequest, reference: str, kept: str, kind: str) -> HttpResponseBase:
    """A kept diagnosis to take away, figure for figure."""
    found = kept_under(kept)
    if found is None or found.diagnosis.reference != reference or kind not in WRITERS:
        raise Http404(_("Aucun constat n’est gardé à cette adresse."))

    address = reverse("diagnosis_kept", args=[reference, kept])

    def write() -> HttpResponse:
        with spent(request, f"kept-{kept}"):
            if kind == "pdf":
                return HttpResponse(written(found.diagnosis, (get_language() or "fr")[:2], kept_at=address))
            return HttpResponse(WRITERS[kind](found.diagnosis))

    try:
        response = kept_as(request, request.path, write, seconds=KEPT_S)
    except NoReport:
        return no_paper(request, address)
    return _named(response, f"constat-{reference}-{kept}", kind)


@require_safe
def pdf(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Two pages for the council, readable by screen readers (PDF/UA-1)."""
    return _answer(request, reference, "pdf")


@require_safe
def json(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Every figure of a diagnosis."""
    return _answer(request, reference, "json")


@require_safe
def csv(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One row for each commune."""
    return _answer(request, reference, "csv")


@require_safe
def geojson(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One feature for each commune and each place."""
    return _answer(request, reference, "geojson")
