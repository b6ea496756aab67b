"""The money of a place in one page: what is owed, what waits, what the month brought."""

import calendar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from maillage.management.billing.queries import invoices as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.views.manage.wording import draft_row, rows
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words


@seated("run")
def money(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what is owed, the drafts that wait, and what this month was."""
    today = today_at(seat.place, timezone.now())
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    context = {
        "seat": seat,
        "has_seller": seller_on(seat.place, today) is not None,
        "month": queries.month(seat.place, today.replace(day=1), last),
        "month_name": day_in_words(today, "F Y"),
        "month_code": f"{today:%Y-%m}",
        "unpaid": rows(queries.unpaid(seat.place), today),
        "drafts": [draft_row(one) for one in queries.drafts_of(seat.place)],
    }
    return render(request, "billing/manage/money.html", context)
