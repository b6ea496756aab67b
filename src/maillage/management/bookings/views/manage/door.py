"""The code at the door, which lets people note themselves as there; and the code of a booking, which the desk scans."""

from typing import Any

from django.conf import settings as site
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.bookings.actions.arriving import set_door
from maillage.management.bookings.actions.desk import ARRIVED, check_in
from maillage.management.bookings.actions.reserving import Busy, Refused
from maillage.management.bookings.queries.day import settings_here
from maillage.management.bookings.queries.desk import told
from maillage.management.bookings.queries.links import booking_of
from maillage.management.bookings.rules.clock import local_day, zone_named
from maillage.management.bookings.views.manage.wording import REFUSED, day_hours, problem_words, where, who
from maillage.places.permissions import Seat
from maillage.places.views.detail import is_local, poster_size, qr_code
from maillage.places.views.seat import seated


@seated("run")
def door(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Say whether a code hangs at the door; draw one, another one, or none."""
    if request.method == "POST":
        is_open = request.POST.get("faire") == "afficher"
        if is_open or request.POST.get("faire") == "retirer":
            try:
                set_door(place=seat.place, is_open=is_open, by=seat.by, now=timezone.now())
            except Busy as busy:
                messages.error(request, problem_words(busy.problems[0]))
            else:
                done = _("Le code est prêt\u202f: imprimez l’affiche.") if is_open else _("Plus aucun code ne sert.")
                messages.success(request, done)
        return redirect("manage_door", seat.place.slug)
    context = {"seat": seat, "is_open": bool(settings_here(seat.place).door_code)}
    return render(request, "bookings/manage/door.html", context)


@seated("run")
def poster(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The page to print and hang at the door."""
    code = settings_here(seat.place).door_code
    if not code:
        return redirect("manage_door", seat.place.slug)
    address = f"{site.SITE_URL}{reverse('arrival', args=[seat.place.slug])}?porte={code}"
    context = {
        "seat": seat,
        "place": seat.place,
        "local": is_local(address),
        "size": poster_size(seat.place.name),
        "qr": qr_code(address, _("Code à scanner\u202f: je suis arrivé")),
    }
    return render(request, "bookings/manage/door_poster.html", context)


@seated("host")
def ticket(request: HttpRequest, seat: Seat, ticket: str) -> HttpResponse:
    """Show the booking whose code was scanned at the desk, and check that person in with one touch."""
    linked = booking_of(ticket)
    found = told(seat.place, linked.pk) if linked else None
    if found is None:
        raise Http404
    now, problem = timezone.now(), ""
    if request.method == "POST":
        try:
            check_in(place=seat.place, booking_id=found.booking.pk, came=ARRIVED, by=seat.by, now=now)
            return redirect("manage_ticket", seat.place.slug, ticket)
        except Refused as refused:
            problem = problem_words(refused.problems[0])
    zone = zone_named(settings_here(seat.place).zone)
    one: Any = found.booking
    context = {
        "seat": seat,
        "booking": one,
        "who": who(one),
        "where": where(one, count=len(found.units)),
        "when": day_hours(one.start, one.end, zone),
        "is_today": local_day(one.start, zone) <= local_day(now, zone) <= local_day(one.end, zone),
        "day": local_day(one.start, zone).isoformat(),
        "problem": problem,
    }
    return render(request, "bookings/manage/ticket.html", context, status=REFUSED if problem else 200)
