"""What a program of a place reads of a pass, and the half-days it counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from maillage.accounts.rules import OBSERVER
from maillage.journal.actions import forget_keys
from maillage.management.billing.actions.pricing import add_list, add_price
from maillage.management.passes.actions.formulas import add_formula
from maillage.management.passes.actions.selling import sell
from maillage.management.passes.models import Movement, Pass
from maillage.management.people.actions.persons import add_person
from maillage.network.schemes.actions import issuing
from maillage.network.schemes.models import Accreditation, Redemption
from maillage.network.schemes.queries.keys import token_of
from maillage.places.models import Place
from tests.api.conftest import bearer, key_of
from tests.management.bookings.hall import hall
from tests.network.schemes.valley import BY, Valley, valley

NADINE, PERRIN = "la-boutique-de-nadine", "l-atelier-de-m-perrin"
TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
NOT_HERE = "Ce code n’est pas celui d’un carnet ou d’un passe qui vaut dans ce lieu."


@pytest.fixture
def here(places: None, now: datetime) -> Valley:
    return valley(Place.objects.get(slug=NADINE), now)


def carnet_of(place: Place, now: datetime) -> tuple[Pass, int]:
    """A carnet of ten half-days that somebody bought at a place, and the space it is for."""
    space = hall(place).desks.pk
    raw = {"name": "Carnet de 10", "kind": "carnet", "units": "10", "months": "6"}
    raw |= {f"units-space:{space}": "1", f"unit-space:{space}": "half_day"}
    formula = add_formula(place=place, raw=raw, by=BY, now=now)
    since = {"title": "Tarifs", "voted_on": "2026-01-01", "since": "2026-01-01"}
    grid = add_list(place=place, raw=since, copies=None, by=BY, now=now)
    line = {"label": "Carnet", "subject": f"formula:{formula}", "fee_class": "", "unit": "each", "price": "70"}
    add_price(place=place, list_id=grid, raw=line, by=BY, now=now)
    person = add_person(place=place, raw={"name": "Thomas Petit"}, by=BY, now=now)
    return sell(place=place, formula_id=formula, person_id=person, key="un", by=BY, now=now), space


def look(client: Client, secret: str, card: str):
    return client.get(f"/api/v1/passes/{card}", headers=bearer(secret))


def redeem(client: Client, secret: str, card: str, told: Any = None, **headers: str):
    given = {} if told is None else {"data": told, "content_type": "application/json"}
    address = f"/api/v1/passes/{card}/redemptions"
    return client.post(address, **(given or {"data": b"", "content_type": ""}), headers=bearer(secret) | headers)


def test_a_pass_is_told_without_who_bears_it(client: Client, here: Valley, now: datetime) -> None:
    issue = here.hand(raw={"contact": "eve@exemple.fr"})
    secret = key_of(NADINE, now)
    with time_machine.travel(TUESDAY, tick=False):
        told = look(client, secret, issue.of.code.lower().replace("-", ""))
        assert (told.status_code, told["Cache-Control"]) == (200, "no-store")
        assert told.json() == {
            "code": issue.of.code,
            "kind": "funded",
            "name": "Pass découverte du Val d’Amour",
            "left": 4,
            "starts_on": issue.of.starts_on.isoformat(),
            "ends_on": "2027-02-28",
            "good": True,
            "why": None,
            "takes": [],
        }
        assert look(client, secret, token_of(issue)).json() == told.json()
        redeem(client, secret, issue.of.code)
        after = look(client, secret, issue.of.code).json()
    assert (after["left"], after["good"], after["why"]) == (
        3,
        False,
        "cette demi-journée est déjà comptée sur ce passe\u202f: il n’y a rien de plus à noter.",
    )


def test_a_half_day_is_counted_once_under_a_key(client: Client, here: Valley, now: datetime) -> None:
    issue, other = here.hand(), here.hand()
    secret = key_of(NADINE, now)
    with time_machine.travel(TUESDAY, tick=False):
        first = redeem(client, secret, issue.of.code, **{"Idempotency-Key": "k1"})
        spent = Redemption.objects.get()
        assert (first.status_code, first.json()) == (
            201,
            {
                "id": spent.movement_id,
                "code": issue.of.code,
                "place": NADINE,
                "day": "2026-11-24",
                "half": "am",
                "units": 1,
                "left": 3,
                "ends_on": "2027-02-28",
            },
        )
        again = redeem(client, secret, issue.of.code.replace("-", ""), {}, **{"Idempotency-Key": "k1"})
        assert (again.status_code, again.json()) == (201, first.json())
        reused = redeem(client, secret, other.of.code, **{"Idempotency-Key": "k1"})
        assert (reused.status_code, reused.json()["title"]) == (422, "Clé d’idempotence déjà prise")
        twice = redeem(client, secret, issue.of.code)
    assert (twice.status_code, twice["Content-Type"]) == (409, "application/problem+json")
    assert twice.json()["detail"] == (
        "Cette demi-journée est déjà comptée sur ce passe\u202f: il n’y a rien de plus à noter."
    )
    assert twice.json()["errors"] == [
        {"reason": "cette demi-journée est déjà comptée sur ce passe", "mend": "il n’y a rien de plus à noter"}
    ]
    assert Redemption.objects.count() == 1


def test_a_key_that_comes_back_after_a_week_still_counts_nothing(client: Client, here: Valley, now: datetime) -> None:
    issue = here.hand()
    secret = key_of(NADINE, now)
    for days in (0, 30):
        with time_machine.travel(TUESDAY + timedelta(days=days), tick=False):
            forget_keys(now=TUESDAY + timedelta(days=days))
            assert redeem(client, secret, issue.of.code, **{"Idempotency-Key": "k1"}).status_code == 201
    assert Redemption.objects.count() == 1


def test_a_pass_does_not_exist_for_a_place_that_is_not_accredited(client: Client, here: Valley, now: datetime) -> None:
    issue = here.hand()
    carnet, _space = carnet_of(here.place, now)
    elsewhere, own = key_of(PERRIN, now), key_of(NADINE, now)
    unknown = look(client, elsewhere, "00000-00000")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, NOT_HERE)
    for card in (issue.of.code, token_of(issue), carnet.code):
        for told in (look(client, elsewhere, card), redeem(client, elsewhere, card)):
            alike = {**unknown.json(), "instance": told.json()["instance"]}
            assert (told.status_code, told.json()) == (404, alike)
    for state in ("asked", "refused", "ended"):
        Accreditation.objects.update(state=state)
        assert look(client, own, issue.of.code).status_code == 404
        assert redeem(client, own, issue.of.code).status_code == 404
    assert not Redemption.objects.exists()


@pytest.mark.parametrize(
    "card", ["bonjour", "00000-00001", "MP1.a.b.c", "MP1.aaaaaaaaaaaa", "9" * 600, "MP1." + "x" * 600]
)
def test_what_is_no_code_is_nowhere(client: Client, here: Valley, now: datetime, card: str) -> None:
    secret = key_of(NADINE, now)
    for told in (look(client, secret, card), redeem(client, secret, card)):
        assert (told.status_code, told["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("card", ["%00", "a%00b", "MP1.%00.a.b"])
def test_a_null_character_is_refused(client: Client, here: Valley, now: datetime, card: str) -> None:
    secret = key_of(NADINE, now)
    for told in (look(client, secret, card), redeem(client, secret, card)):
        assert (told.status_code, told["Content-Type"]) == (400, "application/problem+json")


def test_a_forged_signature_is_nowhere(client: Client, here: Valley, now: datetime) -> None:
    secret = key_of(NADINE, now)
    token = token_of(here.hand())
    forged = token[:-1] + ("A" if token[-1] != "A" else "Q")
    assert look(client, secret, token).status_code == 200
    assert look(client, secret, forged).status_code == redeem(client, secret, forged).status_code == 404


def test_what_the_scheme_does_not_allow_is_refused_with_what_to_do(client: Client, here: Valley, now: datetime) -> None:
    issue = here.hand()
    issuing.revoke(scheme_id=here.scheme.pk, code=issue.of.code, by=BY, now=now)
    secret = key_of(NADINE, now)
    with time_machine.travel(TUESDAY, tick=False):
        told = redeem(client, secret, issue.of.code)
        assert look(client, secret, issue.of.code).json()["why"].startswith("ce passe a été annulé, comme perdu")
    assert (told.status_code, told.json()["detail"]) == (
        409,
        "Ce passe a été annulé, comme perdu ou remplacé\u202f: demandez la nouvelle carte, ou appelez le relais.",
    )


def test_a_carnet_of_the_place_is_used_for_a_space(client: Client, here: Valley, now: datetime) -> None:
    carnet, space = carnet_of(here.place, now)
    secret = key_of(NADINE, now)
    with time_machine.travel(TUESDAY, tick=False):
        told = look(client, secret, carnet.code).json()
        assert (told["kind"], told["name"], told["left"], told["good"], told["takes"]) == (
            "carnet",
            "Carnet de 10",
            10,
            True,
            [{"space": space, "unit": "half_day", "units": 1}],
        )
        key = {"Idempotency-Key": "k1"}
        first = redeem(client, secret, carnet.code, {"space": space, "quantity": 1, "half": "am"}, **key)
        assert (first.status_code, first.json()["left"], first.json()["half"]) == (201, 9, "am")
        again = redeem(client, secret, carnet.code, {"half": "am", "quantity": 1, "space": space}, **key)
        assert again.json() == first.json()
        other = redeem(client, secret, carnet.code, {"space": space, "quantity": 2, "half": "am"}, **key)
        assert (other.status_code, other.json()["title"]) == (422, "Clé d’idempotence déjà prise")
        much = redeem(client, secret, carnet.code, {"space": space, "quantity": 10})
    assert (much.status_code, much.json()["detail"]) == (
        409,
        "Il ne reste pas assez d’unités sur ce passe\u202f: payez le reste à l’unité, ou prenez un autre carnet.",
    )
    assert Movement.objects.filter(kind="redeemed").count() == 1


@pytest.mark.parametrize(
    ("told", "errors"),
    [
        ({}, [("/space", "à donner, pour un carnet ou un abonnement")]),
        ({"space": "1"}, [("/space", f"un nombre entier est attendu, de 1 à {2**63 - 1}")]),
        ({"space": True}, [("/space", f"un nombre entier est attendu, de 1 à {2**63 - 1}")]),
        ({"space": 1, "quantity": 0}, [("/quantity", "un nombre entier est attendu, de 1 à 100")]),
        ({"space": 1, "half": ["am"]}, [("/half", "am ou pm est attendu")]),
        ({"space": 1, "autre": 2}, [("/autre", "champ inconnu")]),
        ({"space": 2**63 - 1}, [("/space", "ce carnet ne vaut pas pour cela")]),
    ],
)
def test_fields_of_a_carnet_are_refused_by_name(client: Client, here: Valley, now: datetime, told, errors) -> None:
    carnet, _space = carnet_of(here.place, now)
    with time_machine.travel(TUESDAY, tick=False):
        answer = redeem(client, key_of(NADINE, now), carnet.code, told)
    assert answer.status_code == 422
    assert [(one["pointer"], one["reason"]) for one in answer.json()["errors"]] == errors
    assert not Movement.objects.filter(kind="redeemed").exists()


def test_a_funded_pass_takes_the_half_day_that_it_is(client: Client, here: Valley, now: datetime) -> None:
    issue = here.hand()
    with time_machine.travel(TUESDAY, tick=False):
        told = redeem(client, key_of(NADINE, now), issue.of.code, {"half": "pm"})
    assert (told.status_code, told.json()["errors"]) == (
        422,
        [
            {
                "pointer": "/half",
                "reason": "ne se dit pas d’un passe découverte\u202f: c’est la demi-journée qu’il est",
            }
        ],
    )
    assert not Redemption.objects.exists()


def test_a_key_is_asked_for_that_may_receive(client: Client, here: Valley, now: datetime) -> None:
    issue = here.hand()
    assert client.get(f"/api/v1/passes/{issue.of.code}").status_code == 401
    assert client.post(f"/api/v1/passes/{issue.of.code}/redemptions").status_code == 401
    reading = key_of(NADINE, now, role=OBSERVER)
    assert look(client, reading, issue.of.code).status_code == 403
    assert redeem(client, reading, issue.of.code).status_code == 403
    assert not Redemption.objects.exists()
