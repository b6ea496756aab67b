"""The page of one place, its poster and its history."""

from collections.abc import Mapping
from io import BytesIO
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

import segno
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from maillage.places import queries
from maillage.places.queries.places import Found
from maillage.places.queries.sheet import Sheet, history_by_slug, sheet_by_slug
from maillage.places.rules.personal import CONTACTS, without_past_contacts
from maillage.places.views import sheet as words
from maillage.places.views.beside import links
from maillage.places.views.differences import changes
from maillage.places.views.field_wording import by_whom
from maillage.places.views.kept import kept
from maillage.places.views.wording import moment_in_words


@kept
def place(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a place."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere(request, found, "place")
    context = words.page(sheet, now=timezone.now())
    context |= {"map": queries.map_of_place(sheet.place), "beside": links(sheet.place)}
    return render(request, "places/place.html", context)


@kept
def poster(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the poster of a place: one A4 page to print, with the QR code of its public page."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere(request, found, "place_poster")
    return render(request, "places/poster.html", poster_context(sheet))


def poster_context(sheet: Sheet) -> dict[str, Any]:
    """What a poster says."""
    url = settings.SITE_URL + reverse("place", args=[sheet.place.slug])
    return {
        "place": sheet.place,
        "size": poster_size(sheet.place.name),
        "what": words.activities(sheet),
        "where": words.where(sheet),
        "hours": words.hours(sheet, now=timezone.now()),
        "contact": words.contact(sheet),
        "url": url,
        "address": url.split("://", 1)[-1].rstrip("/"),
        "promise": words.promise(sheet),
        "local": is_local(url),
        "qr": qr_code(url),
    }


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@kept
def widget(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a place in a frame of another site: no script, no cookie, a few kilobytes."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere(request, found, "place_widget")
    context = words.page(sheet, now=timezone.now())
    return render(request, "places/widget.html", context)


@kept
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who changed what in the page of a place, when and why."""
    found, told = history_by_slug(slug)
    if told is None:
        return elsewhere(request, found, "place_history")
    departement = told.place.commune.departement_id if told.place.commune else ""
    now_shown = {name: getattr(told.place, name) for name in CONTACTS}
    revisions: list[dict[str, Any]] = [
        {
            "number": revision.number,
            "at": revision.at,
            "when": moment_in_words(revision.at, departement),
            "by": by_whom(revision.by),
            "reason": revision.reason,
            "changes": changes(
                _public(now_shown, revision.changes), first=revision.number == 1, communes=told.communes
            ),
        }
        for revision in told.revisions
    ]
    if told.place.confirmed_at:
        at, by = told.place.confirmed_at, by_whom(told.place.confirmed_by)
        confirmed = {"at": at, "when": moment_in_words(at, departement), "by": by, "confirmed": True}
        revisions = sorted([confirmed, *revisions], key=itemgetter("at"), reverse=True)
    context = {"place": told.place, "revisions": revisions, "shown": len(told.revisions), "total": told.total}
    return render(request, "places/history.html", context)


def _public(now_shown: Mapping[str, str], told: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """What everybody may read of a change: a number or an address that the sheet has left leaves its history too."""
    return without_past_contacts(told, now_shown, _("valeur retirée de la fiche"))


def elsewhere(request: HttpRequest, found: Found, page: str) -> HttpResponse:
    """Answer for an address where no place stands: moved (301), removed (410) or never known (404).

    A place may come back, or take its former address again: browsers, which else would keep both answers for ever,
    are told to ask again.
    """
    if found.moved_to:
        answer: HttpResponse = HttpResponsePermanentRedirect(reverse(page, args=[found.moved_to]))
    elif found.removed:
        answer = render(request, "410.html", {"reason": found.removed.removed_reason}, status=410)
    else:
        raise Http404
    patch_cache_control(answer, no_cache=True)
    return answer


def poster_size(name: str) -> str:
    """How large a name may stand on the poster, by its longest word and its length.

    >>> poster_size("La Maille"), poster_size("Le Comptoir des sept ponts"), poster_size("L’Intercommunalité")
    ('large', 'medium', 'small')
    """
    longest = max(map(len, name.split()), default=0)
    if longest <= 7 and len(name) <= 22:
        return "large"
    return "medium" if longest <= 11 and len(name) <= 44 else "small"


def is_local(url: str) -> bool:
    """Whether an address leads nowhere but to the computer that gives it.

    >>> is_local("http://localhost:8000/lieux/"), is_local("http://[::1]/"), is_local("https://lieux.exemple.org/")
    (True, True, False)
    """
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


def qr_code(url: str, title: str = "") -> SafeString:
    """Draw the QR code of an address as inline SVG."""
    buffer = BytesIO()
    segno.make(url, error="m", micro=False).save(
        buffer,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=0,
        dark="#14302a",
        title=title or _("Code à scanner : la page de ce lieu"),
        svgclass="poster__qr",
        lineclass=None,
    )
    return mark_safe(buffer.getvalue().decode())
