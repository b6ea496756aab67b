"""What the tags of OpenStreetMap say in our fields, and the tags by which our fields are written there."""

import re
from collections.abc import Mapping
from typing import Any

from maillage.network.exchange.rules.mending import address, partial_date, social

LONGEST = 255
"""OpenStreetMap keeps no longer value."""
LIFECYCLE = ("disused:", "was:", "abandoned:", "demolished:", "removed:")
ACTIVITIES: Mapping[tuple[str, str], str] = {
    ("office", "coworking"): "coworking",
    ("amenity", "coworking_space"): "coworking",
    ("leisure", "hackerspace"): "fablab",
    ("fablab", "yes"): "fablab",
    ("amenity", "arts_centre"): "culture",
    ("community_centre", "cultural_centre"): "culture",
    ("amenity", "social_centre"): "innovation-sociale",
    ("amenity", "internet_cafe"): "mediation-numerique",
    ("amenity", "cafe"): "cafe",
    ("garden:type", "community"): "nourricier",
    ("repair", "assisted_self_service"): "ateliers",
    ("shop", "second_hand"): "recyclerie",
}
PROOFS = frozenset({"coworking", "fablab"})
"""Activities by which an object is a tiers-lieu without more; a café or a library is one only if somebody says so."""
HINT = ("thirdplace", "yes")
COMMUNITY = frozenset({"community_centre", "social_centre", "arts_centre", "library", "coworking_space"})
WRITTEN: Mapping[str, tuple[str, str]] = {
    "coworking": ("office", "coworking"),
    "fablab": ("leisure", "hackerspace"),
    "culture": ("amenity", "arts_centre"),
    "cafe": ("amenity", "cafe"),
    "mediation-numerique": ("amenity", "internet_cafe"),
}
"""One tag for an activity; an object bears one `amenity`: the first of these wins."""
PLAIN: Mapping[str, str] = {
    "name": "name",
    "postal_code": "addr:postcode",
    "city": "addr:city",
    "website": "website",
    "email": "email",
    "phone": "phone",
    "operator": "operator",
    "siret": "ref:FR:SIRET",
    "capacity": "capacity",
    "opened_on": "start_date",
    "opening_hours": "opening_hours",
}
"""Fields that one tag carries whole, both ways."""
INSTEAD: Mapping[str, tuple[str, ...]] = {
    "name": ("name:fr", "official_name"),
    "website": ("contact:website", "url"),
    "email": ("contact:email",),
    "phone": ("contact:phone", "contact:mobile"),
}
NETWORKS: Mapping[str, str] = {
    "contact:facebook": "www.facebook.com",
    "contact:instagram": "www.instagram.com",
    "contact:twitter": "twitter.com",
    "contact:linkedin": "www.linkedin.com",
    "contact:youtube": "www.youtube.com",
}
YES_TAGS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("internet_access", "wlan"): ("services", "wifi"),
    ("wheelchair", "yes"): ("access", "fauteuil"),
    ("toilets:wheelchair", "yes"): ("access", "toilettes-adaptees"),
}
LEGAL_FORMS = {
    "association": "association",
    "ngo": "association",
    "public": "collectivite",
    "government": "collectivite",
}
_NUMBERED = re.compile(r"([0-9]+(?: ?(?:bis|ter|quater|[A-Za-z]))?) (\S.*)")


def current(tags: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """The tags of what the object is, or was: prefixes of the past are taken away, and tell that it is closed.

    >>> current({"disused:office": "coworking", "name": "La Maille"})
    ({'office': 'coworking', 'name': 'La Maille'}, True)
    """
    plain = {key: value for key, value in tags.items() if not key.startswith(LIFECYCLE)}
    if _activities(plain) or HINT in plain.items():
        return dict(tags), False
    past = {
        key.removeprefix(prefix): value for prefix in LIFECYCLE for key, value in tags.items() if key.startswith(prefix)
    }
    return (past | plain, True) if _activities(past) or HINT in past.items() else (dict(tags), False)


def is_place(tags: Mapping[str, str]) -> bool | None:
    """Whether tags prove a tiers-lieu; None for what only may be one: a hint, or a place of the neighbourhood.

    >>> is_place({"office": "coworking"}), is_place({"thirdplace": "yes"}), is_place({"highway": "street_lamp"})
    (True, None, False)
    """
    if PROOFS & set(_activities(tags)):
        return True
    return None if HINT in tags.items() or _activities(tags) or tags.get("amenity") in COMMUNITY else False


def _activities(tags: Mapping[str, str]) -> list[str]:
    said = [(key, word.strip()) for key, value in tags.items() for word in value.split(";")]
    return list(dict.fromkeys(ACTIVITIES[pair] for pair in said if pair in ACTIVITIES))


def values_of(tags: Mapping[str, str], *, closed: bool) -> dict[str, Any]:
    """Our fields as these tags tell them, empty ones left out; every value is still to be checked.

    >>> said = {"office": "coworking", "name": "La Maille", "addr:housenumber": "1", "addr:street": "rue du Moulin"}
    >>> values_of(said, closed=False)
    {'name': 'La Maille', 'street': '1 rue du Moulin', 'status': 'open', 'activities': ['coworking']}
    """
    values: dict[str, Any] = {}
    for name, key in PLAIN.items():
        said = next((tags[other] for other in (key, *INSTEAD.get(name, ())) if tags.get(other, "").strip()), "")
        values[name] = said.split(";")[0].strip() if name in ("phone", "email", "siret") else said
    values["website"] = address(values["website"]) or ""
    values["opened_on"] = partial_date(values["opened_on"]) or ""
    house, street = tags.get("addr:housenumber", ""), tags.get("addr:street") or tags.get("addr:place", "")
    values["street"] = f"{house} {street}".strip() if street else tags.get("addr:full", "")
    values["description"] = tags.get("description:fr") or tags.get("description", "")
    values["prices"] = tags.get("charge", "")
    values["links"] = [link for key, site in NETWORKS.items() if (link := _network(tags.get(key, ""), site))]
    values["status"] = "closed" if closed else "open"
    values["closed_on"] = (partial_date(tags.get("end_date", "")) or "") if closed else ""
    values["activities"] = _activities(tags)
    for (key, word), (field, code) in YES_TAGS.items():
        if tags.get(key) == word:
            values.setdefault(field, []).append(code)
    values["legal_forms"] = [form] if (form := LEGAL_FORMS.get(tags.get("operator:type", ""))) else []
    return {name: value for name, value in values.items() if value not in ("", [])}


def _network(said: str, site: str) -> str | None:
    return social(said.split(";")[0], site) if said else None


def tags_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The tags that tell these fields; a value that OpenStreetMap cannot keep is left out.

    >>> tags_of({"name": "La Maille", "street": "1 bis rue du Moulin", "activities": ["cafe", "culture", "ateliers"]})
    {'name': 'La Maille', 'amenity': 'arts_centre', 'addr:housenumber': '1 bis', 'addr:street': 'rue du Moulin'}
    """
    tags = {key: str(values[name]) for name, key in PLAIN.items() if values.get(name) not in (None, "")}
    for activity, (key, word) in WRITTEN.items():
        if activity in values.get("activities", ()):
            tags.setdefault(key, word)
    if street := str(values.get("street", "")):
        numbered = _NUMBERED.fullmatch(street)
        tags |= {"addr:housenumber": numbered[1], "addr:street": numbered[2]} if numbered else {"addr:street": street}
    for (key, word), (field, code) in YES_TAGS.items():
        if code in values.get(field, ()):
            tags[key] = word
    for link in values.get("links", ()):
        network = next((key for key, site in NETWORKS.items() if f"//{site}/" in link), None)
        if network:
            tags.setdefault(network, link)
    return {key: value for key, value in tags.items() if len(value) <= LONGEST}


def kinds(tags: Mapping[str, str]) -> frozenset[str]:
    """The keys that say what an object is."""
    written = {*WRITTEN.values(), *ACTIVITIES, HINT}
    return frozenset(key for key, value in tags.items() if (key, value) in written)
