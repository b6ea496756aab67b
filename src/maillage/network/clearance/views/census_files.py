"""A census as files for its officers, and the form filled with a place on the telephone."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.management.people.rules.tables import BOM, cell
from maillage.network.clearance.queries import campaigns as queries
from maillage.network.clearance.queries.census_forms import invitation_of, questions_of
from maillage.network.clearance.views import census_words as words
from maillage.network.clearance.views.census import METHODS, Door, first_page, step_page
from maillage.network.clearance.views.desk import desk_of

WAYS = {"mail": "courriel", "letter": "lettre", "phone": "téléphone"}


@never_cache
@login_required
@require_safe
def contacts(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """Whom to call: the places that have not answered, those that nothing reached first."""
    found = _found(request, network, edition)
    states = words.place_states()
    rows = [
        (
            one.invitation.place.name,
            one.invitation.place.city or (one.invitation.place.commune.name if one.invitation.place.commune else ""),
            one.invitation.place.phone,
            one.invitation.place.website,
            states[one.state],
            str(one.invitation.reminders),
        )
        for one in queries.to_phone(found)
    ]
    head = (_("lieu"), _("commune"), _("téléphone"), _("site"), _("où il en est"), _("rappels"))
    return _file(f"a-appeler-{found.edition}.csv", head, rows)


@never_cache
@login_required
@require_safe
def answers(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """What each place answered to the own questions; a place that said nothing has its line too."""
    found = _found(request, network, edition)
    asked = questions_of(found)
    states = words.place_states()
    rows = []
    for one in queries.followed(found, now=timezone.now()).askings:
        said = one.answer.replies if one.answer else {}
        place = one.invitation.place
        rows.append(
            (
                str(place.pk),
                place.name,
                place.commune_id or "",
                states[one.state],
                one.answer.answered_at.date().isoformat() if one.answer else "",
                WAYS[one.answer.way] if one.answer else "",
                *(str(said.get(question.code, {}).get("value", "")) for question in asked),
            )
        )
    head = (_("identifiant"), _("lieu"), _("code Insee"), _("où il en est"), _("répondu le"), _("par"))
    return _file(f"reponses-{found.edition}.csv", (*head, *(f"{one.text} [v{one.version}]" for one in asked)), rows)


@never_cache
@login_required
@require_http_methods(METHODS)
def phone(request: HttpRequest, network: str, edition: str, asking: UUID) -> HttpResponse:
    """Fill the form of a place with whoever answers the telephone there."""
    return first_page(request, _door(request, network, edition, asking))


@never_cache
@login_required
@require_http_methods(METHODS)
def phone_step(request: HttpRequest, network: str, edition: str, asking: UUID, step: str) -> HttpResponse:
    """One step of it."""
    return step_page(request, _door(request, network, edition, asking), step)


def _door(request: HttpRequest, network: str, edition: str, asking: UUID) -> Door:
    here, officer = desk_of(request, network)
    found = queries.campaign_of(here, edition)
    asked = invitation_of(found, asking) if found else None
    if asked is None:
        raise Http404
    pages = ("network_census_phone", "network_census_phone_step")
    return Door(asked, "phone", officer.by, pages, (here.slug, edition, asking), is_officer=True)


def _found(request: HttpRequest, network: str, edition: str) -> Any:
    here, _officer = desk_of(request, network)
    found = queries.campaign_of(here, edition)
    if found is None:
        raise Http404
    return found


def _file(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([cell(value) for value in row])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(BOM + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
