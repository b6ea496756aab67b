"""Whom the place is about to forget, and why: the law's period, and what keeps somebody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from maillage.journal.legal import ASSUMPTION
from maillage.management.people.queries.retention import MOST_SHOWN, period, soon
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("run")
def soon_forgotten(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show whom the place forgets within two months."""
    today = timezone.localdate()
    kept = period(today)
    shown = soon(seat.place, on=today)
    context = {
        "seat": seat,
        "period": kept,
        "months": kept.value if kept else None,
        "is_assumption": kept is not None and kept.kind == ASSUMPTION,
        "persons": shown,
        "more": len(shown) == MOST_SHOWN,
    }
    return render(request, "people/retention.html", context)
