"""Parameters of public reads: those of the list, read strictly, and how OpenAPI tells of them."""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from maillage.api.problems import ProblemRaised
from maillage.places.queries.changes import Position as Numbers
from maillage.places.queries.walk import DISTANCE, RECENT, Position, order_of
from maillage.places.rules.filters import PARAMETERS, QUERY_LENGTH, SORTS, WHATEVER, PlaceFilter, parse
from maillage.places.rules.text import one_line
from maillage.places.rules.vocabulary import ACTIVITIES, INTENTS, SERVICES, STATUSES

DEFAULT_LIMIT, MOST = 50, 100
FEW_BY_DEFAULT, MOST_FEW = 8, 20
SEVERAL = ("activite", "service", "open", "close", "licence")
_WHY: Mapping[str, Any] = {
    "unknown": _("valeur inconnue"),
    "number": _("un nombre entier est attendu"),
    "bounded": _("entre 5 et 60"),
    "territory": _("attendu\u202f: reg-52, dep-44, epci-244400404 ou commune-44109"),
    "near": _("attendu\u202f: un code Insee de commune ou «\u202flatitude,longitude\u202f»"),
    "bbox": _("attendu\u202f: ouest,sud,est,nord en degrés"),
    "bbox-reversed": _("attendu\u202f: ouest,sud,est,nord, dans cet ordre"),
    "cut": _("200 caractères au plus"),
    "missing": _("à donner"),
    "repeated": _("donné deux fois"),
    "blank": _("donné vide\u202f: retirez-le"),
    "limit": _("un nombre entier est attendu, de 1 au plus grand permis"),
    "nowhere": _("ce code ne désigne rien de connu"),
    "cursor": _("cette suite n’est pas celle de cette question\u202f: reprenez au début"),
    "since": _("attendu\u202f: 2026-11-22, 2026-11-22T09:30:00Z, ou la position donnée par la réponse précédente"),
}
_STRANGER = _("paramètre inconnu\u202f: on ne le lit pas, la réponse serait celle d’une autre question")
_KNOWN_ONES = _("retirez-le, ou corrigez son nom\u202f; paramètres connus\u202f: %(names)s")
_NO_ONES = _("retirez-le\u202f: cette adresse n’a pas de paramètre")
_KNOWN_VALUES = _("valeurs connues\u202f: %(values)s")
_VALUES: Mapping[str, Sequence[str]] = {
    "intention": tuple(INTENTS),
    "activite": tuple(ACTIVITIES),
    "service": tuple(SERVICES),
    "ouvert": ("0", "1"),
    "records": ("0", "1"),
    "statut": (*STATUSES, WHATEVER),
    "tri": tuple(SORTS),
}
_INTEGER = re.compile(r"[0-9]{1,3}")
_NUMBERS = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


def refused(parameter: str, value: str, code: str) -> ProblemRaised:
    """The problem of one parameter."""
    return ProblemRaised("parametres", errors=[error(parameter, value, code)])


def error(parameter: str, value: str, code: str) -> dict[str, str]:
    told = {"parameter": parameter[:80], "value": value[:80], "reason": str(_WHY[code])}
    if code == "unknown" and parameter in _VALUES:
        told["mend"] = str(_KNOWN_VALUES) % {"values": ", ".join(_VALUES[parameter])}
    return told


def _stranger(parameter: str, known: Sequence[str]) -> dict[str, str]:
    """The error of a parameter that nothing reads: left in, it would seem to have been obeyed."""
    told = {"parameter": parameter[:80], "value": "", "reason": str(_STRANGER)}
    return told | {"mend": str(_KNOWN_ONES) % {"names": ", ".join(known)} if known else str(_NO_ONES)}


def read_strictly(request: HttpRequest, *known: str) -> dict[str, list[str]]:
    """The parameters of an address, each known, said once where one is enough, and not blank."""
    given = dict(request.GET.lists())
    wrong = [_stranger(name, known) for name in given if name not in known]
    for name, values in given.items():
        if name in known and name not in SEVERAL and len(values) > 1:
            wrong.append(error(name, values[1], "repeated"))
        if name in known and name != "q" and not all(value.strip() for value in values):
            wrong.append(error(name, "", "blank"))
    if wrong:
        raise ProblemRaised("parametres", errors=wrong[:20])
    return given


def read_question(request: HttpRequest, *others: str) -> tuple[PlaceFilter, dict[str, list[str]]]:
    """The question to the registry, as the list reads it, but refusing what the list would leave out."""
    given = read_strictly(request, *PARAMETERS, *others)
    asked, problems = parse(given)
    if problems:
        raise ProblemRaised("parametres", errors=[error(p.parameter, p.value, p.code) for p in problems])
    return asked, given


def read_words(request: HttpRequest) -> tuple[str, int]:
    """The words of a search, bounded, and how many answers at most."""
    given = read_strictly(request, "q", "limit")
    if "q" not in given:
        raise refused("q", "", "missing")
    text = given["q"][0]
    if len(text) > QUERY_LENGTH:
        raise refused("q", text, "cut")
    return one_line(text), read_limit(given, default=FEW_BY_DEFAULT, most=MOST_FEW)


def read_limit(given: Mapping[str, list[str]], *, default: int = DEFAULT_LIMIT, most: int = MOST) -> int:
    text = given.get("limit", [str(default)])[0]
    if not _INTEGER.fullmatch(text) or not 1 <= int(text) <= most:
        raise refused("limit", text, "limit")
    return int(text)


def read_records(given: Mapping[str, list[str]]) -> bool:
    """Whether the places themselves are asked for beside their changes."""
    text = given.get("records", ["0"])[0]
    if text not in ("0", "1"):
        raise refused("records", text, "unknown")
    return text == "1"


def read_count(given: Mapping[str, list[str]], name: str, *, most: int) -> int:
    """A whole number from 1 to `most`, under any name."""
    text = given[name][0]
    if not _INTEGER.fullmatch(text) or not 1 <= int(text) <= most:
        raise refused(name, text, "limit")
    return int(text)


def cursor_of(asked: PlaceFilter, position: Position) -> str:
    """The text by which a program goes on with a walk: opaque to it, tied to its question."""
    said = json.dumps([_mark(asked), *position], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(asked: PlaceFilter, given: Mapping[str, list[str]]) -> Position | None:
    """Where a walk stands, or None at its beginning; a cursor of another question is refused.

    >>> asked = PlaceFilter(q="café")
    >>> one = ("la maille", "0b9c2e0e-8a94-4f4e-9a59-6a3c3c1c2d3e")
    >>> read_cursor(asked, {"cursor": [cursor_of(asked, one)]}) == one
    True
    """
    if "cursor" not in given:
        return None
    text = given["cursor"][0]
    try:
        mark, *position = _parts(text)
        _check(order_of(asked), position)
    except (ValueError, TypeError, binascii.Error, RecursionError) as problem:
        raise refused("cursor", text, "cursor") from problem
    if mark != _mark(asked):
        raise refused("cursor", text, "cursor")
    return tuple(position)


def _parts(text: str) -> list[str]:
    if len(text) > 2_000 or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError
    said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    if not isinstance(said, list) or not all(isinstance(part, str) and "\x00" not in part for part in said):
        raise ValueError
    return said


def _check(order: str, position: list[str]) -> None:
    """Raise ValueError unless this is a position in that order."""
    if len(position) != (3 if order == DISTANCE else 2):
        raise ValueError
    UUID(position[-1])
    if order == RECENT and datetime.fromisoformat(position[0]).tzinfo is None:
        raise ValueError
    if order == DISTANCE and not all(math.isfinite(float(part)) for part in position[:2]):
        raise ValueError
    position[0].encode()  # a lone surrogate cannot be compared by a database


def _mark(asked: PlaceFilter) -> str:
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]


def read_since(given: Mapping[str, list[str]]) -> datetime | Numbers:
    """A moment, or a position that an earlier answer gave; without either, the beginning."""
    if "since" not in given:
        return Numbers()
    text = given["since"][0].strip()
    if matched := _NUMBERS.fullmatch(text):
        return Numbers(int(matched[1]), int(matched[2]))
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return max(datetime.combine(date.fromisoformat(text), time(), UTC), _EARLIEST)
        if len(text) > 60 or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]", text):
            raise ValueError
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is None:
            raise ValueError
        return max(moment, _EARLIEST)
    except (ValueError, OverflowError) as problem:
        raise refused("since", text, "since") from problem


_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def told(name: str, schema: Mapping[str, Any], description: str, *, required: bool = False) -> dict[str, Any]:
    """One parameter, as OpenAPI tells it."""
    parameter: dict[str, Any] = {"in": "query", "name": name, "schema": dict(schema), "description": description}
    parameter["required"] = required
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": True}
    return parameter


_PART = r"(\.[0-9]{1,10})?"
_TEXT = {"type": "string", "maxLength": QUERY_LENGTH, "pattern": r"^[^\u0000]*$"}
FILTERS: tuple[dict[str, Any], ...] = (
    told("q", _TEXT, "Mots cherchés dans le nom, la localité, l’activité et la structure. Tous doivent y être."),
    told("intention", {"type": "string", "enum": list(INTENTS)}, "Ce que l’on vient faire."),
    told(
        "activite",
        {"type": "array", "items": {"type": "string", "enum": list(ACTIVITIES)}},
        "Activité ; répétée : l’une ou l’autre.",
    ),
    told(
        "service",
        {"type": "array", "items": {"type": "string", "enum": list(SERVICES)}},
        "Service ; répété : tous à la fois.",
    ),
    told("ouvert", {"type": "string", "enum": ["0", "1"]}, "« 1 » : ouverts en ce moment, d’après leurs horaires."),
    told(
        "statut",
        {"type": "string", "enum": [*STATUSES, WHATEVER]},
        "État du lieu. Sans lui, tous sauf les fermés ; « tous » : fermés compris.",
    ),
    told(
        "territoire",
        {
            "type": "string",
            "pattern": "^(reg-[0-9]{2,3}|dep-[0-9][0-9AB][0-9]?|epci-[0-9]{9}|(bv|commune)-[0-9][0-9AB][0-9]{3})$",
        },
        "Dans ce territoire : reg-27, dep-39, epci-243900420, commune-39093.",
    ),
    told(
        "pres",
        {
            "type": "string",
            "pattern": f"^([0-9][0-9AB][0-9]{{3}}|-?[0-8]?[0-9]{_PART},-?(1[0-7][0-9]|[0-9]{{1,2}}){_PART})$",
        },
        "Autour d’une commune (code Insee) ou d’un point « latitude,longitude ».",
    ),
    told("minutes", {"type": "integer", "minimum": 5, "maximum": 60}, "À combien de minutes de « pres » ; 20 sinon."),
    told(
        "bbox",
        {"type": "string", "format": "bbox", "maxLength": 120},
        "Dans ce cadre : ouest,sud,est,nord, en degrés.",
    ),
)
LICENCE = told(
    "licence",
    {
        "type": "array",
        "items": {"type": "string", "maxLength": 200, "pattern": r"^[A-Za-z0-9][^\u0000]*$"},
    },
    "Seulement les lieux dont toutes les sources sont sous cette licence, ou l’une de celles-ci.",
)
SORT = told(
    "tri",
    {"type": "string", "enum": list(SORTS)},
    "Ordre : par nom, du plus proche (avec « pres », d’office), ou modifiés récemment.",
)
LIMIT = told("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}, "Combien par page.")
FEW = told(
    "limit", {"type": "integer", "minimum": 1, "maximum": MOST_FEW, "default": FEW_BY_DEFAULT}, "Combien au plus."
)
CURSOR = told(
    "cursor",
    {"type": "string", "maxLength": 2000, "format": "cursor"},
    "La suite : tel que « next » le donne, avec les mêmes paramètres.",
)
WORDS = told("q", _TEXT, "Ce qui est tapé.", required=True)
RECORDS = told(
    "records",
    {"type": "string", "enum": ["0", "1"], "default": "0"},
    "« 1 » : avec les lieux eux-mêmes, pour en tenir une copie ; jusqu’à 500 changements par page.",
)
MORE = told(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    "Combien par page ; jusqu’à 500 avec « records=1 ».",
)
SINCE = told(
    "since",
    {
        "anyOf": [
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "position", "pattern": r"^[0-9]{1,18}\.[0-9]{1,18}$"},
        ]
    },
    "Un jour (à minuit UTC), un instant, ou la position donnée par « next ». Sans lui, depuis le début.",
)
