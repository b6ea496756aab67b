"""The bodies of answers about what lives in a place: what is free, booked, left on a pass, and what is on."""

from datetime import date, datetime
from typing import Any, Literal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from pydantic import Field

from maillage.api.shapes import Exact, known, moment, page_of
from maillage.management.events.queries.public import Shown
from maillage.management.events.rules.entries import AUDIENCES as EVENT_AUDIENCES
from maillage.management.events.rules.entries import KINDS as EVENT_KINDS


class Stretch(Exact):
    start: datetime
    end: datetime


class FreeStretch(Stretch):
    units: int


class Availability(Exact):
    space: int
    name: str
    place: str
    zone: str
    first_day: date
    last_day: date
    open: list[Stretch]
    free: list[FreeStretch]


class Booked(Exact):
    id: int
    space: int
    status: Literal["held", "confirmed", "cancelled", "lapsed"]
    start: datetime
    end: datetime
    expires_at: datetime | None


class Taken(Exact):
    space: int
    unit: str
    units: int


class PassOut(Exact):
    """Un carnet, un abonnement ou un passe découverte, tel qu’il est au lieu de la clé ; jamais qui le porte."""

    code: str
    kind: Literal["carnet", "subscription", "funded"]
    name: str
    left: int = Field(description="Ce qui reste, en unités : des demi-journées pour un passe découverte.")
    starts_on: date
    ends_on: date
    good: bool = Field(description="Si une unité peut en être prise, ici et maintenant.")
    why: str | None = Field(description="Sinon, pourquoi, et que faire.")
    takes: list[Taken] = Field(description="Ce que prend chaque espace ; vide pour un passe découverte.")


class Redeemed(Exact):
    id: int
    code: str
    place: str
    day: date
    half: Literal["am", "pm"] | None
    units: int
    left: int
    ends_on: date


class EventPlace(Exact):
    slug: str
    name: str
    url: str
    commune: str | None
    city: str | None
    lat: float | None
    lon: float | None
    demo: bool = Field(description="Fictif : jamais à compter ni à montrer comme un lieu réel.")


class EventOut(Exact):
    """Une séance d’un événement. Ses places libres, sans dire qui vient."""

    id: int
    uid: str
    sequence: int
    event: str
    url: str
    title: str
    summary: str | None
    kind: Literal[EVENT_KINDS]  # type: ignore[valid-type]
    audience: Literal[EVENT_AUDIENCES]  # type: ignore[valid-type]
    theme: str | None
    organiser: str | None
    price: Literal["free", "fixed", "open"]
    price_cents: int | None = Field(description="« fixed » : le prix ; « open » : ce qui est proposé ; en centimes.")
    start: datetime
    end: datetime
    zone: str
    cancelled: bool
    reason: str | None
    takes_registrations: bool
    capacity: int | None
    free_seats: int | None
    distance_m: int | None
    place: EventPlace
    updated_at: datetime


class EventPage(Exact):
    events: list[EventOut]
    next: str | None = Field(description="L’adresse de la page suivante ; « null » à la fin.")


def session(one: Shown) -> dict[str, Any]:
    """One session of an event."""
    row, event, place = one.session, one.event, one.place
    with override("fr"):
        url = settings.SITE_URL + reverse("event", args=[place.slug, event.slug])
    return {
        "id": row.pk,
        "uid": f"session-{row.pk}@{settings.SITE_URL.partition('://')[2]}",
        "sequence": row.sequence,
        "event": event.slug,
        "url": url,
        "title": event.title,
        "summary": known(event.summary),
        "kind": event.kind,
        "audience": event.audience,
        "theme": known(event.theme),
        "organiser": event.organisation.name if event.organisation else None,
        "price": event.price,
        "price_cents": event.price_cents,
        "start": moment(row.start),
        "end": moment(row.end),
        "zone": one.zone.key,
        "cancelled": row.cancelled_at is not None,
        "reason": known(row.reason),
        "takes_registrations": one.free is not None,
        "capacity": row.capacity,
        "free_seats": one.free,
        "distance_m": round(one.distance_m) if one.distance_m is not None else None,
        "place": {
            "slug": place.slug,
            "name": place.name,
            "url": page_of(place.slug),
            "commune": place.commune_id,
            "city": known(place.city or (place.commune.name if place.commune else "")),
            "lat": place.lat,
            "lon": place.lon,
            "demo": place.is_demo,
        },
        "updated_at": moment(max(row.changed_at, event.changed_at)),
    }
