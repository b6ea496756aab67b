import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.jsonld import opening_specification, place_jsonld, plain_text, script_safe

PAGE = "https://maillage.example.org/lieux/la-maille/"
DAY = "https://schema.org/"
FULL = {
    "id": "0b0c",
    "name": "La Maille",
    "activities": ["coworking", "cafe"],
    "services": ["wifi"],
    "access": ["fauteuil"],
    "description": "<p>Neuf postes &amp; un café.</p>",
    "street": "2 place de l’École",
    "postal_code": "39380",
    "city": "Chamblay",
    "lat": 46.99,
    "lon": 5.7,
    "website": "https://la-maille.example.org",
    "links": ["https://social.example.org/@maille"],
    "email": "bonjour@la-maille.example.org",
    "phone": "03 53 01 39 00",
    "opening_hours": "Mo-Fr 09:00-12:00; PH off",
    "operator": "Les Mailles du Val",
    "siret": "12345678200010",
    "capacity": 40,
    "prices": "8 € la demi-journée",
    "opened_on": "2019-09",
    "updated_at": "2026-11-01",
    "photos": [{"url": "https://maillage.example.org/media/a.webp", "alt": "L’école", "credit": "Nadine"}],
}


def test_a_full_place() -> None:
    assert place_jsonld(FULL, page_url=PAGE, say=lambda kind, code: f"{kind}/{code}") == {
        "@context": "https://schema.org",
        "@type": ["Place", "LocalBusiness"],
        "@id": f"{PAGE}#lieu",
        "additionalType": [
            "https://wiki.openstreetmap.org/wiki/Tag:office=coworking",
            "https://wiki.openstreetmap.org/wiki/Tag:amenity=cafe",
        ],
        "name": "La Maille",
        "description": "Neuf postes & un café.",
        "url": "https://la-maille.example.org",
        "mainEntityOfPage": PAGE,
        "sameAs": ["https://social.example.org/@maille"],
        "identifier": [
            {"@type": "PropertyValue", "propertyID": "Maillage", "value": "0b0c"},
            {"@type": "PropertyValue", "propertyID": "SIRET", "value": "12345678200010"},
        ],
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "2 place de l’École",
            "postalCode": "39380",
            "addressLocality": "Chamblay",
            "addressCountry": "FR",
        },
        "geo": {"@type": "GeoCoordinates", "latitude": 46.99, "longitude": 5.7},
        "telephone": "03 53 01 39 00",
        "email": "bonjour@la-maille.example.org",
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [DAY + d for d in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")],
                "opens": "09:00",
                "closes": "12:00",
            },
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [DAY + "PublicHolidays"],
                "opens": "00:00",
                "closes": "00:00",
            },
        ],
        "amenityFeature": [
            {
                "@type": "LocationFeatureSpecification",
                "propertyID": "wifi",
                "name": "services/wifi",
                "value": True,
            },
            {
                "@type": "LocationFeatureSpecification",
                "propertyID": "fauteuil",
                "name": "access/fauteuil",
                "value": True,
            },
        ],
        "keywords": ["activities/coworking", "activities/cafe"],
        "maximumAttendeeCapacity": 40,
        "priceRange": "8 € la demi-journée",
        "foundingDate": "2019-09",
        "parentOrganization": {"@type": "Organization", "name": "Les Mailles du Val"},
        "image": [
            {
                "@type": "ImageObject",
                "contentUrl": "https://maillage.example.org/media/a.webp",
                "caption": "L’école",
                "creditText": "Nadine",
            }
        ],
        "dateModified": "2026-11-01",
    }


def test_what_is_unknown_is_left_out() -> None:
    assert place_jsonld({"name": "X", "lat": None, "lon": None, "capacity": None}, page_url=PAGE) == {
        "@context": "https://schema.org",
        "@type": ["Place", "LocalBusiness"],
        "@id": f"{PAGE}#lieu",
        "name": "X",
        "url": PAGE,
        "mainEntityOfPage": PAGE,
    }


def test_a_capacity_of_zero_is_said() -> None:
    assert place_jsonld({"name": "X", "capacity": 0}, page_url=PAGE)["maximumAttendeeCapacity"] == 0


@pytest.mark.parametrize(
    ("oh", "times"),
    [
        ("24/7", [("00:00", "23:59")]),
        ("Fr 20:00-02:00", [("20:00", "02:00")]),
        ("Mo 09:00-12:00,14:00-18:00", [("09:00", "12:00"), ("14:00", "18:00")]),
    ],
)
def test_hours_schema_org_can_say(oh: str, times: list[tuple[str, str]]) -> None:
    assert [(spec["opens"], spec["closes"]) for spec in opening_specification(oh)] == times


@pytest.mark.parametrize(
    "oh", ["", "Jul-Aug Mo 10:00-12:00", "Mo[1] 10:00-12:00", "Mo 18:00+", 'Mo 10:00-12:00 "rdv"', "SH off", "nawak"]
)
def test_hours_schema_org_cannot_say_exactly(oh: str) -> None:
    assert opening_specification(oh) == []


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=4))
def test_json_in_a_page_is_the_same_json_and_closes_nothing(data: dict[str, str]) -> None:
    written = script_safe(data)
    assert json.loads(written) == data
    assert not set(written) & set("<>&\u2028\u2029")


@given(st.text(alphabet="<>/pscript &;a", max_size=80))
def test_plain_text_is_one_line(html: str) -> None:
    assert plain_text(html) == " ".join(plain_text(html).split())
