"""One database, put back as it was before each death: a file of SQLite, or a database of a PostgreSQL server."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

Table = tuple[str, tuple[list[str], list[tuple]]]


class Store(Protocol):
    def save(self) -> None:
        """Keep the database as it is now."""

    def restore(self) -> None:
        """Put it back as it was kept."""

    def sound(self) -> str:
        """« ok », or what is broken."""

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        """The rows of a query, whose values stand at « ? »."""

    def tables(self, wanted: Callable[[str], bool]) -> Iterator[Table]:
        """The columns and rows of tables."""


class File:
    """The file of SQLite."""

    def __init__(self, path: Path) -> None:
        self.path, self.kept = path, path.with_suffix(".saved")

    def save(self) -> None:
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, self.kept)

    def restore(self) -> None:
        for end in ("-wal", "-shm"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.path)

    def sound(self) -> str:
        told = self.ask("PRAGMA integrity_check")[0][0]
        lost = self.ask("PRAGMA foreign_key_check")
        return told if told != "ok" else (f"foreign keys lead nowhere: {lost[:3]}" if lost else "ok")

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(sql, values).fetchall()

    def tables(self, wanted: Callable[[str], bool]) -> Iterator[Table]:
        with closing(sqlite3.connect(self.path)) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                if wanted(name):
                    cursor = database.execute(f'SELECT * FROM "{name}"')
                    yield name, ([one[0] for one in cursor.description], cursor.fetchall())


class Server:
    """A database of a PostgreSQL server, kept as a second one; both are dropped at the end."""

    def __init__(self, name: str) -> None:
        self.name, self.kept = name, f"{name}_saved"

    def make(self) -> None:
        self._administer(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)', f'CREATE DATABASE "{self.name}"')

    def save(self) -> None:
        self._copy(self.name, self.kept)

    def restore(self) -> None:
        self._copy(self.kept, self.name)

    def drop(self) -> None:
        self._administer(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in (self.name, self.kept)))

    def sound(self) -> str:
        return "ok"

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        with closing(self._connected()) as database:
            return database.execute(sql.replace("?", "%s"), values).fetchall()

    def tables(self, wanted: Callable[[str], bool]) -> Iterator[Table]:
        with closing(self._connected()) as database:
            for (name,) in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
                if wanted(name):
                    cursor = database.execute(f'SELECT * FROM "{name}"')
                    yield name, ([one.name for one in cursor.description], cursor.fetchall())

    def _connected(self) -> Any:
        """A connection beside Django's, once whoever died has left: the server undoes what they left open."""
        import psycopg
        from django.db import connection

        given = {**connection.get_connection_params(), "dbname": self.name}
        database = psycopg.connect(
            **{key: given[key] for key in given.keys() & {"dbname", "user", "password", "host", "port"}}
        )
        database.autocommit = True
        others = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        while database.execute(others).fetchall():
            time.sleep(0.005)
        return database

    def _copy(self, one: str, other: str) -> None:
        self._administer(
            f'DROP DATABASE IF EXISTS "{other}" WITH (FORCE)', f'CREATE DATABASE "{other}" TEMPLATE "{one}"'
        )

    def _administer(self, *orders: str) -> None:
        from django.db import connection

        connection.close()
        with connection._nodb_cursor() as cursor:
            for order in orders:
                cursor.execute(order)
