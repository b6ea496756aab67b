"""The running application does what its OpenAPI description says, whatever is asked of it."""

from datetime import datetime

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation

from maillage.api import limits
from maillage.places.models import Place
from tests.api.conftest import key_of
from tests.management.bookings.hall import hall
from tests.network.schemes.valley import valley

NADINE = "la-boutique-de-nadine"
ACCEPTED = ["2xx", "401", "403", "404"]


def _only(operation: str, *more: str) -> list[dict]:
    checks = {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, *more]}}
    return [{"include-operation-id": operation, "checks": checks}]


CONFIG = {
    # The null character is refused in every text (see the hostile inputs); a JSON schema does not tell it.
    "generation": {"allow-x00": False},
    "checks": {
        "missing_required_header": {"expected-statuses": [401, 428]},
        # An « If-Match » that is no version of this place is refused as one that is out of date.
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429]},
    },
    "operations": [
        # A sheet may be refused by rules of the registry that no JSON schema tells: the key of a Siret, a commune.
        *_only("edit_place", "412", "422"),
        # A commune or a place made up does not exist; a territory may have fewer communes than sites are asked.
        *_only("territory_diagnosis", "400"),
        *_only("territory_sites", "400"),
        # A space made up is nobody's, or is taken, closed, past; a name or an address may be no name and no address.
        *_only("create_booking", "409", "422"),
        # A card has one half-day to give; a funded one takes nothing of a body, a carnet wants its space.
        *_only("redeem", "409", "422"),
        # More days than one may ask for at once.
        *_only("availability", "400"),
        *_only("events", "400"),
        # A position made up is ahead of this registry.
        *_only("changes", "410"),
    ],
}


@st.composite
def boxes(draw: st.DrawFn) -> str:
    west, east = sorted(draw(st.tuples(*[st.integers(-180, 180)] * 2)))
    south, north = sorted(draw(st.tuples(*[st.integers(-90, 90)] * 2)))
    return f"{west},{south},{east},{north}"


schemathesis.openapi.format("bbox", boxes())
schemathesis.openapi.format("cursor", st.just("x"))
schemathesis.openapi.format("position", st.sampled_from(["0.0", "1.1", "999999.0"]))


@pytest.fixture
def described(places: None, now: datetime, monkeypatch: pytest.MonkeyPatch):
    """The description as it is served, on the registry of the cast; one key may write as often as cases are tried."""
    monkeypatch.setattr(limits, "WRITES", 1_000_000)
    return _described(now)


@pytest.fixture
def described_quickly(places: None, now: datetime):
    """The same, without the thousand cases that cover every keyword of every parameter."""
    return _described(now, phases={"coverage": {"enabled": False}})


def _described(now: datetime, **more: object):
    config = schemathesis.Config.from_dict(CONFIG | more)
    found = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler(), config=config)
    found.secret = key_of(NADINE, now)
    nadine = Place.objects.get(slug=NADINE)
    found.space = hall(nadine).room.pk
    found.card = valley(nadine, now).hand().of.code
    return found


schema = schemathesis.pytest.from_fixture("described")
quick = schemathesis.pytest.from_fixture("described_quickly")


def ask(case: schemathesis.Case, secret: str, space: int, card: str) -> None:
    """Ask, in the name of a program that holds Nadine's key, and check everything."""
    cursor = case.query.get("cursor") if isinstance(case.query, dict) else None
    if cursor == "x" or (cursor and not case.meta.is_negative_at(ParameterLocation.QUERY)):
        del case.query["cursor"]  # a cursor is not made up
    case.headers = {**(case.headers or {}), "Accept-Encoding": "identity"}
    named = {"place": NADINE, "card": card, "space_id": space}
    here = {name: value for name, value in named.items() if f"{{{name}}}" in case.operation.path}
    if case.operation.method in ("patch", "post") or "card" in here:
        if getattr(case.meta.phase.data, "parameter", None) != "Authorization":
            case.headers["Authorization"] = f"Bearer {secret}"
        if not case.meta.is_negative_at(ParameterLocation.PATH):
            case.path_parameters = here
        if case.headers.get("If-Match") and not case.meta.is_negative_at(ParameterLocation.HEADER):
            case.headers["If-Match"] = "*"
    if "space_id" in here and not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters = here
    if case.operation.path.endswith("/bookings") and not case.meta.is_negative_at(ParameterLocation.BODY):
        case.body["space"] = space
    case.call_and_validate()


@override_settings(API_RATE=0)
@quick.parametrize()
@examples(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_word(case: schemathesis.Case, described_quickly) -> None:
    ask(case, described_quickly.secret, described_quickly.space, described_quickly.card)


@pytest.mark.full
@override_settings(API_RATE=0)
@schema.parametrize()
@examples(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_word_whatever_is_tried(case: schemathesis.Case, described) -> None:
    ask(case, described.secret, described.space, described.card)


def test_an_answer_that_was_not_announced_is_caught(described_quickly, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks can fail: a status nobody documented, a body of another shape, a fault of ours."""

    def told(status: int, body: bytes = b"{}", kind: str = "application/json"):
        return lambda *_args, **_kwargs: HttpResponse(body, status=status, content_type=kind)

    operation = described_quickly["/api/v1/territories"]["GET"]
    for wrong in (told(418), told(200), told(500), told(200, kind="text/html")):
        monkeypatch.setattr("maillage.api.kept._given", wrong)
        case = operation.Case(query={"q": f"chamb{id(wrong)}"}, headers={"Accept-Encoding": "identity"})
        with pytest.raises(FailureGroup):
            case.call_and_validate()
