"""One booking: what it is, who made it, what was done to it; moved, cancelled, and why who came did."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal.labels import ACTS
from maillage.management.bookings.actions.desk import cancel_at_desk, confirm_at_desk, keep_outside, note_visit
from maillage.management.bookings.actions.reserving import Refused, Taken, move
from maillage.management.bookings.queries.desk import Told, told, zone_here
from maillage.management.bookings.queries.proposals import Proposal, elsewhere
from maillage.management.bookings.rules.clock import NoSuchTime, instant, local_day, minute_of_day, zone_named
from maillage.management.bookings.rules.entries import read_when
from maillage.management.bookings.rules.spans import Span
from maillage.management.bookings.views.manage.day import SAID, questions
from maillage.management.bookings.views.manage.wording import (
    REFUSED,
    as_clock,
    control,
    day_hours,
    mistakes,
    posted,
    problem_words,
    problems_told,
    state,
    where,
    who,
)
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.names import names_of
from maillage.places.views.seat import seated

MOVED = ("day", "starts", "ends")


@seated("host")
def booking(request: HttpRequest, seat: Seat, booking: int) -> HttpResponse:
    """Show a booking; a posted day and hours move it."""
    found = _found(seat, booking)
    zone = zone_named(zone_here(seat.place))
    raw = {
        "day": local_day(found.booking.start, zone).isoformat(),
        "starts": as_clock(minute_of_day(found.booking.start, zone)),
        "ends": as_clock(minute_of_day(found.booking.end, zone)),
    }
    if request.method != "POST":
        return _page(request, seat, found, raw)
    raw = posted(request, MOVED)
    read = read_when(raw, ())
    if read.wrongs:
        wrongs = {name: (say(one.problem), say(one.mend)) for name, one in read.wrongs.items()}
        return _page(request, seat, found, raw, wrongs=wrongs)
    values = read.values
    try:
        start, end = (instant(values["day"], values[name], zone) for name in ("start_minute", "end_minute"))
        move(booking_id=booking, start=start, end=end, by=seat.by, now=timezone.now(), at_desk=True)
    except NoSuchTime as never:
        return _page(request, seat, found, raw, wrongs={"starts": (say(never.message), "")})
    except Taken:
        instead = elsewhere(found.booking, Span(start, end), now=timezone.now())
        return _page(request, seat, found, raw, problems=problems_told(instead.problems), instead=instead)
    except Refused as refused:
        return _page(request, seat, found, raw, problems=problems_told(refused.problems))
    messages.success(request, _("La réservation est déplacée."))
    return redirect("manage_booking", seat.place.slug, booking)


@seated("host")
def cancel(request: HttpRequest, seat: Seat, booking: int) -> HttpResponse:
    """Ask once, then cancel a booking, alone or with those of its series that follow."""
    found = _found(seat, booking)
    zone = zone_named(zone_here(seat.place))
    if request.method == "POST":
        rest = request.POST.get("rest") == "1"
        count = cancel_at_desk(place=seat.place, booking_id=booking, rest=rest, by=seat.by, now=timezone.now())
        said = ngettext("%(n)d réservation annulée.", "%(n)d réservations annulées.", count) % {"n": count}
        messages.success(request, said if count else _("Elle était déjà annulée."))
        return redirect("manage_day", seat.place.slug, local_day(found.booking.start, zone).isoformat())
    return render(request, "bookings/manage/cancel.html", {"seat": seat, **_said(found, zone)})


@seated("host")
def confirm(request: HttpRequest, seat: Seat, booking: int) -> HttpResponse:
    """Make a hold firm."""
    _found(seat, booking)
    if request.method == "POST":
        try:
            confirm_at_desk(place=seat.place, booking_id=booking, by=seat.by, now=timezone.now())
        except Refused as refused:
            messages.error(request, problem_words(refused.problems[0]))
        else:
            messages.success(request, _("L’option est confirmée."))
    return redirect("manage_booking", seat.place.slug, booking)


@seated("run")
def keep(request: HttpRequest, seat: Seat, booking: int) -> HttpResponse:
    """Keep a booking that hours left outside."""
    _found(seat, booking)
    if request.method == "POST":
        keep_outside(place=seat.place, booking_id=booking, by=seat.by, now=timezone.now())
        messages.success(request, _("Elle est gardée, hors des heures."))
    return redirect("manage_spaces", seat.place.slug)


@seated("host")
def why(request: HttpRequest, seat: Seat, booking: int) -> HttpResponse:
    """Note why somebody who had booked came."""
    found = _found(seat, booking)
    if request.method == "POST" and found.visit is not None:
        raw = posted(request, SAID)
        try:
            note_visit(place=seat.place, raw=raw, booking_id=booking, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist:
            messages.error(request, _("Cette personne n’est plus notée comme arrivée. Notez d’abord son arrivée."))
        else:
            messages.success(request, _("C’est noté."))
    return redirect("manage_booking", seat.place.slug, booking)


def _found(seat: Seat, booking: int) -> Told:
    found = told(seat.place, booking)
    if found is None:
        raise Http404
    return found


def _said(found: Told, zone: Any) -> dict[str, Any]:
    one = found.booking
    return {
        "booking": one,
        "who": who(one),
        "when": day_hours(one.start, one.end, zone),
        "where": where(one, count=len(found.units)),
        "units": found.units if len(found.units) > 1 else (),
        "state": state(one),
        "holds": one.status in ("held", "confirmed"),
        "may_confirm": one.status in ("held", "lapsed") and one.start > timezone.now(),
        "may_open": one.person is not None and not one.person.erased_at,
        "following": found.following,
        "day": local_day(one.start, zone).isoformat(),
    }


def _offer(span: Span, zone: Any) -> dict[str, str]:
    """A time to move to, as the form of the page sends it; midnight is the end of its day."""
    end = minute_of_day(span.end, zone)
    return {
        "when": day_hours(span.start, span.end, zone),
        "day": local_day(span.start, zone).isoformat(),
        "starts": as_clock(minute_of_day(span.start, zone)),
        "ends": as_clock(end) if end else "24:00",
    }


def _page(
    request: HttpRequest,
    seat: Seat,
    found: Told,
    raw: dict[str, str],
    *,
    wrongs: dict[str, tuple[str, str]] | None = None,
    problems: list[dict[str, Any]] | None = None,
    instead: Proposal | None = None,
) -> HttpResponse:
    zone = zone_named(zone_here(seat.place))
    wrongs = wrongs or {}
    named = names_of([found.booking.made_by, *(event.by for event in found.events)], seat)
    wrong = bool(wrongs or problems)
    context = {
        "seat": seat,
        **_said(found, zone),
        "made_by": named(found.booking.made_by),
        "events": [
            {"at": event.at, "by": named(event.by), "what": ACTS.get(event.action, event.action)}
            for event in found.events
        ],
        "controls": [
            control("day", raw["day"], wrongs, type="date", required="required"),
            control("starts", raw["starts"], wrongs, type="time", required="required"),
            control("ends", raw["ends"], wrongs, type="time", required="required"),
        ],
        "offers": [_offer(offer.span, zone) for offer in instead.offers] if instead else [],
        "questions": questions(found.visit) if found.visit else [],
        "wrong": wrong,
        "mistakes": [*mistakes(wrongs), *(problems or [])],
    }
    return render(request, "bookings/manage/booking.html", context, status=REFUSED if wrong else 200)
