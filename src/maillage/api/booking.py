"""What is free in a space, for anybody; bookings written by a program in the name of a place's team."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import HOST
from maillage.api import parameters, shapes
from maillage.api.bodies import read_object
from maillage.api.kept import Told, fresh, told_in_problems
from maillage.api.keys import Program, authenticate, unknown_key
from maillage.api.problems import ProblemRaised
from maillage.api.writing import as_json, once
from maillage.management.bookings.actions.reserving import MOST_UNITS, Asked, Refused
from maillage.management.bookings.actions.visiting import book_by_program
from maillage.management.bookings.queries import free
from maillage.management.bookings.rules import availability
from maillage.management.bookings.rules.choices import within
from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR, day_span, local_day
from maillage.management.bookings.sentences import problems_said
from maillage.management.people.actions.door import PeopleRefused

MOST_DAYS = 31
DAYS = 7
JSON = ("application/json",)
TEXTS = {"name": 120, "email": 254, "phone": 40, "purpose": 200}
LARGEST_ID = 2**63 - 1
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DAY = {"type": "string", "format": "date"}
SPACE = {
    "name": "space_id",
    "in": "path",
    "required": True,
    "description": "Le numéro de l’espace.",
    "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
}
FROM = parameters.told("from", _DAY, "Le premier jour ; sans lui, aujourd’hui, à l’heure du lieu.")
TO = parameters.told("to", _DAY, f"Le dernier jour, compris ; {MOST_DAYS} jours au plus. Sans lui, une semaine.")
_WHEN = {"type": "string", "format": "date-time", "description": "Un instant avec son fuseau."}
BODY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["space", "start", "end", "name"],
    "properties": {
        "space": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        "start": _WHEN,
        "end": _WHEN,
        "name": {"type": "string", "minLength": 1, "maxLength": TEXTS["name"]},
        "email": {"type": "string", "maxLength": TEXTS["email"]},
        "phone": {"type": "string", "maxLength": TEXTS["phone"]},
        "purpose": {"type": "string", "maxLength": TEXTS["purpose"]},
        "units": {"type": "integer", "minimum": 1, "maximum": MOST_UNITS},
        "hold": {"type": "boolean", "description": "Une option de quelques minutes, à confirmer."},
    },
}


@fresh
def availability_of_space(request: HttpRequest, space_id: int) -> Told:
    """Ce qui est ouvert et libre dans un espace, jour après jour.

    « free » dit combien d’unités sont libres à la fois, de changement en changement ; jamais qui a pris les autres.
    """
    space = free.online_space(space_id)
    if space is None:
        raise ProblemRaised("introuvable", _("Aucun espace ouvert à la réservation en ligne n’a ce numéro."))
    given = parameters.read_strictly(request, "from", "to")
    settings, now = free.settings_here(space.place), timezone.now()
    zone = free.zone_named(settings.zone)
    first, last = _days(given, local_day(now, zone))
    found = free.offer(space.place, settings, first, last, now=now)
    one = next(one for one in found.spaces if one.space.pk == space.pk)
    window = day_span(first, zone).start, day_span(last, zone).end
    opened = within(one.bookable, *window)
    left = {unit: within(spans, *window) for unit, spans in one.free.items()}
    return Told(
        {
            "space": space.pk,
            "name": space.name,
            "place": space.place.slug,
            "zone": settings.zone,
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
            "open": [_span(span.start, span.end) for span in opened],
            "free": [{**_span(span.start, span.end), "units": n} for span, n in availability.counts(opened, left) if n],
        }
    )


def _span(start: datetime, end: datetime) -> dict[str, Any]:
    return {"start": shapes.moment(start), "end": shapes.moment(end)}


def _days(given: Mapping[str, list[str]], today: date) -> tuple[date, date]:
    first = _day("from", given["from"][0]) if "from" in given else today
    last = _day("to", given["to"][0]) if "to" in given else first + timedelta(days=DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        why = _("du premier au dernier jour, de 1 à %(n)d jours") % {"n": MOST_DAYS}
        raise ProblemRaised("parametres", errors=[{"parameter": "to", "value": last.isoformat(), "reason": why}])
    return first, last


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR < found.year < LAST_YEAR:
        why = _("attendu\u202f: un jour comme 2026-11-24, de %(first)d à %(last)d") % _YEARS
        raise ProblemRaised("parametres", errors=[{"parameter": name, "value": text[:80], "reason": why}])
    return found


_YEARS = {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}


@told_in_problems
def create_booking(request: HttpRequest) -> HttpResponse:
    """Réserver un espace pour quelqu’un, avec la clé du lieu.

    Avec « Idempotency-Key », la même demande renvoyée dans la semaine reçoit la même réponse et n’écrit rien ; une
    autre demande sous la même clé est refusée (422). La personne est retrouvée par son nom et son courriel, ou ajoutée.
    """
    now = timezone.now()
    program = authenticate(request, now=now)
    program.must_be_able_to(HOST)
    body = read_object(request, types=JSON)
    asked, raw = _asked(program, body)

    def act() -> dict[str, Any]:
        return _told(book_by_program(asked=asked, raw=raw, by=program.by, now=now))

    told = "book " + json.dumps(body, sort_keys=True)
    try:
        return as_json(once(request, program, told, now, act) if "Idempotency-Key" in request.headers else act(), 201)
    except Refused as refused:
        said = problems_said(refused.problems)
        errors = [{"reason": f"{one['says']} {one['why']}", "mend": one["mend"]} for one in said]
        raise ProblemRaised("refus", " ".join(one["says"] for one in said), errors=errors) from refused
    except PeopleRefused as refused:
        wrongs = refused.wrongs.items()
        errors = [{"pointer": f"/{name}", "reason": wrong, "mend": mend} for name, (wrong, mend) in wrongs]
        raise ProblemRaised("champs", errors=errors) from refused
    except PermissionDenied as lost:
        raise unknown_key() from lost


def _told(booking: Any) -> dict[str, Any]:
    return {
        "id": booking.pk,
        "space": booking.space_id,
        "status": booking.status,
        "start": shapes.moment(booking.start),
        "end": shapes.moment(booking.end),
        "expires_at": shapes.moment(booking.expires_at),
    }


def _asked(program: Program, body: Mapping[str, Any]) -> tuple[Asked, dict[str, str]]:
    """What a body asks for, each field checked; a space of another place does not exist for this key."""
    wrong = [_wrong(name, _("champ inconnu")) for name in body if name not in BODY["properties"]]
    wrong += [_wrong(name, _("à donner")) for name in BODY["required"] if name not in body]
    for name, most in TEXTS.items():
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            wrong.append(_wrong(name, _("un texte de %(n)d signes au plus est attendu") % {"n": most}))
    for name, most in (("space", LARGEST_ID), ("units", MOST_UNITS)):
        if name in body and (type(body[name]) is not int or not 1 <= body[name] <= most):
            wrong.append(_wrong(name, _("un nombre entier est attendu, de 1 à %(n)d") % {"n": most}))
    if type(body.get("hold", False)) is not bool:
        wrong.append(_wrong("hold", _("true ou false est attendu")))
    moments = {name: _moment(body.get(name)) for name in ("start", "end")}
    why = _("attendu\u202f: un instant et son fuseau (2026-11-24T10:00:00+01:00), de %(first)d à %(last)d") % _YEARS
    wrong += [_wrong(name, why) for name, moment in moments.items() if moment is None and name in body]
    if wrong:
        raise ProblemRaised("champs", errors=wrong[:20])
    space = free.space_of(body["space"])
    if space is None or not program.holds(space.place_id):
        raise ProblemRaised("introuvable", _("Cette clé n’est pas celle d’un lieu qui a cet espace."))
    start, end = moments["start"], moments["end"]
    assert start is not None
    assert end is not None
    asked = Asked(
        space=space,
        start=start,
        end=end,
        units=body.get("units", 1),
        hold=body.get("hold", False),
        purpose=body.get("purpose", ""),
    )
    return asked, {name: body.get(name, "") for name in ("name", "email", "phone")}


def _wrong(name: str, why: str) -> dict[str, str]:
    return {"pointer": f"/{name[:80]}", "reason": why}


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if FIRST_YEAR < found.year < LAST_YEAR else None
