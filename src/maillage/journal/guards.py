"""What the database itself refuses, whoever writes: triggers that rooms declare, set again after each migration.

SQLite drops the triggers of a table it alters, without a word: they are set again whenever `migrate` has run, and the
server does not start without them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction


class GuardMissing(RuntimeError):
    """The database would let through what it must refuse; nothing is written until the guards are set again."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger of a table: its name, and how each database says it."""

    name: str
    table: str
    sqlite: str
    postgres: tuple[str, ...]


_declared: dict[str, Guard] = {}


def declare(*guards: Guard) -> None:
    """Say what a room's tables refuse; called by `AppConfig.ready` of the room."""
    for guard in guards:
        _declared[guard.name] = guard


def declared() -> tuple[Guard, ...]:
    """Every guard of every room, in the order of their rooms."""
    return tuple(_declared.values())


def written_once(table: str, *, when: str = "") -> tuple[Guard, ...]:
    """Rows that nobody changes nor takes out once they are there; `when` (SQL on OLD) narrows which ones.

    >>> [guard.name for guard in written_once("billing_invoice")]
    ['billing_invoice_stays_update', 'billing_invoice_stays_delete']
    """
    return tuple(refuses(f"{table}_stays_{act.lower()}", table, act, when) for act in ("UPDATE", "DELETE"))


def refuses(name: str, table: str, act: str, when: str = "") -> Guard:
    """A guard that refuses INSERT, UPDATE or DELETE of a table where `when` holds (SQL on NEW and OLD)."""
    on_sqlite = f"WHEN {when} " if when else ""
    on_postgres = f"WHEN ({when}) " if when else ""
    return Guard(
        name,
        table,
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} {on_sqlite}BEGIN SELECT RAISE(ABORT, '{name}'); END",
        (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END $$",
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {on_postgres}EXECUTE FUNCTION {name}()",
        ),
    )


def install(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Set every guard again, whatever stood there; a table that is not there yet has nothing to guard."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for guard in declared():
            if guard.table not in tables:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")
                for statement in guard.postgres:
                    cursor.execute(statement)
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
                cursor.execute(guard.sqlite)


def lift(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the guards off until `install`: for who puts a whole base back, table after table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in declared():
            on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on}")


@contextmanager
def lifted(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Take the guards off within one transaction, to take fictional places away: nobody else writes meanwhile."""
    with transaction.atomic(using=using):
        lift(using=using)
        yield
        install(using=using)


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The guards that the database lacks, by name; empty when all stand."""
    standing = set(_standing(using))
    return [guard.name for guard in declared() if guard.name not in standing]


def require(using: str = DEFAULT_DB_ALIAS) -> None:
    """Refuse to go on without the guards; none ever switches itself off."""
    if lacking := missing(using):
        raise GuardMissing(
            f"Des gardes manquent dans la base ({', '.join(lacking)})\u202f: ce qui est émis pourrait être changé. "
            "Rien n’est servi. Lancez «\u202fmaillage migrate\u202f», qui les remet."
        )


def _standing(using: str) -> Iterator[str]:
    connection = connections[using]
    asked = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        for (name,) in cursor.fetchall():
            yield name
