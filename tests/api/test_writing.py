"""Writing with a place's key: what it may, and that it may nothing else."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from maillage.accounts import actions as accounts
from maillage.accounts import queries as people
from maillage.accounts.rules import OBSERVER, place_scope
from maillage.api.limits import BAD_KEYS
from maillage.journal.actions import send_mails
from maillage.journal.models import AuditEvent, IdempotencyKey
from maillage.places import actions
from maillage.places.models import Place, Revision
from tests.api.conftest import bearer, id_of, key_of

NADINE, PERRIN = "la-boutique-de-nadine", "l-atelier-de-m-perrin"
PATCH = "application/merge-patch+json"
pytestmark = pytest.mark.usefixtures("places")


def patch(client: Client, slug: str, body, secret: str = "", *, match: str = "*", **headers: str):
    given = bearer(secret) if secret else {}
    given |= {"If-Match": match} if match else {}
    return client.patch(f"/api/v1/places/{slug}", body, content_type=PATCH, headers=given | headers)


def confirm(client: Client, slug: str, secret: str = "", **headers: str):
    given = bearer(secret) if secret else {}
    address = f"/api/v1/places/{slug}/confirmations"
    return client.post(address, b"", content_type="application/json", headers=given | headers)


def written() -> tuple[int, int, str]:
    """What would betray any write."""
    return Revision.objects.count(), AuditEvent.objects.count(), str(list(Place.objects.order_by("pk").values()))


def test_a_program_keeps_its_place_up_to_date_and_signs(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    read = client.get(f"/api/v1/places/{NADINE}")
    body = {"phone": "03 84 00 00 00", "services": ["wifi"], "opening_hours": None, "capacity": 12}
    response = patch(client, NADINE, body, secret, match=read["ETag"])
    assert response.status_code == 200, response.content
    told = response.json()
    assert (told["phone"], told["services"], told["opening_hours"], told["capacity"]) == (
        *("03 84 00 00 00", ["wifi"], None, 12),
    )
    assert told["name"] == "La Boutique de Nadine"
    assert told["version"] == read.json()["version"] + 1
    last = Revision.objects.order_by("-pk").first()
    assert last is not None
    key = people.keys(place_scope(id_of(NADINE)))[0]
    assert last.by == f"cle:{key.pk}:colleague"
    assert sorted(last.changes) == ["capacity", "opening_hours", "phone", "services"]
    assert response["ETag"] == client.get(f"/api/v1/places/{NADINE}")["ETag"]
    assert key.last_used_at is not None
    assert secret not in str(list(AuditEvent.objects.values()))


def test_a_list_said_empty_is_not_unknown(client: Client, now: datetime) -> None:
    told = patch(client, NADINE, {"services": []}, key_of(NADINE, now)).json()
    assert (told["services"], told["labels"]) == ([], None)


def test_the_same_said_twice_writes_nothing(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    patch(client, NADINE, {"phone": "03 84 00 00 00"}, secret)
    before = written()
    assert patch(client, NADINE, {"phone": "03 84 00 00 00"}, secret).status_code == 200
    assert patch(client, NADINE, {}, secret).status_code == 200
    assert written() == before


def test_whoever_was_overtaken_writes_nothing(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    etag = client.get(f"/api/v1/places/{NADINE}")["ETag"]
    assert patch(client, NADINE, {"phone": "03 84 00 00 00"}, secret, match=etag).status_code == 200
    before = written()
    for match, status in ((etag, 412), ('"0"', 412), ("bonjour", 412), ("", 428)):
        response = patch(client, NADINE, {"phone": "03 84 00 00 01"}, secret, match=match)
        assert (response.status_code, response.json()["status"]) == (status, status)
    assert written() == before
    assert patch(client, NADINE, {"phone": "03 84 00 00 01"}, secret, match='"1", W/"2-ab"').status_code == 200


@pytest.mark.parametrize("which", ["none", "unknown", "revoked", "another", "address"])
@pytest.mark.parametrize("target", [NADINE, "il-n-y-a-rien", "0b9c2e0e-8a94-4f4e-9a59-6a3c3c1c2d3e"])
def test_no_key_no_writing(client: Client, now: datetime, which: str, target: str) -> None:
    secret, query = "", ""
    if which == "unknown":
        secret = "mlg_" + "x" * 43
    elif which == "revoked":
        secret = key_of(NADINE, now)
        scope = place_scope(id_of(NADINE))
        accounts.revoke_key(key_id=people.keys(scope)[0].pk, scope=scope, by="compte:1:facilitator", now=now)
    elif which == "another":
        secret = key_of(PERRIN, now)
    elif which == "address":
        query = f"?key={key_of(NADINE, now)}"
    before = written()
    for response in (
        patch(client, target + query, {"phone": "01"}, secret),
        confirm(client, target, secret),
    ):
        assert response.status_code == (404 if which == "another" else 401)
        assert response["Content-Type"] == "application/problem+json"
        if which != "another":
            assert response["WWW-Authenticate"].startswith("Bearer")
    assert written() == before


def test_the_place_of_another_answers_as_if_it_were_not_there(client: Client, now: datetime) -> None:
    secret = key_of(PERRIN, now)
    removed = id_of("les-communs-de-vaudrey")
    actions.remove_place(place_id=removed, reason="canari", by="test", now=now)
    actions.rename_slug(place_id=id_of(NADINE), slug="la-boutique", by="test", now=now)
    answers = []
    for target in ("la-boutique", NADINE, str(id_of("la-boutique")), str(removed), "il-n-y-a-rien"):
        body = patch(client, target, {"phone": "01"}, secret).json()
        answers.append({name: value for name, value in body.items() if name != "instance"})
    assert all(one == answers[0] for one in answers)
    assert answers[0]["status"] == 404
    assert "canari" not in str(answers)


def test_a_key_that_only_looks_writes_nothing(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now, role=OBSERVER)
    before = written()
    assert patch(client, NADINE, {"phone": "01"}, secret).status_code == 403
    assert confirm(client, NADINE, secret).status_code == 403
    assert written() == before


def test_a_session_gives_no_right_here(now: datetime) -> None:
    from maillage.accounts.models import Membership, User

    nadine = User.objects.create_user("nadine@example.org")
    scope = place_scope(id_of(NADINE))
    Membership.objects.create(user=nadine, role="facilitator", scope=scope, given_at=now, given_by="test")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(nadine)
    before = written()
    assert patch(browser, NADINE, {"phone": "01"}).status_code == 401
    assert confirm(browser, NADINE).status_code == 401
    assert written() == before
    assert (
        Client(enforce_csrf_checks=True)
        .patch(
            f"/api/v1/places/{NADINE}", {}, content_type=PATCH, headers=bearer(key_of(NADINE, now)) | {"If-Match": "*"}
        )
        .status_code
        == 200
    )


def test_own_place_removed_says_why(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    actions.remove_place(place_id=id_of(NADINE), reason="fermé depuis 2019", by="test", now=now)
    response = patch(client, NADINE, {"phone": "01"}, secret)
    assert (response.status_code, response.json()["reason"]) == (410, "fermé depuis 2019")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"name": ""}, ["/name"]),
        ({"name": None}, ["/name"]),
        ({"phone": "abc", "email": "abc", "capacity": -1}, ["/phone", "/email", "/capacity"]),
        ({"phone": 12}, ["/phone"]),
        ({"services": "wifi"}, ["/services"]),
        ({"services": ["wifi", "piscine"]}, ["/services"]),
        ({"couleur": "bleu", "a/b~c": 1}, ["/couleur", "/a~1b~0c"]),
        ({"status": "closed"}, ["/status"]),
        ({"closed_on": "2026"}, ["/closed_on"]),
        ({"lat": 46.9}, []),
        ({"lat": None}, ["/lat"]),
        ({"lat": 0, "lon": 0}, ["/lat"]),
        ({"lat": True, "lon": 5}, ["/lat"]),
        ({"commune": "99999"}, ["/commune"]),
        ({"website": "javascript:alert(1)"}, ["/website"]),
        ({"siret": "12345678901234"}, ["/siret"]),
        ({"links": [f"https://exemple.fr/{n}" for n in range(10)]}, []),
        ({"links": [f"https://exemple.fr/{n}" for n in range(11)]}, ["/links"]),
        ({"opening_hours": "tous les jours"}, ["/opening_hours"]),
        ({"id": "x", "slug": "y", "version": 3}, ["/id", "/slug", "/version"]),
    ],
)
def test_every_field_refused_is_named_and_nothing_is_written(client: Client, now: datetime, body, pointers) -> None:
    secret, before = key_of(NADINE, now), written()
    response = patch(client, NADINE, body, secret)
    if not pointers:
        assert response.status_code == 200
        return
    assert response.status_code == 422
    assert response.json()["type"] == "/doc/api/#champs"
    assert [error["pointer"] for error in response.json()["errors"]] == pointers
    assert all(error["reason"] and error["mend"] for error in response.json()["errors"])
    assert written()[0::2] == before[0::2]


def test_a_place_that_moves_takes_its_point_along_only_if_it_was_a_centre(client: Client, now: datetime) -> None:
    vaudrey = patch(
        client, "les-communs-de-vaudrey", {"commune": "39370"}, key_of("les-communs-de-vaudrey", now)
    ).json()
    assert (vaudrey["commune_name"], vaudrey["lat"], vaudrey["precision"]) == ("Mouchard", 46.9776, "commune")
    nadine = patch(client, NADINE, {"street": "2 rue Neuve"}, key_of(NADINE, now)).json()
    assert (nadine["commune"], nadine["lat"], nadine["precision"]) == ("39093", 46.9915, "address")
    moved = patch(client, NADINE, {"lat": 46.99, "lon": 5.71, "street": None}, key_of(NADINE, now)).json()
    assert (moved["lat"], moved["lon"], moved["street"], moved["precision"]) == (46.99, 5.71, None, "unknown")
    assert patch(client, NADINE, {"commune": "39999"}, key_of(NADINE, now)).json()["commune"] == "39093"


BODIES = {
    b"": 415,
    b" ": 400,
    b"[]": 400,
    b"null": 400,
    b'"x"': 400,
    b"{": 400,
    b"{'phone': 1}": 400,
    b'{"phone": NaN}': 400,
    b'{"lat": Infinity}': 400,
    b'{"lat": -Infinity}': 400,
    b'{"lat": 1e999}': 400,
    b'{"capacity": ' + b"9" * 5000 + b"}": 400,
    b'{"capacity": ' + b"9" * 400 + b"}": 422,
    b'{"phone": "1", "phone": "2"}': 400,
    b'{"phone": "\xff"}': 400,
    b'{"phone": "\\ud800"}': 400,
    b'{"phone": "\\u0000"}': 400,
    b"\xef\xbb\xbf{}": 400,
    "{}".encode("utf-16"): 400,
    b'{"a":' * 30 + b"1" + b"}" * 30: 400,
    b"[" * 60_000: 400,
    b'{"phone": ' + b"[" * 30_000 + b"]" * 30_000 + b"}": 400,
    b'{"description": "' + b"a" * 70_000 + b'"}': 413,
}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:24]))
def test_a_body_is_read_in_one_way_or_refused(client: Client, now: datetime, body: bytes) -> None:
    secret, before = key_of(NADINE, now), written()
    response = patch(client, NADINE, body, secret)
    assert (response.status_code, response.json()["status"]) == (BODIES[body], BODIES[body])
    assert written()[0::2] == before[0::2]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_refused(client: Client, now: datetime, kind: str) -> None:
    headers = bearer(key_of(NADINE, now)) | {"If-Match": "*"}
    response = client.patch(f"/api/v1/places/{NADINE}", b"{}", content_type=kind, headers=headers)
    assert response.status_code == 415


def test_a_place_is_confirmed_once_per_key(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    first = confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"})
    assert first.status_code == 201
    confirmed = AuditEvent.objects.filter(action="places.confirmed")
    again = confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"})
    assert (again.status_code, again.json(), confirmed.count()) == (201, first.json(), 1)
    assert confirm(client, NADINE, secret, **{"Idempotency-Key": "a-2"}).status_code == 201
    assert confirm(client, NADINE, secret).status_code == 201
    assert confirmed.count() == 3
    assert client.get(f"/api/v1/places/{NADINE}").json()["confirmed_at"] is not None
    other = confirm(client, PERRIN, key_of(PERRIN, now), **{"Idempotency-Key": "a-1"})
    assert other.json()["id"] != first.json()["id"], "keys of two programs are two keys"


def test_a_key_taken_by_another_request_is_refused(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"})
    IdempotencyKey.objects.update(fingerprint="0" * 64)
    before = written()
    response = confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"})
    assert (response.status_code, response.json()["type"]) == (422, "/doc/api/#idempotence")
    assert confirm(client, NADINE, secret, **{"Idempotency-Key": "é a"}).status_code == 400
    assert written() == before


def test_an_act_that_fails_keeps_no_key(client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_kwargs: object) -> None:
        raise RuntimeError

    secret = key_of(NADINE, now)
    with monkeypatch.context() as broken:
        broken.setattr("maillage.api.writing.confirm_place", fails)
        client.raise_request_exception = False
        response = confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"})
    assert (response.status_code, response.json()["type"]) == (500, "/doc/api/#panne")
    assert not IdempotencyKey.objects.exists()
    assert confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"}).status_code == 201


def test_guesses_are_held_back_and_the_programs_that_work_are_not(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    assert confirm(client, NADINE, secret).status_code == 201
    statuses = [confirm(client, NADINE, "mlg_" + f"{n:040}").status_code for n in range(BAD_KEYS + 3)]
    assert statuses == [401] * BAD_KEYS + [429] * 3
    refused = confirm(client, NADINE, "mlg_" + "z" * 40)
    assert int(refused["Retry-After"]) >= 1
    assert refused["RateLimit"].startswith('"keys";r=0;t=')
    assert confirm(client, NADINE, secret).status_code == 201
    assert confirm(client, NADINE, key_of(PERRIN, now)).status_code == 429, "never seen before: it waits a minute"
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    path = f"/api/v1/places/{NADINE}/confirmations"
    assert client.post(path, headers=bearer("mlg_" + "z" * 40), **elsewhere).status_code == 401
    body = client.post(path, b"{}x", content_type="application/json", headers=bearer(secret))
    assert (body.status_code, body.json()["type"]) == (400, "/doc/api/#corps")


def test_a_key_writes_so_many_times_a_minute(client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillage.api.limits.WRITES", 2)
    secret = key_of(NADINE, now)
    assert [confirm(client, NADINE, secret).status_code for _ in range(3)] == [201, 201, 429]
    assert confirm(client, PERRIN, key_of(PERRIN, now)).status_code == 201


def test_old_idempotency_keys_are_forgotten(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    confirm(client, NADINE, secret, **{"Idempotency-Key": "a-1"})
    IdempotencyKey.objects.update(at=now - timedelta(days=400))
    confirm(client, NADINE, secret, **{"Idempotency-Key": "a-2"})
    send_mails(now=now)
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["a-2"]


def test_every_reason_is_told_in_the_language_asked_for(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    body = {
        "phone": "12",
        "website": "javascript:1",
        "siret": "123",
        "opening_hours": "lundi 9h",
        "services": ["piscine"],
    }
    told = {}
    for language in ("en", "fr"):
        response = patch(client, NADINE, body, secret, **{"Accept-Language": language})
        assert response.status_code == 422
        told[language] = {one["pointer"]: (one["reason"], one["mend"]) for one in response.json()["errors"]}
    words = told["en"].pop("/services")
    assert words[0] == "unknown word: piscine" and words[1].startswith("known words: poste, ")
    assert told["en"] == {
        "/phone": ("number that cannot be read", "write 03 84 00 00 00 or +33 3 84 00 00 00"),
        "/website": ("address refused", "give an address that starts with https://"),
        "/siret": ("a Siret has 14 digits", "check the 14 digits of the Siret"),
        "/opening_hours": (
            "the opening hours are written in French",
            "write the days Mo Tu We Th Fr Sa Su and the times 09:00-12:00; for instance: "
            "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off",
        ),
    }
    assert told["fr"]["/siret"] == ("un Siret compte 14 chiffres", "vérifiez les 14 chiffres du Siret")


def test_a_sign_that_nobody_sees_is_refused_in_an_address_and_dropped_from_a_name(
    client: Client, now: datetime
) -> None:
    secret = key_of(NADINE, now)
    before = written()
    body = {"website": "https://exa\u202emple.fr", "links": ["https://exemple.fr/\u200bx"], "email": "na\u2066@x.fr"}
    response = patch(client, NADINE, body, secret, **{"Accept-Language": "en"})
    assert response.status_code == 422
    assert [(one["pointer"], one["reason"], one["mend"]) for one in response.json()["errors"]] == [
        (f"/{field}", f"contains an invisible sign ({sign})", "type it again by hand, without pasting it")
        for field, sign in (("website", "U+202E"), ("links", "U+200B"), ("email", "U+2066"))
    ]
    assert written()[0] == before[0]
    told = patch(client, NADINE, {"name": "La \u202eBoutique\u200b", "operator": "مقهى"}, secret).json()
    assert (told["name"], told["operator"]) == ("La Boutique", "مقهى")
    assert patch(client, NADINE, {"name": "\u200b\u200f"}, secret).status_code == 422
