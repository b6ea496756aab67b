"""The team's first page: the state of the sheet, and what to do next."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.accounts import queries as accounts
from maillage.accounts.rules import CLOSE, EDIT, EVERYWHERE, NETWORK_OFFICER, OBSERVER, OPERATOR, read_key_signature
from maillage.places.actions import confirm_place
from maillage.places.actions.trust import ON_THE_SPOT
from maillage.places.forms import SECTIONS
from maillage.places.permissions import Seat
from maillage.places.queries.care import Charge, charges
from maillage.places.queries.sheet import sheet_by_slug
from maillage.places.queries.still import still_url
from maillage.places.queries.suggestions import count_pending
from maillage.places.queries.team import Overview, commune_names, overview
from maillage.places.rules.care import Need
from maillage.places.rules.text import one_line
from maillage.places.views.detail import poster_context, qr_code
from maillage.places.views.differences import changes
from maillage.places.views.field_wording import PROSE, field_label, shown, word
from maillage.places.views.manage.wording import TITLES, confirmed_words, lacking, need_words
from maillage.places.views.names import Names, names_of
from maillage.places.views.seat import seated


@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
@login_required
@never_cache
def my_places(request: HttpRequest) -> HttpResponse:
    """Show the places of a person, those that need care first; with one place only, go straight to it."""
    held = accounts.held(request.user)
    text = one_line(request.GET.get("q", "")[:200])
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    found = charges({scope for _role, scope in held}, text=text, page=page, now=timezone.now())
    if found.only and not found.withdrawn and EVERYWHERE not in {scope for _role, scope in held}:
        return redirect("manage", found.only)
    context = {
        "found": found,
        "charges": [_charge(charge) for charge in found.items],
        "text": text,
        "has_role": bool(held),
        "observes": any(role == OBSERVER and not scope.startswith("place:") for role, scope in held),
        "brings_in": any(role in (OPERATOR, NETWORK_OFFICER) for role, _scope in held),
        "newer": found.page - 1,
        "older": found.page + 1,
    }
    return render(request, "places/manage/my_places.html", context)


@seated("look")
def poster(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the poster with the code by which whoever is on the spot says that the sheet is still right."""
    _found, sheet = sheet_by_slug(seat.place.slug)
    if sheet is None:
        return redirect("place_poster", seat.place.slug)
    still = qr_code(still_url(seat.place, ON_THE_SPOT), _("Code à scanner : dire que la fiche est toujours exacte"))
    context = poster_context(sheet) | {"still_qr": still}
    return render(request, "places/poster.html", context)


@seated("look")
def desk(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the state of a sheet at a glance, and what the person may do about it."""
    found = overview(seat.place)
    context = {
        "seat": seat,
        "suggested": count_pending(seat.place),
        "embed": _embed(seat.place),
        "desk": found.desk,
        "photos": found.photos,
        "confirmed": confirmed_words(seat.place, _names(seat, found)),
        "fresh": _confirmed_today(seat),
        "lacking": [
            lacking(group, seat.place.slug, found.desk.values, may_edit=seat.may(EDIT)) for group in found.missing
        ],
        "sections": _sections(seat, found),
        "state": word("status", seat.place.status),
        "may_close": seat.may(CLOSE),
        "may_edit": seat.may(EDIT),
        "lines": _lines(seat, found),
    }
    return render(request, "places/manage/desk.html", context)


def _embed(place: Any) -> str:
    """The frame that shows a place on another site, as HTML to copy."""
    with override("fr"):
        address = settings.SITE_URL + reverse("place_widget", args=[place.slug])
    return format_html(
        '<iframe src="{}" title="{}" width="100%" height="320" loading="lazy"'
        ' style="max-width:26rem;border:0"></iframe>',
        address,
        place.name,
    )


@seated("edit")
def confirm(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Note that the sheet is still right."""
    if request.method == "POST":
        confirm_place(place_id=seat.place.pk, by=seat.by, now=timezone.now())
        messages.success(request, _("Merci\u202f! La fiche est confirmée d’aujourd’hui, et sa page le dit."))
    return redirect("manage", seat.place.slug)


def _confirmed_today(seat: Seat) -> bool:
    """Whether somebody confirmed the sheet today; a program does not answer in the team's place."""
    at, by = seat.place.confirmed_at, seat.place.confirmed_by
    return at is not None and timezone.localdate(at) == timezone.localdate() and read_key_signature(by) is None


def _names(seat: Seat, found: Overview) -> Names:
    signatures = [revision.by for revision in found.changes] + [seat.place.confirmed_by]
    return names_of(signatures, seat)


def _lines(seat: Seat, found: Overview) -> list[dict[str, Any]]:
    named = _names(seat, found)
    return [
        {
            "at": revision.at,
            "by": named(revision.by),
            "reason": revision.reason,
            "fields": [
                change["field"]
                for change in changes(revision.changes, first=revision.number == 1, communes=found.communes)
            ][:6],
            "first": revision.number == 1,
        }
        for revision in found.changes
    ]


def _sections(seat: Seat, found: Overview) -> list[dict[str, Any]]:
    values = found.desk.values
    communes = commune_names([values["commune"] or ""])
    hidden = {"lat", "lon", "postal_code"}
    return [
        {
            "slug": slug,
            "title": TITLES[slug](),
            "url": reverse("manage_section", args=[seat.place.slug, slug]),
            "told": [
                {"label": field_label(name), "value": said, "french": name in PROSE}
                for name in section.fields
                if name not in hidden and (said := shown(name, values[name], communes))
            ],
        }
        for slug, section in SECTIONS.items()
    ]


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "name": charge.name,
        "url": reverse("manage", args=[charge.slug]),
        "city": charge.city,
        "state": "" if charge.status == "open" else word("status", charge.status),
        "need": need_words(charge),
        "urgent": charge.need in (Need.NEVER, Need.OLD),
        "demo": charge.is_demo,
    }
