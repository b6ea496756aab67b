"""The sessions on the programmes of places, for programs: page after page, near somewhere, of one place."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.api import living, parameters
from maillage.api.kept import Told, fresh
from maillage.api.problems import ProblemRaised
from maillage.api.reading import ROOT, SLUG
from maillage.management.bookings.rules.clock import FIRST_YEAR, LAST_YEAR, day_span, local_day
from maillage.management.events.queries import public
from maillage.management.events.rules.agenda import read_point
from maillage.territory.rules.zones import PARIS

DAYS, MOST_DAYS, MOST_KM, KM = 30, 366, 100, 20
LARGEST_ID = 2**63 - 1
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_DAY = {"type": "string", "format": "date"}
FROM = parameters.told("from", _DAY, "Le premier jour ; sans lui, aujourd’hui.")
TO = parameters.told("to", _DAY, f"Le dernier jour, compris ; sans lui, {DAYS} jours. {MOST_DAYS} jours au plus.")
_PART = r"(\.[0-9]{1,10})?"
NEAR = parameters.told(
    "near",
    {
        "type": "string",
        "pattern": f"^([0-9][0-9AB][0-9]{{3}}|-?[0-8]?[0-9]{_PART},-?(1[0-7][0-9]|[0-9]{{1,2}}){_PART})$",
    },
    "Autour d’une commune (code Insee) ou d’un point « latitude,longitude », jusqu’à « radius » kilomètres.",
)
RADIUS = parameters.told(
    "radius", {"type": "integer", "minimum": 1, "maximum": MOST_KM, "default": KM}, "Kilomètres à vol d’oiseau."
)
PLACE = parameters.told(
    "place", {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,120}$"}, "D’un seul lieu : son adresse (« slug »)."
)
PARAMETERS = [FROM, TO, NEAR, RADIUS, PLACE, parameters.LIMIT, parameters.CURSOR]


@fresh
def list_events(request: HttpRequest) -> Told:
    """Les séances au programme des lieux, dans l’ordre du temps, page après page.

    « free_seats » dit combien de places sont libres, « null » quand on vient sans s’inscrire ; jamais qui vient. Une
    séance annulée reste, et le dit. « uid » ne change jamais ; « sequence » croît à chaque changement d’heure.
    """
    given = parameters.read_strictly(request, "from", "to", "near", "radius", "place", "limit", "cursor")
    limit = parameters.read_limit(given)
    now, zone = timezone.now(), ZoneInfo(PARIS)
    first, last = _days(given, local_day(now, zone))
    spot, slug = _near(given), _place(given)
    mark = _mark([first, last, *(given.get(name, [""])[0] for name in ("near", "radius", "place"))])
    rows = public.walk(
        spot,
        _radius(given) * 1000,
        first=day_span(first, zone).start,
        last=day_span(last, zone).end,
        slug=slug,
        after=_cursor(given, mark),
        most=limit + 1,
    )
    following = ""
    if len(rows) > limit:
        at = rows[limit - 1].session
        kept = [(name, values[0]) for name, values in given.items() if name not in ("cursor", "from", "to")]
        kept += [("from", first.isoformat()), ("to", last.isoformat())]
        following = f"{ROOT}/events?{urlencode([*kept, ('cursor', _told(mark, at.start, at.pk))])}"
    body = {"events": [living.session(one) for one in rows[:limit]], "next": following or None}
    return Told(body, link=following)


def _days(given: Mapping[str, list[str]], today: date) -> tuple[date, date]:
    first = _day("from", given["from"][0]) if "from" in given else today
    last = _day("to", given["to"][0]) if "to" in given else first + timedelta(days=DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        why = _("du premier au dernier jour, de 1 à %(n)d jours") % {"n": MOST_DAYS}
        raise _wrong("to", last.isoformat(), why)
    return first, last


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    years = {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
    if found is None or not FIRST_YEAR < found.year < LAST_YEAR - 1:
        raise _wrong(name, text, _("attendu\u202f: un jour comme 2026-11-24, de %(first)d à %(last)d") % years)
    return found


def _near(given: Mapping[str, list[str]]) -> public.Where:
    if "near" not in given:
        return public.Where()
    text = given["near"][0]
    point = read_point(text)
    if point is None and not _INSEE.fullmatch(text):
        raise parameters.refused("near", text, "near")
    found = public.Where(point=point) if point else public.where_code(text)
    if found is None:
        raise ProblemRaised("introuvable", errors=[parameters.error("near", text, "nowhere")])
    return found


def _radius(given: Mapping[str, list[str]]) -> int:
    return parameters.read_count(given, "radius", most=MOST_KM) if "radius" in given else KM


def _place(given: Mapping[str, list[str]]) -> str:
    text = given.get("place", [""])[0]
    if text and not SLUG.fullmatch(text):
        raise parameters.refused("place", text, "nowhere")
    if text and not public.has_place(text):
        raise ProblemRaised("introuvable", _("Aucun lieu n’est à cette adresse."))
    return text


def _wrong(name: str, value: str, why: str) -> ProblemRaised:
    return ProblemRaised("parametres", errors=[{"parameter": name, "value": value[:80], "reason": why}])


def _mark(asked: list[Any]) -> str:
    return hashlib.sha256(repr([str(one) for one in asked]).encode()).hexdigest()[:12]


def _told(mark: str, start: datetime, number: int) -> str:
    said = json.dumps([mark, start.isoformat(), number], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _cursor(given: Mapping[str, list[str]], mark: str) -> tuple[datetime, int] | None:
    """Where a walk stands, or None at its beginning; a cursor of another question is refused."""
    if "cursor" not in given:
        return None
    text = given["cursor"][0]
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,400}", text):
            raise ValueError
        said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        whose, at, number = said
        found = datetime.fromisoformat(at)
        if whose != mark or found.tzinfo is None or type(number) is not int or not 0 < number <= LARGEST_ID:
            raise ValueError
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError) as problem:
        raise parameters.refused("cursor", text, "cursor") from problem
    return found, number
