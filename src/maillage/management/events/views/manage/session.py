"""One session: who comes, who is there; more seats, another day, or none at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.queries.desk import names_known
from maillage.management.bookings.rules.clock import NoSuchTime, instant, local_day, minute_of_day
from maillage.management.bookings.rules.entries import read_when
from maillage.management.bookings.views.manage.wording import (
    REFUSED,
    Wrongs,
    as_clock,
    day_hours,
    posted,
    problems_told,
)
from maillage.management.events.actions import sessions as acts
from maillage.management.events.actions.attending import EARLIEST_ARRIVAL
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.labels import AGES, price_said
from maillage.management.events.queries.programme import Row, ages_of, zone_of
from maillage.management.events.queries.team import Board, board
from maillage.management.events.rules.entries import AGE_BANDS, PARTY_MOST, SEATS_MOST
from maillage.management.events.rules.prices import FREE
from maillage.management.events.views.manage.wording import control, mistakes, name_of, owed, room_of, seats_said
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

MOVED = ("day", "starts", "ends")
WHO = ("name", "phone", "email", "party")


@seated("host")
def session(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Show a session, its people to tick, and the small acts around it."""
    return page(request, seat, board_or_404(seat, session))


@seated("host")
def resize(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Give a session more seats, which those who wait take, or fewer."""
    found = board_or_404(seat, session)
    if request.method == "POST":
        raw = posted(request, ("capacity",))
        count = raw["capacity"].strip()
        if not (count.isascii() and count.isdigit() and len(count) <= 3 and 0 < int(count) <= SEATS_MOST):
            mend = _("écrivez un nombre de 1 à %(most)d") % {"most": SEATS_MOST}
            return page(request, seat, found, raw=raw, wrongs={"capacity": (_("ce nombre ne va pas"), mend)})
        act: dict[str, Any] = {"place": seat.place, "session_id": session, "by": seat.by, "now": timezone.now()}
        try:
            acts.resize(**act, capacity=int(count))
        except EventsRefused as refused:
            return page(request, seat, found, raw=raw, wrongs=refused.wrongs)
        told = _("Qui attendait et a reçu une place est prévenu.") if found.waiting else ""
        messages.success(request, " ".join(filter(None, (_("C’est enregistré."), told))))
    return redirect("manage_session", seat.place.slug, session)


@seated("host")
def move(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Give a session another time, with its room; who registered is written to."""
    found = board_or_404(seat, session)
    if request.method != "POST":
        return redirect("manage_session", seat.place.slug, session)
    raw = posted(request, MOVED)
    read = read_when(raw, ())
    wrongs = {name: (say(one.problem), say(one.mend)) for name, one in read.wrongs.items()}
    if wrongs:
        return page(request, seat, found, raw=raw, wrongs=wrongs)
    zone, values = zone_of(seat.place), read.values
    try:
        start, end = (instant(values["day"], values[name], zone) for name in ("start_minute", "end_minute"))
        acts.move_session(place=seat.place, session_id=session, start=start, end=end, by=seat.by, now=timezone.now())
    except NoSuchTime as never:
        return page(request, seat, found, raw=raw, wrongs={"starts": (say(never.message), "")})
    except EventsRefused as refused:
        return page(request, seat, found, raw=raw, wrongs=refused.wrongs)
    except Refused as refused:
        return page(request, seat, found, raw=raw, problems=problems_told(refused.problems))
    messages.success(request, " ".join(filter(None, (_("La séance est déplacée."), _written(found)))))
    return redirect("manage_session", seat.place.slug, session)


@seated("host")
def cancel(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Ask once and why, say who will be written to and who is to be called, then cancel a session."""
    found = board_or_404(seat, session)
    raw, wrongs = posted(request, ("reason",)), {}
    if request.method == "POST":
        try:
            acts.cancel_session(
                place=seat.place, session_id=session, reason=raw["reason"], by=seat.by, now=timezone.now()
            )
        except EventsRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, " ".join(filter(None, (_("La séance est annulée."), _written(found)))))
            return redirect("manage_event", seat.place.slug, found.session.event_id)
    hint = _("Il est écrit aux inscrits et sur la page\u202f: « intervenante malade » suffit.")
    context = {
        "seat": seat,
        **said(found, zone_of(seat.place)),
        "written_to": len(_addresses(found)),
        "to_call": [
            {"name": name_of(row), "phone": row.person.phone if row.person else ""}
            for row in found.rows
            if not (row.person and row.person.email)
        ],
        "controls": [control("reason", raw["reason"], wrongs, hint=hint, maxlength=200, required="required")],
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "events/manage/cancel.html", context, status=REFUSED if wrongs else 200)


def board_or_404(seat: Seat, session: int) -> Board:
    """A session of this place with its people; one of another place does not exist here."""
    found = board(seat.place, session)
    if found is None:
        raise Http404
    return found


def said(found: Board, zone: ZoneInfo) -> dict[str, Any]:
    """What every page about a session says of it."""
    one = found.session
    return {
        "session": one,
        "event": one.event,
        "when": day_hours(one.start, one.end, zone),
        "room": room_of(found.seated),
        "is_roomless": found.seated.has_lost_its_room,
        "seats": seats_said(found.seated),
        "came": found.seated.came,
        "price": price_said(one.event.price, one.event.price_cents) if one.event.price != FREE else "",
    }


def party(found: Board, row: Row, now: datetime) -> dict[str, Any]:
    """One party on the list: who leads it, how many they are, what they are asked for, whether they came."""
    came = "arrived" if row.came else "missed" if row.missed else ""
    session = found.session
    return {
        "pk": row.registration.pk,
        "name": name_of(row),
        "phone": row.person.phone if row.person else "",
        "heads": row.party,
        "owed": owed(session.event, row.party),
        "came": came,
        "may_check": not came and session.start - EARLIEST_ARRIVAL <= now,
        "may_leave": session.start > now and not came,
    }


def page(
    request: HttpRequest,
    seat: Seat,
    found: Board,
    *,
    raw: Mapping[str, str] | None = None,
    wrongs: Wrongs | None = None,
    problems: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    """The page of a session as it stands, with what was typed and what is wrong with it."""
    now, zone = timezone.now(), zone_of(seat.place)
    wrongs, raw, one = wrongs or {}, raw or {}, found.session
    holds = one.cancelled_at is None
    takes = one.capacity is not None
    is_day = one.start - EARLIEST_ARRIVAL <= now
    context = {
        "seat": seat,
        **said(found, zone),
        "holds": holds,
        "takes": takes,
        "may_join": holds and takes and one.event.archived_at is None,
        "is_day": is_day,
        "is_over": one.end <= now,
        "is_before": one.start > now,
        "is_full": found.seated.free == 0,
        "people": [party(found, each, now) for each in found.confirmed],
        "waiting": [party(found, each, now) for each in found.waiting],
        "joining": _joining(raw, wrongs),
        "known": names_known(seat.place) if holds and takes else (),
        "key": raw.get("jeton") or str(uuid4()),
        "ages": _ages(found, raw),
        "age_mistake": _wrong(wrongs, "counts"),
        "resizing": [
            control("capacity", raw.get("capacity", one.capacity), wrongs, type="number", min=1, max=SEATS_MOST)
        ],
        "moving": _moving(found, raw, wrongs, zone),
        "wrong": bool(wrongs or problems),
        "mistakes": [*mistakes(wrongs), *(problems or [])],
        "open_more": bool({"phone", "email", "party"} & {*wrongs, *(key for key in raw if raw[key] not in ("", "1"))}),
        "open_change": bool({"capacity", *MOVED} & {*wrongs} or problems),
    }
    status = REFUSED if context["wrong"] else 200
    return render(request, "events/manage/session.html", context, status=status)


def _joining(raw: Mapping[str, str], wrongs: Wrongs) -> dict[str, Any]:
    sizes = [(str(size), str(size)) for size in range(1, PARTY_MOST + 1)]
    plain = {"autocomplete": "off"}
    return {
        "name": control(
            "name",
            raw.get("name"),
            wrongs,
            maxlength=120,
            required="required",
            list="known",
            enterkeyhint="done",
            **plain,
        ),
        "more": [
            control("phone", raw.get("phone"), wrongs, type="tel", maxlength=40, **plain),
            control("email", raw.get("email"), wrongs, type="email", maxlength=254, **plain),
        ],
        "party": control("party", raw.get("party") or "1", wrongs, kind="select", choices=sizes),
    }


def _ages(found: Board, raw: Mapping[str, str]) -> list[dict[str, Any]]:
    counts = {band: "" if count is None else str(count) for band, count in ages_of(found.session).items()}
    return [{"code": band, "label": AGES[band], "value": raw.get(f"age-{band}", counts[band])} for band in AGE_BANDS]


def _moving(found: Board, raw: Mapping[str, str], wrongs: Wrongs, zone: ZoneInfo) -> list[dict[str, Any]]:
    one = found.session
    usual = {
        "day": local_day(one.start, zone).isoformat(),
        "starts": as_clock(minute_of_day(one.start, zone)),
        "ends": as_clock(minute_of_day(one.end, zone)),
    }
    kinds = {"day": "date", "starts": "time", "ends": "time"}
    return [
        control(name, raw.get(name, usual[name]), wrongs, type=kind, required="required")
        for name, kind in kinds.items()
    ]


def _wrong(wrongs: Wrongs, name: str) -> dict[str, str]:
    return dict(zip(("problem", "mend"), wrongs[name], strict=True)) if name in wrongs else {}


def _addresses(found: Board) -> set[str]:
    return {row.person.email for row in found.rows if row.person and row.person.email}


def _written(found: Board) -> str:
    """How many are written to; empty where nobody left an address."""
    count = len(_addresses(found))
    told = ngettext("Un courriel part à %(n)d personne.", "Un courriel part à %(n)d personnes.", count)
    return told % {"n": count} if count else ""
