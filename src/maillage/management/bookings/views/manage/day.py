"""The day at a glance, who is there, and who passed by."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.accounts.rules import RUN
from maillage.journal.actions import KeyReused
from maillage.management.bookings.actions.desk import ARRIVED, CAME, MISSED, check_in, forget_visit, note_visit
from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.labels import ACTIVITIES, OTHERWISE, WHO
from maillage.management.bookings.queries.day import Day, day_of
from maillage.management.bookings.queries.desk import told, zone_here
from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR, day_said, local_day, moment_said, zone_named
from maillage.management.bookings.sentences import hour
from maillage.management.bookings.views.manage.wording import hours, posted, problem_words, where, who
from maillage.management.people.rules.entries import read_day
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

SAID = ("who", "activity", "otherwise")
LONGEST_KEY = 64


@seated("host")
def today(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the day it is at the place."""
    now = timezone.now()
    return _page(request, seat, local_day(now, zone_named(zone_here(seat.place))), now)


@seated("host")
def day(request: HttpRequest, seat: Seat, day: str) -> HttpResponse:
    """Show one day by half-days."""
    asked = read_day(day)
    if asked is None or not FIRST_YEAR < asked.year < LAST_YEAR:
        raise Http404
    return _page(request, seat, asked, timezone.now())


@seated("host")
def came(request: HttpRequest, seat: Seat, booking: int) -> HttpResponse:
    """Note who came, who did not, or neither after all; then back to that day."""
    found = told(seat.place, booking)
    if found is None:
        raise Http404
    said = request.POST.get("came", "")
    if request.method == "POST" and said in CAME:
        try:
            check_in(place=seat.place, booking_id=booking, came=said, by=seat.by, now=timezone.now())
        except Refused as refused:
            messages.error(request, problem_words(refused.problems[0]))
    there = local_day(found.booking.start, zone_named(zone_here(seat.place)))
    answer = redirect("manage_day", seat.place.slug, there.isoformat())
    answer["Location"] += f"#b{booking}"
    return answer


@seated("host")
def visits(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Note somebody who came without a booking: three taps, one button, and ready for the next."""
    if request.method == "POST":
        raw, key = posted(request, SAID), request.POST.get("jeton", "").replace("\x00", "")[:LONGEST_KEY]
        try:
            note_visit(place=seat.place, raw=raw, by=seat.by, now=timezone.now(), idempotency_key=key)
        except KeyReused:
            messages.error(request, _("Ce passage est déjà noté, avec d’autres réponses. Pour un autre, notez-le ici."))
        else:
            messages.success(request, _("C’est noté. La page est prête pour la personne suivante."))
        return redirect("manage_visits", seat.place.slug)
    context = {"seat": seat, "questions": questions(), "key": secrets.token_urlsafe(24)}
    return render(request, "bookings/manage/visits.html", context)


@seated("host")
def remove_visit(request: HttpRequest, seat: Seat, visit: int) -> HttpResponse:
    """Take back a visit noted by mistake."""
    if request.method == "POST":
        try:
            forget_visit(place=seat.place, visit_id=visit, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        messages.success(request, _("Ce passage n’est plus compté."))
    return redirect("manage_today", seat.place.slug)


def questions(visit: Any = None) -> list[dict[str, Any]]:
    """The three questions of a visit, with what was answered."""
    asked = (
        ("who", _("Qui vient\u202f?"), WHO),
        ("activity", _("Pour quoi faire\u202f?"), ACTIVITIES),
        ("otherwise", _("Sinon, où serait cette personne\u202f?"), OTHERWISE),
    )
    return [
        {
            "name": name,
            "title": title,
            "answers": [
                {"code": code, "label": label, "on": visit is not None and getattr(visit, name) == code}
                for code, label in words.items()
            ],
        }
        for name, title, words in asked
    ]


def _page(request: HttpRequest, seat: Seat, asked: date, now: datetime) -> HttpResponse:
    found = day_of(seat.place, asked, now=now)
    here = local_day(now, found.zone)
    rows = [_row(found, booking, now) for booking in found.bookings]
    halves = [
        {
            "code": "morning",
            "title": _("Matin"),
            "rows": [row for row in rows if row["starts_before_noon"]],
            "still": [],
        },
        {
            "code": "afternoon",
            "title": _("Après-midi et soir"),
            "rows": [row for row in rows if not row["starts_before_noon"]],
            "still": [
                row for row in rows if row["starts_before_noon"] and row["ends_after_noon"] and not row["missed"]
            ],
        },
    ]
    context = {
        "seat": seat,
        "day": asked,
        "title": say(day_said(asked)),
        "is_today": asked == here,
        "before": (asked - timedelta(days=1)).isoformat(),
        "after": (asked + timedelta(days=1)).isoformat(),
        "halves": [half for half in halves if half["rows"] or half["still"]],
        "waiting": sum(row["owes"] for row in rows),
        "summary": _summary(rows),
        "notes": _notes(found),
        "visits": [_visit(found, visit) for visit in found.visits],
        "may_run": seat.may(RUN),
        "has_spaces": found.has_spaces,
        "has_hours": found.has_hours,
        "is_over": asked < here,
    }
    return render(request, "bookings/manage/day.html", context)


def _row(found: Day, booking: Any, now: datetime) -> dict[str, Any]:
    confirmed = booking.status == "confirmed"
    came = ARRIVED if booking.arrived_at else MISSED if booking.missed_at else ""
    return {
        "pk": booking.pk,
        "who": who(booking),
        "phone": booking.person.phone if booking.person else "",
        "where": where(booking, count=booking.units),
        "hours": hours(booking.start, booking.end, found.zone),
        "purpose": booking.purpose if booking.person else "",
        "kept": "" if confirmed else _kept(booking.expires_at, found.zone, now),
        "series": bool(booking.series_id),
        "came": came,
        "missed": came == MISSED,
        "may_check": confirmed and not came and found.span.start <= now + timedelta(hours=12),
        "may_miss": booking.start <= now,
        "owes": confirmed and not came and booking.start <= now,
        "starts_before_noon": booking.start < found.noon,
        "ends_after_noon": booking.end > found.noon,
    }


def _kept(until: datetime, zone: ZoneInfo, now: datetime) -> str:
    if local_day(until, zone) == local_day(now, zone):
        return _("gardée jusqu’à %(hour)s") % {"hour": hour(until, zone)}
    return _("gardée jusqu’au %(moment)s") % {"moment": say(moment_said(until, zone))}


def _summary(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    coming = ngettext("%(n)d réservation", "%(n)d réservations", len(rows)) % {"n": len(rows)}
    there = sum(row["came"] == ARRIVED for row in rows)
    if not there:
        return coming
    arrived = ngettext("%(n)d personne arrivée", "%(n)d personnes arrivées", there) % {"n": there}
    return f"{coming}, {arrived}"


def _notes(found: Day) -> list[str]:
    notes = [_("Jour férié\u202f: %(name)s.") % {"name": say(found.holiday)}] if found.holiday else []
    for closure in found.closures:
        said = {
            "what": closure.space.name if closure.space else _("le lieu"),
            "why": closure.reason or _("sans motif dit"),
        }
        notes.append(_("Fermé (%(what)s)\u202f: %(why)s.") % said)
    if found.has_hours and not found.open_spans and not notes:
        notes.append(_("Le lieu n’ouvre pas ce jour-là."))
    return notes


def _visit(found: Day, visit: Any) -> dict[str, Any]:
    words = (WHO.get(visit.who), ACTIVITIES.get(visit.activity), OTHERWISE.get(visit.otherwise))
    at = visit.at.astimezone(found.zone)
    return {"pk": visit.pk, "at": f"{at:%H:%M}", "words": [str(word) for word in words if word]}
