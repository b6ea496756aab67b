"""Which places are open at a moment."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from maillage.places.models import Place
from maillage.places.rules.hours import OpenState, state_at
from maillage.territory.rules.zones import zone_of


def open_ids(places: QuerySet[Place], *, now: datetime) -> list[UUID]:
    """The places whose hours say that they are open now; unknown hours are not open."""
    rows = places.filter(status="open").exclude(opening_hours="")
    return [
        pk
        for pk, hours, departement in rows.values_list("pk", "opening_hours", "commune__departement")
        if state_at(hours, now, zone_of(departement or "")).open
    ]


def states(rows: Iterable[tuple[str, str, str]], *, now: datetime) -> list[OpenState]:
    """The opening state of (status, hours, département) rows, in order."""
    unknown = OpenState(open=None, until=None, opens_at=None)
    return [
        state_at(hours, now, zone_of(departement)) if hours and status == "open" else unknown
        for status, hours, departement in rows
    ]
