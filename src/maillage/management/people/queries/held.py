"""Everything held about a person, in every room: read from the tables themselves, so that no room is forgotten.

Whatever table points at a person is told, and follows that person when two are merged: a room above needs only a
foreign key. What a room keeps in free words about somebody it forgets itself: it says so by `forgotten_also_by`.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from importlib import import_module
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from django.db import models

from maillage.management.people.models import Person
from maillage.management.people.rules.tables import Table
from maillage.places.models import Place
from maillage.territory.rules.zones import zone_of

KEPT_BACK = ("folded", "moved", "phone_dialled")
"""Columns that only repeat another, or say how the house is kept."""


class Forgets(Protocol):
    """A module of a room above that keeps free words about persons."""

    def forget_persons(self, *, persons: Sequence[int], by: str, now: datetime) -> None:
        """Take out whatever tells who these persons are; rows, dates and counts stay."""


_forgetting: list[str] = []


def forgotten_also_by(module: str) -> None:
    """Say which module forgets persons too; called by `AppConfig.ready` of its room."""
    if module not in _forgetting:
        _forgetting.append(module)


def forgetters() -> Iterator[Forgets]:
    """The modules that forget, in the order of their rooms."""
    return (cast("Forgets", import_module(module)) for module in _forgetting)


class Holds(Protocol):
    """A module of a room above that knows whom nobody may forget yet."""

    def held(self) -> models.Q:
        """The persons who are held, as a condition on them."""

    def reason(self) -> tuple[str, str]:
        """Why, and what to do about it, as `sentence` writes both."""


_holding: list[str] = []


def held_also_by(module: str) -> None:
    """Say which module holds persons too; called by `AppConfig.ready` of its room."""
    if module not in _holding:
        _holding.append(module)


def holders() -> Iterator[Holds]:
    """The modules that hold, in the order of their rooms."""
    return (cast("Holds", import_module(module)) for module in _holding)


def pointing_at(model: type[models.Model]) -> "Iterator[models.ForeignKey[Any, Any]]":
    """Every foreign key of every room to this table, its own to itself included."""
    for related in model._meta.related_objects:
        if isinstance(related.field, models.ForeignKey):
            yield related.field


def everything_about(person: Person) -> list[Table]:
    """All that is held about a person, and under the names merged into it: first the person, then every room."""
    same = [person.pk, *Person.objects.filter(merged_into=person).values_list("pk", flat=True)]
    zone = _zone_of(person.place)
    tables = [_table(Person, Person.objects.filter(pk__in=same), zone)]
    for field in pointing_at(Person):
        own = field.model
        if own is not Person:
            tables.append(_table(own, own._base_manager.filter(**{f"{field.name}__in": same}), zone))
    return [table for table in tables if table.rows]


def _zone_of(place: Place) -> ZoneInfo:
    """The clocks on which what a place holds is told."""
    return ZoneInfo(zone_of(place.commune.departement_id if place.commune else None))


def _table(model: type[models.Model], rows: models.QuerySet[Any], zone: ZoneInfo) -> Table:
    fields = [field for field in model._meta.concrete_fields if _told(field)]
    named = [field.name for field in fields if _is_named(field)]
    read = [[_value(row, field, zone) for field in fields] for row in rows.select_related(*named).order_by("pk")]
    return Table(
        name=model._meta.label_lower,
        title=str(model._meta.verbose_name),
        columns=tuple(field.name for field in fields),
        titles=tuple(str(field.verbose_name) for field in fields),
        rows=tuple(tuple(row) for row in read),
    )


def _told(field: "models.Field[Any, Any]") -> bool:
    """What a team member signed tells of that member, not of the person."""
    return field.name not in KEPT_BACK and not field.name.endswith("_by")


def _is_named(field: "models.Field[Any, Any]") -> bool:
    """Whether a foreign key leads to something with a name that may be told: never to another person."""
    aim = field.remote_field.model if isinstance(field, models.ForeignKey) else Person
    return aim is not Person and any(one.name == "name" for one in aim._meta.concrete_fields)


def _value(row: models.Model, field: "models.Field[Any, Any]", zone: ZoneInfo) -> Any:
    value = getattr(row, field.attname)
    if _is_named(field) and value is not None:
        return getattr(row, field.name).name or value
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value if value is None or isinstance(value, int | float | str) else str(value)
