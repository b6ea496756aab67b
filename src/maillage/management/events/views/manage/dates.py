"""Say when an event takes place, once or in a series: everything is shown before anything is written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal.actions import KeyReused
from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.queries.desk import Grounds, grounds
from maillage.management.bookings.queries.proposals import Proposal, Wish, proposals
from maillage.management.bookings.rules.availability import DAYS_AROUND
from maillage.management.bookings.rules.clock import NoSuchTime, day_said, instant
from maillage.management.bookings.rules.entries import read_day, read_number, read_when
from maillage.management.bookings.rules.series import (
    MOST_OCCURRENCES,
    Pattern,
    SeriesRefused,
    Skipped,
    occurrences,
)
from maillage.management.bookings.rules.spans import Span
from maillage.management.bookings.views.manage.wording import (
    REFUSED,
    Wrongs,
    day_hours,
    number,
    posted,
    problem_words,
    problems_told,
    weekday,
)
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.actions.formed import sessions_from_form
from maillage.management.events.queries.team import starts_of
from maillage.management.events.rules.entries import SEATS_MOST
from maillage.management.events.views.manage.programme import found_or_404
from maillage.management.events.views.manage.wording import control, key_of, mistakes, sent_already
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

_PICK = re.compile(r"([0-9]{10}):([0-9]{10})")
NAMES = ("day", "starts", "ends", "until", "every_weeks", "space", "capacity", "skip_school", "skip_public")
Raw = dict[str, str]
FREE_KINDS = ("room", "whole", "other")
"""What an event may take: a desk is one person's, and a machine asks who is trained."""


@dataclass(slots=True)
class Request:
    """What was entered: as typed, and as it was read so far."""

    event: Any
    found: Grounds
    raw: Raw
    weekdays: list[str]
    spans: Sequence[Span] = ()
    skipped: Sequence[Skipped] = ()
    space: Any = None
    capacity: int | None = None
    is_series: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.found.settings.zone)


@seated("host")
def add(request: HttpRequest, seat: Seat, entry: int) -> HttpResponse:
    """Ask when, where and for how many; show what stands in the way with what is free instead; write once confirmed."""
    event, now = found_or_404(seat, entry), timezone.now()
    found = grounds(seat.place, now=now)
    if request.method != "POST":
        day = read_day(request.GET.get("jour", ""))
        first = {"day": day.isoformat() if day else "", "starts": "14:00", "ends": "16:00", "every_weeks": "1"}
        seats = {"capacity": "8"} if event.takes_registrations else {}
        return _form(request, seat, Request(event, found, {**first, **seats, "skip_public": "1"}, []))
    asked = Request(event, found, posted(request, NAMES), request.POST.getlist("weekdays")[:7])
    wrongs = _read(seat, asked)
    if wrongs or not asked.spans:
        return _form(request, seat, asked, wrongs)
    if "pick" in request.POST or request.POST.get("confirm"):
        return _write(request, seat, asked, _picked(request, asked), now)
    told = _proposed(seat, asked, now)
    if not asked.is_series and not told[0].problems and not told[0].outside:
        return _write(request, seat, asked, asked.spans, now)
    return _preview(request, seat, asked, told, now)


def _read(seat: Seat, asked: Request) -> dict[str, tuple[str, str]]:
    """Read what was entered into times, a room and seats; what is wrong with it."""
    read = read_when(asked.raw, asked.weekdays)
    if asked.event.takes_registrations:
        asked.capacity = read_number(read, "capacity", asked.raw, None, 1, SEATS_MOST)
    wrongs = {name: (say(one.problem), say(one.mend)) for name, one in read.wrongs.items()}
    if asked.event.takes_registrations and asked.capacity is None and "capacity" not in wrongs:
        wrongs["capacity"] = (_("il manque le nombre de places"), _("écrivez combien de personnes peuvent venir"))
    key = number(asked.raw["space"])
    asked.space = next((one for one in _rooms(asked.found) if one.pk == key), None)
    if asked.raw["space"] and asked.space is None:
        wrongs["space"] = (_("cette salle n’est plus là"), _("choisissez-en une de la liste, ou aucune"))
    if wrongs:
        return wrongs
    values = read.values
    try:
        if values["until"] is None:
            start, end = (instant(values["day"], values[name], asked.zone) for name in ("start_minute", "end_minute"))
            asked.spans = [Span(start, end)]
        else:
            commune = seat.place.commune
            asked.is_series = True
            made = occurrences(
                _pattern(asked, values), asked.zone, departement_code=commune.departement_id if commune else None
            )
            asked.spans, asked.skipped = made.spans, made.skipped
            if not made.spans:
                return {
                    "series": (_("elle ne compte aucun jour"), _("choisissez d’autres jours, ou une fin plus tardive"))
                }
    except NoSuchTime as never:
        return {"starts": (say(never.message), "")}
    except SeriesRefused as refused:
        return {"series": (say(refused.message), "")}
    return {}


def _pattern(asked: Request, values: Mapping[str, Any]) -> Pattern:
    return Pattern(
        weekdays=tuple(values["weekdays"]) or (values["day"].weekday(),),
        first=values["day"],
        until=values["until"],
        start_minute=values["start_minute"],
        end_minute=values["end_minute"],
        every_weeks=values["every_weeks"] or 1,
        skip_school_zone=asked.found.settings.school_zone if asked.raw["skip_school"] else "",
        skip_public_holidays=bool(asked.raw["skip_public"]),
    )


def _rooms(found: Grounds) -> list[Any]:
    return [one for one in found.layout.spaces if one.kind in FREE_KINDS and not one.authorisation]


def _proposed(seat: Seat, asked: Request, now: datetime) -> Sequence[Proposal]:
    """What each time meets in its room; without a room, nothing does."""
    if asked.space is None:
        return [Proposal(span, (), False, ()) for span in asked.spans]
    return proposals(seat.place, Wish(space=asked.space), asked.spans, person=None, now=now)


def _picked(request: HttpRequest, asked: Request) -> list[Span]:
    """The times kept and the alternatives chosen, around those asked for; what cannot be read is left out."""
    around = timedelta(days=DAYS_AROUND + 2)
    first, last = asked.spans[0].start - around, asked.spans[-1].end + around
    picked = set()
    for text in request.POST.getlist("pick")[:MOST_OCCURRENCES]:
        if read := _PICK.fullmatch(text):
            start, end = (datetime.fromtimestamp(int(at), UTC) for at in read.groups())
            if first <= start < end <= last:
                picked.add(Span(start, end))
    return sorted(picked)


def _write(request: HttpRequest, seat: Seat, asked: Request, spans: Sequence[Span], now: datetime) -> HttpResponse:
    if not spans:
        nothing = _("Aucun jour n’est gardé. Gardez-en au moins un, ou changez la demande.")
        return _preview(request, seat, asked, _proposed(seat, asked, now), now, [{"problem": nothing, "mend": ""}])
    try:
        count = sessions_from_form(
            place=seat.place,
            event_id=asked.event.pk,
            spans=spans,
            capacity=asked.capacity,
            space_id=asked.space.pk if asked.space else None,
            by=seat.by,
            now=now,
            key=key_of(request),
        )
    except KeyReused:
        return _preview(request, seat, asked, _proposed(seat, asked, now), now, mistakes(sent_already()))
    except EventsRefused as refused:
        if not asked.is_series:
            return _form(request, seat, asked, refused.wrongs)
        return _preview(request, seat, asked, _proposed(seat, asked, now), now, mistakes(refused.wrongs))
    except Refused as refused:
        told = problems_told(refused.problems)
        return _preview(request, seat, asked, _proposed(seat, asked, now), now, told)
    done = ngettext("%(n)d séance ajoutée.", "%(n)d séances ajoutées.", count) % {"n": count}
    hidden = _("Mettez l’événement en ligne quand tout est prêt.") if asked.event.published_at is None else ""
    messages.success(request, f"{done} {hidden}".strip())
    return redirect("manage_event", seat.place.slug, asked.event.pk)


def _preview(
    request: HttpRequest,
    seat: Seat,
    asked: Request,
    told: Sequence[Proposal],
    now: datetime,
    wrong: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    there = starts_of(asked.event, [one.span.start for one in told])
    times = [_time(one, asked.zone, is_there=one.span.start in there, now=now) for one in told]
    context = {
        "seat": seat,
        "event": asked.event,
        "raw": list(asked.raw.items()),
        "key": str(uuid4()) if wrong else key_of(request),
        "weekdays": asked.weekdays,
        "room": asked.space.name if asked.space else "",
        "capacity": asked.capacity,
        "times": times,
        "free": sum(not time["problems"] for time in times),
        "conflicts": sum(bool(time["problems"]) for time in times),
        "skipped": [{"day": say(day_said(one.day)), "why": say(one.reason)} for one in asked.skipped],
        "wrong": bool(wrong),
        "mistakes": wrong or [],
    }
    return render(request, "events/manage/preview.html", context, status=REFUSED if wrong else 200)


def _time(one: Proposal, zone: ZoneInfo, *, is_there: bool, now: datetime) -> dict[str, Any]:
    problems = [problem_words(problem) for problem in one.problems]
    if is_there:
        problems.append(_("Une séance commence déjà à cette heure."))
    elif not problems and one.span.start <= now:
        problems.append(_("Ce jour est passé."))
    spans = dict.fromkeys(offer.span for offer in one.offers)
    return {
        "when": day_hours(one.span.start, one.span.end, zone),
        "value": _value(one.span),
        "problems": problems,
        "outside": one.outside,
        "offers": [{"value": _value(span), "label": day_hours(span.start, span.end, zone)} for span in spans],
    }


def _value(span: Span) -> str:
    return f"{int(span.start.timestamp())}:{int(span.end.timestamp())}"


def _form(request: HttpRequest, seat: Seat, asked: Request, wrongs: Wrongs | None = None) -> HttpResponse:
    wrongs, raw = wrongs or {}, asked.raw
    rooms = [("", _("aucune")), *((str(one.pk), one.name) for one in _rooms(asked.found))]
    hint = _("Elle est réservée à chaque séance\u202f; ce qui bloque vous est montré avant d’écrire.")
    days = [(str(day), weekday(day)) for day in range(7)]
    controls = [
        control("day", raw.get("day"), wrongs, type="date", required="required"),
        control("starts", raw.get("starts"), wrongs, type="time", required="required"),
        control("ends", raw.get("ends"), wrongs, type="time", required="required"),
        control("space", raw.get("space"), wrongs, kind="select", choices=rooms, hint=hint, label=_("Salle")),
    ]
    if asked.event.takes_registrations:
        controls.append(control("capacity", raw.get("capacity"), wrongs, type="number", min=1, max=SEATS_MOST))
    context = {
        "seat": seat,
        "event": asked.event,
        "key": key_of(request),
        "controls": controls,
        "series": [
            control("until", raw.get("until"), wrongs, type="date", hint=_("Le dernier jour possible, compté.")),
            control(
                "weekdays",
                asked.weekdays,
                wrongs,
                kind="checks",
                choices=days,
                label=_("Jours de la semaine (rien\u202f: celui du premier jour)"),
            ),
            control("every_weeks", raw.get("every_weeks"), wrongs, type="number", min=1, max=52),
        ],
        "is_series": bool(asked.weekdays or raw.get("until")),
        "school_zone": asked.found.settings.school_zone,
        "skip_school": raw.get("skip_school"),
        "skip_public": raw.get("skip_public"),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "events/manage/dates.html", context, status=REFUSED if wrongs else 200)
