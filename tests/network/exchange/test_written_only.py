"""Formats that are only written: well-formed whatever a place says; what a format loses, it owns up to."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.network.exchange.formats import FORMATS, gpx, jsonld, kml, murmurations
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.places.rules.drafts import FIELDS, SourceFacts
from maillage.places.rules.vocabulary import FEATURES
from tests.network.exchange.test_roundtrip import WRITING

GPX = "{http://www.topografix.com/GPX/1/1}"
KML = "{http://www.opengis.net/kml/2.2}"
ONLY_WRITTEN = [gpx.FORMAT, jsonld.FORMAT, kml.FORMAT, murmurations.FORMAT]
SAID = {
    "name": "La Maille", "status": "dormant", "closed_on": "2024-03-01", "closed_cause": "convention",
    "opened_on": "2019-06-30", "street": "12 rue de la Gare", "postal_code": "39380", "city": "Chamblay",
    "commune": "39093", "lat": 46.9915, "lon": 5.7035, "precision": "estimated", "website": "https://maille.example/",
    "email": "bonjour@maille.example", "phone": "+33 3 84 00 00 00", "links": ["https://reseau.example/maille"],
    "opening_hours": "Mo-Fr 09:00-12:00", "operator": "Les Mailles", "siret": "73282932000074", "capacity": 4321,
    "prices": "6 € la journée", "description": "<p>Un café <em>ouvert</em></p>", "how_to_come": "par la cour",
    "how_to_join": "en adhérant", "how_to_help": "au comptoir", "activities": ["recyclerie"],
    "services": ["domiciliation"], "access": ["boucle-magnetique"], "labels": ["manufacture-de-proximite"],
    "legal_forms": ["scic"],
}  # fmt: skip
TOLD_OTHERWISE = {"status": "on_hold", "opening_hours": '"opens":"09:00"', "activities": "recyclerie"}
CENSUS = SourceFacts("census", "Recensement", "ODbL")
PLACE = ExportedPlace(
    UUID(int=7), "la-maille", SAID, "recyclerie", False, (ExportedRecord(CENSUS, "1", "ODbL", "2026", (), SAID),)
)
NASTY = st.text(st.sampled_from("<>&\"'\x00\x0b\x1f\ud800\ufffe]]>é🎈 ") | st.characters(), min_size=1, max_size=20)


def written(known, *places: ExportedPlace) -> str:
    return "".join(known.write(places, WRITING))


def waypoints(text: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(text).findall(f"{GPX}wpt")


def placemarks(text: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(text).findall(f"{KML}Document/{KML}Placemark")


def test_the_place_of_the_tests_says_something_of_every_field() -> None:
    assert set(SAID) == set(FIELDS)
    assert {word for kind in FEATURES for word in SAID[kind]} <= {word for kind in FEATURES for word in FEATURES[kind]}


@pytest.mark.parametrize("known", ONLY_WRITTEN, ids=lambda known: known.name)
@pytest.mark.parametrize("field", FIELDS)
def test_what_a_format_does_not_own_up_to_losing_is_in_its_file(known, field) -> None:
    lost = {loss.field for loss in known.losses}
    value = SAID[field]
    signs = value[0] if isinstance(value, list) else str(value)
    there = any(sign in written(known, PLACE) for sign in (signs, TOLD_OTHERWISE.get(field, signs)))
    assert there or field in lost


@pytest.mark.parametrize("known", FORMATS.values(), ids=lambda known: known.name)
def test_a_format_that_is_written_tells_its_losses_of_fields_that_exist(known) -> None:
    apart = {"photos", "history", "confirmed_at", "raw", "category", "demo", "slug", "sources", "licence", "longueur"}
    assert {loss.field for loss in known.losses} <= set(FIELDS) | apart
    assert all(loss.how for loss in known.losses)
    assert len({loss.field for loss in known.losses}) == len(known.losses)


@pytest.mark.parametrize("known", ONLY_WRITTEN, ids=lambda known: known.name)
def test_each_place_leaves_with_its_licence_or_whom_to_name(known) -> None:
    assert PLACE.attribution in written(known, PLACE)
    assert "ODbL" in written(known, PLACE)


def test_no_format_speaks_of_a_type_that_schema_org_does_not_have() -> None:
    for activities in ([], ["coworking"], ["cafe"], ["fablab", "coworking"]):
        text = written(jsonld.FORMAT, replace(PLACE, values=SAID | {"activities": activities}))
        assert "CoworkingSpace" not in text
        (thing,) = json.loads(text)["@graph"]
        assert set(thing["@type"]) <= {"Place", "LocalBusiness", "CafeOrCoffeeShop"}


class TestXml:
    @settings(max_examples=80, deadline=None)
    @given(name=NASTY, street=NASTY, description=NASTY, link=NASTY)
    def test_whatever_a_place_says_the_file_is_well_formed(self, name, street, description, link) -> None:
        values = SAID | {"name": name, "street": street, "description": description, "prices": link}
        place = replace(PLACE, values=values, slug="a")
        (point,) = waypoints(written(gpx.FORMAT, place).encode("utf-8", "strict").decode())
        assert len(point.findall(f"{GPX}name")) == 1
        (mark,) = placemarks(written(kml.FORMAT, place).encode("utf-8", "strict").decode())
        assert len(mark.findall(f"{KML}Point")) == 1

    def test_an_empty_registry_is_a_file_too(self) -> None:
        assert (waypoints(written(gpx.FORMAT)), placemarks(written(kml.FORMAT))) == ([], [])

    def test_a_waypoint_stands_in_the_order_of_its_schema(self) -> None:
        (point,) = waypoints(written(gpx.FORMAT, PLACE))
        assert [child.tag.removeprefix(GPX) for child in point] == ["name", "desc", "src", "link"]
        assert (point.get("lat"), point.get("lon")) == ("46.9915", "5.7035")
        assert point.find(f"{GPX}link").get("href") == "https://maillage.example/lieux/la-maille/"
        assert point.findtext(f"{GPX}desc").splitlines()[:2] == [
            "12 rue de la Gare, 39380 Chamblay",
            "Mo-Fr 09:00-12:00",
        ]

    def test_a_place_without_a_point_is_no_waypoint_and_says_why(self) -> None:
        nowhere = replace(PLACE, values={"name": "Le Fil", "commune": "39093"})
        assert waypoints(written(gpx.FORMAT, nowhere, PLACE))[0].findtext(f"{GPX}name") == "La Maille"
        assert (
            gpx.leaves_out(nowhere) == "Un point de passage a des coordonnées : un lieu qui n’en a pas n’est pas écrit."
        )
        assert gpx.leaves_out(PLACE) == ""
        (mark,) = placemarks(written(kml.FORMAT, nowhere))
        assert mark.find(f"{KML}Point") is None

    def test_a_placemark_stands_in_the_order_of_its_schema_longitude_first(self) -> None:
        (mark,) = placemarks(written(kml.FORMAT, PLACE))
        assert [child.tag.rpartition("}")[2] for child in mark] == [
            "name", "link", "address", "phoneNumber", "description", "ExtendedData", "Point",
        ]  # fmt: skip
        assert mark.findtext(f"{KML}Point/{KML}coordinates") == "5.7035,46.9915"
        told = {data.get("name"): data.findtext(f"{KML}value") for data in mark.iter(f"{KML}Data")}
        assert (told["horaires"], told["licence"], told["activites"]) == ("Mo-Fr 09:00-12:00", "ODbL", "recyclerie")


class TestMurmurations:
    def test_a_profile_has_what_its_schema_requires_and_only_its_words(self) -> None:
        (profile,) = json.loads(written(murmurations.FORMAT, PLACE))
        assert (profile["linked_schemas"], profile["name"]) == (["organizations_schema-v1.0.0"], "La Maille")
        assert profile["geolocation"] == {"lat": 46.9915, "lon": 5.7035}
        assert profile["starts_at"] == int(datetime(2019, 6, 30, tzinfo=UTC).timestamp())
        assert profile["urls"][0] == {"name": "Maillage", "url": "https://maillage.example/lieux/la-maille/"}

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [("project", "in_planning"), ("open", "active"), ("dormant", "on_hold"), ("closed", "completed")],
    )
    def test_each_state_has_its_word(self, ours, theirs) -> None:
        (profile,) = json.loads(written(murmurations.FORMAT, replace(PLACE, values=SAID | {"status": ours})))
        assert profile["status"] == theirs

    def test_what_is_unknown_is_left_out_and_an_empty_registry_is_an_empty_list(self) -> None:
        (profile,) = json.loads(written(murmurations.FORMAT, replace(PLACE, values={"name": "Le Fil"})))
        assert not {"geolocation", "telephone", "starts_at", "contact_details", "description"} & set(profile)
        assert json.loads(written(murmurations.FORMAT)) == []
