"""All that the place holds, to take away: what is in it, then the file."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from maillage.management.people.actions.exporting import export_place
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("run")
def export(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Say what the file holds, then give it."""
    if request.method != "POST":
        answer: HttpResponse = render(request, "people/export.html", {"seat": seat})
        return answer
    now = timezone.now()
    file = export_place(place=seat.place, by=seat.by, now=now)
    name = f"{seat.place.slug}-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
