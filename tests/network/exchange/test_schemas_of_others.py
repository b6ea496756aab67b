"""GPX, KML and Murmurations held to the schemas of their publishers, transcribed here: order, types, bounds, words.

GPX 1.1 (https://www.topografix.com/GPX/1/1/gpx.xsd), KML 2.2 (OGC 07-147r2, ogckml22.xsd), Murmurations
organizations_schema-v1.0.0: only what our files may hold of each.
"""

import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.network.exchange.formats import gpx, kml, murmurations
from tests.network.exchange.leaving import places
from tests.network.exchange.test_written_only import GPX, KML, written

ATOM = "{http://www.w3.org/2005/Atom}"
METADATA = ("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds", "extensions")
WAYPOINT = (
    *("ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type", "fix", "sat"),
    *("hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid", "extensions"),
)
MANY = {"link"}
FEATURE = (
    *(f"{KML}{name}" for name in ("name", "visibility", "open")),
    *(f"{ATOM}author", f"{ATOM}link"),
    *(f"{KML}{name}" for name in ("address", "phoneNumber", "Snippet", "description", "styleUrl", "ExtendedData")),
    *(f"{KML}{name}" for name in ("Point", "Placemark")),
)
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
DOUBLE = re.compile(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?")
NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
STATUSES = {"active", "completed", "cancelled", "on_hold", "in_planning"}
TEXTS = {
    *("name", "nickname", "primary_url", "description", "mission", "full_address", "country_iso_3166", "telephone"),
    *("geographic_scope", "unique_id", "status", "attribution"),
}
KNOWN = TEXTS | {"linked_schemas", "tags", "urls", "geolocation", "contact_details", "starts_at", "ends_at", "license"}
some = settings(max_examples=40, deadline=None)
lists = st.lists(places(), max_size=3)


def in_order(names: list[str], order: tuple[str, ...], many: set[str]) -> bool:
    """Whether elements stand in the order of a sequence, each once but those that may come again."""
    at = [order.index(name) for name in names]
    return at == sorted(at) and all(names.count(name) == 1 or name in many for name in names)


def is_address(text: str | None) -> bool:
    return text is not None and urlsplit(text).scheme in ("http", "https") and " " not in text


@some
@given(lists)
def test_gpx_is_what_its_schema_says(given_places) -> None:
    root = ElementTree.fromstring(written(gpx.FORMAT, *given_places))
    assert (root.tag, root.attrib) == (f"{GPX}gpx", {"version": "1.1", "creator": "Maillage"})
    metadata, *points = root
    assert metadata.tag == f"{GPX}metadata" and {point.tag for point in points} <= {f"{GPX}wpt"}
    assert in_order([one.tag.removeprefix(GPX) for one in metadata], METADATA, MANY)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata.findtext(f"{GPX}time") or "")
    for point in points:
        assert in_order([one.tag.removeprefix(GPX) for one in point], WAYPOINT, MANY)
        assert set(point.attrib) == {"lat", "lon"}
        assert all(DECIMAL.fullmatch(point.attrib[name]) for name in ("lat", "lon"))
        assert -90 <= float(point.attrib["lat"]) <= 90 and -180 <= float(point.attrib["lon"]) < 180
        for link in point.findall(f"{GPX}link"):
            assert set(link.attrib) == {"href"} and is_address(link.get("href"))
        assert all(len(one) == 0 for one in point if one.tag != f"{GPX}link")


@some
@given(lists)
def test_kml_is_what_its_schema_says(given_places) -> None:
    root = ElementTree.fromstring(written(kml.FORMAT, *given_places))
    (document,) = root
    assert (root.tag, document.tag) == (f"{KML}kml", f"{KML}Document")
    assert in_order([one.tag for one in document], FEATURE, {f"{KML}Placemark"})
    marks = document.findall(f"{KML}Placemark")
    ids = [mark.get("id", "") for mark in marks]
    assert len(ids) == len(set(ids)) and all(NCNAME.fullmatch(one) for one in ids)
    for mark in marks:
        assert in_order([one.tag for one in mark], FEATURE, set())
        assert is_address(mark.find(f"{ATOM}link").get("href"))
        for data in mark.find(f"{KML}ExtendedData"):
            assert data.tag == f"{KML}Data" and data.get("name")
            assert [one.tag for one in data] == [f"{KML}value"]
        for point in mark.findall(f"{KML}Point"):
            lon, lat = (point.findtext(f"{KML}coordinates") or "").split(",")
            assert DOUBLE.fullmatch(lon) and DOUBLE.fullmatch(lat)
            assert abs(float(lon)) <= 180 and abs(float(lat)) <= 90


@some
@given(lists)
def test_a_profile_is_what_the_schema_of_murmurations_says(given_places) -> None:
    for told in json.loads(written(murmurations.FORMAT, *given_places)):
        assert {"linked_schemas", "name", "primary_url"} <= set(told) <= KNOWN
        assert told["linked_schemas"] == ["organizations_schema-v1.0.0"]
        assert all(isinstance(told[name], str) and told[name] for name in TEXTS & set(told))
        assert told["status"] in STATUSES and is_address(told["primary_url"])
        assert len(set(told["tags"])) == len(told["tags"]) and all(isinstance(tag, str) for tag in told["tags"])
        for url in told["urls"]:
            assert set(url) == {"name", "url"} and is_address(url["url"])
        if "geolocation" in told:
            assert set(told["geolocation"]) == {"lat", "lon"}
            assert abs(told["geolocation"]["lat"]) <= 90 and abs(told["geolocation"]["lon"]) <= 180
        assert all(type(told[name]) is int for name in ("starts_at", "ends_at") if name in told)
        assert set(told.get("contact_details", {})) <= {"email", "contact_form"}
