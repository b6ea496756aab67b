"""The operations under /api/v1/, and what OpenAPI tells of each."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Path
from ninja.errors import HttpError, ValidationError

import maillage
from maillage.api import (
    batches,
    booking,
    candidates,
    diagnosing,
    diagnosis_shapes,
    downloads,
    living,
    parameters,
    passing,
    problems,
    programme,
    reading,
    shapes,
    writing,
)
from maillage.api.keys import Key
from maillage.api.patches import WRITABLE
from maillage.api.problems import ProblemRaised
from maillage.network.exchange.formats.format import Format
from maillage.places.rules.drafts import FEATURE_FIELDS
from maillage.places.rules.fields import LENGTHS
from maillage.places.rules.text import DESCRIPTION_LENGTH
from maillage.places.rules.vocabulary import FEATURES, PRECISIONS

_ABOUT = """Les données publiques de Maillage, sans clé ; avec la clé d’un lieu, ce qu’un programme écrit en son nom.

Les erreurs sont des « problem details » (RFC 9457). Chaque lecture publique porte un « ETag » : renvoyez-le dans
« If-None-Match » pour ne recevoir que ce qui a changé. Mode d’emploi : /doc/api/."""
_SLUG_OR_ID = {
    "name": "place",
    "in": "path",
    "required": True,
    "description": "L’adresse du lieu (son « slug ») ou son identifiant.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,120}$"},
}
_CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "commune:39093, epci:243900420, bv:39500, dep:39, reg:27, france ; un code Insee ou un Siren tout "
    "court.",
    "schema": {"type": "string", "pattern": "^(france|(commune|epci|bv|dep|reg)[:-][0-9AB]{2,9}|[0-9AB]{5}|[0-9]{9})$"},
}
_EITHER_READ = (304, 400, 429)

api = NinjaAPI(
    title="Maillage",
    version=maillage.__version__,
    description=_ABOUT,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}}},
)


def _problem(status: int) -> dict[str, Any]:
    said = HTTPStatus(status).phrase
    if status in (301, 304):
        return {"description": said}
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {"description": said, "content": {problems.CONTENT_TYPE: {"schema": schema}}}


def _told(*statuses: int, **extra: Any) -> dict[str, Any]:
    return {"responses": {status: _problem(status) for status in statuses}, **extra}


_SHAPES = {"geojson": "object", "jsonld": "object", "json": ["array", "object"]}


def _file(known: Format) -> dict[str, Any]:
    told = _told(*_EITHER_READ, 404, parameters=[*parameters.FILTERS, parameters.SORT, parameters.LICENCE])
    schema = {"type": _SHAPES.get(known.extension, "string")}
    media_type = known.media_type.partition(";")[0]
    told["responses"][200] = {"description": "OK", "content": {media_type: {"schema": schema}}}
    return told


def _declare(method: str, path: str, view: Any, name: str, response: Any, extra: dict[str, Any], **more: Any) -> None:
    """One operation, told by its docstring; `more` overrides."""
    summary, *text = view.__doc__.splitlines()
    described = {"operation_id": name, "url_name": name, "summary": summary} | more
    described["description"] = "\n".join(line.strip() for line in text[1:]).strip()
    getattr(api, method)(path, response=response, openapi_extra=extra, **described)(view)


_get = partial(_declare, "get")


def one_place(request: HttpRequest, place: str = Path(..., include_in_schema=False)) -> Any:
    return reading.one_place(request, place)


def edit_place(request: HttpRequest, place: str = Path(..., include_in_schema=False)) -> Any:
    return writing.edit_place(request, place)


def confirm(request: HttpRequest, place: str = Path(..., include_in_schema=False)) -> Any:
    return writing.confirm(request, place)


def one_territory(request: HttpRequest, code: str = Path(..., include_in_schema=False)) -> Any:
    return reading.one_territory(request, code)


def territory_diagnosis(request: HttpRequest, code: str = Path(..., include_in_schema=False)) -> Any:
    return diagnosing.territory_diagnosis(request, code)


def territory_sites(request: HttpRequest, code: str = Path(..., include_in_schema=False)) -> Any:
    return diagnosing.territory_sites(request, code)


def availability_of_space(request: HttpRequest, space_id: int = Path(..., include_in_schema=False)) -> Any:
    return booking.availability_of_space(request, space_id)


def one_pass(request: HttpRequest, card: str = Path(..., include_in_schema=False)) -> Any:
    return passing.one_pass(request, card)


def redeem(request: HttpRequest, card: str = Path(..., include_in_schema=False)) -> Any:
    return passing.redeem(request, card)


for wrapper, module in (
    (one_pass, passing),
    (redeem, passing),
    (availability_of_space, booking),
    (one_place, reading),
    (one_territory, reading),
    (territory_diagnosis, diagnosing),
    (territory_sites, diagnosing),
    (edit_place, writing),
    (confirm, writing),
):
    wrapper.__doc__ = getattr(module, wrapper.__name__).__doc__

_get(
    "/places",
    reading.list_places,
    "places",
    {200: shapes.PlacePage},
    _told(
        *_EITHER_READ,
        404,
        parameters=[*parameters.FILTERS, parameters.SORT, parameters.LIMIT, parameters.CURSOR],
    ),
)
_get(
    "/places/changes",
    reading.list_changes,
    "changes",
    {200: shapes.ChangePage},
    _told(*_EITHER_READ, 410, parameters=[parameters.SINCE, parameters.MORE, parameters.RECORDS]),
)
_get(
    "/places/candidates",
    candidates.list_candidates,
    "candidates",
    {200: shapes.CandidateList},
    _told(*_EITHER_READ, parameters=candidates.PARAMETERS),
)
for each in downloads.DOWNLOADS:
    _get(f"/{each.path}", each.view, each.name, None, _file(each.known))
_get(
    "/places/{place}",
    one_place,
    "place",
    {200: shapes.WholePlace},
    _told(*_EITHER_READ, 301, 404, 410, parameters=[_SLUG_OR_ID]),
)
_get(
    "/territories",
    reading.list_territories,
    "territories",
    {200: shapes.FoundList},
    _told(*_EITHER_READ, parameters=[parameters.WORDS, parameters.FEW]),
)
_get(
    "/territories/{code}",
    one_territory,
    "territory",
    {200: shapes.TerritoryCard},
    _told(*_EITHER_READ, 404, parameters=[_CODE]),
)
_get(
    "/territories/{code}/diagnosis",
    territory_diagnosis,
    "territory_diagnosis",
    {200: diagnosis_shapes.DiagnosisOut},
    _told(*_EITHER_READ, 404, 503, parameters=[_CODE, diagnosing.WITHIN, diagnosing.OPEN, diagnosing.CLOSE]),
)
_get(
    "/territories/{code}/sites",
    territory_sites,
    "territory_sites",
    {200: diagnosis_shapes.PlanOut},
    _told(
        *_EITHER_READ, 404, 503, parameters=[_CODE, diagnosing.K, diagnosing.WITHIN, diagnosing.OPEN, diagnosing.CLOSE]
    ),
)
_get(
    "/search",
    reading.search,
    "search",
    {200: shapes.FoundList},
    _told(*_EITHER_READ, parameters=[parameters.WORDS, parameters.FEW]),
)
_get(
    "/spaces/{space_id}/availability",
    availability_of_space,
    "availability",
    {200: living.Availability},
    _told(*_EITHER_READ, 404, parameters=[booking.SPACE, booking.FROM, booking.TO]),
)
_get(
    "/events",
    programme.list_events,
    "events",
    {200: living.EventPage},
    _told(*_EITHER_READ, 404, parameters=programme.PARAMETERS),
)


def _writable(name: str) -> dict[str, Any]:
    if name in FEATURE_FIELDS:
        words = {"type": "string", "enum": list(FEATURES[name])}
        return {"type": ["array", "null"], "items": words, "maxItems": 50}
    if name == "links":
        return {"type": ["array", "null"], "items": {"type": "string", "maxLength": 500}, "maxItems": 10}
    if name in ("lat", "lon"):
        most = 90 if name == "lat" else 180
        return {"type": ["number", "null"], "minimum": -most, "maximum": most}
    if name == "capacity":
        return {"type": ["integer", "null"], "minimum": 0, "maximum": 999_999}
    if name == "precision":
        return {"type": ["string", "null"], "enum": [*PRECISIONS, None]}
    if name == "name":
        return {"type": "string", "minLength": 1, "maxLength": LENGTHS[name]}
    most = {"description": DESCRIPTION_LENGTH, "opening_hours": 500, "website": 500}.get(name, LENGTHS.get(name, 320))
    return {"type": ["string", "null"], "maxLength": most}


_SHEET = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: _writable(name) for name in WRITABLE},
    "description": "Les champs à changer ; « null » : il n’y a rien.",
}
_declare(
    "post",
    "/places/candidates",
    batches.list_candidates_of_many,
    "candidates_of_many",
    {200: shapes.CandidateLists},
    _told(
        *(400, 413, 415, 422, 429),
        requestBody={"required": True, "content": {kind: {"schema": batches.BODY} for kind in batches.JSON}},
    ),
    url_name="candidates",
)
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "L’« ETag » du lieu lu, ou « * ».",
    "schema": {"type": "string", "maxLength": 200, "pattern": r'^(\*|(W/)?"[!#-~]{0,150}")$'},
}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Un nom tiré au hasard pour cette demande : renvoyée, elle n’est pas refaite.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_WRITES = (400, 401, 403, 404, 410, 413, 429)
_declare(
    "patch",
    "/places/{place}",
    edit_place,
    "edit_place",
    {200: shapes.WholePlace},
    _told(
        *_WRITES,
        *(409, 412, 415, 422, 428),
        parameters=[_SLUG_OR_ID, _IF_MATCH],
        requestBody={"required": True, "content": {kind: {"schema": _SHEET} for kind in writing.MERGE_PATCH}},
    ),
    url_name="place",
    auth=Key(),
)
_declare(
    "post",
    "/places/{place}/confirmations",
    confirm,
    "confirm",
    {201: shapes.Confirmed},
    _told(*_WRITES, 422, parameters=[_SLUG_OR_ID, _IDEMPOTENCY]),
    url_name="confirmations",
    auth=Key(),
)
_declare(
    "post",
    "/bookings",
    booking.create_booking,
    "create_booking",
    {201: living.Booked},
    _told(
        *_WRITES,
        *(409, 415, 422),
        parameters=[_IDEMPOTENCY],
        requestBody={"required": True, "content": {kind: {"schema": booking.BODY} for kind in booking.JSON}},
    ),
    url_name="bookings",
    auth=Key(),
)
_get(
    "/passes/{card}",
    one_pass,
    "one_pass",
    {200: living.PassOut},
    _told(400, 401, 403, 404, 429, parameters=[passing.CARD]),
    url_name="pass",
    auth=Key(),
)
_declare(
    "post",
    "/passes/{card}/redemptions",
    redeem,
    "redeem",
    {201: living.Redeemed},
    _told(
        *(400, 401, 403, 404, 409, 413, 415, 422, 429),
        parameters=[passing.CARD, _IDEMPOTENCY],
        requestBody={"required": False, "content": {kind: {"schema": passing.BODY} for kind in passing.JSON}},
    ),
    url_name="redemptions",
    auth=Key(),
)


@api.exception_handler(ProblemRaised)
def _raised(request: HttpRequest, problem: ProblemRaised) -> HttpResponse:
    return problems.answer(request, problem)


@api.exception_handler(Http404)
@api.exception_handler(ValidationError)
def _nowhere(request: HttpRequest, _problem: Exception) -> HttpResponse:
    return problems.answer(request, ProblemRaised("introuvable"))


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, refused: HttpError) -> HttpResponse:
    return problems.answer(request, ProblemRaised("requete", str(refused)))
