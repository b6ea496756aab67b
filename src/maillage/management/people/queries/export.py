"""All that the rooms hold about one place, read from the tables themselves, so that no room is forgotten."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from maillage.management.people.queries.held import KEPT_BACK
from maillage.management.people.rules.tables import Table
from maillage.places.models import Place

ROOMS = "maillage.management."
WITHHELD = (*KEPT_BACK, "account", "secret", "token")
"""Columns that only repeat another, or that open or tell what is not the place’s."""


def everything_of(place: Place) -> Iterator[Table]:
    """Each table of the rooms that run a place, its rows of this place alone, empty ones too."""
    for model in sorted(apps.get_models(), key=lambda one: one._meta.label_lower):
        way = _way(model) if model.__module__.startswith(ROOMS) else ""
        if way:
            yield _table(model, way, place)


def _way(model: type[Model], seen: tuple[type[Model], ...] = ()) -> str:
    """From a table to its place, through the fewest others; empty for one that belongs to no place."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey) and not field.null]
    if direct := next((field.name for field in keys if field.remote_field.model is Place), ""):
        return direct
    found = [
        f"{field.name}__{further}"
        for field in keys
        if field.remote_field.model not in (*seen, model)
        and field.remote_field.model.__module__.startswith(ROOMS)
        and (further := _way(field.remote_field.model, (*seen, model)))
    ]
    return min(found, key=lambda way: (way.count("__"), way), default="")


def _table(model: type[Model], way: str, place: Place) -> Table:
    fields = [field for field in model._meta.concrete_fields if field.name not in WITHHELD]
    columns = tuple(field.attname for field in fields)
    rows = model._base_manager.filter(**{way: place}).order_by("pk").values_list(*columns)
    return Table(
        name=model._meta.label_lower,
        title=str(model._meta.verbose_name_plural),
        columns=columns,
        titles=tuple(_said(field) for field in fields),
        rows=tuple(tuple(_plain(value) for value in row) for row in rows.iterator(chunk_size=2_000)),
    )


def _said(field: "Field[Any, Any]") -> str:
    return str(field.verbose_name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value if value is None or isinstance(value, int | float | str) else str(value)
