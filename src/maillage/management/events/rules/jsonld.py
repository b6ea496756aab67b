"""A session in the words of schema.org: what search engines read of a programme."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maillage.places.rules.jsonld import CONTEXT, place_jsonld

FREE, FIXED, OPEN = ("free", "fixed", "open")
LEARNT = ("workshop", "training", "digital")


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a session: the times on the clocks of its place, `free` None where nobody registers."""

    title: str
    summary: str
    kind: str
    start: datetime
    end: datetime
    is_cancelled: bool
    price: str
    price_cents: int | None
    organiser: str
    capacity: int | None
    free: int | None
    takes_registrations: bool
    url: str
    register_url: str


def session_jsonld(one: Told, place: Mapping[str, Any], *, page_url: str) -> dict[str, Any]:
    """Tell a session in schema.org; `place` as `place_jsonld` takes it, at `page_url`. What is unknown is left out."""
    told = {
        "@context": CONTEXT,
        "@type": "EducationEvent" if one.kind in LEARNT else "Event",
        "@id": f"{one.url}#{one.start:%Y%m%dT%H%M}",
        "name": one.title,
        "description": one.summary,
        "url": one.url,
        "startDate": one.start.isoformat(),
        "endDate": one.end.isoformat(),
        "eventStatus": f"{CONTEXT}/{'EventCancelled' if one.is_cancelled else 'EventScheduled'}",
        "eventAttendanceMode": f"{CONTEXT}/OfflineEventAttendanceMode",
        "isAccessibleForFree": True if one.price == FREE else None,
        "location": _location(place, page_url),
        "organizer": {"@type": "Organization", "name": one.organiser or place["name"], "url": page_url},
        "maximumAttendeeCapacity": one.capacity if one.takes_registrations else None,
        "remainingAttendeeCapacity": one.free,
        "offers": _offers(one),
    }
    if one.organiser:
        told["organizer"] = {"@type": "Organization", "name": one.organiser}
    return {key: value for key, value in told.items() if value not in (None, "", [], {})}


def _location(place: Mapping[str, Any], page_url: str) -> dict[str, Any]:
    whole = place_jsonld(place, page_url=page_url)
    kept: dict[str, Any] = {name: whole[name] for name in ("@id", "name", "address", "geo") if name in whole}
    return {"@type": "Place", **kept, "url": page_url}


def _offers(one: Told) -> dict[str, Any]:
    """One offer; what costs what one gives has no price to tell unless one is suggested."""
    if one.is_cancelled:
        return {}
    offer: dict[str, Any] = {"@type": "Offer", "url": one.register_url or one.url, "priceCurrency": "EUR"}
    cents = 0 if one.price in (FREE, OPEN) and one.price_cents is None else one.price_cents or 0
    offer["price"] = f"{cents // 100}.{cents % 100:02d}"
    state = "SoldOut" if one.free == 0 else "InStock"
    return offer | {"availability": f"{CONTEXT}/{state}"}
