"""Whose words make a sheet: each record of a place, and the way out of it for one that is of another place."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.network.clearance.queries.records import Told, place_of, records_of
from maillage.network.clearance.views.desk import REFUSED, desk_of
from maillage.places.actions.detach import detach_record
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.rules.text import one_line
from maillage.places.views.field_wording import field_label, shown

BRIEF = ("name", "street", "postal_code", "city", "website", "phone", "siret")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def records(request: HttpRequest, network: str, slug: str) -> HttpResponse:
    """Show what each source says of a place; give a record that is of another place its own."""
    here, officer = desk_of(request, network)
    place = place_of(here, slug)
    if place is None:
        raise Http404
    found = records_of(place)
    why = ""
    if request.method == "POST":
        chosen = next((one.record for one in found if str(one.record.pk) == request.POST.get("enregistrement")), None)
        reason = one_line(request.POST.get("motif", "").replace("\x00", ""))[:300]
        try:
            if chosen is None:
                raise PlaceRefused(_("Cet enregistrement n’est plus ici\u202f: rechargez la page."))
            made = detach_record(record_id=chosen.pk, reason=reason, by=officer.by, now=timezone.now())
        except PlaceRefused as refused:
            why = str(refused)
        else:
            said = _("C’est fait\u202f: «\u202f%(name)s\u202f» a sa propre fiche, et les imports s’en souviendront.")
            messages.success(request, said % {"name": made.name})
            return redirect("network_records", here.slug, place.slug)
    context = {"network": here, "place": place, "why": [why] if why else [], "records": [_told(one) for one in found]}
    return render(request, "clearance/records.html", context, status=REFUSED if why else 200)


def _told(one: Told) -> dict[str, Any]:
    values = one.record.values
    return {
        "one": one.record,
        "may_leave": one.may_leave,
        "says": [
            {"label": field_label(name), "value": shown(name, values[name])} for name in BRIEF if values.get(name)
        ],
    }
