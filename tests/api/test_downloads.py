import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from maillage.api.downloads import DOWNLOADS, Download
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


@pytest.mark.parametrize("one", DOWNLOADS, ids=lambda one: one.name)
def test_every_format_that_is_written_is_there_to_take(client: Client, one: Download) -> None:
    response = client.get(f"/api/v1/{one.path}?statut=tous")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert response["Content-Type"] == one.known.media_type
    assert response["Content-Disposition"].endswith(f'.{one.known.extension}"')
    assert ("La Maille" in text) == (one.known.leaves_out is None or one.known.name in ("gpx", "data-inclusion"))


def test_the_file_of_digital_mediation_is_called_as_its_standard_asks(client: Client, settings: Any) -> None:
    plain = client.get("/api/v1/places.mednum.csv")
    assert plain["Content-Disposition"] == 'attachment; filename="lieux.mednum.csv"'
    settings.PRODUCER = "43493312300029"
    with time_machine.travel("2026-11-22T23:30:00+00:00", tick=False):
        called = client.get("/api/v1/places.mednum.csv?territoire=dep-39")
        whole = client.get("/api/v1/places.mednum.csv")
    name = "2026-11-23_43493312300029_lieux-de-mediation-numerique"
    assert called["Content-Disposition"] == f'attachment; filename="{name}_dep-39.csv"'
    assert whole["Content-Disposition"] == f'attachment; filename="{name}_france.csv"'
    assert client.get("/api/v1/places.csv")["Content-Disposition"] == 'attachment; filename="lieux.csv"'


def test_standards_leave_with_what_they_can_tell(client: Client, now: datetime) -> None:
    whole = {"name": "Le Fil", "street": "1 rue Basse", "postal_code": "39380", "city": "Chamblay", "commune": "39093"}
    record(replace(LA_MAILLE, ref="9", values=whole), now=now)
    (row,) = csv.DictReader(io.StringIO(body(client, "api_places_mednum").decode(), newline=""))
    assert (row["nom"], row["code_insee"]) == ("Le Fil", "39093")
    read = json.loads(body(client, "api_places_data_inclusion", "territoire=dep-39"))
    assert {structure["nom"] for structure in read["structures"]} == {"La Maille", "Le Fil"}


def test_a_licence_lets_out_only_what_is_wholly_under_it(client: Client, now: datetime) -> None:
    both = replace(LA_MAILLE, ref="9", licence="ODbL", values={"name": "Le Fil", "commune": "39093"})
    record(both, now=now)
    for licence, expected in (("ODbL", {"Le Fil"}), ("Licence Ouverte 2.0", {"La Maille"})):
        read = json.loads(body(client, "api_places_geojson", f"territoire=dep-39&licence={licence}"))
        assert {feature["properties"]["name"] for feature in read["features"]} == expected
    either = "territoire=dep-39&licence=ODbL&licence=Licence Ouverte 2.0"
    assert len(json.loads(body(client, "api_places_geojson", either))["features"]) == 2


def test_a_licence_that_nothing_is_under_is_refused(client: Client) -> None:
    response = client.get("/api/v1/places.csv?licence=Proprietary")
    assert response.status_code == 404
    assert response.json()["detail"] == (
        "Aucun lieu n’est sous la licence «\u202fProprietary\u202f». Licences d’ici\u202f: Licence Ouverte 2.0."
    )


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
                "service, ouvert, statut, territoire, pres, minutes, tri, bbox, licence",
            },
        ),
        (
            "page=7",
            {
                "parameter": "page",
                "value": "",
                "reason": "paramètre inconnu\u202f: on ne le lit pas, la réponse serait celle d’une autre question",
                "mend": "retirez-le, ou corrigez son nom\u202f; paramètres connus\u202f: q, intention, activite, "
                "service, ouvert, statut, territoire, pres, minutes, tri, bbox, licence",
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
    for name in (f"api_places_{one.name}" for one in DOWNLOADS):
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
@pytest.mark.parametrize("name", [f"api_places_{one.name}" for one in DOWNLOADS])
def test_downloads_are_only_read(client: Client, name: str, method: str) -> None:
    assert getattr(client, method)(reverse(name)).status_code == 405
