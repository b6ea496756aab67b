"""Rows as they stand in the database, whatever was done to them: nothing is believed before it is verified."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from maillage.management.billing.rules import chain
from maillage.places.models import Place

AT_ONCE = 2000


def rows(
    model: type[models.Model], columns: Sequence[str], place: Place, *, order: str = "id", ids: Sequence[int] = ()
) -> Iterator[dict[str, Any]]:
    """The rows of a table of a place, with their `id`, each value as its digest reads it.

    What cannot be a day, a moment or a text any more is told as it stands, and never stops the reading.
    """
    fields = [model._meta.pk, *(_field(model, name) for name in columns)]
    names = ["id", *columns]
    quote = connection.ops.quote_name
    asked = ", ".join(_asked(field, quote(str(field.column))) for field in fields if field is not None)
    given: list[Any] = [place.pk if connection.vendor == "postgresql" else place.pk.hex]
    where = f"{quote('place_id')} = %s"
    if ids:
        where += f" AND id IN ({', '.join(str(int(one)) for one in ids)})"
    # Names of columns and tables only, from the models.
    sql = f"SELECT {asked} FROM {quote(model._meta.db_table)} WHERE {where} ORDER BY {order}"  # noqa: S608
    with connection.cursor() as cursor:
        with _whatever_it_holds():
            cursor.execute(sql, given)
            held = cursor.fetchmany(AT_ONCE)
        while held:
            for row in held:
                yield {name: _read(field, value) for name, field, value in zip(names, fields, row, strict=True)}
            with _whatever_it_holds():
                held = cursor.fetchmany(AT_ONCE)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.attname == name)


def _is_number(field: "models.Field[Any, Any] | None") -> bool:
    inner = field.target_field if isinstance(field, models.ForeignKey) else field
    return isinstance(inner, models.IntegerField)


def _asked(field: "models.Field[Any, Any]", column: str) -> str:
    return column if connection.vendor == "postgresql" or _is_number(field) else f"CAST({column} AS TEXT)"


def _read(field: "models.Field[Any, Any] | None", value: Any) -> Any:
    if connection.vendor == "postgresql" or not isinstance(value, str) or _is_number(field):
        return chain.told(value)
    inner = field.target_field if isinstance(field, models.ForeignKey) else field
    try:
        if isinstance(inner, models.DateTimeField):
            at = datetime.fromisoformat(value)
            # Other signs between its parts are read as the same moment: they are not what was written.
            return chain.told(at.replace(tzinfo=UTC)) if at.isoformat(" ") == value else value
        return str(UUID(value)) if isinstance(inner, models.UUIDField) and UUID(value).hex == value else value
    except ValueError:
        return value


@contextmanager
def _whatever_it_holds() -> Iterator[None]:
    """On SQLite a text that is no text any more is read with marks in place of its wrong bytes."""
    if connection.vendor == "postgresql":
        yield
        return
    connection.ensure_connection()
    inner = connection.connection
    before, inner.text_factory = inner.text_factory, lambda held: held.decode("utf-8", "replace")
    try:
        yield
    finally:
        inner.text_factory = before
