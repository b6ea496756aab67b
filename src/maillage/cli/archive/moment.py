"""One moment of the base, read while others write; and the tables as they were at given migrations."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

APART = "moment"
Migration = tuple[str, str]


@contextmanager
def one_moment() -> Iterator[str]:
    """A connection of its own on which the base stands still; it takes no lock that a writer would wait for.

    SQLite: a deferred transaction that only reads, fixed at its first read (WAL). PostgreSQL: REPEATABLE READ.
    """
    apart = connections[DEFAULT_DB_ALIAS].copy(APART)
    if apart.vendor == "sqlite":
        apart.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
    connections[APART] = apart
    try:
        with transaction.atomic(using=APART):
            with apart.cursor() as cursor:
                if apart.vendor == "postgresql":
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SELECT count(*) FROM django_migrations")
            yield APART
    finally:
        apart.close()
        del connections[APART]


def applied(*, using: str = DEFAULT_DB_ALIAS) -> list[Migration]:
    return sorted(MigrationRecorder(connections[using]).applied_migrations())


def known() -> set[Migration]:
    """The migrations of this code."""
    return set(MigrationLoader(None).disk_migrations)


def tables_at(migrations: Iterable[Migration]) -> Apps:
    """The tables as these migrations make them."""
    loader = MigrationLoader(connection, replace_migrations=False)
    wanted = set(migrations)
    if wanted >= set(loader.graph.leaf_nodes()):
        return apps
    return loader.project_state(sorted(wanted & set(loader.graph.nodes))).apps
