"""Which places are open at a moment."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from maillage.places.models import Place
from maillage.places.rules.hours import UNKNOWN, OpenState, is_open, state_at
from maillage.territory.rules.zones import zone_of


def open_ids(places: QuerySet[Place], *, now: datetime) -> list[UUID]:
    """The places whose hours say that they are open now; unknown hours are not open."""
    rows = places.filter(status="open").exclude(opening_hours="")
    return [
        pk
        for pk, hours, departement in rows.values_list("pk", "opening_hours", "commune__departement")
        if is_open(hours, now, zone_of(departement or ""), departement_code=departement or "")
    ]


def states(rows: Iterable[tuple[str, str, str]], *, now: datetime) -> list[OpenState]:
    """The opening state of (status, hours, département) rows, in order."""
    return [
        state_at(hours, now, zone_of(departement), departement_code=departement)
        if hours and status == "open"
        else UNKNOWN
        for status, hours, departement in rows
    ]
