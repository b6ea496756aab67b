"""What a team has emptied on purpose: no page, export or feed shows an empty row, a `None`, or breaks."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from maillage.accounts.rules import FACILITATOR, place_scope, signature
from maillage.journal.queries import aside
from maillage.places.actions import record_many
from maillage.places.actions.sheet import edit_sheet, take_back
from maillage.places.models import Place, SourceRecord
from maillage.places.rules.drafts import FIELDS, Draft, SourceFacts
from maillage.places.rules.fields import blank
from tests.people import join

FULL: dict[str, Any] = {
    "name": "La Maille",
    "opened_on": "2019-06",
    "street": "2 rue du Lavoir",
    "postal_code": "39380",
    "city": "Chamblay",
    "commune": "39093",
    "lat": 46.9926,
    "lon": 5.7019,
    "precision": "address",
    "website": "https://la-maille.example.org",
    "email": "bonjour@la-maille.example.org",
    "phone": "03 53 01 39 93",
    "links": ["https://example.org/a"],
    "opening_hours": "Mo-Fr 09:00-12:00",
    "operator": "Les Mailles du Val",
    "siret": "35600000000048",
    "capacity": 38,
    "prices": "6 €",
    "description": "<p>Un café</p>",
    "how_to_come": "La porte bleue",
    "how_to_join": "Le jeudi",
    "how_to_help": "Des bras",
    "activities": ["cafe"],
    "services": ["wifi"],
    "access": ["velo"],
    "labels": ["france-services"],
    "legal_forms": ["association"],
}
EMPTIED = [name for name in FULL if name not in ("name", "commune", "lat", "lon", "precision")]


@pytest.fixture
def emptied(small_ground: None, now: datetime) -> Place:
    """A place of which a census says everything, and its team nothing but its name and commune."""
    aside.clear()
    census = SourceFacts("census", "Recensement", "Licence Ouverte 2.0")
    draft = Draft("census", "1", FULL, {"NOM": "La Maille"}, census.licence, dated="2026-01", slug="la-maille")
    recorded = record_many(drafts=[draft], sources={"census": census}, by="commande:import", now=now)
    place_id: UUID = recorded.place_ids[0]
    values = {name: blank(name) for name in EMPTIED}
    nadine = join("nadine@example.org", "Nadine", FACILITATOR, place_scope(place_id), now)
    by = signature(nadine.pk, FACILITATOR)
    edit_sheet(place_id=place_id, values=values, seen=1, by=by, now=now + timedelta(minutes=1))
    return Place.objects.get(pk=place_id)


def rows(html: str) -> list[tuple[str, str]]:
    """Every term of the page with what is said of it."""
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", html, re.DOTALL)
    pairs += re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td>', html, re.DOTALL)
    return [tuple(re.sub(r"<[^>]+>", "", cell).strip() for cell in pair) for pair in pairs]


def test_the_team_has_emptied_all_it_could(emptied: Place) -> None:
    own = SourceRecord.objects.get(source__slug="lieu")
    assert own.raw == {}
    assert set(EMPTIED) - set(own.values) == {"street", "postal_code", "city"}
    assert all(getattr(emptied, name) in ("", None, []) for name in EMPTIED if hasattr(emptied, name))


@pytest.mark.parametrize("page", ["", "historique/", "affiche/"])
@pytest.mark.parametrize("language", ["", "/en"])
def test_no_page_shows_an_empty_row(emptied: Place, page: str, language: str) -> None:
    response = Client().get(f"{language}/lieux/la-maille/{page}")
    html = unescape(response.content.decode())
    assert response.status_code == 200
    assert [term for term, said in rows(html) if not said] == []
    assert not re.search(r"\bNone\b|compte:|\[\]", re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL))
    assert '<ul class="knots"></ul>' not in html


def test_schema_org_says_nothing_of_what_is_empty(emptied: Place) -> None:
    html = Client().get("/lieux/la-maille/").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    told = json.loads(found[1])
    assert not {"telephone", "email", "description", "openingHoursSpecification", "sameAs"} & set(told)
    assert all(value not in (None, "", [], {}) for value in told.values())


def test_the_source_is_named_with_its_licence_and_an_emptied_record_is_not(emptied: Place, now: datetime) -> None:
    html = unescape(Client().get("/lieux/la-maille/").content.decode())
    assert "<b>Le lieu lui-même</b> (L’équipe du lieu)" in html
    take_back(place_id=emptied.pk, number=2, by="essai", now=now + timedelta(minutes=2))
    assert SourceRecord.objects.get(source__slug="lieu").values == {}
    aside.clear()
    assert "<b>Le lieu lui-même</b>" not in Client().get("/lieux/la-maille/").content.decode()


def test_history_says_what_was_withdrawn_and_by_whom(emptied: Place) -> None:
    html = unescape(Client().get("/lieux/la-maille/historique/").content.decode())
    assert "par l’équipe du lieu" in html
    assert "<em>retiré</em>" in html


def test_lists_and_feeds_hold(emptied: Place) -> None:
    for path in ("/lieux/", "/lieux/?q=maille", "/lieux/flux.rss", "/lieux/flux.json", "/"):
        response = Client().get(path)
        assert response.status_code == 200
        assert ">None<" not in response.content.decode()


def body_of(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode("utf-8-sig")


def test_files_hold(emptied: Place) -> None:
    row = next(csv.DictReader(io.StringIO(body_of("/api/v1/places.csv"))))
    assert row["name"] == "La Maille"
    assert {row[name] for name in ("phone", "email", "capacity", "opening_hours", "opened_on")} == {""}
    feature = json.loads(body_of("/api/v1/places.geojson"))["features"][0]["properties"]
    assert not any(feature.get(name) for name in ("phone", "email", "capacity", "opening_hours", "activities"))
    assert "None" not in body_of("/api/v1/places.jsonld")


def test_every_field_has_a_blank(emptied: Place) -> None:
    assert {name: blank(name) for name in FIELDS}.keys() == set(FIELDS)
