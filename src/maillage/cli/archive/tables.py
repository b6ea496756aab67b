"""Tables as lines of JSON that say the same on every engine, in the order in which they can be put back."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from graphlib import TopologicalSorter
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.duration import duration_iso_string

LEFT_OUT = ("sessions", "usersessions", "django_q")
"""Apps whose rows live only where they were made: open sessions, and the job engine's own queue and log."""
MADE_BY_DJANGO = ("contenttypes.ContentType", "auth.Permission")
"""Tables that a new base fills by itself; a restored one takes the rows of the backup."""
BATCH = 2000
Model = type[models.Model]


class RowRefused(ValueError):
    """A row of the backup that its table cannot hold."""


def kept(apps: Apps) -> list[Model]:
    """Every table of a backup, each after those that it points at."""
    wanted = {
        model._meta.label: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT_OUT
    }
    order: TopologicalSorter[str] = TopologicalSorter()
    for label in sorted(wanted):
        pointed = {to for to in map(_pointed_at, columns(wanted[label])) if to in wanted and to != label}
        order.add(label, *sorted(pointed))
    return [wanted[label] for label in order.static_order()]


def columns(model: Model) -> list[models.Field]:
    return list(model._meta.concrete_fields)


def _pointed_at(field: models.Field) -> str:
    target = field.related_model
    return target._meta.label if isinstance(target, type) else ""


def rows(model: Model, *, using: str) -> Iterator[bytes]:
    """The rows of a table in the order of their keys, one line each."""
    names = [field.attname for field in columns(model)]
    manager = model._base_manager.using(using)
    for row in manager.order_by("pk").values_list(*names).iterator(chunk_size=BATCH):
        yield json.dumps(row, default=told, separators=(",", ":")).encode() + b"\n"


def told(value: object) -> str:
    """A value that JSON does not know, as text that `read_row` reads back whole.

    >>> told(datetime(2026, 11, 22, 9, 30, 0, 123456)), told(UUID(int=1)), told(b"ab")
    ('2026-11-22T09:30:00.123456', '00000000-0000-0000-0000-000000000001', 'YWI=')
    """
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} n’a pas d’écriture dans une sauvegarde")


def reader(field: models.Field) -> Callable[[Any], Any]:
    """How one column is read back."""
    if isinstance(field, models.JSONField):
        return lambda value: value
    if isinstance(field, models.BinaryField):
        return lambda value: None if value is None else base64.b64decode(value, validate=True)
    return field.to_python


def write(model: Model, lines: Iterable[bytes], connection: BaseDatabaseWrapper, step: Callable[[int], None]) -> int:
    """Put rows into an empty table; returns how many."""
    fields = columns(model)
    readers = [reader(field) for field in fields]
    names = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({names}) VALUES "  # noqa: S608
    marks = f"({', '.join(['%s'] * len(fields))})"
    read = iter(lines)
    count = 0
    with connection.cursor() as cursor:
        while batch := list(islice(read, BATCH)):
            values = [_row(model, line, fields, readers, connection) for line in batch]
            if connection.vendor == "sqlite":  # bounded in parameters, and without a journey for each row
                cursor.executemany(sql + marks, values)
            else:
                cursor.execute(sql + ", ".join([marks] * len(values)), [cell for row in values for cell in row])
            count += len(batch)
            step(len(batch))
    return count


def _row(
    model: Model,
    line: bytes,
    fields: list[models.Field],
    readers: list[Callable[[Any], Any]],
    connection: BaseDatabaseWrapper,
) -> list[Any]:
    try:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(fields):
            raise ValueError("longueur")
        return [
            field.get_db_prep_save(read(value), connection)
            for field, read, value in zip(fields, readers, values, strict=True)
        ]
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError, ValidationError) as error:
        raise RowRefused(model._meta.label) from error


def last_number(model: Model, *, using: str) -> int | None:
    """The last number that a table has given, even to a row since removed; None where keys are not numbered."""
    if not isinstance(model._meta.pk, models.AutoField):
        return None
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
            found = cursor.fetchone()
            return found[0] if found else 0
        sequence = _sequence(model, connection)
        cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608
        value, called = cursor.fetchone()
        return value if called else 0


def go_on_after(model: Model, number: int, connection: BaseDatabaseWrapper) -> None:
    """Let a table number its next row after `number`: a key once given never comes back for something else."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            if number:
                cursor.execute("SELECT setval(%s, %s)", [_sequence(model, connection), number])
            return
        name = model._meta.db_table
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [number, name])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, number])


def _sequence(model: Model, connection: BaseDatabaseWrapper) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, model._meta.pk.column])
        return cursor.fetchone()[0]


def files(model: Model, *, using: str) -> set[str]:
    """The names of the files that the rows of a table point at."""
    names = [field.attname for field in columns(model) if isinstance(field, models.FileField)]
    found: set[str] = set()
    for name in names:
        found.update(filter(None, model._base_manager.using(using).values_list(name, flat=True)))
    return found
