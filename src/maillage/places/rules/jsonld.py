"""A place in the words of schema.org: what search engines and other registries read.

`CoworkingSpace` does not exist in schema.org; a place is a `Place` and a `LocalBusiness`, with `additionalType` for
what OpenStreetMap has a tag for.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any

from maillage.places.rules.hours import in_words
from maillage.places.rules.timetable import DAYS, FULL_DAY, WHOLE_WEEK, Line, Times

CONTEXT = "https://schema.org"
ADDITIONAL_TYPES = {
    "coworking": "https://wiki.openstreetmap.org/wiki/Tag:office=coworking",
    "fablab": "https://wiki.openstreetmap.org/wiki/Tag:leisure=hackerspace",
    "culture": "https://wiki.openstreetmap.org/wiki/Tag:amenity=arts_centre",
    "cafe": "https://wiki.openstreetmap.org/wiki/Tag:amenity=cafe",
    "nourricier": "https://wiki.openstreetmap.org/wiki/Tag:garden:type=community",
}
_DAY_NAMES = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
_DAY = [f"{CONTEXT}/{_DAY_NAMES[day]}" for day in DAYS]
_HOLIDAY = f"{CONTEXT}/PublicHolidays"


def place_jsonld(
    place: Mapping[str, Any], *, page_url: str, say: Callable[[str, str], str] = lambda _kind, code: code
) -> dict[str, Any]:
    """Tell a place in schema.org: `place` holds the registry's fields, and perhaps `id`, `commune_name`,
    `updated_at` (ISO) and `photos` (absolute `url`, `alt`, `credit`); what is unknown is left out.

    `say` gives the label of a word of the vocabulary: `say("services", "wifi")`.

    >>> place_jsonld({"name": "La Maille", "activities": ["cafe"]}, page_url="https://m.fr/lieux/la-maille/")["@type"]
    ['Place', 'CafeOrCoffeeShop']
    """
    told = {
        "@context": CONTEXT,
        "@type": ["Place", "CafeOrCoffeeShop" if place.get("activities") == ["cafe"] else "LocalBusiness"],
        "@id": f"{page_url}#lieu",
        "additionalType": [ADDITIONAL_TYPES[a] for a in place.get("activities") or () if a in ADDITIONAL_TYPES],
        "name": place["name"],
        "description": plain_text(place.get("description") or ""),
        "url": place.get("website") or page_url,
        "mainEntityOfPage": page_url,
        "sameAs": list(place.get("links") or ()),
        "identifier": list(_identifiers(place)),
        "address": _address(place),
        "geo": _geo(place),
        "telephone": place.get("phone"),
        "email": place.get("email"),
        "openingHoursSpecification": opening_specification(place.get("opening_hours") or ""),
        "amenityFeature": list(_amenities(place, say)),
        "keywords": [say("activities", activity) for activity in place.get("activities") or ()],
        "maximumAttendeeCapacity": place.get("capacity"),
        "priceRange": (place.get("prices") or "")[:99],
        "foundingDate": place.get("opened_on"),
        "dissolutionDate": place.get("closed_on"),
        "parentOrganization": {"@type": "Organization", "name": place["operator"]} if place.get("operator") else None,
        "image": [_image(photo) for photo in place.get("photos") or ()],
        "dateModified": place.get("updated_at"),
    }
    return {key: value for key, value in told.items() if value not in (None, "", [], {})}


def script_safe(data: Any) -> str:
    """Write JSON that may stand inside a `<script>` of an HTML page, whatever the texts hold.

    >>> script_safe({"name": "</script><b>"})
    '{"name": "\\\\u003C/script\\\\u003E\\\\u003Cb\\\\u003E"}'
    """
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04X}")
    return text


def plain_text(html: str) -> str:
    """The words of a cleaned description, on one line.

    >>> plain_text("<p>Un café &amp; un four</p><p>Ouvert à tous</p>")
    'Un café & un four Ouvert à tous'
    """
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def opening_specification(oh: str) -> list[dict[str, Any]]:
    """OSM hours as `OpeningHoursSpecification`; empty when schema.org cannot say them exactly (seasons, comments…).

    >>> opening_specification("Mo-Fr 09:00-12:00")[0]["opens"], opening_specification("Jul-Aug 10:00-12:00")
    ('09:00', [])
    """
    lines = in_words(oh) if oh else None
    if not lines or not all(_sayable(line) for line in lines):
        return []
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": _days(line),
            "opens": _clock(times.start_minutes),
            "closes": _clock(times.end_minutes or 0),
        }
        for line in lines
        if line.public_holidays or line.state == "open"
        for times in (line.times or (Times(0, 0 if line.state == "closed" else FULL_DAY),))
    ]


def _sayable(line: Line) -> bool:
    if line.seasons or line.weeks_of_month or line.school_holidays or line.comment or line.otherwise:
        return False
    return line.state != "unknown" and all(times.end_minutes is not None for times in line.times)


def _days(line: Line) -> list[str]:
    days = line.days or (() if line.public_holidays else WHOLE_WEEK)
    return [_DAY[day] for day in days] + ([_HOLIDAY] if line.public_holidays else [])


def _clock(minutes: int) -> str:
    """Minutes of the day as HH:MM; the end of a whole day is 23:59, as schema.org asks."""
    if minutes == FULL_DAY:
        return "23:59"
    return f"{minutes % FULL_DAY // 60:02}:{minutes % 60:02}"


def _identifiers(place: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, key in (("Maillage", "id"), ("SIRET", "siret")):
        if place.get(key):
            yield {"@type": "PropertyValue", "propertyID": name, "value": str(place[key])}


def _address(place: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        "streetAddress": place.get("street"),
        "postalCode": place.get("postal_code"),
        "addressLocality": place.get("city") or place.get("commune_name"),
    }
    said = {key: value for key, value in parts.items() if value}
    return {"@type": "PostalAddress", **said, "addressCountry": "FR"} if said else {}


def _geo(place: Mapping[str, Any]) -> dict[str, Any]:
    if place.get("lat") is None or place.get("lon") is None:
        return {}
    return {"@type": "GeoCoordinates", "latitude": place["lat"], "longitude": place["lon"]}


def _amenities(place: Mapping[str, Any], say: Callable[[str, str], str]) -> Iterator[dict[str, Any]]:
    for kind in ("services", "access"):
        for code in place.get(kind) or ():
            yield {
                "@type": "LocationFeatureSpecification",
                "propertyID": code,
                "name": str(say(kind, code)),
                "value": True,
            }


def _image(photo: Mapping[str, Any]) -> dict[str, Any]:
    said = {"contentUrl": photo["url"], "caption": photo["alt"], "creditText": photo.get("credit")}
    return {"@type": "ImageObject", **{key: value for key, value in said.items() if value}}
