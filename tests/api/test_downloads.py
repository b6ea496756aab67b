import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from maillage.places import actions
from tests.places.test_record import LA_MAILLE, record


@pytest.fixture(autouse=True)
def registry(small_ground: None, now: datetime) -> None:
    record(
        LA_MAILLE,
        replace(LA_MAILLE, ref="2", values={"name": "=cmd|'/c calc'!A1", "commune": "44109", "activities": ["fablab"]}),
        replace(LA_MAILLE, ref="3", values={"name": "L’Ancre", "commune": "44184", "status": "closed"}),
        now=now,
    )


def body(client: Client, name: str, query: str = "", **headers: str) -> bytes:
    response = client.get(f"{reverse(name)}?{query}", headers=headers)
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_geojson_answers_the_question_of_the_list(client: Client) -> None:
    read = json.loads(body(client, "api_places_geojson", "territoire=dep-39"))
    assert [feature["properties"]["name"] for feature in read["features"]] == ["La Maille"]
    assert read["features"][0]["geometry"]["coordinates"] == [5.7035, 46.9915]


def test_closed_places_are_in_the_whole_registry_and_only_there(client: Client) -> None:
    assert "L’Ancre" not in body(client, "api_places_csv").decode()
    assert "L’Ancre" in body(client, "api_places_csv", "statut=tous").decode()
    assert b"/api/v1/places.csv?statut=tous" in client.get("/").content


def test_csv_opens_in_a_spreadsheet_without_running_anything(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(body(client, "api_places_csv").decode("utf-8-sig"))))
    names = {row["name"] for row in rows}
    assert "La Maille" in names
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)


def test_jsonld_is_linked_data(client: Client) -> None:
    read = json.loads(body(client, "api_places_jsonld", "territoire=dep-39"))
    assert "https://schema.org" in json.dumps(read)
    assert "La Maille" in json.dumps(read, ensure_ascii=False)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "bbox=5,47,4,46",
            {"parameter": "bbox", "value": "5,47,4,46", "reason": "attendu\u202f: ouest,sud,est,nord, dans cet ordre"},
        ),
        ("minutes=abc", {"parameter": "minutes", "value": "abc", "reason": "un nombre entier est attendu"}),
        (
            "couleur=bleu",
            {
                "parameter": "couleur",
                "value": "",
                "reason": "paramètre inconnu\u202f: on ne le lit pas, la réponse serait celle d’une autre question",
                "mend": "retirez-le, ou corrigez son nom\u202f; paramètres connus\u202f: q, intention, activite, "
                "service, ouvert, statut, territoire, pres, minutes, tri, bbox",
            },
        ),
        (
            "page=7",
            {
                "parameter": "page",
                "value": "",
                "reason": "paramètre inconnu\u202f: on ne le lit pas, la réponse serait celle d’une autre question",
                "mend": "retirez-le, ou corrigez son nom\u202f; paramètres connus\u202f: q, intention, activite, "
                "service, ouvert, statut, territoire, pres, minutes, tri, bbox",
            },
        ),
        (
            "statut=ferme",
            {
                "parameter": "statut",
                "value": "ferme",
                "reason": "valeur inconnue",
                "mend": "valeurs connues\u202f: project, open, dormant, closed, tous",
            },
        ),
    ],
)
def test_a_parameter_that_is_not_understood_is_refused_by_name(
    client: Client, query: str, error: dict[str, str]
) -> None:
    response = client.get(f"{reverse('api_places_geojson')}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "/doc/api/#parametres",
        "title": "Paramètre non compris",
        "status": 400,
        "detail": "Corrigez ou retirez les paramètres nommés dans «\u202ferrors\u202f».",
        "instance": "/api/v1/places.geojson",
        "errors": [error],
    }


def test_an_answer_that_has_not_changed_is_not_sent_again(client: Client, now: datetime) -> None:
    address = reverse("api_places_geojson")
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    record(replace(LA_MAILLE, ref="9", values={"name": "Le Nid", "commune": "39370"}), now=now)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_what_was_removed_leaves_every_file(client: Client, now: datetime) -> None:
    place_id = record(LA_MAILLE, now=now).place_ids[0]
    actions.remove_place(place_id=place_id, reason="doublon", by="test:Inès", now=now)
    for name in ("api_places_geojson", "api_places_csv", "api_places_jsonld"):
        assert b"La Maille" not in body(client, name)
    for name in ("place_feed_rss", "place_feed_json", "sitemap"):
        assert b"la-maille" not in client.get(reverse(name)).content


def test_feeds_are_read_by_their_readers(client: Client) -> None:
    rss = ElementTree.fromstring(client.get(reverse("place_feed_rss") + "?territoire=dep-39").content)
    assert [item.findtext("title") for item in rss.iter("item")] == ["La Maille"]
    feed = client.get(reverse("place_feed_json") + "?territoire=dep-39").json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == ["La Maille"]


def test_search_engines_are_told_of_every_place(client: Client) -> None:
    addresses = [
        node.text for node in ElementTree.fromstring(client.get(reverse("sitemap")).content).iter() if node.text
    ]
    assert "http://localhost:8000/lieux/la-maille/" in addresses
    assert "Sitemap: http://localhost:8000/sitemap.xml" in client.get(reverse("robots")).content.decode()


def test_health_says_ok(client: Client) -> None:
    assert client.get(reverse("healthz")).json()["status"] == "ok"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("name", ["api_places_geojson", "api_places_csv", "api_places_jsonld"])
def test_downloads_are_only_read(client: Client, name: str, method: str) -> None:
    assert getattr(client, method)(reverse(name)).status_code == 405
