"""Places as Murmurations profiles, which an index fetches at their own addresses; written only."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from maillage.network.exchange.formats.format import Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.jsonld import plain_text
from maillage.places.rules.sentences import sentence as _

SCHEMA = "organizations_schema-v1.0.0"
STATUS = {"project": "in_planning", "open": "active", "dormant": "on_hold", "closed": "completed"}
TAGS = ("activities", "services", "access", "labels", "legal_forms")
WHOLE = frozenset({"name", "website", "email", "phone", "lat", "lon", "status", "links", *TAGS})
IN_PART = {
    "description": _("en texte, sans mise en forme"),
    "street": _("dans une adresse d’un seul tenant"),
    "postal_code": _("dans une adresse d’un seul tenant"),
    "city": _("dans une adresse d’un seul tenant"),
    "opened_on": _("seulement quand le jour est connu"),
    "closed_on": _("seulement quand le jour est connu"),
}


def profile(place: ExportedPlace, site_url: str) -> dict[str, Any]:
    """The profile of one place; what is unknown is left out."""
    values = place.values
    page = f"{site_url}/lieux/{place.slug}/"
    town = " ".join(part for part in (values.get("postal_code"), values.get("city")) if part)
    told = {
        "linked_schemas": [SCHEMA],
        "name": values["name"],
        "unique_id": str(place.id),
        "primary_url": values.get("website") or page,
        "urls": [{"name": "Maillage", "url": page}, *({"name": link, "url": link} for link in values.get("links", ()))],
        "tags": ["tiers-lieu", *dict.fromkeys(word for kind in TAGS for word in values.get(kind, ()))],
        "description": plain_text(values.get("description", "")),
        "status": STATUS[values.get("status", "open")],
        "full_address": ", ".join(part for part in (values.get("street"), town) if part),
        "country_iso_3166": "FR",
        "geolocation": {"lat": values["lat"], "lon": values["lon"]} if "lat" in values else None,
        "geographic_scope": "local",
        "contact_details": {"email": values["email"]} if "email" in values else None,
        "telephone": values.get("phone"),
        "starts_at": _seconds(values.get("opened_on", "")),
        "ends_at": _seconds(values.get("closed_on", "")),
        "license": list(place.licences),
        "attribution": place.attribution,
    }
    return {key: value for key, value in told.items() if value not in (None, "", [])}


def _seconds(day: str) -> int | None:
    """A whole day as Unix time; nothing of a year or a month alone, whose day would be made up.

    >>> _seconds("2024-03-01"), _seconds("2024-03")
    (1709251200, None)
    """
    if len(day) != 10:
        return None
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp())


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write the profiles of places as one JSON list, in chunks of text."""
    return in_chunks(_pieces(places, writing.site_url))


def _pieces(places: Iterable[ExportedPlace], site_url: str) -> Iterator[str]:
    separator = "[\n"
    for place in places:
        yield separator + json.dumps(profile(place, site_url), ensure_ascii=False, separators=(",", ":"))
        separator = ",\n"
    yield "\n]\n" if separator != "[\n" else "[]\n"


NOT_CARRIED = _("n’est pas écrit")
LOSSES = tuple(Loss(name, IN_PART.get(name, NOT_CARRIED)) for name in FIELDS if name not in WHOLE)
FORMAT = Format(
    "murmurations",
    "Profils Murmurations (JSON)",
    write=write,
    losses=LOSSES,
    extension="json",
    media_type="application/json",
    version=SCHEMA,
    reference="https://murmurations.network/",
)
