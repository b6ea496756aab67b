"""The diagnosis and the best sites, as programs read them."""

import pytest
from django.test import Client, RequestFactory, override_settings

from maillage.api import limits
from maillage.diagnosis.rules.documents import as_data
from maillage.diagnosis.views import bounds
from maillage.journal.queries import aside
from tests.diagnosis.conftest import ask

VAL = "/api/v1/territories/epci:243900420"
pytestmark = pytest.mark.usefixtures("places")


def problems(response) -> list[tuple[str, str]]:
    return [(one["parameter"], one["value"]) for one in response.json()["errors"]]


def test_a_diagnosis_is_the_one_of_the_page_and_of_the_command(client: Client):
    answer = client.get(f"{VAL}/diagnosis?within=15&open=39546&close=la-boutique-de-nadine")
    assert answer.status_code == 200
    found = ask("epci-243900420", within_min=15, opened=["39546"], closed=["la-boutique-de-nadine"])
    told, plain = answer.json(), as_data(found)
    for one in (told, plain):
        del one["today"]
    assert told == plain
    assert told["conclusion"]["verdict"] in ("useful", "smaller", "share", "not-now", "unknown")


def test_every_way_to_name_a_territory_gives_the_same(client: Client):
    one = client.get("/api/v1/territories/39093/diagnosis").json()
    assert client.get("/api/v1/territories/commune:39093/diagnosis").json() == one
    assert client.get("/api/v1/territories/commune-39093/diagnosis").json() == one
    former = client.get("/api/v1/territories/39999/diagnosis").json()
    assert former["reference"] == "commune-39093"
    assert former["remarks"][0] == {
        "rule": "former-named",
        "figures": {"code": "39999", "former": "Ancienne-Chamblay", "name": "Chamblay", "today": "39093"},
    }


def test_the_best_sites_carry_their_proof(client: Client):
    told = client.get("/api/v1/territories/dep:39/sites?k=1").json()
    assert [site["code"] for site in told["sites"]] == ["39300"]
    assert (told["territory"], told["name"], told["within_min"]) == ("dep-39", "Jura", 20)
    assert (told["gained"], told["bound"], told["gap"], told["stopped"]) == (16618, 16618, 0.0, "proved")
    assert client.get("/api/v1/territories/39300/sites").json()["gained"] == 16618


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("diagnosis?within=0", [("within", "0")]),
        ("diagnosis?within=nan", [("within", "nan")]),
        ("diagnosis?within=20&within=30", [("within", "30")]),
        ("diagnosis?open=99999", [("open", "99999")]),
        ("diagnosis?close=nulle-part", [("close", "nulle-part")]),
        (
            "diagnosis?" + "&".join(f"open={n:05}" for n in range(21)),
            [("open", ", ".join(f"{n:05}" for n in range(21))[:80])],
        ),
        ("diagnosis?k=3", [("k", "")]),
        ("sites?k=0", [("k", "0")]),
        ("sites?k=21", [("k", "21")]),
        ("sites?k=4", [("k", "4")]),
    ],
)
def test_what_means_nothing_is_refused_with_its_name(client: Client, query: str, wrong):
    answer = client.get(f"{VAL}/{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert problems(answer) == wrong


@pytest.mark.parametrize("code", ["dep:99", "commune:00000", "rien", "x" * 500])
@pytest.mark.parametrize("what", ["diagnosis", "sites"])
def test_no_territory_is_a_404(client: Client, code: str, what: str):
    answer = client.get(f"/api/v1/territories/{code}/{what}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/doc/api/#introuvable")


def test_its_etag_is_that_of_the_question_and_of_the_day(client: Client, monkeypatch):
    first = client.get(f"{VAL}/diagnosis")
    etag = first.headers["ETag"]
    assert client.get(f"{VAL}/diagnosis", headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"{VAL}/diagnosis?within=10").headers["ETag"] != etag
    from datetime import date

    monkeypatch.setattr("maillage.api.kept.timezone.localdate", lambda: date(2031, 1, 1))
    assert client.get(f"{VAL}/diagnosis").headers["ETag"] != etag


@pytest.mark.parametrize("what", ["diagnosis?within=17", "sites?k=1&within=17"])
@pytest.mark.parametrize("code", ["france", "reg:27"])
def test_a_wide_territory_waits_for_the_one_that_is_computed_on_a_page(client: Client, monkeypatch, code, what):
    monkeypatch.setattr(bounds, "PATIENCE_S", 0.01)
    asked = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    with bounds.spent(asked, "reg-27"):
        held = client.get(f"/api/v1/territories/{code}/{what}")
        assert (held.status_code, held.headers["Retry-After"]) == (503, "10")
        told = held.json()
        assert (told["type"], told["title"]) == ("/doc/api/#occupe", "Un grand territoire est déjà à l’étude")
        assert told["detail"] == (
            "Attendez le nombre de secondes de «\u202fRetry-After\u202f»\u202f: on n’en calcule qu’un à la fois."
        )
        assert client.get(f"{VAL}/{what}").status_code == 200
    assert client.get(f"/api/v1/territories/{code}/{what}").status_code == 200


def test_programs_and_pages_share_what_one_address_may_compute_in_a_minute(client: Client, monkeypatch):
    monkeypatch.setattr(bounds, "MOST", bounds.HEAVY + 1)
    monkeypatch.setattr(bounds.time, "time", lambda: 1_000_020.0)
    aside.clear()
    assert client.get("/api/v1/territories/france/sites?k=1").status_code == 200
    assert client.get("/territoires/epci-243900420/").status_code == 200
    held = client.get(f"{VAL}/diagnosis")
    assert (held.status_code, held.json()["type"], held.headers["Retry-After"]) == (429, "/doc/api/#trop", "60")


def test_what_is_computed_may_be_asked_less_often(client: Client):
    limits.computed.counts.clear()
    with override_settings(API_RATE=40):
        answers = [client.get(f"{VAL}/sites?k=1").status_code for _ in range(4)]
        assert client.get("/api/v1/territories/dep:39").status_code == 200
    limits.computed.counts.clear()
    assert answers == [200, 200, 429, 429]
