"""What every answer has in common: errors as problems, ETags, CORS, HEAD, compression, limits, no session."""

import gzip
import json
from datetime import datetime

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from maillage.api.limits import Reads, visitor
from maillage.api.problems import TYPES
from maillage.places import actions
from maillage.places.models import Place
from maillage.territory.models import Commune
from tests.api.conftest import bearer, id_of, key_of
from tests.territory.queries.test_arrays import another_ground

NADINE = "la-boutique-de-nadine"
CANARY = "canari-7f2c"
READS = [
    "/api/v1/places",
    "/api/v1/places?ouvert=1",
    "/api/v1/places?pres=39093",
    f"/api/v1/places/{NADINE}",
    "/api/v1/places/changes",
    "/api/v1/places.geojson",
    "/api/v1/places.csv",
    "/api/v1/places.jsonld",
    "/api/v1/places.tiers-lieux.csv",
    "/api/v1/places.mednum.csv",
    "/api/v1/places.data-inclusion.json",
    "/api/v1/places.murmurations.json",
    "/api/v1/places.gpx",
    "/api/v1/places.kml",
    "/api/v1/territories?q=chamb",
    "/api/v1/places/candidates?name=La%20Maille&commune=39093&lat=46.99&lon=5.7",
    "/api/v1/territories/dep:39",
    "/api/v1/territories/france",
    "/api/v1/territories/dep:39/diagnosis?within=15",
    "/api/v1/territories/dep:39/sites?k=1",
    "/api/v1/search?q=chamb",
    "/api/v1/openapi.json",
]
pytestmark = pytest.mark.usefixtures("places")


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("address", READS)
def test_a_public_read_may_be_kept_shared_and_read_from_any_page(client: Client, address: str) -> None:
    first = client.get(address, headers={"Origin": "https://ailleurs.example"})
    assert first.status_code == 200
    body = body_of(first)
    assert body
    assert first["Cache-Control"] == "public, no-cache" + (", no-transform" if "Signature" in first else "")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in first
    assert "Set-Cookie" not in first
    assert "Cookie" not in first.get("Vary", "")
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    head = client.head(address)
    assert (head.status_code, body_of(head), head["ETag"]) == (200, b"", first["ETag"])
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    if packed.headers.get("Content-Encoding"):
        assert gzip.decompress(body_of(packed)) == body
    preflight = client.options(address, headers={"Access-Control-Request-Method": "PATCH"})
    assert (preflight.status_code, preflight["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("address", [one for one in READS if "openapi" not in one and "changes" not in one])
def test_what_changes_is_sent_again(client: Client, now: datetime, address: str) -> None:
    etag = client.get(address)["ETag"]
    actions.rename_slug(place_id=id_of("l-atelier-de-m-perrin"), slug="l-atelier", by="test", now=now)
    status = client.get(address, headers={"If-None-Match": etag}).status_code
    assert status == (304 if address.endswith(NADINE) else 200), "a place outlives what happens to others"


WRONG = [
    ("get", "/api", 404),
    ("get", "/api/", 404),
    ("post", "/api/v2/places", 404),
    ("get", "/api/v1/places/", 404),
    ("get", "/api/v1/rien", 404),
    ("get", "/api/v1/places/il-n-y-a-rien", 404),
    ("get", "/api/v1/places/..%2f..%2fetc", 404),
    ("get", "/api/v1/places/" + "a" * 3000, 404),
    ("get", "/api/v1/territories/dep:99", 404),
    ("get", "/api/v1/territories/commune:39093%00", 400),
    ("get", "/api/v1/territories", 400),
    ("get", "/api/v1/places/candidates", 400),
    ("get", "/api/v1/places/candidates?name=x&lat=nan&lon=5", 400),
    ("get", "/api/v1/places/candidates?name=x&lat=46", 400),
    ("get", "/api/v1/search?q=a&limit=21", 400),
    ("get", "/api/v1/places?" + "&".join(f"p{n}=1" for n in range(1500)), 400),
    ("get", "/api/v1/places?q=%00", 400),
    ("get", "/api/v1/places?q=%ff", 200),
    ("delete", "/api/v1/places", 405),
    ("put", f"/api/v1/places/{NADINE}", 405),
    ("post", "/api/v1/places.csv", 405),
    ("get", f"/api/v1/places/{NADINE}/confirmations", 405),
    ("patch", f"/api/v1/places/{NADINE}", 401),
]


@pytest.mark.parametrize(("method", "address", "status"), WRONG)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_error_is_a_problem(method: str, address: str, status: int, language: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)(address, headers={"Accept-Language": language})
    assert response.status_code == status
    if status == 200:
        return
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert told["type"].removeprefix("/doc/api/#") in TYPES
    assert TYPES[told["type"].removeprefix("/doc/api/#")][0] == status
    assert told["title"] and told["detail"] and told["instance"].startswith("/api")
    assert response["Content-Language"] == language
    if status == 405:
        assert response["Allow"]


def test_a_fault_of_ours_is_a_problem_that_tells_nothing_of_us(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("maillage.api.reading.walk", fails)
    response = Client(raise_request_exception=False).get("/api/v1/places")
    assert (response.status_code, response.json()["type"]) == (500, "/doc/api/#panne")
    assert CANARY not in response.content.decode()


def test_every_type_of_problem_has_its_line_in_the_page_that_explains(client: Client) -> None:
    page = client.get(reverse("doc_page", args=["api"])).content.decode()
    assert [kind for kind in TYPES if f'id="{kind}"' not in page] == []
    assert all(f"<td>{status}</td>" in page for status, _title, _mend in TYPES.values())
    home = client.get(reverse("api"))
    assert (home.status_code, home["Location"]) == (302, "/doc/api/")
    assert client.get("/api/v1/", headers={"Accept-Language": "en"})["Location"] == "/en/doc/api/"


def test_a_place_is_told_whole_with_who_says_what(client: Client, now: datetime) -> None:
    told = client.get(f"/api/v1/places/{NADINE}").json()
    assert told["provenance"]["name"] == told["sources"][0]["key"] == "recensement:0"
    assert told["sources"][0]["licence"] == "Licence Ouverte 2.0"
    assert told["photos"] == []
    assert (told["capacity"], told["precision"], told["confirmed_at"]) == (None, "address", None)
    assert client.get(f"/api/v1/places/{told['id']}").json() == told


def test_an_old_address_leads_to_the_new_one_and_a_removed_place_says_why(client: Client, now: datetime) -> None:
    place = id_of(NADINE)
    actions.rename_slug(place_id=place, slug="chez-nadine", by="test", now=now)
    moved = client.get(f"/api/v1/places/{NADINE}")
    assert (moved.status_code, moved["Location"]) == (301, "/api/v1/places/chez-nadine")
    actions.remove_place(place_id=place, reason="doublon", by="test", now=now)
    for address in (NADINE, "chez-nadine", str(place)):
        gone = client.get(f"/api/v1/places/{address}")
        assert (gone.status_code, gone.json()["reason"], gone.json()["id"]) == (410, "doublon", str(place))
        assert "Nadine" not in gone.content.decode().replace(NADINE, "").replace("chez-nadine", "")


def test_what_a_team_keeps_for_itself_is_read_by_nobody(client: Client, now: datetime) -> None:
    key_of(NADINE, now, name=CANARY)
    actions.remove_place(place_id=id_of("l-atelier-de-m-perrin"), reason=CANARY, by=f"compte:1:{CANARY}", now=now)
    for address in READS:
        if "changes" not in address:  # where the reason of a removal is told
            assert CANARY not in body_of(client.get(address)).decode(), address
    assert "Perrin" not in client.get("/api/v1/places/changes").content.decode()


@pytest.mark.parametrize(
    ("code", "name", "parents", "inhabitants"),
    [
        ("commune:39093", "Chamblay", ["epci:243900420", "dep:39", "reg:27", "france"], 423),
        ("39999", "Chamblay", ["epci:243900420", "dep:39", "reg:27", "france"], 423),
        ("epci:243900420", "CC du Val d'Amour", ["dep:39", "reg:27", "france"], 1873),
        ("243900420", "CC du Val d'Amour", ["dep:39", "reg:27", "france"], 1873),
        ("dep-39", "Jura", ["reg:27", "france"], 18491),
        ("reg:27", "Bourgogne-Franche-Comté", ["france"], 136980),
    ],
)
def test_a_territory_tells_what_holds_it_and_who_lives_there(client, code, name, parents, inhabitants) -> None:
    told = client.get(f"/api/v1/territories/{code}").json()
    assert (told["name"], [parent["reference"] for parent in told["parents"]]) == (name, parents)
    assert (told["population"]["value"], told["population"]["source"]) == (inhabitants, None)


def test_a_bassin_de_vie_is_a_territory_like_another(client: Client) -> None:
    Commune.objects.filter(code__in=("39093", "39546")).update(bv_code="39500", bv_name="Salins-les-Bains")
    another_ground()
    told = client.get("/api/v1/territories/bv:39500").json()
    assert (told["reference"], told["kind"], told["name"]) == ("bv:39500", "bv", "Salins-les-Bains")
    assert [parent["reference"] for parent in told["parents"]] == ["dep:39", "reg:27", "france"]
    assert (told["population"]["value"], told["population"]["communes"]) == (423 + 355, 2)
    held = Place.objects.public().filter(commune__in=("39093", "39546")).count()
    assert told["places"]["total"] == held > 0
    parents = client.get("/api/v1/territories/39093").json()["parents"]
    assert [parent["reference"] for parent in parents] == ["epci:243900420", "bv:39500", "dep:39", "reg:27", "france"]
    listed = client.get("/api/v1/places", {"territoire": "bv-39500", "statut": "tous"}, follow=True).json()
    assert listed["total"] == held
    assert client.get("/api/v1/territories/bv:39093").status_code == 404


def test_a_territory_counts_its_places_and_says_how(client: Client, now: datetime) -> None:
    told = client.get("/api/v1/territories/dep:25").json()["places"]
    assert (told["total"], told["open"], told["closed"], told["fictional"]) == (13, 12, 1, 0)
    assert told["definition"]["fr"] and told["definition"]["en"]
    assert client.get("/api/v1/territories/france").json()["places"]["total"] == 17


def test_search_finds_territories_and_places(client: Client) -> None:
    found = client.get("/api/v1/search?q=chamb").json()["results"]
    assert found[0] | {"url": "", "population": 0} == {
        "kind": "commune",
        "name": "Chamblay",
        "context": "Jura (39)",
        "reference": "commune:39093",
        "slug": None,
        "url": "",
        "population": 0,
        "typo": False,
    }
    named = client.get("/api/v1/search?q=la boutique").json()["results"]
    assert (named[0]["kind"], named[0]["slug"]) == ("place", NADINE)
    assert client.get("/api/v1/search?q=").json() == {"results": []}
    assert len(client.get("/api/v1/search?q=bureau&limit=3").json()["results"]) == 3


class TestLimits:
    @override_settings(API_RATE=3)
    def test_a_reader_in_a_hurry_waits(self, client: Client) -> None:
        answers = [client.get("/api/v1/territories?q=chamb") for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[0]["RateLimit-Policy"] == '"reads";q=3;w=60'
        assert [one["RateLimit"].split(";")[1] for one in answers] == ["r=2", "r=1", "r=0", "r=0"]
        assert answers[3]["Content-Type"] == "application/problem+json"
        assert 1 <= int(answers[3]["Retry-After"]) <= 60
        assert client.get("/api/v1/places.csv").status_code == 429
        assert client.get("/lieux/").status_code == 200
        assert client.get("/api/v1/territories?q=x", REMOTE_ADDR="192.0.2.7").status_code == 200

    @override_settings(API_RATE=0)
    def test_zero_is_no_limit(self, client: Client) -> None:
        assert "RateLimit" not in client.get("/api/v1/places")

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "seen"),
        [
            (0, "203.0.113.9", "198.51.100.1"),
            (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
            (2, "10.0.0.1, 203.0.113.9, 192.0.2.4", "203.0.113.9"),
            (2, "203.0.113.9", "198.51.100.1"),
            (1, "", "198.51.100.1"),
            (1, "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
            (1, "::ffff:203.0.113.9", "203.0.113.9"),
            (1, "<script>", "<script>"),
        ],
    )
    def test_the_visitor_is_whom_our_proxies_saw(self, rf, proxies: int, forwarded: str, seen: str) -> None:
        request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="198.51.100.1")
        with override_settings(PROXIES=proxies):
            assert visitor(request) == seen

    def test_counters_begin_again_each_minute_and_stay_small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("maillage.api.limits.MOST_ADDRESSES", 2)
        reads = Reads()
        assert [reads.count("a", 0), reads.count("a", 59), reads.count("a", 60)] == [1, 2, 1]
        assert [reads.count(one, 60) for one in "bcdcb"] == [1, 1, 2, 3, 2]
        assert set(reads.counts) == {"a", "b", ""}


def test_a_key_in_a_read_changes_nothing(client: Client, now: datetime) -> None:
    secret = key_of(NADINE, now)
    assert client.get("/api/v1/places", headers=bearer(secret)).content == client.get("/api/v1/places").content
    assert json.loads(client.get("/api/v1/openapi.json").content)["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("address", "reason", "mend"),
    [
        (
            "/api/v1/territories?q=dole&foo=1",
            "unknown parameter: it is not read, the answer would be that of another question",
            "remove it, or correct its name; known parameters: q, limit",
        ),
        (
            "/api/v1/territories/dep:39?foo=1",
            "unknown parameter: it is not read, the answer would be that of another question",
            "remove it: this address has no parameter",
        ),
        ("/api/v1/places?statut=ferme", "unknown value", "known values: project, open, dormant, closed, tous"),
    ],
)
def test_what_is_not_understood_says_what_why_and_what_to_do(
    client: Client, places: None, address: str, reason: str, mend: str
) -> None:
    response = client.get(address, headers={"Accept-Language": "en"})
    assert response.status_code == 400
    assert [(one["reason"], one["mend"]) for one in response.json()["errors"]] == [(reason, mend)]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "Les adresses de l’API n’ont pas de barre finale\u202f: retirez celle de la vôtre."),
        ("en", "The addresses of the API have no final slash: take yours off."),
    ],
)
def test_a_final_slash_is_named_as_what_is_wrong(client: Client, places: None, language: str, told: str) -> None:
    headers = {"Accept-Language": language}
    for address in ("/api/v1/places/", "/api/v1/places/la-maille-chamblay/", "/api/v1/territories/dep:39/"):
        response = client.get(address, headers=headers)
        assert (response.status_code, response.json()["detail"]) == (404, told), address
    assert client.get("/api/v1/nulle-part", headers=headers).json()["detail"] != told
