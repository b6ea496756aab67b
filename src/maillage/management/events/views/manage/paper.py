"""The attendance sheet of a session: printed and signed, or opened in a spreadsheet."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.bookings.rules.clock import local_day
from maillage.management.events.queries.programme import zone_of
from maillage.management.events.queries.team import Board
from maillage.management.events.views.manage.session import board_or_404, party, said
from maillage.management.people.rules.tables import BOM, cell
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

BLANK_LEAST, BLANK_MOST = 5, 15


@seated("host")
def sheet(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Show the sheet that people sign: one line a person, and blank lines for who walks in."""
    found = board_or_404(seat, session)
    now = timezone.now()
    lines = _lines(found, now)
    left = (found.session.capacity or 0) - len(lines)
    context = {
        "seat": seat,
        **said(found, zone_of(seat.place)),
        "lines": lines,
        "blank": range(len(lines) + 1, len(lines) + 1 + min(max(left, BLANK_LEAST), BLANK_MOST)),
        "organisation": found.session.event.organisation,
        "has_price": any(line["owed"] for line in lines),
    }
    return render(request, "events/manage/sheet.html", context)


@seated("host")
def as_csv(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """The same for a spreadsheet: one row a party; no cell runs as a formula."""
    found = board_or_404(seat, session)
    zone = zone_of(seat.place)
    now = timezone.now()
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    heads = (_("séance"), _("début"), _("nom"), _("personnes"), _("état"), _("présence"), _("à payer"), _("téléphone"))
    writer.writerow(heads)
    one = found.session
    start = f"{one.start.astimezone(zone):%Y-%m-%d %H:%M}"
    presences = {"arrived": _("présent"), "missed": _("absent"), "": ""}
    for each in found.rows:
        told = party(found, each, now)
        state = _("inscrit") if each.registration.seat_id else _("en attente")
        row = (one.event.title, start, told["name"], told["heads"], state, presences[told["came"]])
        writer.writerow([cell(value) for value in (*row, told["owed"], told["phone"])])
    name = f"feuille-{local_day(one.start, zone).isoformat()}-{one.pk}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(BOM + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(found: Board, now: Any) -> list[dict[str, Any]]:
    """One line a person who has a seat; those whom somebody brings are named after them."""
    lines = []
    for each in found.confirmed:
        told = party(found, each, now)
        lines.append({"name": told["name"], "phone": told["phone"], "owed": told["owed"]})
        brought = _("avec %(name)s") % {"name": told["name"]}
        lines += [{"name": "", "with": brought, "phone": "", "owed": ""} for _more in range(told["heads"] - 1)]
    return [{**line, "number": number} for number, line in enumerate(lines, start=1)]
