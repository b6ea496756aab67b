"""Book for somebody who has no login, once or in a series: everything is shown before anything is written."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal.actions import KeyReused
from maillage.management.bookings.actions.receiving import book_for, person_named
from maillage.management.bookings.actions.reserving import Refused, Taken
from maillage.management.bookings.queries.desk import Grounds, grounds, made_under, names_known, payer_of, person_of
from maillage.management.bookings.queries.proposals import ANY, Proposal, Wish, proposals
from maillage.management.bookings.rules.availability import DAYS_AROUND
from maillage.management.bookings.rules.clock import NoSuchTime, day_said, instant, local_day
from maillage.management.bookings.rules.entries import read_day, read_when
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
    control,
    day_hours,
    mistakes,
    number,
    posted,
    problem_words,
    problems_told,
    weekday,
)
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.queries.persons import organisation_of, organisations
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

_PICK = re.compile(r"([0-9]{1,12}):([0-9]{10}):([0-9]{10})")
WHO = ("name", "phone", "email")
WHEN = (
    "what",
    "units",
    "day",
    "starts",
    "ends",
    "until",
    "every_weeks",
    "purpose",
    "organisation",
    "skip_school",
    "skip_public",
    "jeton",
)
LONGEST_KEY = 60
ITSELF = "0"
"""Stands for the person herself where the organisation that pays is named by a number."""
Raw = dict[str, str]


@dataclass(slots=True)
class Request:
    """What was entered: as typed, and as it was read so far."""

    raw: Raw
    weekdays: list[str]
    wish: Wish | None = None
    spans: Sequence[Span] = ()
    skipped: Sequence[Skipped] = ()
    pattern: Pattern | None = None
    pays: dict[str, Any] = field(default_factory=dict)
    payer: Any = None


@seated("host")
def book(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask who, what and when; show what stands in the way with what is free instead; write once confirmed."""
    now = timezone.now()
    found = grounds(seat.place, now=now)
    if request.method != "POST":
        return _form(request, seat, found, Request(_first(request, seat, now), []))
    asked = Request(posted(request, (*WHO, *WHEN)), request.POST.getlist("weekdays")[:7])
    asked.raw["jeton"] = asked.raw["jeton"].replace("\x00", "")[:LONGEST_KEY]
    if (made := made_under(seat.place, asked.raw["jeton"], by=seat.by)) is not None:
        return _sent_already(request, seat, found, made.start)
    if "revoir" in request.POST:
        return _form(request, seat, found, asked)
    wrongs = _read(seat, found, asked)
    try:
        person = person_named(seat.place, asked.raw)
    except PeopleRefused as refused:
        wrongs = {**refused.wrongs, **wrongs}
    if wrongs or asked.wish is None or not asked.spans:
        return _form(request, seat, found, asked, wrongs)
    day = local_day(asked.spans[0].start, ZoneInfo(found.settings.zone))
    asked.payer = asked.pays["organisation"] if asked.pays else payer_of(person, day)
    if "pick" in request.POST or request.POST.get("confirm"):
        return _write(request, seat, found, asked, _picked(request, found, asked), person, now)
    told = proposals(seat.place, asked.wish, asked.spans, person=person, now=now)
    if asked.pattern is None and not told[0].problems and not told[0].outside:
        one = {"start": told[0].span.start, "end": told[0].span.end}
        return _write(request, seat, found, asked, [one], person, now)
    return _preview(request, seat, found, asked, told)


def _first(request: HttpRequest, seat: Seat, now: datetime) -> Raw:
    """The form as it opens: the day and the person of the page it was opened from."""
    day = read_day(request.GET.get("jour", ""))
    raw = {
        "jeton": secrets.token_urlsafe(24),
        "day": day.isoformat() if day else "",
        "starts": "09:00",
        "ends": "12:00",
        "units": "1",
        "every_weeks": "1",
    }
    known = person_of(seat.place, number(request.GET.get("personne", "")))
    if known is None:
        return raw
    payer = payer_of(known, now.date())
    raw["organisation"] = str(payer.pk) if payer else ""
    return {**raw, "name": known.name, "phone": known.phone, "email": known.email}


def _read(seat: Seat, found: Grounds, asked: Request) -> dict[str, tuple[str, str]]:
    """Read what was entered into a wish and its times; what is wrong with it."""
    read = read_when(asked.raw, asked.weekdays)
    wrongs = {name: (say(one.problem), say(one.mend)) for name, one in read.wrongs.items()}
    asked.wish = _wish(found, asked.raw, read.values["units"] or 1)
    if asked.wish is None:
        wrongs["what"] = (_("il manque l’espace"), _("choisissez-en un de la liste"))
    if (named := asked.raw["organisation"]) and named != ITSELF:
        payer = organisation_of(seat.place, number(named))
        if payer is None or payer.merged_into is not None:
            wrongs["organisation"] = (_("cette organisation n’est plus de ce lieu"), _("choisissez-en une de la liste"))
        asked.pays = {"organisation": payer}
    elif named:
        asked.pays = {"organisation": None}
    if wrongs:
        return wrongs
    zone = ZoneInfo(found.settings.zone)
    values = read.values
    try:
        if values["until"] is None:
            day = values["day"]
            asked.spans = [Span(instant(day, values["start_minute"], zone), instant(day, values["end_minute"], zone))]
        else:
            asked.pattern = _pattern(found, asked.raw, values)
            commune = seat.place.commune
            made = occurrences(asked.pattern, zone, departement_code=commune.departement_id if commune else None)
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


def _wish(found: Grounds, raw: Raw, units: int) -> Wish | None:
    kind, key = raw["what"][:1], number(raw["what"][1:])
    if kind == "u":
        unit = next((one for one in found.layout.units if one.pk == key), None)
        return Wish(space=found.layout.by_id[unit.space_id], unit=unit) if unit else None
    space = found.layout.by_id.get(key) if kind == "s" else None
    return Wish(space=space, units=units) if space else None


def _pattern(found: Grounds, raw: Raw, values: Mapping[str, Any]) -> Pattern:
    return Pattern(
        weekdays=tuple(values["weekdays"]) or (values["day"].weekday(),),
        first=values["day"],
        until=values["until"],
        start_minute=values["start_minute"],
        end_minute=values["end_minute"],
        every_weeks=values["every_weeks"] or 1,
        skip_school_zone=found.settings.school_zone if raw["skip_school"] else "",
        skip_public_holidays=bool(raw["skip_public"]),
    )


def _picked(request: HttpRequest, found: Grounds, asked: Request) -> list[dict[str, Any]]:
    """The times kept and the alternatives chosen, around those asked for; what cannot be read is left out."""
    units = {unit.pk: unit for unit in found.layout.units}
    around = timedelta(days=DAYS_AROUND + 2)
    first, last = asked.spans[0].start - around, asked.spans[-1].end + around
    picked = []
    for text in request.POST.getlist("pick")[:MOST_OCCURRENCES]:
        if not (read := _PICK.fullmatch(text)):
            continue
        unit, start, end = int(read[1]), *(datetime.fromtimestamp(int(at), UTC) for at in (read[2], read[3]))
        if first <= start < end <= last and (unit == ANY or unit in units):
            one: dict[str, Any] = {"start": start, "end": end}
            picked.append({**one, "unit": units[unit]} if unit else one)
    return picked


def _write(
    request: HttpRequest,
    seat: Seat,
    found: Grounds,
    asked: Request,
    picked: Sequence[dict[str, Any]],
    person: Any,
    now: datetime,
) -> HttpResponse:
    assert asked.wish is not None
    if not picked:
        told = proposals(seat.place, asked.wish, asked.spans, person=person, now=now)
        nothing = _("Aucun jour n’est gardé. Gardez-en au moins un, ou changez la demande.")
        return _preview(request, seat, found, asked, told, [{"problem": nothing, "mend": ""}])
    usual = {"space": asked.wish.space, "unit": asked.wish.unit, "units": asked.wish.units}
    rows = [{**usual, **asked.pays, "purpose": asked.raw["purpose"].strip()[:200], **one} for one in picked]
    try:
        made = book_for(
            place=seat.place,
            who={name: asked.raw[name] for name in WHO},
            asked=rows,
            pattern=_as_json(asked.pattern) if asked.pattern else None,
            by=seat.by,
            now=now,
            idempotency_key=asked.raw["jeton"],
        )
    except KeyReused:
        first = made_under(seat.place, asked.raw["jeton"], by=seat.by)
        return _sent_already(request, seat, found, first.start if first else None)
    except PeopleRefused as refused:
        return _form(request, seat, found, asked, refused.wrongs)
    except Refused as refused:
        told = proposals(seat.place, asked.wish, asked.spans, person=person, now=now)
        gone = _("Quelqu’un vient de réserver une de ces heures. Rien n’est écrit, voici ce qui reste.")
        wrong = [{"problem": gone, "mend": ""}] if isinstance(refused, Taken) else problems_told(refused.problems)
        return _preview(request, seat, found, asked, told, wrong)
    done = ngettext("%(n)d réservation faite pour %(name)s.", "%(n)d réservations faites pour %(name)s.", len(made))
    said = [done % {"n": len(made), "name": made[0].person.name if made[0].person else ""}]
    if made[0].organisation:
        said.append(_("Payée par %(name)s.") % {"name": made[0].organisation.name})
    messages.success(request, " ".join(said))
    zone = ZoneInfo(found.settings.zone)
    return redirect("manage_day", seat.place.slug, local_day(made[0].start, zone).isoformat())


def _sent_already(request: HttpRequest, seat: Seat, found: Grounds, start: datetime | None) -> HttpResponse:
    """A form that came again: what it booked stands, once."""
    messages.info(request, _("Ce formulaire a déjà servi : voici ce qu’il a réservé, une seule fois."))
    if start is None:
        return redirect("manage_today", seat.place.slug)
    return redirect("manage_day", seat.place.slug, local_day(start, ZoneInfo(found.settings.zone)).isoformat())


def _as_json(pattern: Pattern) -> dict[str, Any]:
    told = asdict(pattern)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def _preview(
    request: HttpRequest,
    seat: Seat,
    found: Grounds,
    asked: Request,
    told: Sequence[Proposal],
    wrong: list[dict[str, str]] | None = None,
) -> HttpResponse:
    zone = ZoneInfo(found.settings.zone)
    units = {unit.pk: unit.name for unit in found.layout.units}
    times = [_time(one, zone, units, asked) for one in told]
    context = {
        "seat": seat,
        "raw": list(asked.raw.items()),
        "weekdays": asked.weekdays,
        "name": asked.raw["name"],
        "what": asked.wish.unit.name if asked.wish and asked.wish.unit else asked.wish.space.name if asked.wish else "",
        "payer": asked.payer.name if asked.payer else "",
        "times": times,
        "free": sum(not time["problems"] for time in times),
        "may_keep": any(not time["problems"] or time["offers"] for time in times),
        "conflicts": sum(bool(time["problems"]) for time in times),
        "skipped": [{"day": say(day_said(one.day)), "why": say(one.reason)} for one in asked.skipped],
        "wrong": bool(wrong),
        "mistakes": wrong or [],
    }
    return render(request, "bookings/manage/preview.html", context, status=REFUSED if wrong else 200)


def _time(one: Proposal, zone: ZoneInfo, units: Mapping[int, str], asked: Request) -> dict[str, Any]:
    named = asked.wish.unit.pk if asked.wish and asked.wish.unit else ANY
    offers = [
        {
            "value": _value(offer.unit, offer.span),
            "label": ", ".join(
                filter(None, (day_hours(offer.span.start, offer.span.end, zone), units.get(offer.unit)))
            ),
        }
        for offer in one.offers
    ]
    return {
        "when": day_hours(one.span.start, one.span.end, zone),
        "value": _value(named, one.span),
        "problems": [problem_words(problem) for problem in one.problems],
        "outside": one.outside,
        "offers": offers,
    }


def _value(unit: int, span: Span) -> str:
    return f"{unit}:{int(span.start.timestamp())}:{int(span.end.timestamp())}"


def _form(
    request: HttpRequest, seat: Seat, found: Grounds, asked: Request, wrongs: Wrongs | None = None
) -> HttpResponse:
    wrongs, raw = wrongs or {}, asked.raw
    context = {
        "seat": seat,
        "has_spaces": bool(found.layout.spaces),
        "people": [
            control(
                "name", raw.get("name"), wrongs, maxlength=120, required="required", autocomplete="off", list="known"
            ),
            control("phone", raw.get("phone"), wrongs, type="tel", maxlength=40, autocomplete="off"),
            control("email", raw.get("email"), wrongs, type="email", maxlength=254, autocomplete="off"),
        ],
        "known": names_known(seat.place),
        "key": raw.get("jeton", ""),
        "what": control("what", raw.get("what"), wrongs),
        "groups": _groups(found, raw.get("what", "")),
        "times": [
            control("day", raw.get("day"), wrongs, type="date", required="required"),
            control("starts", raw.get("starts"), wrongs, type="time", required="required"),
            control("ends", raw.get("ends"), wrongs, type="time", required="required"),
        ],
        "more": [
            control("units", raw.get("units"), wrongs, type="number", min=1, max=50, label=_("Combien de bureaux")),
            control("purpose", raw.get("purpose"), wrongs, maxlength=200),
        ],
        "payers": _payers(seat, raw.get("organisation", ""), wrongs),
        "series": [
            control(
                "weekdays", asked.weekdays, wrongs, kind="checks", choices=[(str(n), weekday(n)) for n in range(7)]
            ),
            control("until", raw.get("until"), wrongs, type="date"),
            control("every_weeks", raw.get("every_weeks"), wrongs, type="number", min=1, max=52),
        ],
        "is_series": bool(asked.weekdays or raw.get("until")),
        "school_zone": found.settings.school_zone,
        "skip_school": raw.get("skip_school"),
        "skip_public": raw.get("skip_public"),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/book.html", context, status=REFUSED if wrongs else 200)


def _payers(seat: Seat, chosen: str, wrongs: Wrongs) -> list[dict[str, Any]]:
    """The organisations of the place that may pay; no list where it has none."""
    known = [(one.pk, one.name) for one in organisations(seat.place)]
    who = [("", _("selon l’adhésion de la personne")), (ITSELF, _("la personne elle-même"))]
    return (
        [control("organisation", chosen, wrongs, kind="select", choices=[*who, *known])]
        if known or wrongs.get("organisation")
        else []
    )


def _groups(found: Grounds, chosen: str) -> list[dict[str, Any]]:
    """The spaces, and by name the units of those that have several; the whole place comes last."""
    groups = []
    for space in sorted(found.layout.spaces, key=lambda space: space.kind == "whole"):
        own = [unit for unit in found.layout.units if unit.space_id == space.pk]
        any_one = {"code": f"s{space.pk}", "label": space.name, "on": chosen == f"s{space.pk}"}
        rows = [any_one]
        if len(own) > 1:
            any_one["label"] = _("%(name)s, n’importe lequel") % {"name": space.name}
            rows += [{"code": f"u{unit.pk}", "label": unit.name, "on": chosen == f"u{unit.pk}"} for unit in own]
        groups.append({"name": space.name, "rows": rows})
    return groups
